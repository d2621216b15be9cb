"""The masked type of the numbers of government ids."""

from __future__ import annotations

import re

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Sensitive, Ssn
from ._fields import text

_MASKED_NUMBER = re.compile(r"\*{2,}([0-9A-Za-z]{0,4})")
_SHOWN_FROM = 8
"""Of a shorter number the last four characters would reveal half or more."""
_NINE_DIGITS = re.compile(r"[0-9]{9}")


class GovernmentIdNumber(Sensitive):
    """The number of a government id, or a mask such as `****4567`.

    >>> GovernmentIdNumber("X1234567")
    ****4567
    >>> GovernmentIdNumber("X1234567").last_four
    '4567'
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        number = _read_number(text)
        del text  # an error report shows the arguments of this frame
        super().__init__(number or "")
        if number is None:
            raise InvalidInput([_NUMBER_ISSUE])

    @classmethod
    def read(cls, text: str) -> GovernmentIdNumber:
        """Read what a vendor returned, whatever its form."""
        # Never an error, which would make the whole customer unreadable.
        number = object.__new__(cls)
        number._text = _read_number(text) or text
        return number

    @classmethod
    def masked(cls, last_four: str) -> GovernmentIdNumber:
        """Return the mask of a number of which a vendor returned the end only."""
        return cls.read(f"****{last_four}")

    def unmasked(self) -> Sensitive:
        """Return the number or the mask for storage; `read` reads it again."""
        return Sensitive(self._text)

    @property
    def is_masked(self) -> bool:
        """True for a mask, whose first characters are unknown."""
        return self._text.startswith("**")

    @property
    def last_four(self) -> str | None:
        """The last four characters; None if the number is too short to show them."""
        end = self._text[-4:]
        is_shown = self.is_masked or len(self._text) >= _SHOWN_FROM
        return end if is_shown and "*" not in end and len(end) == len("4567") else None

    @property
    def end(self) -> str:
        """The last four characters, also those of a short number; not to be shown."""
        return self._text.lstrip("*")[-4:]

    def reveal(self) -> str:
        """Return the number. Raises InvalidInput for a mask."""
        if self.is_masked:
            raise InvalidInput([_MASKED_NUMBER_ISSUE])
        return self._text

    def agrees_with(self, other: GovernmentIdNumber) -> bool:
        """Return whether the last four characters of two numbers are equal."""
        return self.end != "" and self.end == other.end

    def forms(self) -> frozenset[str]:
        """Return the spellings for the scrubber, or nothing for a mask."""
        if self.is_masked:
            return frozenset()
        if _NINE_DIGITS.fullmatch(self._text):
            return Ssn(self._text).forms()
        return frozenset({self._text, re.sub("[ -]", "", self._text)})

    def __str__(self) -> str:
        return f"****{self.last_four or ''}"


def _read_number(text: object) -> str | None:
    """Return the number, or a mask as `****dddd`; None for anything else."""
    if _is_no_text(text):
        return None
    number = str(text)
    if masked := _MASKED_NUMBER.fullmatch(number):
        return "****" + masked[1]
    return None if "*" in number else number


_is_no_text = text

_NUMBER_ISSUE = Issue(
    "number",
    Effect.BLOCKED,
    "a number",
    "anybank",
    "pass the number of the document as a string, or a mask such as ****4567",
)
_MASKED_NUMBER_ISSUE = Issue(
    "number",
    Effect.BLOCKED,
    "full number",
    "anybank",
    "this is a mask: supply the full number from your own store",
)
