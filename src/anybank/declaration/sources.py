"""The page of a vendor that states a rule."""

from __future__ import annotations

from datetime import date
from typing import Self


class Source(str):
    """The title of a page, which may have an address and the day on which it was read.

    It is a text, so that a rule may also name a page by its title alone.
    """

    __slots__ = ("address", "as_of")

    address: str
    as_of: date | None

    def __new__(
        cls, title: str, *, address: str = "", as_of: date | None = None
    ) -> Self:
        """Return the title with its address and its day."""
        source = super().__new__(cls, title)
        source.address, source.as_of = address, as_of
        return source


def day_of(source: str) -> str:
    """Return the day on which a source was read, or "" where none is declared."""
    day = source.as_of if isinstance(source, Source) else None
    return str(day or "")


def address_of(source: str) -> str:
    """Return the address of a source, or "" where only the title is declared."""
    return source.address if isinstance(source, Source) else ""
