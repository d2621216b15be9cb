"""Which engine a journal's place is of."""

from __future__ import annotations

from pathlib import Path

from .sqlite import SqliteStore
from .stores import Place, Store


def store_of(place: Place) -> Store:
    """Return the store of a place: a path is a file of SQLite."""
    return SqliteStore(Path(place))
