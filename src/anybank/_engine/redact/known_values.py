"""Known values as patterns over folded text, however they are written there."""

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
"""From this length on a text is masked inside of words, too: `1997-12-25T00:00`."""
_SHORTEST = 2
_PIECE = 40
"""A longer text is looked for in pieces: the vendor may repeat a part of it."""
_WORD = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9][-./ ()0-9]*[0-9]")
_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_AMERICAN = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_SSN = re.compile(r"[0-9]{9}")
_ZIP = re.compile(r"([0-9]{5})-[0-9]{4}")


@frozen
class Known:
    """A known value: the pattern of it, and what a text that has it must contain."""

    squeezed: str
    pattern: str


def squeeze(folded: str) -> str:
    """Return a folded text without anything but letters and digits."""
    return _NOT_WORD.sub("", folded)


def known_values(texts: Collection[str]) -> list[Known]:
    """Return the patterns of texts, the longest first."""
    found = {each for text in texts for each in _known(text)}
    return sorted(found, key=lambda each: (-len(each.squeezed), each.pattern))


def known_dates(texts: Collection[str]) -> list[str]:
    """Return the patterns of the texts that are dates."""
    days = {day for text in texts if (day := _day(text))}
    return [pattern for day in sorted(days) for pattern in _layouts(day)]


def _known(text: str) -> Iterator[Known]:
    folded = fold(text.strip())
    words = _WORD.findall(folded)
    if _NUMBER.fullmatch(folded) and len("".join(words)) >= _ANYWHERE:
        words = list("".join(words))  # between its digits there may be anything
    for piece in _pieces(words):
        yield from _spelled(piece)
    if short := _ZIP.fullmatch(folded):
        yield from _spelled([short[1]])
    if _SSN.fullmatch(folded):  # the last four are shown: the first five are the rest
        yield from _spelled([folded[:3], folded[3:5]])
    if len(text) >= _ANYWHERE:
        yield from _encoded(text)


def _pieces(words: list[str]) -> Iterator[list[str]]:
    """Yield the words whole where they are few, else in pieces of some length."""
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
        spelled = rf"(?<![^\W_]){spelled}(?![^\W_])"
    elif squeezed.isdigit():
        spelled = rf"[+(]?{spelled}"
    yield Known(squeezed, spelled)


def _encoded(text: str) -> Iterator[Known]:
    """Yield a text in Base64, but for a last group that more may follow, and in hex."""
    content = text.encode("utf-8", "replace")
    coded = b64encode(content[: len(content) // 3 * 3]).decode().lower()
    for each in (coded, content.hex()):
        yield Known(squeeze(each), re.escape(each))


def _day(text: str) -> date | None:
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _AMERICAN.fullmatch(text):
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        pass
    return None


@lru_cache(maxsize=256)
def _month(number: int) -> str:
    short, rest = MONTHS[number - 1]
    return rf"{short}(?:{rest})?"


def _layouts(day: date) -> Iterator[str]:
    """Yield a date's layouts: numbers in any order, month names, compact, in seconds."""
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
