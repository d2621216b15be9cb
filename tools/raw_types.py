"""Write the types of `with_raw_response` from the resources: part of `make sync`.

At run time a small class wraps every resource (`_engine/raw_responses.py` for a bank,
`router/aio_raw_responses.py` for a router). A type checker needs each method with its own
return type, which Python's types cannot derive.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_IMPORTS = """
from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar
from ..model.pages import Page
from .._engine.observation import RawResponse
"""
_LISTING = """
_T = TypeVar("_T")

class RawListing(Generic[_T]):
    {function} pages(self) -> {iterator}[RawResponse[Page[_T]]]: ...
"""


def raw_types(
    name: str, client: Path, resources: Iterable[Path], *, is_async: bool
) -> str:
    """Return the stub of a class *name* with a typed attribute for each resource.

    *client* is the module of the bank or the router, whose cached properties are the
    resources. A listing of a router has no raw form.
    """
    modules = [ast.parse(path.read_text("utf-8")) for path in resources]
    attributes = dict(_attributes(ast.parse(client.read_text("utf-8"))))
    classes = [
        ast.unparse(_raw_class(node))
        for node in _resources(modules, attributes.values())
    ]
    listing = _LISTING.format(
        function="def", iterator="AsyncIterator" if is_async else "Iterator"
    )
    parts = [
        "from __future__ import annotations",
        *_imports(modules),
        _IMPORTS,
        *([listing] if any("RawListing" in text for text in classes) else []),
        *classes,
        f"class {name}:",
        *(f"    {resource}: Raw{kind}" for resource, kind in attributes.items()),
    ]
    return "\n".join(parts)


def _imports(modules: Iterable[ast.Module]) -> Iterator[str]:
    """Yield every import of the resources; the linter removes those without a use."""
    for module in modules:
        for node in _statements(module.body):
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                yield ast.unparse(node)


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, with those below `if TYPE_CHECKING`."""
    for node in body:
        yield from node.body if isinstance(node, ast.If) else [node]


def _resources(
    modules: Iterable[ast.Module], names: Collection[str]
) -> Iterator[ast.ClassDef]:
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.ClassDef) and node.name in names:
                yield node


def _raw_class(node: ast.ClassDef) -> ast.ClassDef:
    """Return a class with the public methods of a resource, which return RawResponse."""
    methods: list[ast.stmt] = [
        _raw_method(method)
        for method in node.body
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not method.name.startswith("_")
        and "RoutedListing[" not in _returned(method)
    ]
    return ast.ClassDef(f"Raw{node.name}", [], [], methods, [])


def _raw_method(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> ast.FunctionDef | ast.AsyncFunctionDef:
    returned = _returned(node)
    kind, _, item = returned.partition("Listing[")
    raw = f"RawListing[{item}" if kind in ("", "Async") and item else None
    node.returns = ast.parse(raw or f"RawResponse[{returned}]", mode="eval").body
    node.body = [ast.Expr(ast.Constant(...))]
    return node


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ast.unparse(node.returns) if node.returns else "None"


def _attributes(client: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the name and the class of each resource of the client."""
    for node in client.body:
        for member in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(member, ast.FunctionDef) and _is_cached(member):
                yield member.name, _returned(member)


def _is_cached(node: ast.FunctionDef) -> bool:
    return [ast.unparse(name) for name in node.decorator_list] == ["cached_property"]
