"""Write the public signatures: `python -m tools.public_api` updates the stored copy.

A test compares the two, so that a change to a public signature is a deliberate edit, which
a reviewer sees as a diff.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from anybank import AsyncBank, AsyncRouter, Bank, InMemoryDirectory, Router

STORED = Path(__file__).parents[1] / "tests" / "public_api.txt"
_MODULES = ("anybank", "anybank.migrate", "anybank.webhooks", "anybank.plugins")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def lines() -> Iterator[str]:
    """Yield a line for each public name, parameter list, field and member."""
    for module in _MODULES:
        names = importlib.import_module(module)
        for name in sorted(_names(names)):
            yield from _described(f"{module}.{name}", getattr(names, name))
    for kind in (Bank, AsyncBank):
        # The resources are created when they are used. Nothing is sent, so the
        # credentials are placeholders.
        bank = kind("bond", identity="-", authorization="-")
        yield from _resources(bank)
        router: Any = Router if kind is Bank else AsyncRouter
        yield from _resources(router({"bond": bank}, directory=InMemoryDirectory()))


def _resources(client: Any) -> Iterator[str]:
    kind = type(client)
    for name, member in sorted(vars(kind).items()):
        if isinstance(member, cached_property):
            resource = getattr(client, name)
            yield from _methods(f"{kind.__name__}.{name}", type(resource))


def _methods(path: str, kind: type) -> Iterator[str]:
    for name, method in sorted(inspect.getmembers(kind, inspect.isroutine)):
        if not name.startswith("_"):
            yield f"{path}.{name}{_signature(method)}"


def _names(module: Any) -> list[str]:
    if public := getattr(module, "__all__", None):
        return list(public)
    own = vars(module).items()
    return [
        name
        for name, value in own
        if not name.startswith("_")
        and inspect.isroutine(value)
        and value.__module__ == module.__name__
    ]


def _described(path: str, value: Any) -> Iterator[str]:
    if inspect.ismodule(value):
        yield f"{path}: module"
    elif inspect.isclass(value):
        yield from _class(path, value)
    elif callable(value):
        yield f"{path}{_signature(value)}"
    else:
        yield f"{path}: {type(value).__name__}"


def _class(path: str, kind: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in kind.__bases__)
    yield f"class {path}({bases})"
    if issubclass(kind, Enum):
        yield from (f"{path}.{member.name} = {member.value!r}" for member in kind)
        return
    if not attrs.has(kind):
        yield f"{path}.__init__{_signature(kind.__init__)}"
    else:
        yield from (
            f"{path}.{_field(kind, field.name)}" for field in attrs.fields(kind)
        )
    fields = attrs.fields_dict(kind) if attrs.has(kind) else {}
    for name, member in sorted(vars(kind).items()):
        if name.startswith("_") or name in fields:
            continue
        if inspect.ismemberdescriptor(member):  # attrs has made a slot of it
            yield f"{path}.{name}: property"
        yield from _member(f"{path}.{name}", member)


def _field(kind: type, name: str) -> str:
    """Describe a field by its annotation as written: attrs may have resolved its own."""
    annotations = (vars(base).get("__annotations__", {}) for base in kind.__mro__)
    return f"{name}: {next(each[name] for each in annotations if name in each)}"


def _member(path: str, member: Any) -> Iterator[str]:
    if isinstance(member, property | cached_property):
        yield f"{path}: property"
    elif isinstance(member, (classmethod, staticmethod)):
        yield f"{path}{_signature(member.__func__)}"
    elif inspect.isroutine(member):
        yield f"{path}{_signature(member)}"


def _signature(function: Any) -> str:
    try:
        # A default that is a function is shown with its address, which differs in every
        # run.
        return _ADDRESS.sub("", str(inspect.signature(function)))
    except ValueError:  # implemented in C
        return "(...)"


def text() -> str:
    """Return the whole description, a line for each item."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    STORED.write_text(text(), "utf-8")
