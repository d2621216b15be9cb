"""Writes the crosswalk: the id of each moved customer at the source and at the target."""

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
    """Write `source_id,target_id` of every moved customer; return the number of rows.

    An existing file stays until the new one is complete, and is then replaced. Raises
    ConfigurationError for a journal that may not be the latest, whose rows would lack
    customers who were moved.
    """
    with Journal.open(journal) as opened:
        opened.copy_detector.require_latest()
        with atomic_write(Path(csv)) as file:
            return _write(opened, file)


def _write(journal: Journal, file: TextIO) -> int:
    count = -1
    for count, line in enumerate(lines(journal)):  # noqa: B007  # the header is no row
        file.write(line)
    return count


def lines(journal: Journal) -> Iterator[str]:
    """Yield the lines of the crosswalk, the header first; ids are written unchanged."""
    line = StringIO(newline="")
    # A writer quotes the characters of its line end, and readers split lines at CR as well
    # as at LF. So it gets both, and the CR is removed again.
    writer = csv.writer(line, lineterminator="\r\n")
    for row in chain([("source_id", "target_id")], journal.pairs()):
        writer.writerow(row)
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()
