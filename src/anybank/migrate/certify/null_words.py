"""Words that programs write for a missing value, such as NULL, NaN and #N/A.

People are called Null, Nan and Na, so a word in title case counts as a name. The spellings
that databases, pandas, R, Python and spreadsheets write are refused: a thousand customers
with the middle name `NULL` come from a faulty export.
"""

from __future__ import annotations

AS_WRITTEN = "as_written"
"""The column that lists the fields of its row whose text is a value, not a null word."""

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
    """Return True if programs write this text for a missing value.

    >>> is_null_word("NULL"), is_null_word("Null")
    (True, False)
    """
    return text.strip() in _WORDS
