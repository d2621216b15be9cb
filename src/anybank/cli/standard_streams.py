"""The standard streams of a command: closed streams, narrow code pages, closed pipes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .error_messages import print_line

_CLOSED = (
    "standard output is closed, so nothing was done: the output of a command, such as "
    "the id of a new customer, would be lost. Redirect it to a file or to /dev/null"
)


def prepare() -> bool:
    """Make the standard streams safe to use. Return False if stdout is closed.

    A file that is opened later does not get the number of a closed stream, so nothing is
    printed into it. A character that the code page lacks is written with a backslash.
    """
    # A file opened by the command would get the number 1 of a closed stdout, and every
    # print would go into it: into the journal, for example.
    _occupy_closed_numbers()
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # stays open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # the same
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            # A name with a character outside the code page would end a command after
            # the customer was created.
            reconfigure(errors="backslashreplace")
    if sys.stdout is not None:
        return True
    print_line("error", _CLOSED)
    return False


def _occupy_closed_numbers() -> None:
    """Open /dev/null under the number of each closed stream."""
    # The kernel gives out the lowest free number, so opening until the number is above
    # 2 fills every gap below.
    handle = os.open(os.devnull, os.O_RDWR)
    while handle <= 2:
        handle = os.dup(handle)
    os.close(handle)


@contextmanager
def note_if_output_fails(note: str) -> Iterator[None]:
    """Print *note*, which says what was done, to stderr if stdout cannot be written."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        print_line("note", f"{note}, but the output could not be written ({reason})")
        raise


def mute_broken_streams() -> None:
    """Point broken streams at /dev/null, so that Python's exit does not fail on them."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _mute(stream)


def _mute(stream: Any) -> None:
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        # What is still buffered goes to /dev/null: the interpreter flushes at exit and
        # would print a traceback.
        os.dup2(null, stream.fileno())
        os.close(null)
