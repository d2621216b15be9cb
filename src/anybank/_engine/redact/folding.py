"""Text as a reader sees it: escapes decoded, case, accents and widths folded.

Each character of the result knows which characters of the source it stands for, so that a
match in the result is masked in the source.
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
_ESCAPE = re.compile(
    r"""(?:%[89a-f][0-9a-f])+          # percent-encoded UTF-8, in one piece
    |%u[0-9a-f]{4} | %[0-7][0-9a-f]    # JavaScript's escape(), ASCII
    |\\{1,8}u[0-9a-f]{4} | \\{1,8}u\{[0-9a-f]{1,6}\} | \\{1,8}x[0-9a-f]{2}
    |\\{1,8}[nrt"'/]
    |&\#x[0-9a-f]{1,8};? | &\#[0-9]{1,8};? | &[a-z][a-z0-9]{1,30};
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_BLANKS = ("Zs", "Zl", "Zp", "Cc", "Cs")
_UNSEEN = ("Cf", "Mn", "Me")


@frozen
class Folded:
    """A folded text, and for each of its characters where it is in the source."""

    text: str
    spans: Sequence[Span]

    def source_of(self, match: re.Match[str]) -> Span:
        """Return the place of a match in the source."""
        return self.spans[match.start()][0], self.spans[match.end() - 1][1]


def foldings(text: str) -> Iterator[Folded]:
    """Yield the text as it stands, then decoded once, twice and three times.

    All are searched: in `100%333-52-7584` decoding `%33` would hide the number.
    """
    spans: list[Span] = [(index, index + 1) for index in range(len(text))]
    yield _folded(text, spans)
    for _ in range(_PASSES):
        decoded, spans = _decoded(text, spans)
        if decoded == text:
            return
        text = decoded
        yield _folded(text, spans)


def fold(text: str) -> str:
    """Return a text folded, without its escapes being decoded."""
    return "".join(map(_fold, text))


def _folded(text: str, spans: Sequence[Span]) -> Folded:
    pairs = [
        (char, span)
        for original, span in zip(text, spans, strict=True)
        for char in _fold(original)
    ]
    return Folded("".join(char for char, _ in pairs), [span for _, span in pairs])


def _fold(char: str) -> str:
    """Return what a character counts as: nothing, or one or more plain ones."""
    if char.isascii():
        return " " if char < " " or char == "\x7f" else char.lower()
    kind = unicodedata.category(char)
    if kind in _UNSEEN:
        return ""
    if kind in _BLANKS:
        return " "
    if kind == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return _without_marks(char)


def _without_marks(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char).casefold()
    kept = [each for each in parts if unicodedata.category(each) not in _UNSEEN]
    return "".join(each if each.isprintable() else " " for each in kept)


def _decoded(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    chars: list[str] = []
    places: list[Span] = []
    last = 0
    for escape in _ESCAPE.finditer(text):
        start, end = escape.span()
        plain = _unescaped(escape[0])
        chars += [text[last:start], plain]
        places += spans[last:start]
        places += [(spans[start][0], spans[end - 1][1])] * len(plain)
        last = end
    return "".join([*chars, text[last:]]), [*places, *spans[last:]]


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
