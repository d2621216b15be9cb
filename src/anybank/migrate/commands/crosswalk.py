"""The crosswalk: which customer of the target each customer of the source has become."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TextIO

from ..._engine.error_boundary import guarded
from ..._engine.files import atomic_write
from ..journal.journal import Journal
from .arguments import AnyPath


@guarded
def crosswalk(*, journal: AnyPath, csv: AnyPath) -> int:
    """Write `source_id,target_id` of all that was moved; return how many rows.

    The file appears whole: one that was there stays until the new one is complete.
    """
    with Journal.open(journal) as opened, atomic_write(Path(csv)) as file:
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
