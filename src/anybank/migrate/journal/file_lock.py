"""The lock file that keeps a second writer out; the kernel frees it when a process dies.

The file is created next to the journal and never removed: a process that has opened the
removed file and one that creates a new file would each hold a lock, and both would write.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from attrs import define, field

from ...errors import ConfigurationError

_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})
"""What the kernel returns where another process has the lock."""

_NONE = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
"""What the kernel returns where the file system has no locks: some network drives."""


def unix_locks() -> ModuleType:
    """Return the module of Unix file locks; raise ConfigurationError where it is missing."""
    try:
        import fcntl  # noqa: PLC0415  # Unix only
    except ImportError:
        pass
    else:
        return fcntl
    raise ConfigurationError(
        "migrations and neutral files need Unix file locks, which this system does not "
        "have: run them on Linux or macOS (on Windows, in WSL)"
    )


def flock(handle: int, display_name: str, *, shared: bool, wait: bool) -> bool:
    """Lock an open file; return False where another process has the lock.

    Raises ConfigurationError, with *display_name*, where the file cannot be locked.
    """
    fcntl = unix_locks()
    # flock and not lockf: a POSIX lock belongs to the process, so it would not keep two
    # threads apart, and it ends when the process closes any descriptor of the file.
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(handle, how if wait else how | fcntl.LOCK_NB)
    except OSError as error:
        code, reason = error.errno, error.strerror or type(error).__name__
    else:
        return True
    if code in _HELD:
        return False
    if code in _NONE:
        reason = (
            f"its file system has no locks ({reason}), so nothing would keep a second "
            "writer out; move the file to a local disk"
        )
    raise ConfigurationError(f"{display_name} cannot be locked: {reason}")


def unlock(handle: int) -> None:
    """Release the lock of an open file."""
    fcntl = unix_locks()
    fcntl.flock(handle, fcntl.LOCK_UN)


@define
class FileLock:
    """The right to write to a journal: of one process, whose id is in the file, or of workers."""

    journal: Path
    """The resolved path, so that all links to a journal have one lock."""
    display_name: str = ""
    shared: bool = field(default=False, kw_only=True)
    _handle: int | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.display_name = self.display_name or str(self.journal)

    @property
    def path(self) -> Path:
        """The path of the lock file: `<journal>.lock`."""
        return self.journal.with_name(self.journal.name + ".lock")

    def __enter__(self) -> Self:
        with ExitStack() as unless_locked:
            handle = self._opened()
            unless_locked.callback(os.close, handle)
            display_name = f"the journal {self.display_name}"
            if not flock(handle, display_name, shared=self.shared, wait=False):
                raise self._is_held(handle)
            # Workers empty the file as well: the id of an earlier writer, which may be
            # dead, must not appear in an error.
            os.ftruncate(handle, 0)
            if not self.shared:
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            unless_locked.pop_all()
        self._handle = handle
        return self

    def _opened(self) -> int:
        # Somebody else may have put a link or a pipe there. A link would let the lock empty
        # another file (O_NOFOLLOW, and the count of names for hard links); a pipe or a
        # device could block the open (O_NONBLOCK).
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
        try:
            handle = os.open(self.path, flags, 0o600)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            planted = error.errno in (errno.ELOOP, errno.EMLINK)  # Linux; FreeBSD
        else:
            status = os.fstat(handle)
            planted = not stat.S_ISREG(status.st_mode) or status.st_nlink > 1
            if not planted:
                return handle
            os.close(handle)
        if planted:
            reason = "its .lock file is a link or not a regular file; check what it is"
        raise ConfigurationError(
            f"the journal {self.display_name} cannot be locked: {reason}"
        )

    def _is_held(self, handle: int) -> ConfigurationError:
        holder = os.read(handle, 20).decode("ascii", "replace").strip()
        writer = f"process {holder}" if holder else "workers at its batches"
        return ConfigurationError(
            f"the journal {self.display_name} is being written by {writer}: wait for it, or end it "
            "first (`status` works meanwhile)",
            retryable=True,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
