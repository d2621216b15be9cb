"""Words that programs write where a value is absent, and that are also people's names.

A person may be called Null, Nan or Na, so a name in title case is a name. The spellings
that databases, pandas, R, Python and spreadsheets use for "no value" are questioned: a
thousand customers whose middle name is `NULL` are an export gone wrong, not a family.
"""

from __future__ import annotations

AS_WRITTEN = "as_written"
"""The column that names the fields of a row whose text is meant exactly as written."""

_WORDS = frozenset(
    {
        "NULL",
        "null",
        "(null)",
        "(NULL)",
        "\\N",
        "nan",
        "NaN",
        "NAN",
        "NaT",
        "NA",
        "<NA>",
        "N/A",
        "n/a",
        "#N/A",
        "#NA",
        "#NULL!",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "None",
        "none",
        "NONE",
        "nil",
        "NIL",
        "undefined",
    }
)


def is_null_word(text: str) -> bool:
    """Return whether programs write this text where there is no value.

    >>> stands_for_nothing("NULL"), stands_for_nothing("Null")
    (True, False)
    """
    return text.strip() in _WORDS
