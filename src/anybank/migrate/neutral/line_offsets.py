"""The offsets of customers by id, in a file that grows while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, field

from ..certify.row_offsets import RowOffsets

_RECENT = 10_000
"""How many new lines are held apart, since each sort of the index costs time."""


@define
class LineOffsets:
    """The offsets of lines by id: sixteen bytes a line, and a dictionary of the newest."""

    _sorted: RowOffsets = field(init=False, factory=RowOffsets)
    _recent: dict[str, int] = field(init=False, factory=dict)

    def add(self, identifier: str, offset: int) -> None:
        """Add the offset at which the line of an id begins."""
        self._recent[identifier] = offset
        if len(self._recent) >= _RECENT:
            self._merge()

    def add_all(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Add many offsets, such as those of a file that is opened."""
        for identifier, offset in offsets:
            self._sorted.add(identifier, offset)
        self._sorted.sort()

    def find(self, identifier: str) -> Iterator[int]:
        """Yield the offsets at which the line of an id may begin: usually one or none."""
        if identifier in self._recent:
            yield self._recent[identifier]
        yield from self._sorted.find(identifier)

    def _merge(self) -> None:
        self.add_all(self._recent.items())
        self._recent.clear()
