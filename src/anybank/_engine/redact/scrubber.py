"""Mask the values that a call sent, and text that looks personal, in a vendor's text."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Iterable, Iterator

from ...sensitive import MASK
from .folding import Folded, Span, foldings
from .known_values import known_dates, known_values, squeeze
from .patterns import ALWAYS, RECORD

LONGEST = 500
"""A scrubbed text is at most this long, in characters."""
_LOOKAHEAD = 3_500
"""Characters read beyond the limit, to match a value that starts before it."""

_ESCAPED_DIGITS = re.compile("%[0-9]{2}")
"""Digits that may be a part of an escape: those of a number may have some between them."""
_RECORD = " [a record, not shown]"


class Scrubber:
    """Mask texts for one call; the patterns of its values are built once.

    >>> Scrubber({"James"})("the name james is too short; SSN 333.52.7584")
    'the name *** is too short; SSN ***'
    """

    def __init__(self, texts: Collection[str]) -> None:
        self._known = known_values(texts)
        dates = known_dates(texts)
        self._dates = re.compile("|".join(dates)) if dates else None

    def __call__(self, text: str, longest: int = LONGEST) -> str:
        """Return at most *longest* characters of a text, with personal data masked.

        The values of the call are masked in any case, width, encoding and punctuation, a
        short word only where it stands alone. SSNs, phones, birth dates and e-mail
        addresses are masked even if the call did not send them. The text is cut at the
        start of a record (JSON, a form, a repr). Characters that UTF-8 cannot encode are
        replaced.
        """
        read = text[: longest + _LOOKAHEAD]
        folded = list(foldings(read))
        spans = [span for folding in folded for span in self._matches(folding)]
        record = min(_records(folded), default=len(read))
        # The text beyond `longest` was read only to recognise a value that starts
        # before.
        end = min(record, len(read) if len(read) == len(text) else longest)
        shown = "".join(_masked(read, _merged(spans), end))[:longest]
        if record < len(read):
            shown = shown.rstrip()[: longest - len(_RECORD)] + _RECORD
        return shown.encode("utf-8", "replace").decode()

    def _matches(self, folded: Folded) -> Iterator[Span]:
        """Yield the spans to mask; a match is blanked for the patterns that follow."""
        # A NUL in the vendor's text must not look like a match that was blanked.
        text = folded.text.replace("\0", " ")
        for pattern in self._patterns(text):
            spans = []
            for match in pattern.finditer(text):
                yield folded.source_of(match)
                spans.append(match.span())
            text = _blanked(text, spans)

    def _patterns(self, text: str) -> Iterator[re.Pattern[str]]:
        """Yield the patterns that a folded text may match."""
        # A search for the letters and digits is cheap and rules out most values, whose
        # patterns are then never compiled.
        may_match = _in_order if _ESCAPED_DIGITS.search(text) else operator.contains
        squeezed = squeeze(text)
        patterns = [
            value.pattern
            for value in self._known
            if may_match(squeezed, value.squeezed)
        ]
        # One pattern at a time, because one value may start inside another.
        yield from map(re.compile, patterns)
        if self._dates:
            yield self._dates
        yield ALWAYS


def scrub(text: str, texts: Collection[str], longest: int = LONGEST) -> str:
    """Mask the values of a call, and text that looks personal, in one text."""
    return Scrubber(texts)(text, longest)


def _in_order(text: str, chars: str) -> bool:
    """Return True if a text has these characters in their order, with others between."""
    rest = iter(text)
    return all(char in rest for char in chars)


def _records(folded: Iterable[Folded]) -> Iterator[int]:
    """Yield the positions in the source where a record starts."""
    for folding in folded:
        if match := RECORD.search(folding.text):
            yield folding.source_of(match)[0]


def _blanked(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += [text[last:start], "\0" * (end - start)]
        last = end
    return "".join([*parts, text[last:]]) if spans else text


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Yield the spans in order, with overlapping and adjacent ones merged."""
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
    """Yield the parts of a text up to *end*, with a mask for each span."""
    at = 0
    for start, stop in spans:
        if start >= end:
            break
        yield text[at:start]
        yield MASK
        at = stop
    yield text[at:end]
