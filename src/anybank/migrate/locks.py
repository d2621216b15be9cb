"""The lock that keeps a second writer out, and that the kernel frees at death."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import define, field

from ..errors import ConfigurationError


@define
class Lock:
    """The right to write to a journal: of one process, told by its id, or of workers."""

    journal: Path
    shared: bool = field(default=False, kw_only=True)
    _handle: int | None = field(default=None, init=False)

    @property
    def path(self) -> Path:
        """Where the lock lies: `<journal>.lock`."""
        return self.journal.with_name(self.journal.name + ".lock")

    def __enter__(self) -> Self:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            how = fcntl.LOCK_SH if self.shared else fcntl.LOCK_EX
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            os.close(handle)
            who = f"process {holder}" if holder else "workers at its batches"
            raise ConfigurationError(
                f"the journal {self.journal} is being written by {who}: wait for it, or "
                "end it first (status works meanwhile)"
            ) from None
        os.ftruncate(handle, 0)
        if not self.shared:
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
