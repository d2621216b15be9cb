"""Ids of customers from a file, for a source that cannot list them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
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
    """A file with one id a line, or a CSV with a column `source_id`.

    Raises ConfigurationError, naming file and line, for an id that is empty, none or
    repeated.
    """

    path: Path
    count: int

    @classmethod
    def read(cls, path: Path, *, may_be_empty: bool = False) -> Self:
        """Check the file; its ids are then read again one by one."""
        seen, lines = RowOffsets(), 0
        for line, each in _ids(path):
            seen.add(each, line)
            lines += 1
        seen.sort()
        for pair in seen.doubles():
            _refuse_double(path, *sorted(pair))
        if not lines and not may_be_empty:
            raise ConfigurationError(f"{path} has no ids")
        return cls(path, lines)

    def __iter__(self) -> Iterator[str]:
        return (each for _, each in _ids(self.path))


def _ids(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each id with its line; blank lines have none."""
    column = 0
    for line, text in _lines(path):
        cells = _cells(path, line, text)
        if line == 1 and (found := separator_of(text)) and ID in text:
            raise _wrong(path, line, f"it {found}")
        if line == 1 and ID in cells:
            column = cells.index(ID)
        elif any(cells):
            yield line, _id(path, line, cells[column] if len(cells) > column else "")


def _cells(path: Path, line: int, text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], strict=True), [])]
    except csv.Error:
        pass
    raise _wrong(path, line, "a quotation mark is not closed, or it is not CSV")


def _id(path: Path, line: int, text: str) -> str:
    if not text:
        raise _wrong(path, line, "the id is empty")
    if not text.strip("."):
        raise _wrong(path, line, "dots alone are no id")
    if problem := id_problem(text):
        raise _wrong(path, line, f"the id {problem}")
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
        text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return text
    raise ConfigurationError(
        f"the ids in {path} cannot be read: in line {line} it is not UTF-8; save it as "
        "UTF-8, not as UTF-16"
    )


def _wrong(path: Path, line: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{path}, line {line}: {problem}")


def _refuse_double(path: Path, first: int, second: int) -> None:
    found = {line: each for line, each in _ids(path) if line in (first, second)}
    if found[first] == found[second]:
        raise ConfigurationError(
            f"{path}, line {second}: the id is the same as in line {first}"
        )
