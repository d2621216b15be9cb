"""One open neutral file for all the clients of a side; the last client closes it.

A migration opens several clients for its target. Two open files would each know only the
lines that they wrote.
"""

from __future__ import annotations

from pathlib import Path

from attrs import define, field

from .customers_file import CustomersFile
from .declaration import NAME
from .file_writer import FileWriter
from .headers import FileHeader, FileOrigin
from .keys import FileKey
from .seals import Seal


@define
class FileStore:
    """A file that is opened for the first user and closed after the last.

    A `receiving` file is created with the first customer, unless it exists.
    """

    path: Path
    key: FileKey
    receiving: bool = False
    _users: int = field(default=0, init=False)
    _sealing: bool = field(default=False, init=False)
    _open: CustomersFile | None = field(default=None, init=False)

    def acquire(self, *, writes: bool = False) -> FileStore:
        """Open the file for one more user; after a user who `writes` it is sealed."""
        if self._open is None and (self.path.exists() or not self.receiving):
            self._open = self._opened()
        self._users += 1
        self._sealing = self._sealing or writes
        return self

    def release(self) -> None:
        """Release the file; the last user seals and closes it."""
        self._users -= 1
        if self._users or self._open is None:
            return
        if self._sealing:
            self._open.seal()
        self._open.close()
        self._open = None

    def find(self, identifier: str) -> bytes | None:
        """Return the customer with an id as JSON, or None."""
        return self._open.find(identifier) if self._open else None

    def page(self, offset: int | None, size: int) -> tuple[list[bytes], int | None]:
        """Return the customers from an offset on, and the offset of the next page."""
        return self._open.page(offset, size) if self._open else ([], None)

    def add(self, identifier: str, plain: bytes) -> None:
        """Add a customer durably; raises IdExists for an id that the file has."""
        if self._open is None:
            self._create()
            self._open = self._opened()
        self._open.add(identifier, plain)

    def _opened(self) -> CustomersFile:
        return CustomersFile.opened(self.path, self.key, receiving=self.receiving)

    def _create(self) -> None:
        """Write the complete header first, so that a file always has one."""
        if self.path.exists():
            return
        header = FileHeader(
            provider=NAME, origin=FileOrigin.MIGRATION, key_id=self.key.id
        )
        with FileWriter.new(self.path, Seal.new(header, self.key)) as writer:
            writer.publish()
