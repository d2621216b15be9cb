"""The masked type of account numbers."""

from __future__ import annotations

import re

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Sensitive

_ACCOUNT_NUMBER = re.compile(r"[0-9]{4,17}")
_MASKED_ACCOUNT_NUMBER = re.compile(r"[*Xx]{2,17}([0-9]{0,4})")
_SHOWN_FROM = 8
"""Of a shorter number the last four digits would reveal half or more."""

_ACCOUNT_NUMBER_ISSUE = Issue(
    "account_number",
    Effect.BLOCKED,
    "4 to 17 digits",
    "anybank",
    "pass 4 to 17 digits, with or without spaces and dashes",
)
_MASKED_ACCOUNT_NUMBER_ISSUE = Issue(
    "account_number",
    Effect.BLOCKED,
    "full number",
    "anybank",
    "this is a mask: supply the full number from your own store",
)


class BankAccountNumber(Sensitive):
    """The number of a bank account: 4 to 17 digits, or a mask such as `*****6789`.

    Spaces and dashes are removed. Source: Nacha Operating Rules, "DFI Account Number",
    which has at most 17 characters.

    >>> BankAccountNumber("987654321")
    *****4321
    >>> BankAccountNumber("987654321").last_four
    '4321'
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        number = _read_account_number(text)
        del text  # an error report shows the arguments of this frame
        super().__init__(number or "")
        if number is None:
            raise InvalidInput([_ACCOUNT_NUMBER_ISSUE])

    @classmethod
    def read(cls, text: str) -> BankAccountNumber:
        """Read what a vendor returned, whatever its form."""
        # Never an error, which would make the whole account unreadable.
        number = object.__new__(cls)
        number._text = _read_account_number(text) or text
        return number

    def unmasked(self) -> Sensitive:
        """Return the number or the mask for storage; `read` reads it again."""
        return Sensitive(self._text)

    @property
    def is_masked(self) -> bool:
        """True for a mask, whose first digits are unknown."""
        return "*" in self._text

    @property
    def last_four(self) -> str | None:
        """The last four digits; None if the number is too short to show them."""
        end = self._text[-4:]
        is_shown = self.is_masked or len(self._text) >= _SHOWN_FROM
        return end if is_shown and re.fullmatch("[0-9]{4}", end) else None

    def reveal(self) -> str:
        """Return the number. Raises InvalidInput for a mask."""
        if self.is_masked:
            raise InvalidInput([_MASKED_ACCOUNT_NUMBER_ISSUE])
        return self._text

    def forms(self) -> frozenset[str]:
        """Return the number for the scrubber, or nothing for a mask."""
        return frozenset() if self.is_masked else frozenset({self._text})

    def __str__(self) -> str:
        return f"*****{self.last_four or ''}"


def _read_account_number(text: object) -> str | None:
    """Return the digits, or a mask as `*****dddd`; None for anything else."""
    squeezed = re.sub("[ -]", "", text) if isinstance(text, str) else ""
    if masked := _MASKED_ACCOUNT_NUMBER.fullmatch(squeezed):
        return "*****" + masked[1]
    return squeezed if _ACCOUNT_NUMBER.fullmatch(squeezed) else None
