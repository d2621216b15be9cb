"""An index of a file's rows by id, in a temporary file, so that memory stays flat.

The temporary file holds 64 bits of a MAC of each id (BLAKE2b with a random key, which only
this process has) and the offset of its row: no id and no value. SQLite creates the file
with mode 0600 and removes its name immediately, so nothing is left of it even after a
kill. Two ids may have the same 64 bits, so the reader of a row must compare the id itself.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b

from attrs import define, field

from ...errors import ConfigurationError

BUFFERED = 10_000
"""How many rows are written at a time."""
_CACHE = 4096
"""The memory of the index in KiB: what it holds beyond that is in the temporary file."""
_TABLE = "CREATE TABLE rows (digest INTEGER NOT NULL, start INTEGER NOT NULL)"
_INDEX = "CREATE INDEX IF NOT EXISTS by_digest ON rows (digest, start)"
_FIND = "SELECT start FROM rows WHERE digest = ? ORDER BY start"
_DUPLICATES = """
    SELECT previous, start FROM (
        SELECT digest, start, lag(digest) OVER by_digest AS other,
               lag(start) OVER by_digest AS previous
        FROM rows WINDOW by_digest AS (ORDER BY digest, start)
    ) WHERE digest = other
"""


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Raise ConfigurationError where the temporary file cannot be written."""
    try:
        yield
    except sqlite3.OperationalError as error:
        reason = str(error)
    else:
        return
    raise ConfigurationError(
        f"the index of a file cannot be written to the temporary directory: {reason}. Set "
        "TMPDIR to a directory with room for 50 bytes a row"
    )


def _opened() -> sqlite3.Connection:
    # An empty name is a database in a temporary file without a name. Rows are read in the
    # thread of the event loop, which is not always the thread that wrote them.
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    # Nothing has to survive a crash: the index is built again.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_TABLE)
    return connection


@define(eq=False)
class RowOffsets:
    """The offsets of rows by id. Call `add` for every row, then `sort`, then `find`."""

    _key: bytes = field(init=False, repr=False, factory=lambda: secrets.token_bytes(32))
    _database: sqlite3.Connection = field(init=False, repr=False, factory=_opened)
    _buffer: list[tuple[int, int]] = field(init=False, repr=False, factory=list)
    _count: int = field(init=False, default=0)

    def add(self, identifier: str, offset: int) -> None:
        """Add the offset at which the row of an id begins."""
        self._buffer.append((self._digest(identifier), offset))
        self._count += 1
        if len(self._buffer) >= BUFFERED:
            self._flush()

    def add_all(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Add many offsets, and sort the index."""
        self.extend(offsets)
        self.sort()

    def extend(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Add many offsets; call `sort` after the last ones."""
        for identifier, offset in offsets:
            self.add(identifier, offset)

    def sort(self) -> None:
        """Sort the index; rows that are added later stay sorted."""
        self._flush()
        with _disk_errors():
            self._database.execute(_INDEX)

    def find(self, identifier: str) -> Sequence[int]:
        """Return the offsets where the row of an id may begin: usually one or none."""
        rows = self._database.execute(_FIND, (self._digest(identifier),))
        return [offset for (offset,) in rows]

    def possible_duplicates(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of offsets whose ids have the same MAC."""
        yield from self._database.execute(_DUPLICATES)

    def close(self) -> None:
        """Remove the index."""
        self._database.close()

    def _flush(self) -> None:
        with _disk_errors():
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO rows VALUES (?, ?)", self._buffer)
            self._database.execute("COMMIT")
        self._buffer.clear()

    def _digest(self, identifier: str) -> int:
        text = identifier.encode("utf-8", "surrogatepass")
        digest = blake2b(text, digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big", signed=True)

    def __len__(self) -> int:
        return self._count
