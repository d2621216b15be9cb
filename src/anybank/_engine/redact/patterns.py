"""Patterns that find personal data in folded text without knowing the values.

No pattern backtracks over a run of text: a repetition is bounded, or it is possessive and
starts behind a check of the character before it.
"""

from __future__ import annotations

import re

_ESCAPE = "%(?:25){0,2}"
# A text is also searched undecoded, and a separator may be escaped up to three times. The
# second alternative is a character outside ASCII, such as a dash, in one piece.
_ESCAPED = (
    f"{_ESCAPE}(?:0[9ad]|2[0-9a-f]|3[a-f]|40|5[b-f]|60|7[b-e])"
    f"|(?:{_ESCAPE}[89a-f][0-9a-f]){{2,4}}+"
)
SEPARATOR = rf"(?:[^\w\0]|_|{_ESCAPED})"
"""Any punctuation or space, percent-encoded or not. NUL is excluded: the scrubber writes it
over a match, and no other match may extend across it."""
GAP = SEPARATOR + "{0,4}"

MONTHS = (
    ("jan", "uary"),
    ("feb", "ruary"),
    ("mar", "ch"),
    ("apr", "il"),
    ("may", ""),
    ("jun", "e"),
    ("jul", "y"),
    ("aug", "ust"),
    ("sep", "t|tember"),
    ("oct", "ober"),
    ("nov", "ember"),
    ("dec", "ember"),
)
_MONTH = "(?:" + "|".join(f"{short}(?:{rest})?" for short, rest in MONTHS) + ")"

_JOINT = rf"(?:[\s._/\\:*'\"()\-]|{_ESCAPE}[0-9a-f]{{2}}){{1,3}}"
_ALONE, _ENDS = r"(?<![^\W_])", r"(?![^\W_])"
_BIRTH_YEAR = "(?:19[0-9]{2}|20[01][0-9])"
"""Birth years of people who open accounts; later dates are API versions or deadlines."""
# A day or a month: which of the two comes first depends on the country.
_TWO = r"(?:0?[1-9]|[12][0-9]|3[01])"
_NTH = _TWO + r"(?:st|nd|rd|th)?"
_SOME = SEPARATOR + "{1,4}"

# The checks for a hyphen next to a letter or digit spare the parts of an id such as
# `req-123456789-a`, which users give to the vendor's support.
_SSN = rf"""
    (?<![0-9])[0-9]{{3}}{_JOINT}[0-9]{{2}}{_JOINT}[0-9]{{4}}(?![0-9])
    |(?<![0-9a-z]-){_ALONE}[0-9]{{3}}{_JOINT}[0-9]{{6}}{_ENDS}(?!-[0-9a-z])
    |(?<![0-9a-z]-){_ALONE}[0-9]{{5}}{_JOINT}[0-9]{{4}}{_ENDS}(?!-[0-9a-z])
    |(?<![0-9a-z]-){_ALONE}[0-9]{{9}}{_ENDS}(?!-[0-9a-z])
    |(?<=ssn)[0-9]{{9}}(?![0-9]) | (?<=tin)[0-9]{{9}}(?![0-9])
    |(?<![0-9])[0-9](?:{SEPARATOR}{{1,4}}[0-9]){{8}}(?![0-9])   # digit by digit
    |(?<![0-9a-z]-){_ALONE}[0-9]{{2}}-[0-9]{{7}}{_ENDS}(?!-[0-9a-z])   # an EIN
"""
_PHONE = rf"""
    \+[0-9](?:[\s().-]{{0,3}}[0-9]){{7,14}}(?![0-9])
    |(?<![0-9])(?:1{_JOINT})?\(?[0-9]{{3}}(?:{_JOINT}|(?<=[)]))[0-9]{{3}}{_JOINT}[0-9]{{4}}(?![0-9])
    |\([0-9]{{3}}\)\s{{0,3}}[0-9]{{3}}[\s.-]{{0,3}}[0-9]{{4}}(?![0-9])
"""
_DATE = rf"""
    (?<![0-9]){_BIRTH_YEAR}{_SOME}(?:0?[1-9]|1[0-2]){_SOME}{_TWO}(?![0-9])
    |(?<![0-9]){_TWO}{_SOME}{_TWO}{_SOME}{_BIRTH_YEAR}(?![0-9])
    |(?<![0-9]){_TWO}[/.]{_TWO}[/.][0-9]{{2}}(?![0-9])
    |(?<![0-9]){_BIRTH_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])
    |(?<![^\W_0-9]){_MONTH}{_SOME}{_NTH}{_SOME}{_BIRTH_YEAR}(?![0-9])
    |(?<![0-9]){_NTH}{GAP}(?:of{_SOME})?{_MONTH}{GAP}{_BIRTH_YEAR}(?![0-9])
    |(?<![0-9]){_BIRTH_YEAR}{_SOME}{_MONTH}{_SOME}{_NTH}(?![0-9])
    |(?:(?<=born)|(?<=birth)|(?<=dob))[a-z_]{{0,12}}
     (?:{_SOME}(?:of|on|is|was|date))?{GAP}(?:datetime\.date\()?
     (?:{_NTH}|[0-9]{{1,4}}|{_MONTH}){_SOME}(?:of{_SOME})?(?:{_NTH}|{_MONTH}){_SOME}
     [0-9]{{1,4}}(?![0-9])
"""
_NUMBERED = rf"""
    (?:account|acct|routing|aba|iban|card|passport|licen[cs]e|itin|ein|locator)
    (?:{_SOME}|_)?(?:number|num|no|nr|\#)?{GAP}(?<![^\W_])
    [a-z]{{0,2}}[0-9](?:[\s-]?[0-9]){{5,18}}(?![0-9])
    |(?<![0-9])[0-9]{{4}}(?:[\s-][0-9]{{4}}){{3}}(?![0-9])   # a card
    |(?<![^\W_])[3-6][0-9]{{14,15}}(?![^\W_])
"""
_IN_MAIL = r"[^\s@\"'<>:,;(){}\[\]\0]"
_MAIL = rf"""
    (?<!{_IN_MAIL}){_IN_MAIL}++@{_IN_MAIL}+
    |"[^"@\n]{{1,64}}"@{_IN_MAIL}+
    |(?<![\w.+-])[\w.+-]{{1,64}}+(?:\sat\s|\s?[(\[]at[)\]]\s?)[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,4}}
"""

ALWAYS = re.compile(f"{_MAIL}|{_SSN}|{_PHONE}|{_DATE}|{_NUMBERED}", re.VERBOSE)
"""SSNs, EINs, phones, birth dates, cards, numbered documents and e-mail addresses."""

RECORD = re.compile(
    r"""
    [{(\[,]\s{0,4}(?:"[^"\n]{1,64}"|'[^'\n]{1,64}')\s{0,4}:\s   # JSON, a dict
    |[{(\[,]\s{0,4}(?:"[^"\n]{1,64}"|'[^'\n]{1,64}'):
    |\[\s{0,4}(?:"[^"\n]{0,99}"|'[^'\n]{0,99}'|\{)\s{0,4},          # a list of texts
    |(?<![\w])[a-z_]\w{0,63}\([a-z_]\w{0,63}=                     # Python's repr
    |<([a-z_][\w:.-]{0,63})>[^<>]{0,99}</\1>                      # XML
    |(?<![\w&=])[a-z_]\w{0,63}=[^&\s]{0,64}&[a-z_]\w{0,63}=       # a form
    """,
    re.VERBOSE,
)
"""The start of a record inside a vendor's error text, such as a JSON object."""
