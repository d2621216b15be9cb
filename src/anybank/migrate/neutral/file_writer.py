"""Writes a neutral file completely or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from attrs import define, field

from ..._engine.files import PartFile, publish
from ...errors import ConfigurationError
from .checked_lines import FileTail
from .seals import LineKind, Seal


@define
class FileWriter:
    """A new file under a temporary name; it gets its own name once it is on the disk."""

    path: Path
    _file: BinaryIO = field(repr=False)
    _end: FileTail = field(repr=False)
    _part: Path = field(repr=False)

    @classmethod
    def new(cls, path: Path, seal: Seal) -> Self:
        """Create a file that only its owner can read; raises ConfigurationError."""
        require_new(path)
        try:
            part = PartFile(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            file = os.fdopen(part.handle, "wb")
            file.write(seal.first)
            return cls(path, file, FileTail(seal, len(seal.first)), part.path)
        raise ConfigurationError(f"{path} cannot be written: {reason}")

    def add(self, plain: bytes) -> None:
        """Add a customer."""
        line = self._end.customer(plain)
        self._file.write(line)
        self._end.advance(LineKind.CUSTOMER, line)

    def seal(self) -> None:
        """Add the closing line."""
        self._file.write(self._end.closing())

    def publish(self) -> None:
        """Sync the file to the disk, and give it its name."""
        self._file.flush()
        # Before the rename: after a power failure the name must not show a shorter file.
        os.fsync(self._file.fileno())
        try:
            publish(self._part, self.path)
        except FileExistsError:
            raise _exists(self.path) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        with suppress(FileNotFoundError):
            self._part.unlink()


def require_new(path: Path) -> None:
    """Raise ConfigurationError where something exists at the path."""
    if path.exists() or path.is_symlink():
        raise _exists(path)


def _exists(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} exists already and is not overwritten: name another file, or remove it"
    )
