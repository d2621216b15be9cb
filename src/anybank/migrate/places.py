"""Which engine a journal's place is of."""

from __future__ import annotations

from pathlib import Path

from .._settings import followed
from .addresses import Address, is_url
from .sqlite import SqliteStore
from .stores import Place, Store


def store_of(place: Place) -> Store:
    """Return the store of a place: a path, a URL, or a reference to one.

    A reference is `env:NAME` or `file:PATH`; a `Path` is always a path.
    """
    text = followed(place, "the journal") if isinstance(place, str) else place
    if isinstance(text, str) and is_url(text):
        from .postgres import PostgresStore  # noqa: PLC0415  # a dialect is slow to import

        return PostgresStore(Address.of(text))
    return SqliteStore(Path(text))
