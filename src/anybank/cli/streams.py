"""The standard streams of a command: closed ones, narrow code pages, readers that leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .failures import complain

_CLOSED = (
    "standard output is closed, so nothing was done: what a command shows, such as the "
    "id of a new customer, would be lost; redirect it to a file or to /dev/null"
)


def prepare() -> bool:
    """Make the standard streams fit to be used; False where there is no output.

    No file that is opened later gets the number of a closed stream, and a letter that
    the code page lacks is written with a backslash instead of ending the command.
    """
    _occupy()
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # for the life of the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # as above
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    if sys.stdout is not None:
        return True
    complain("error", _CLOSED)
    return False


def _occupy() -> None:
    """Open nothing under the numbers of closed streams, so that no file gets them."""
    handle = os.open(os.devnull, os.O_RDWR)
    while handle <= 2:
        handle = os.dup(handle)
    os.close(handle)


@contextmanager
def reporting(done: str) -> Iterator[None]:
    """Show the result of what was done; say on stderr that it was if that fails."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        complain("note", f"{done}, but that could not be shown ({reason})")
        raise


def settle() -> None:
    """Let no stream that cannot be written to fail again when Python ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _mute(stream)


def _mute(stream: Any) -> None:
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
