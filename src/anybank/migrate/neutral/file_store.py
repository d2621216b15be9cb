"""One neutral file for all the banks that a side opens, and who closes it last."""

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
    """A file that is opened with the first user and closed with the last.

    One that is `receiving` is made with the first customer, if it is not there.
    """

    path: Path
    key: FileKey
    receiving: bool = False
    _users: int = field(default=0, init=False)
    _sealing: bool = field(default=False, init=False)
    _open: CustomersFile | None = field(default=None, init=False)

    def acquire(self, *, writes: bool = False) -> FileStore:
        """Open the file for one more; whoever `writes` has it sealed at the end."""
        if self._open is None and (self.path.exists() or not self.receiving):
            self._open = self._opened()
        self._users += 1
        self._sealing = self._sealing or writes
        return self

    def release(self) -> None:
        """Let go of the file: the last one seals and closes it."""
        self._users -= 1
        if self._users or self._open is None:
            return
        if self._sealing:
            self._open.seal()
        self._open.close()
        self._open = None

    def find(self, identifier: str) -> bytes | None:
        """Return the customer of an id as JSON, None where there is none."""
        return self._open.find(identifier) if self._open else None

    def page(self, place: int | None, size: int) -> tuple[list[bytes], int | None]:
        """Return customers from a place on, and where the next are."""
        return self._open.page(place, size) if self._open else ([], None)

    def add(self, identifier: str, plain: bytes) -> None:
        """Add a customer durably; raises Taken where the id is there already."""
        if self._open is None:
            self._make()
            self._open = self._opened()
        self._open.add(identifier, plain)

    def _opened(self) -> CustomersFile:
        return CustomersFile.opened(self.path, self.key, receiving=self.receiving)

    def _make(self) -> None:
        """Write the header whole, so that a file is never without one."""
        if self.path.exists():
            return
        header = FileHeader(
            provider=NAME, origin=FileOrigin.MIGRATION, key_id=self.key.id
        )
        with FileWriter.new(self.path, Seal.new(header, self.key)) as writer:
            writer.publish()
