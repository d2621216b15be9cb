"""Normalise text for matching: decode escapes, fold case, accents and character widths.

The result maps each character to its position in the source, so that a match in the
result can be masked in the source.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

Span: TypeAlias = tuple[int, int]

_PASSES = 3
"""JSON inside a form inside HTML is escaped three times."""
# JSON inside JSON doubles the backslashes each time: a text that was escaped three times
# has up to eight. The length of an entity is bounded to keep the search linear.
_ESCAPES = r"""(?:%[89a-f][0-9a-f])+     # percent-encoded UTF-8, in one piece
    |%u[0-9a-f]{4} | %[0-7][0-9a-f]    # JavaScript's escape(), ASCII
    |\\{1,8}u[0-9a-f]{4} | \\{1,8}u\{[0-9a-f]{1,6}\} | \\{1,8}x[0-9a-f]{2}
    |\\{1,8}[nrt"'/]
    |&\#x[0-9a-f]{1,8};? | &\#[0-9]{1,8};? | &[a-z][a-z0-9]{1,30};
    """
_BEFORE_VALUE = r"(?<![0-9])%[0-9a-f]{2}(?!%) | &\#[0-9]{1,9}(?![0-9;])"
"""Marks that may belong to an escape, or to the text before a number or a month."""
_ESCAPE = re.compile(_ESCAPES, re.VERBOSE | re.IGNORECASE)
_MARK_AND_VALUE = re.compile(_BEFORE_VALUE, re.VERBOSE | re.IGNORECASE)
_ESCAPE_OUTSIDE_VALUES = re.compile(
    f"(?!{_BEFORE_VALUE})(?:{_ESCAPES})", re.VERBOSE | re.IGNORECASE
)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_BLANKS = ("Zs", "Zl", "Zp", "Cc", "Cs")
_INVISIBLE = ("Cf", "Mn", "Me")


@frozen
class Folded:
    """A folded text with the position of each of its characters in the source."""

    text: str
    spans: Sequence[Span]

    def source_of(self, match: re.Match[str]) -> Span:
        """Return the position of a match in the source."""
        return self.spans[match.start()][0], self.spans[match.end() - 1][1]


def foldings(text: str) -> Iterator[Folded]:
    """Yield the folded text undecoded, then decoded once, twice and three times.

    All of them must be searched: decoding `%33` in `100%333-52-7584` would hide the
    number. In `%333%2052%207584` only the separators are escaped, so that the text is also
    decoded without such a mark and the digits behind it. In `%333%20-%2052` a separator has
    such a mark as well, and only the undecoded text has all digits: the patterns accept
    escaped separators.
    """
    spans: list[Span] = [(index, index + 1) for index in range(len(text))]
    yield _folded(text, spans)
    yield from _decodings(text, spans, _ESCAPE)
    if _MARK_AND_VALUE.search(text):
        yield from _decodings(text, spans, _ESCAPE_OUTSIDE_VALUES)


def _decodings(
    text: str, spans: list[Span], escape: re.Pattern[str]
) -> Iterator[Folded]:
    for _ in range(_PASSES):
        decoded, spans = _decoded(text, spans, escape)
        if decoded == text:
            return
        text = decoded
        yield _folded(text, spans)


def fold(text: str) -> str:
    """Fold a text without decoding its escapes."""
    return "".join(map(_fold, text))


def _folded(text: str, spans: Sequence[Span]) -> Folded:
    pairs = [
        (char, span)
        for original, span in zip(text, spans, strict=True)
        for char in _fold(original)
    ]
    return Folded("".join(char for char, _ in pairs), [span for _, span in pairs])


def _fold(char: str) -> str:
    """Fold one character to zero, one or more plain characters."""
    if char.isascii():
        return " " if char < " " or char == "\x7f" else char.lower()
    kind = unicodedata.category(char)
    if kind in _INVISIBLE:
        return ""
    if kind in _BLANKS:
        return " "
    if kind == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    digit = unicodedata.decimal(char, None)  # fullwidth and Arabic digits, for example
    if digit is not None:
        return str(digit)
    return _without_marks(char)


def _without_marks(char: str) -> str:
    # NFKD separates accents from their letters, and maps fullwidth letters to plain
    # ones.
    parts = unicodedata.normalize("NFKD", char).casefold()
    visible = [part for part in parts if unicodedata.category(part) not in _INVISIBLE]
    return "".join(part if part.isprintable() else " " for part in visible)


def _decoded(
    text: str, spans: Sequence[Span], pattern: re.Pattern[str]
) -> tuple[str, list[Span]]:
    chars: list[str] = []
    positions: list[Span] = []
    last = 0
    for escape in pattern.finditer(text):
        start, end = escape.span()
        plain = _unescaped(escape[0])
        chars += [text[last:start], plain]
        positions += spans[last:start]
        positions += [(spans[start][0], spans[end - 1][1])] * len(plain)
        last = end
    return "".join([*chars, text[last:]]), [*positions, *spans[last:]]


def _unescaped(escape: str) -> str:
    lowered = escape.lower()
    if lowered.startswith("&"):
        return html.unescape(escape)
    if lowered.startswith("%u"):
        return chr(int(lowered.removeprefix("%u"), 16))
    if lowered.startswith("%"):
        return bytes.fromhex(lowered.replace("%", "")).decode("utf-8", "replace")
    code = lowered.lstrip("\\")
    if code[:1] in ("u", "x"):
        number = int(code[1:].strip("{}"), 16)
        return chr(number) if number <= 0x10FFFF else " "
    return _CONTROLS.get(code, code)
