"""Where the row of an id is in a file: sixteen bytes a row, and no text.

Two hundred thousand rows take three megabytes. An id is kept as 64 bits of its hash; who
reads the row compares the id itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b

from attrs import define, field

_SHIFT = 60
_PARTS = 1 << 64 - _SHIFT
"""How many parts a sort has: by the first bits of the hashes, so in their order."""


def _hash(text: str) -> int:
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


def _numbers() -> array[int]:
    return array("Q")


@define
class RowOffsets:
    """The offsets of rows by id: first all are added, then `sort`, then `find`."""

    _hashes: array[int] = field(init=False, factory=_numbers)
    _offsets: array[int] = field(init=False, factory=_numbers)

    def add(self, identifier: str, offset: int) -> None:
        """Note where the row of an id begins."""
        self._hashes.append(_hash(identifier))
        self._offsets.append(offset)

    def sort(self) -> None:
        """Make the rows findable; a part at a time, so that memory stays flat."""
        order = _numbers()
        for part in range(_PARTS):
            within = [
                at for at, each in enumerate(self._hashes) if each >> _SHIFT == part
            ]
            order.extend(sorted(within, key=self._hashes.__getitem__))
        self._hashes = array("Q", (self._hashes[at] for at in order))
        self._offsets = array("Q", (self._offsets[at] for at in order))

    def find(self, identifier: str) -> Iterator[int]:
        """Yield the offsets at which the row of an id may be, as a rule one or none."""
        wanted = _hash(identifier)
        at = bisect_left(self._hashes, wanted)
        while at < len(self) and self._hashes[at] == wanted:
            yield self._offsets[at]
            at += 1

    def doubles(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of offsets whose ids are likely the same."""
        for at in range(1, len(self)):
            if self._hashes[at] == self._hashes[at - 1]:
                yield self._offsets[at - 1], self._offsets[at]

    def __len__(self) -> int:
        return len(self._hashes)
