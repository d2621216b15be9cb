"""Where the customer of an id is in a file that grows while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, field

from ..certify.row_offsets import RowOffsets

_RECENT = 10_000


@define
class LineOffsets:
    """The places of lines by id: sixteen bytes a line, beside the newest few."""

    _sorted: RowOffsets = field(init=False, factory=RowOffsets)
    _recent: dict[str, int] = field(init=False, factory=dict)

    def add(self, identifier: str, place: int) -> None:
        """Note where the line of an id begins."""
        self._recent[identifier] = place
        if len(self._recent) >= _RECENT:
            self._settle()

    def add_all(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Note many at once: those of a file that is opened."""
        for identifier, place in offsets:
            self._sorted.add(identifier, place)
        self._sorted.sort()

    def find(self, identifier: str) -> Iterator[int]:
        """Yield where the line of an id may be, as a rule at one place or none."""
        if identifier in self._recent:
            yield self._recent[identifier]
        yield from self._sorted.find(identifier)

    def _settle(self) -> None:
        self.add_all(self._recent.items())
        self._recent.clear()
