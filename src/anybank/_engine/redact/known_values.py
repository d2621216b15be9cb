"""Build the patterns that find known values in folded text, however they are written."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from attrs import frozen

from .folding import fold
from .patterns import GAP, MONTHS, SEPARATOR

_ANYWHERE = 6
"""Minimum length for a match inside a word, as in `1997-12-25T00:00`."""
_SHORTEST = 2
_PIECE = 40
"""Length of the pieces of a long text: a vendor may repeat only a part of it."""
_WORD = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9][-./ ()0-9]*[0-9]")
_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_AMERICAN = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_SSN = re.compile(r"[0-9]{9}")
_ZIP = re.compile(r"([0-9]{5})-[0-9]{4}")


@frozen
class Known:
    """A known value: its pattern, and the letters and digits that a match contains."""

    squeezed: str
    pattern: str


def squeeze(folded: str) -> str:
    """Return the letters and digits of a folded text."""
    return _NOT_WORD.sub("", folded)


def known_values(texts: Collection[str]) -> list[Known]:
    """Return the patterns of known texts, the longest first."""
    values = {value for text in texts for value in _known(text)}
    return sorted(values, key=lambda value: (-len(value.squeezed), value.pattern))


def known_dates(texts: Collection[str]) -> list[str]:
    """Return the patterns of the texts that are dates."""
    days = {day for text in texts if (day := _day(text))}
    return [pattern for day in sorted(days) for pattern in _layouts(day)]


def _known(text: str) -> Iterator[Known]:
    folded = fold(text.strip())
    words = _WORD.findall(folded)
    if _NUMBER.fullmatch(folded) and len("".join(words)) >= _ANYWHERE:
        words = list("".join(words))  # the digits may have separators between them
    for piece in _pieces(words):
        yield from _spelled(piece)
    if short := _ZIP.fullmatch(folded):
        yield from _spelled([short[1]])
    if _SSN.fullmatch(
        folded
    ):  # a mask shows the last four digits, never the first five
        yield from _spelled([folded[:3], folded[3:5]])
    if len(text) >= _ANYWHERE:
        yield from _encoded(text)


def _pieces(words: list[str]) -> Iterator[list[str]]:
    """Yield all words together if they are short, else pieces of a fixed length."""
    if sum(map(len, words)) <= 2 * _PIECE:
        yield words
        return
    piece: list[str] = []
    for part in itertools.chain.from_iterable(map(_cut, words)):
        piece.append(part)
        if sum(map(len, piece)) >= _PIECE:
            yield piece
            piece = []
    yield piece


def _cut(word: str) -> Iterator[str]:
    for start in range(0, len(word), _PIECE):
        yield word[start : start + _PIECE]


def _spelled(words: list[str]) -> Iterator[Known]:
    squeezed = "".join(words)
    if len(squeezed) < _SHORTEST:
        return
    spelled = GAP.join(map(re.escape, words))
    if len(squeezed) < _ANYWHERE:
        # "Al" is masked as a word and not in "invalid": the text must stay readable.
        spelled = rf"(?<![^\W_]){spelled}(?![^\W_])"
    elif squeezed.isdigit():
        spelled = rf"[+(]?{spelled}"
    yield Known(squeezed, spelled)


def _encoded(text: str) -> Iterator[Known]:
    """Yield a text in hex and in Base64, without the last, incomplete Base64 group."""
    content = text.encode("utf-8", "replace")
    coded = b64encode(content[: len(content) // 3 * 3]).decode().lower()
    for form in (coded, content.hex()):
        yield Known(squeeze(form), re.escape(form))


def _day(text: str) -> date | None:
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _AMERICAN.fullmatch(text):
            return date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        pass
    return None


@lru_cache(maxsize=256)
def _month(number: int) -> str:
    short, rest = MONTHS[number - 1]
    return rf"{short}(?:{rest})?"


def _layouts(day: date) -> Iterator[str]:
    """Yield a date's layouts: any order, month names, without separators, Unix seconds."""
    full, short = f"{day.year:04}", f"{day.year % 100:02}"
    year = rf"(?:{full}|{short}(?![0-9]))"
    month, number = f"0?{day.month}", rf"0?{day.day}(?![0-9])"
    nth = rf"0?{day.day}(?:st|nd|rd|th)?"
    name = _month(day.month)
    some = SEPARATOR + "{1,4}"
    yield rf"{full}{some}{month}{some}{number}"
    yield rf"(?<![0-9]){month}{some}0?{day.day}{some}{year}"
    yield rf"(?<![0-9])0?{day.day}{some}{month}{some}{year}"
    yield rf"{name}{GAP}{nth}{some}{year}"
    yield rf"(?<![0-9]){nth}{GAP}(?:of{some})?{name}{GAP}{year}"
    yield rf"{full}{GAP}{name}{GAP}{number}"
    two = f"{day.month:02}", f"{day.day:02}"
    yield from (f"{full}{two[0]}{two[1]}", f"{two[0]}{two[1]}{full}")
    yield f"{two[1]}{two[0]}{full}"
    seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    if abs(seconds) >= 10**_ANYWHERE:
        yield str(seconds)
