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


def store_for(location: JournalLocation) -> JournalStore:
    """Return the store of a location: a path, a URL, or a reference to one.

    A reference is `env:NAME` or `file:PATH`; a `Path` is always a path. The value of a
    reference may be a secret that was named by mistake, so no message contains the value
    and no file is named by it.
    """
    # Checked before anything is created, so that on Windows a migration fails with one
    # clear message.
    unix_locks()
    if isinstance(location, str) and location.startswith(_REFERENCES):
        return _referred(location, resolve_reference(location, "the journal"))
    if isinstance(location, str) and is_url(location):
        return _postgres(location, "")
    name = os.fspath(location)
    return _sqlite(Path(location), name, f"{name}.key")


def _referred(reference: str, text: str) -> JournalStore:
    if is_url(text):
        return _postgres(text, reference)
    # A relative path is refused: a mistyped secret would otherwise become a file name.
    if Path(text).is_absolute():
        return _sqlite(Path(text), reference, f"next to {reference}")
    raise ConfigurationError(
        f"the journal {reference}: its value is neither a URL "
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
    raise ConfigurationError(f"the journal {name}: its path is not valid")
