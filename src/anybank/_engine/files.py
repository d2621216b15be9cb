"""Read regular files only, and write files atomically with mode 0600.

Readers reject a pipe or device before the first byte, because it may never end. Writers
create a new file with a random name and rename it, so that no planted link is followed and
no partly written file has the final name.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from ..errors import ConfigurationError

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_PRIVATE = 0o600

SMALL = 1 << 16
"""The maximum size of a file with a key, a password or another value: 64 KiB."""

DOCUMENT = 1 << 24
"""The maximum size of a file that is read into memory: 16 MiB."""

LINE = 1 << 20
"""The maximum length of a line: 1 MiB."""


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file and return its descriptor; raises OSError for anything else."""
    # Without O_NONBLOCK, opening a pipe without a writer would block forever. The kind
    # is checked on the open descriptor: a check of the path could be about another
    # file.
    handle = os.open(path, flags | _FLAGS | _NO_WAIT, _PRIVATE)
    with ExitStack() as unless_regular:
        unless_regular.callback(os.close, handle)
        _require_regular(os.fstat(handle).st_mode)
        unless_regular.pop_all()
    return handle


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "special")
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file")


def reading(path: Path) -> BinaryIO:
    """Open a regular file for reading; raises OSError for anything else."""
    return os.fdopen(open_regular(path), "rb")


def read_bytes(path: Path, most: int = DOCUMENT) -> bytes:
    """Return the content of a regular file of at most *most* bytes; raises OSError."""
    with reading(path) as file:
        return read_up_to(file, most)


def read_text(path: Path, most: int = DOCUMENT, encoding: str = "utf-8") -> str:
    """Return the text of a regular file; raises OSError or UnicodeDecodeError."""
    return read_bytes(path, most).decode(encoding)


def read_up_to(file: BinaryIO, most: int) -> bytes:
    """Read a stream to its end; raises OSError if it has more than *most* bytes."""
    content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {size(most)}")
    return content


def read_line(file: BinaryIO, most: int = LINE) -> bytes:
    """Return the next line with its line break; raises OSError above *most* bytes."""
    line = file.readline(most + 1)
    if len(line) > most:
        raise OSError(errno.EFBIG, f"it has a line longer than {size(most)}")
    return line


def size(count: int) -> str:
    """Format a number of bytes.

    >>> size(1 << 16), size(1 << 24)
    ('64 KiB', '16 MiB')
    """
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"


@contextmanager
def atomic_write(path: Path) -> Iterator[TextIO]:
    """Open a file for writing that gets its name when the block ends without error.

    Only the owner can read it. If the path is a link, its target is replaced. A pipe or
    device, such as /dev/stdout, is written to directly. Raises ConfigurationError if the
    file cannot be written.
    """
    try:
        opened = _special(path) if _is_special(path) else _replacing(path.resolve())
        with opened as file:
            yield file
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return
    raise ConfigurationError(f"{path} cannot be written: {reason}")


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


@contextmanager
def _special(path: Path) -> Iterator[TextIO]:
    with _writer(os.open(path, os.O_WRONLY | _FLAGS)) as file:
        yield file


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    with temporary_file(path) as part:
        with _writer(part.handle) as file:
            yield file
            file.flush()
            # A file system may write the new name to the disk before the content: after
            # a power failure the file would be empty, and its predecessor gone.
            os.fsync(file.fileno())
        part.path.replace(path)
    sync_directory(path.parent)


def _writer(handle: int) -> TextIO:
    # The module csv writes its own line breaks, which must not be translated.
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


class PartFile:
    """A new, empty file with a random name in the directory of another file."""

    def __init__(self, path: Path) -> None:
        # The name is cut, because most file systems allow 255 bytes.
        self.path = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.part")
        self.handle = os.open(
            self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINK | _FLAGS, _PRIVATE
        )


@contextmanager
def temporary_file(path: Path) -> Iterator[PartFile]:
    """Create a file next to *path*, to be renamed to it; delete it if it was not renamed.

    The caller closes the handle. Raises OSError.
    """
    part = PartFile(path)
    try:
        yield part
    finally:
        with suppress(OSError):
            part.path.unlink(missing_ok=True)


def create_private_file(path: Path, text: str) -> None:
    """Create a file with its content, atomically and readable by its owner only.

    Raises FileExistsError if the name is taken, OSError if the file cannot be written.
    """
    with temporary_file(path) as part:
        with _writer(part.handle) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        publish(part.path, path)


def publish(part: Path, path: Path) -> None:
    """Give a complete file its final name; raises FileExistsError if it is taken."""
    # A rename would replace an existing file without a word; a link never does.
    try:
        os.link(part, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT
        # Claim the name with an empty file, then replace that file.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, _PRIVATE))
        part.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make a new directory entry durable, if the operating system supports it."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY | _FLAGS)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
