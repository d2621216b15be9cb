"""Fit a text to a vendor's rule for length and characters, by plain spelling if needed."""

from __future__ import annotations

import re
import unicodedata

from .vocabulary import FieldRule

RESPELLED = (
    "is written with plain apostrophes, hyphens and spaces, and with composed accents"
)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u02bb\uff07", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    }
)
"""Typographic characters, and the plain ones that vendors accept."""


def plain_spelling(text: str) -> str:
    """Return a text with composed accents and plain apostrophes, hyphens and spaces."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def text_problem(
    rule: FieldRule, text: str, country: str | None = None
) -> tuple[str, str] | None:
    """Return the rule that a text breaks, with its requirement, or None."""
    pattern = rule.pattern_in.get(country or "", rule.pattern)
    if rule.length and not rule.length[0] <= len(text) <= rule.length[1]:
        fewest, most = rule.length
        return f"length={fewest}-{most}", f"must have {fewest} to {most} characters"
    if pattern and not re.fullmatch(pattern, text):
        return "pattern", f"must be {rule.pattern_note or f'of the form {pattern}'}"
    return None


def fit_text(rule: FieldRule, text: str, country: str | None = None) -> str | None:
    """Return a text as it is, or in plain spelling, whichever the rule accepts first.

    Returns None if the rule accepts neither.
    """
    if text_problem(rule, text, country) is None:
        return text
    spelling = plain_spelling(text)
    return spelling if text_problem(rule, spelling, country) is None else None
