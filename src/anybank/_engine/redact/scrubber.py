"""Masking a text from outside: of what a call carried, and of what looks personal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from ...sensitive import MASK
from .folding import Folded, Span, foldings
from .known_values import known_dates, known_values, squeeze
from .patterns import ALWAYS, RECORD

LONGEST = 500
"""A scrubbed text is at most this long, in characters."""
_AHEAD = 3_500
"""So much more is read, for what begins before the end: a number, escaped twice."""

_RECORD = " [a record, not shown]"


class Scrubber:
    """Masks texts for one call: what it carried is prepared once.

    >>> Scrubber({"James"})("the name james is too short; SSN 333.52.7584")
    'the name *** is too short; SSN ***'
    """

    def __init__(self, texts: Collection[str]) -> None:
        self._known = known_values(texts)
        dates = known_dates(texts)
        self._dates = re.compile("|".join(dates)) if dates else None

    def __call__(self, text: str, longest: int = LONGEST) -> str:
        """Return a text, at most *longest* characters, with personal data masked.

        What the call carried is masked in any case, width, encoding and punctuation, a
        short word only where it stands alone; SSNs, phones, birth dates and e-mail
        addresses also where nobody sent them. A record in it ends it: JSON, a form, a
        repr. What cannot be encoded is replaced.
        """
        read = text[: longest + _AHEAD]
        folded = list(foldings(read))
        spans = [span for each in folded for span in self._matches(each)]
        record = min(_records(folded), default=len(read))
        end = min(record, len(read) if len(read) == len(text) else longest)
        shown = "".join(_masked(read, _merged(spans), end))[:longest]
        if record < len(read):
            shown = shown.rstrip()[: longest - len(_RECORD)] + _RECORD
        return shown.encode("utf-8", "replace").decode()

    def _matches(self, folded: Folded) -> Iterator[Span]:
        """Yield the places to mask; what is masked once is blank for the next pattern."""
        text = folded.text.replace("\0", " ")
        for pattern in self._patterns(text):
            spans = []
            for match in pattern.finditer(text):
                yield folded.source_of(match)
                spans.append(match.span())
            text = _blanked(text, spans)

    def _patterns(self, text: str) -> Iterator[re.Pattern[str]]:
        """Yield the patterns that a folded text may match."""
        squeezed = squeeze(text)
        there = [each.pattern for each in self._known if each.squeezed in squeezed]
        # One by one: a value may begin inside another, as a number in its echo does.
        yield from map(re.compile, there)
        if self._dates:
            yield self._dates
        yield ALWAYS


def scrub(text: str, texts: Collection[str], longest: int = LONGEST) -> str:
    """Mask one text of what a call carried and of what looks personal."""
    return Scrubber(texts)(text, longest)


def _records(folded: Iterable[Folded]) -> Iterator[int]:
    """Yield where a record begins in the source."""
    for each in folded:
        if found := RECORD.search(each.text):
            yield each.source_of(found)[0]


def _blanked(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += [text[last:start], "\0" * (end - start)]
        last = end
    return "".join([*parts, text[last:]]) if spans else text


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Yield the places in order, those that touch as one."""
    start, end = -1, -1
    for first, last in sorted(spans):
        if first > end:
            if end > 0:
                yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    if end > 0:
        yield start, end


def _masked(text: str, spans: Iterator[Span], end: int) -> Iterator[str]:
    """Yield a text up to *end* with masks in it."""
    at = 0
    for start, stop in spans:
        if start >= end:
            break
        yield text[at:start]
        yield MASK
        at = stop
    yield text[at:end]
