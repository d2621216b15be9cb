"""Write the reference as Markdown: `python -m tools.reference_pages`.

A page of docs/reference names modules in comments (`automodule:: anybank.adapter.wire`).
This tool puts the signatures and docstrings of each module below its comment, so that a
reader finds them in the repository, too, and not on the built site alone.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

DIRECTORY = Path(__file__).parents[1] / "docs" / "reference"
PAGES = ("authors.md", "library.md", "migration.md")
_DIRECTIVE = re.compile(
    r"```\{eval-rst\}\n(?P<directives>(?:\.\. automodule:: .*\n(?:   :.*\n)*)+)```\n"
    r"|<!--\nautomodule:: (?P<module>\S+)\n-->\n(?:(?!<!--\nautomodule|## |```\{eval).*\n)*"
)
_NAME = re.compile(r"automodule:: (\S+)")
_LONGEST_LINE = 88


def pages() -> Mapping[str, str]:
    """Return each page by its name, with what its modules say now."""
    return {name: page((DIRECTORY / name).read_text("utf-8")) for name in PAGES}


def page(text: str) -> str:
    """Return a page with the signatures and docstrings of the modules that it names."""
    written, position = "", 0
    for match in _DIRECTIVE.finditer(text):
        written += text[position : match.start()]
        named = match["directives"] or match[0].partition("-->")[0]
        for name in _NAME.findall(named):
            written += "\n".join([*_module(name), ""])
        position = match.end()
    return re.sub(r"\n{3,}", "\n\n", written + text[position:]).rstrip() + "\n"


def _module(name: str) -> Iterator[str]:
    module = importlib.import_module(name)
    yield from ("<!--", f"automodule:: {name}", "-->", "")
    yield from (f"### {name}", "", *_prose(module), "")
    for member, value in _public(module).items():
        yield from _member(member, value)


def _public(module: ModuleType) -> dict[str, Any]:
    """Return the classes and functions that a module defines, or those that it exports."""
    exported = getattr(module, "__all__", None) if module.__file__ else None
    is_package = str(module.__file__).endswith("__init__.py")
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and isinstance(value, (type, FunctionType))
        and (
            value.__module__ == module.__name__
            or (is_package and exported and name in exported)
        )
    }


def _member(name: str, value: Any) -> Iterator[str]:
    yield from (f"#### {name}", "")
    if isinstance(value, type) and issubclass(value, Enum):
        yield from (*_prose(value), "")
        for member in value:
            yield f"- `{member.name}` = `{member.value!r}`"
        yield ""
        return
    yield from ("```py", *_signature(name, value), "```", "", *_prose(value), "")
    if isinstance(value, type):
        yield from _members(value)


def _signature(name: str, value: Any) -> list[str]:
    """Return a signature, one parameter on a line where it is long."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return [name]
    # The annotations are texts already, which inspect would quote.
    parts = [_unquoted(parameter) for parameter in signature.parameters.values()]
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    if (
        inspect.Parameter.KEYWORD_ONLY in kinds
        and inspect.Parameter.VAR_POSITIONAL not in kinds
    ):
        parts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    back = signature.return_annotation
    result = "" if isinstance(value, type) or back is signature.empty else f" -> {back}"
    line = f"{name}({', '.join(parts)}){result}"
    if len(line) <= _LONGEST_LINE:
        return [line]
    return [f"{name}(", *(f"    {part}," for part in parts), f"){result}"]


def _unquoted(parameter: inspect.Parameter) -> str:
    text = str(parameter.replace(annotation=parameter.empty))
    if parameter.annotation is parameter.empty:
        return re.sub(r"<factory>|NOTHING", "...", text)
    name, equals, default = text.partition("=")
    default = re.sub(r"<function .*>|<lambda.*>|NOTHING|<factory>", "...", default)
    annotation = parameter.annotation
    shown = (
        annotation
        if isinstance(annotation, str)
        else getattr(annotation, "__name__", str(annotation))
    )
    return f"{name}: {shown}{f' = {default}' if equals else ''}"


def _members(kind: type) -> Iterator[str]:
    """List the attributes that have a docstring, and the public methods, of a class."""
    lines = [*_attributes(kind)]
    for name, value in vars(kind).items():
        function = getattr(value, "__func__", value)
        function = value.fget if isinstance(value, property) else function
        if name.startswith("_") or not isinstance(function, FunctionType):
            continue
        shown = name if isinstance(value, property) else _short(name, function)
        lines.append(f"- `{shown}`: {' '.join(' '.join(_prose(function)).split())}")
    if lines:
        yield from (*lines, "")


def _short(name: str, function: FunctionType) -> str:
    names = [
        str(parameter.replace(annotation=parameter.empty, default=parameter.empty))
        for parameter in inspect.signature(function).parameters.values()
    ]
    own = names[1:] if names[:1] in (["self"], ["cls"]) else names
    return f"{name}({', '.join(own)})"


def _attributes(kind: type) -> Iterator[str]:
    """Yield each attribute of a class body that a string explains."""
    try:
        tree = ast.parse(inspect.cleandoc(inspect.getsource(kind)))
    except (OSError, TypeError, SyntaxError):
        return
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for statement, after in pairwise(body):
        target = getattr(statement, "target", None) or next(
            iter(getattr(statement, "targets", [])), None
        )
        text = getattr(getattr(after, "value", None), "value", None)
        if (
            isinstance(target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(text, str)
        ):
            yield f"- `{target.id}`: {' '.join(inspect.cleandoc(text).split())}"


def _prose(value: Any) -> list[str]:
    """Return a docstring as Markdown: examples are code, and `<` begins no tag."""
    lines, in_code = [], False
    for line in (inspect.getdoc(value) or "").splitlines():
        if line.strip() == "::":  # what follows is indented, which is code here, too
            continue
        is_code = line.startswith((">>>", "...")) or (in_code and bool(line.strip()))
        if is_code != in_code:
            lines.append("```pycon" if is_code else "```")
        in_code = is_code
        outside = line if is_code or line.startswith("    ") else _escaped(line)
        lines.append(outside)
    return [*lines, "```"] if in_code else lines


def _escaped(line: str) -> str:
    parts = line.split("`")
    return "`".join(
        part if index % 2 else part.replace("<", r"\<")
        for index, part in enumerate(parts)
    )


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (DIRECTORY / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
