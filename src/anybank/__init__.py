"""One typed API for any banking-as-a-service vendor."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any


# Public names are imported when they are first used: importing all of them would take
# most of the time of a short command.
def _homes() -> dict[str, str]:
    """Return the module of each public name, as the type stub next to this file has it."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8"))
    imports = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    return {
        alias.name: f".{node.module or alias.name}"
        for node in imports
        for alias in node.names
    }


def _index(name: str) -> tuple[bool, bool, str]:
    """Return the sort key of a name: constants first, then classes, then the rest."""
    return not name.isupper(), name.islower(), name


_HOMES = _homes()
__all__ = sorted(_HOMES, key=_index)  # noqa: PLE0605  # the stub has the one list


def __getattr__(name: str) -> Any:
    if name in ("migrate", "webhooks"):
        return importlib.import_module(f".{name}", __name__)
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("anybank")
    if name not in _HOMES:
        raise AttributeError(f"module 'anybank' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
