"""A file of customers' ids, for a source that cannot list its customers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Self

from attrs import frozen

from ..._engine.files import read_line, reading
from ...errors import ConfigurationError
from .row_file import ID, id_problem, separator_of
from .row_offsets import RowOffsets


@frozen
class IdFile:
    """A file with one id a line, or a CSV file with a column `source_id`.

    Raises ConfigurationError, naming the file and line, if an id is empty, invalid or
    repeated.
    """

    path: Path
    count: int

    @classmethod
    def read(cls, path: Path, *, may_be_empty: bool = False) -> Self:
        """Validate the whole file; iterating reads it again, one id at a time."""
        with closing(RowOffsets()) as index:
            # line numbers take the place of offsets
            index.add_all((source_id, line) for line, source_id in _ids(path))
            for pair in index.possible_duplicates():
                _reject_duplicate(path, *sorted(pair))
            lines = len(index)
        if not lines and not may_be_empty:
            raise ConfigurationError(f"{path} has no ids")
        return cls(path, lines)

    def __iter__(self) -> Iterator[str]:
        return (source_id for _, source_id in _ids(self.path))


def _ids(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line number and its id, without blank lines."""
    column = 0
    for line, text in _lines(path):
        cells = _cells(path, line, text)
        if line == 1 and (problem := separator_of(text)) and ID in text:
            raise _error(path, line, f"the file {problem}")
        if line == 1 and ID in cells:
            column = cells.index(ID)
        elif any(cells):
            yield line, _id(path, line, cells[column] if len(cells) > column else "")


def _cells(path: Path, line: int, text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], strict=True), [])]
    except csv.Error:
        pass
    raise _error(path, line, "a quotation mark is not closed, or the line is not CSV")


def _id(path: Path, line: int, text: str) -> str:
    if not text:
        raise _error(path, line, "the id is empty")
    # The id is a segment of a path, and HTTP clients remove the segments `.` and `..`.
    if not text.strip("."):
        raise _error(path, line, "an id cannot consist of dots only")
    if problem := id_problem(text):
        raise _error(path, line, f"the id {problem}")
    return text


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with reading(path) as file:
            for line in count(1):
                text = _text(path, line, read_line(file))
                if not text:
                    return
                yield line, text
    except OSError as error:
        failed = error.strerror or type(error).__name__
    raise ConfigurationError(f"the ids in {path} cannot be read: {failed}")


def _text(path: Path, line: int, raw: bytes) -> str:
    try:
        # a byte-order mark is part of the text only at the beginning of the file
        text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return text
    raise ConfigurationError(
        f"the ids in {path} cannot be read: line {line} is not UTF-8. Save the file as "
        "UTF-8, not as UTF-16"
    )


def _error(path: Path, line: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{path}, line {line}: {problem}")


def _reject_duplicate(path: Path, first: int, second: int) -> None:
    ids = {line: text for line, text in _ids(path) if line in (first, second)}
    if ids[first] == ids[second]:
        raise ConfigurationError(
            f"{path}, line {second}: the id is the same as in line {first}"
        )
