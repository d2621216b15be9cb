"""The crosswalk: which customer of the target each customer of the source has become."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TextIO

from ..errors import ConfigurationError
from .commands import AnyPath
from .journal import Journal


def crosswalk(*, journal: AnyPath, csv: AnyPath) -> int:
    """Write `source_id,target_id` of all that was moved; return how many rows.

    The file appears whole: one that was there stays until the new one is complete.
    """
    with Journal.open(journal) as opened, written_whole(Path(csv)) as file:
        return _write(opened, file)


def _write(journal: Journal, file: TextIO) -> int:
    count = -1
    for count, line in enumerate(lines(journal)):  # noqa: B007  # the header is no row
        file.write(line)
    return count


def lines(journal: Journal) -> Iterator[str]:
    """Yield the lines of the crosswalk, the header first; ids are written as they are."""
    line = StringIO(newline="")
    # the writer quotes what is in its line's end, and a reader ends lines at both
    writer = csv.writer(line, lineterminator="\r\n")
    for row in chain([("source_id", "target_id")], journal.pairs()):
        writer.writerow(row)
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Open a file that takes its name when it is complete; raises ConfigurationError.

    What a link names is written, not the link; a pipe or a device as it is.
    """
    try:
        with _at_once(path) if _is_special(path) else _at_end(path.resolve()) as file:
            yield file
    except OSError as error:
        failed = error.strerror
    else:
        return
    raise ConfigurationError(f"{path} cannot be written: {failed}")


def _is_special(path: Path) -> bool:
    """Tell a pipe or a device, such as /dev/stdout: to replace it would remove it."""
    return path.exists() and not path.is_file()


def _at_once(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


@contextmanager
def _at_end(path: Path) -> Iterator[TextIO]:
    unfinished = path.with_name(path.name + ".new")
    with ExitStack() as unless_whole:
        unless_whole.callback(unfinished.unlink, missing_ok=True)
        with _at_once(unfinished) as file:
            yield file
        unfinished.replace(path)
        unless_whole.pop_all()
