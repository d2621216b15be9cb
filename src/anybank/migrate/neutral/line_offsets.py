"""The offsets of customers by id, in a file that grows while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, field

from ..certify.row_offsets import RowOffsets

_RECENT = 10_000
"""How many new lines are held apart, since they are written to the index in groups."""


@define
class LineOffsets:
    """The offsets of lines by id: an index on disk, and a dictionary of the newest."""

    _sorted: RowOffsets = field(init=False, factory=RowOffsets)
    _recent: dict[str, int] = field(init=False, factory=dict)

    def add(self, identifier: str, offset: int) -> None:
        """Add the offset at which the line of an id begins."""
        self._recent[identifier] = offset
        if len(self._recent) >= _RECENT:
            self._merge()

    def add_all(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Add many offsets, such as those of a file that is opened."""
        self._sorted.add_all(offsets)

    def find(self, identifier: str) -> Iterator[int]:
        """Yield the offsets at which the line of an id may begin: usually one or none."""
        if identifier in self._recent:
            yield self._recent[identifier]
        yield from self._sorted.find(identifier)

    def close(self) -> None:
        """Remove the index."""
        self._sorted.close()

    def _merge(self) -> None:
        self.add_all(self._recent.items())
        self._recent.clear()
