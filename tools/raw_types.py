"""Write the types of `bank.with_raw_response` from the resources: part of `make sync`.

At run time one small class wraps every resource (`_engine/raw_responses.py`). A type checker
needs each method with its own return type, which Python's types cannot derive.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

_IMPORTS = """
from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar
from ..model.pages import Page
from .observation import RawResponse
"""
_LISTING = """
_T = TypeVar("_T")

class RawListing(Generic[_T]):
    {function} pages(self) -> {iterator}[RawResponse[Page[_T]]]: ...
"""


def raw_types(bank: Path, resources: Iterable[Path], *, is_async: bool) -> str:
    """Return the stub whose RawResources has a typed attribute for each resource of a bank.

    *bank* is the module of the client, whose cached properties are the resources.
    """
    modules = [ast.parse(path.read_text("utf-8")) for path in resources]
    listing = _LISTING.format(
        function="def", iterator="AsyncIterator" if is_async else "Iterator"
    )
    parts = [
        "from __future__ import annotations",
        *_imports(modules),
        _IMPORTS,
        listing,
        *(ast.unparse(_raw_class(node)) for node in _resources(modules)),
        _attributes(ast.parse(bank.read_text("utf-8"))),
    ]
    return "\n".join(parts)


def _imports(modules: Iterable[ast.Module]) -> Iterator[str]:
    """Yield every import of the resources; the linter removes those without a use."""
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                yield ast.unparse(node)


def _resources(modules: Iterable[ast.Module]) -> Iterator[ast.ClassDef]:
    for module in modules:
        for node in module.body:
            if isinstance(node, ast.ClassDef) and _is_resource(node):
                yield node


def _is_resource(node: ast.ClassDef) -> bool:
    return [ast.unparse(base).partition("[")[0] for base in node.bases] == ["Resource"]


def _raw_class(node: ast.ClassDef) -> ast.ClassDef:
    """Return a class with the public methods of a resource, which return RawResponse."""
    methods: list[ast.stmt] = [
        _raw_method(method)
        for method in node.body
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not method.name.startswith("_")
    ]
    return ast.ClassDef(f"Raw{node.name}", [], [], methods, [])


def _raw_method(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> ast.FunctionDef | ast.AsyncFunctionDef:
    returned = ast.unparse(node.returns) if node.returns else "None"
    kind, _, item = returned.partition("Listing[")
    raw = f"RawListing[{item}" if kind in ("", "Async") and item else None
    node.returns = ast.parse(raw or f"RawResponse[{returned}]", mode="eval").body
    node.body = [ast.Expr(ast.Constant(...))]
    return node


def _attributes(bank: ast.Module) -> str:
    """Return a class with the resources of the client, its cached properties."""
    members = (
        member
        for node in bank.body
        if isinstance(node, ast.ClassDef)
        for member in node.body
    )
    lines = [
        f"    {member.name}: Raw{ast.unparse(member.returns)}"
        for member in members
        if isinstance(member, ast.FunctionDef) and member.returns and _is_cached(member)
    ]
    return "\n".join(["class RawResources:", *lines])


def _is_cached(node: ast.FunctionDef) -> bool:
    return [ast.unparse(name) for name in node.decorator_list] == ["cached_property"]
