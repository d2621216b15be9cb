"""Where a journal is: a path is SQLite, a URL is PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from ..._engine.references import resolve_reference
from ...errors import ConfigurationError
from .file_lock import unix_locks
from .postgres_url import SchemaUrl, is_url
from .sqlite import SqliteStore
from .store import JournalStore

JournalLocation: TypeAlias = "str | os.PathLike[str]"
"""A path, a URL `postgresql://...`, or a reference to either."""

_REFERENCES = ("env:", "file:")


def store_for(place: JournalLocation) -> JournalStore:
    """Return the store of a place: a path, a URL, or a reference to one.

    A reference is `env:NAME` or `file:PATH`; a `Path` is always a path. What a reference
    leads to may be a secret, named by mistake: no message has it, and no file is called
    by it.
    """
    unix_locks()
    if isinstance(place, str) and place.startswith(_REFERENCES):
        return _referred(place, resolve_reference(place, "the journal"))
    if isinstance(place, str) and is_url(place):
        return _postgres(place, "")
    name = os.fspath(place)
    return _sqlite(Path(place), name, f"{name}.key")


def _referred(place: str, text: str) -> JournalStore:
    if is_url(text):
        return _postgres(text, place)
    if Path(text).is_absolute():
        return _sqlite(Path(text), place, f"beside {place}")
    raise ConfigurationError(
        f"the journal {place}: what it refers to is neither a URL "
        "postgresql://USER@HOST/DATABASE nor an absolute path"
    )


def _sqlite(path: Path, name: str, key_name: str) -> JournalStore:
    return SqliteStore(_resolved(path, name), name, key_name)


def _postgres(url: str, name: str) -> JournalStore:
    from .postgres import PostgresStore  # noqa: PLC0415  # a dialect is slow to import

    return PostgresStore(SchemaUrl.of(url), name)


def _resolved(path: Path, name: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        pass  # a circle of links, or a NUL
    raise ConfigurationError(f"the journal {name}: no such path can be")
