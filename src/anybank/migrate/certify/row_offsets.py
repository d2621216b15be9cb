"""An index of a file's rows by id, which takes sixteen bytes a row.

Two hundred thousand rows take three megabytes. The index holds 64 bits of each id's hash
and no text, so the reader of a row must compare the id itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from attrs import define, field

_SHIFT = 60
"""How many low bits of a hash the choice of its part ignores."""
_PARTS = 1 << 64 - _SHIFT
"""The number of parts of a sort: parts by the first bits of a hash are in order."""


def _hash(text: str) -> int:
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


def _numbers() -> array[int]:
    return array("Q")


@define
class RowOffsets:
    """The offsets of rows by id. Call `add` for every row, then `sort`, then `find`."""

    _hashes: array[int] = field(init=False, factory=_numbers)
    _offsets: array[int] = field(init=False, factory=_numbers)

    def add(self, identifier: str, offset: int) -> None:
        """Add the offset at which the row of an id begins."""
        self._hashes.append(_hash(identifier))
        self._offsets.append(offset)

    def sort(self) -> None:
        """Sort the index, one part at a time so that memory use stays flat."""
        order = _numbers()
        for part in range(_PARTS):
            members = [
                at for at, digest in enumerate(self._hashes) if digest >> _SHIFT == part
            ]
            order.extend(sorted(members, key=self._hashes.__getitem__))
        self._hashes = array("Q", (self._hashes[at] for at in order))
        self._offsets = array("Q", (self._offsets[at] for at in order))

    def find(self, identifier: str) -> Sequence[int]:
        """Return the offsets where the row of an id may begin: usually one or none."""
        digest = _hash(identifier)
        start = bisect_left(self._hashes, digest)
        return self._offsets[start : bisect_right(self._hashes, digest, start)]

    def possible_duplicates(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of offsets whose ids have the same hash."""
        for at in range(1, len(self)):
            if self._hashes[at] == self._hashes[at - 1]:
                yield self._offsets[at - 1], self._offsets[at]

    def __len__(self) -> int:
        return len(self._hashes)
