"""Python as text, in the layout of `ruff format`, so that no formatter has to run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_WIDTH = 88
_KINDS = (re.compile("[A-Z][A-Z0-9_]*"), re.compile("[A-Z].*"))
"""How isort tells constants and classes: they come first, in this order."""
_ESCAPE_OR_QUOTE = re.compile(r"""\\.|["']""")


def literal(value: Any, indent: int = 0, before: int = 0) -> str:
    """Return a value as Python: on one line where it fits, else with a line per item.

    `indent` is that of the line, and `before` the number of characters in front of it.
    """
    flat = _flat(value)
    if len(flat) + indent + before + 1 <= _WIDTH or not isinstance(value, (dict, list)):
        return flat
    inner = indent + 4
    if isinstance(value, dict):
        items = [
            f"{text(key)}: {literal(item, inner, len(text(key)) + 2)}"
            for key, item in value.items()
        ]
        return _exploded("{", items, "}", indent)
    return _exploded("[", [literal(item, inner) for item in value], "]", indent)


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        pairs = (f"{text(key)}: {_flat(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return repr(value)


def text(value: str) -> str:
    """Return a string in ASCII, in double quotes unless single ones need fewer escapes."""
    mark = "'" if value.count('"') > value.count("'") else '"'

    def written(match: re.Match[str]) -> str:
        char = match[0][-1]
        if char not in "\"'":
            return match[0]
        return f"\\{char}" if char == mark else char

    return f"{mark}{_ESCAPE_OR_QUOTE.sub(written, ascii(value)[1:-1])}{mark}"


def call(name: str, arguments: Sequence[str], indent: int = 0, before: int = 0) -> str:
    """Return a call: on one line where it fits, else with a line per argument.

    `before` is the number of characters in front of the call, with its indent.
    """
    flat = f"{name}({', '.join(arguments)})"
    fits = max(indent, before) + len(flat) + 1 <= _WIDTH
    if "\n" not in flat and fits:
        return flat
    return _exploded(f"{name}(", arguments, ")", indent)


def _exploded(head: str, items: Iterable[str], tail: str, indent: int) -> str:
    inner = " " * (indent + 4)
    # A comment stands on a line of its own, before an item.
    lines = [f"{inner}{it}" if it.startswith("#") else f"{inner}{it}," for it in items]
    return "\n".join([head, *lines, f"{' ' * indent}{tail}"])


def safe(words: str) -> str:
    """Return a document's words so that they can stand in a docstring or a comment."""
    plain = re.sub(r"[\\\"]", "'", ascii(words)[1:-1])
    return re.sub(r"\s+", " ", plain).strip()


def signature(
    name: str, parameters: Sequence[str], returned: str, indent: int = 0
) -> str:
    """Return the head of a function: on one line where it fits, else on three."""
    lead = " " * indent
    joined = ", ".join(parameters)
    flat = f"{lead}def {name}({joined}) -> {returned}:"
    if len(flat) <= _WIDTH:
        return flat
    return f"{lead}def {name}(\n{lead}    {joined}\n{lead}) -> {returned}:"


def optional_field(name: str, annotation: str, value: str = "None") -> str:
    """Return a field of a class with its default, in the layout of the formatter."""
    flat = f"    {name}: {annotation} = {value}"
    if len(flat) <= _WIDTH:
        return flat
    head, _, inner = value.partition("(")
    if inner not in ("", ")") and len(f"    {name}: {annotation} = {head}(") <= _WIDTH:
        return f"    {name}: {annotation} = {head}(\n        {inner[:-1]},\n    )"
    if len(flat) - len(value) + 1 <= _WIDTH:
        return f"    {name}: {annotation} = (\n        {value}\n    )"
    return f"    {name}: (\n        {annotation}\n    ) = {value}"


def comment(words: str, indent: int = 0) -> str:
    """Return a text as comment lines."""
    lead = f"{' ' * indent}# "
    lines, line = [], ""
    for word in words.split():
        if line and len(lead) + len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    return "\n".join(f"{lead}{it}" for it in [*lines, line])


def with_imports(docstring: str, body: str, names: Mapping[str, str]) -> str:
    """Return a module: its docstring, the imports of the names that it uses, its body.

    `names` has the module of each name.
    """
    used = {
        it.id
        for it in ast.walk(ast.parse(body))
        if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Load)
    }
    modules: dict[str, list[str]] = {}
    for name in used & names.keys():
        modules.setdefault(names[name], []).append(name)
    groups = [_section(modules, kind) for kind in ("standard", "others", "own", "near")]
    head = "from __future__ import annotations"
    blocks = [f'"""{docstring}"""', head, *filter(None, groups), body.strip("\n")]
    first, rest = blocks[:-1], blocks[-1]
    # Two blank lines before a class or a function, one before anything else.
    gap = "\n\n\n" if rest.startswith(("class ", "def ", "@")) else "\n\n"
    return "\n\n".join(first) + gap + rest + "\n"


def _section(modules: Mapping[str, Sequence[str]], kind: str) -> str:
    chosen = {name for name in modules if _kind_of(name) == kind}
    plain = sorted(name for name in chosen if " as " in name and "." not in name)
    lines = [f"import {name}" for name in plain]
    for module in sorted(chosen - set(plain), key=_import_order):
        names = sorted(modules[module], key=_member_order)
        if " as " in module:
            # `from package import module as name`, where its siblings are imported.
            path, _, name = module.partition(" as ")
            package, _, inner = path.rpartition(".")
            lines.append(f"from {package} import {inner} as {name}")
            continue
        line = f"from {module} import {', '.join(names)}"
        if len(line) > _WIDTH:
            line = _exploded(f"from {module} import (", names, ")", 0)
        lines.append(line)
    return "\n".join(lines)


def _kind_of(module: str) -> str:
    if module.startswith("."):
        return "near"
    root = module.partition(".")[0].partition(" ")[0]
    if root == "anybank":
        return "own"
    return "others" if root == "attrs" else "standard"


def _import_order(module: str) -> str:
    # `anybank.model.operations as ask` is imported from `anybank.model`.
    return module.rpartition(".")[0] if " as " in module else module


def _member_order(name: str) -> tuple[int, str, str]:
    kind = next((at for at, it in enumerate(_KINDS) if it.fullmatch(name)), 2)
    return kind, name.lower(), name
