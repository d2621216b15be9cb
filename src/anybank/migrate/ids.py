"""Ids of customers from a file, for a source that cannot list them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from attrs import frozen

from ..errors import ConfigurationError
from .offsets import Offsets
from .rows import ID


@frozen
class Ids:
    """A file with one id a line, or a CSV with a column `source_id`.

    Raises ConfigurationError, naming file and line, for an id that is empty, none or
    repeated.
    """

    path: Path
    count: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Check the file; its ids are then read again one by one."""
        seen, lines = Offsets(), 0
        for line, each in _ids(path):
            seen.add(each, line)
            lines += 1
        seen.sort()
        for pair in seen.doubles():
            _refuse_double(path, *sorted(pair))
        if not lines:
            raise ConfigurationError(f"{path} has no ids")
        return cls(path, lines)

    def __iter__(self) -> Iterator[str]:
        return (each for _, each in _ids(self.path))


def _ids(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each id with its line."""
    column = 0
    for line, text in _lines(path):
        cells = [cell.strip() for cell in next(csv.reader([text]), [])]
        if line == 1 and ID in cells:
            column = cells.index(ID)
        elif len(cells) <= column or not cells[column]:
            raise ConfigurationError(f"{path}, line {line}: the id is empty")
        elif not cells[column].strip("."):
            raise ConfigurationError(f"{path}, line {line}: dots alone are no id")
        else:
            yield line, cells[column]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from enumerate(file, 1)
    except OSError as error:
        failed = str(error.strerror)
    except UnicodeDecodeError:
        failed = "it is not UTF-8"
    else:
        return
    raise ConfigurationError(f"the ids in {path} cannot be read: {failed}")


def _refuse_double(path: Path, first: int, second: int) -> None:
    found = {line: each for line, each in _ids(path) if line in (first, second)}
    if found[first] == found[second]:
        raise ConfigurationError(
            f"{path}, line {second}: the id is the same as in line {first}"
        )
