"""Government ids: passports, driver's licences, taxpayer numbers and other documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Personal, Sensitive, Ssn, shielded_class
from . import samples
from ._fields import (
    NEVER_NULL,
    calendar_date,
    facts,
    hidden,
    instance_of,
    marks,
    personal,
    plain,
    text,
    validate,
)
from .countries import country
from .pydantic_support import PydanticSupport
from .required_field import required
from .spellings import COUNTRY, Spelling, member_of, read_text

_MASKED_NUMBER = re.compile(r"\*{2,}([0-9A-Za-z]{0,4})")
_SHOWN_FROM = 8
"""Of a shorter number the last four characters would reveal half or more."""
_NINE_DIGITS = re.compile(r"[0-9]{9}")


class GovernmentIdKind(StrEnum):
    """The kind of a government id."""

    SSN = "ssn"
    """A US social security number. `NewCustomer.ssn` is the short way to pass one."""
    ITIN = "itin"
    """A US individual taxpayer identification number."""
    PASSPORT = "passport"
    DRIVERS_LICENSE = "drivers_license"
    OTHER = "other"
    """Another document, which `description` names."""
    UNKNOWN = "unknown"


TAX_IDS = (GovernmentIdKind.SSN, GovernmentIdKind.ITIN)
"""The kinds whose number has nine digits."""


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


def _to_number(value: GovernmentIdNumber | str) -> Any:
    return GovernmentIdNumber(value) if isinstance(value, str) else value


def _read_spelling(value: object) -> GovernmentIdNumber:
    """Read a full number from a file; raises ValueError for a mask."""
    number = GovernmentIdNumber(read_text(value).strip())
    if number.is_masked:
        raise ValueError
    return number


@shielded_class
@frozen(kw_only=True)
class GovernmentId(PydanticSupport, Personal):
    """An identification that a government issued: its kind, number and details.

    `number` takes a string and is Sensitive; that of an SSN or ITIN has nine digits, with
    or without dashes. `country` (ISO 3166-1 alpha-2) and `state` issued the document,
    which is valid until `expires`. `description` says what an OTHER document is.
    `document_id` is the vendor's id of an uploaded file that shows the document
    (`bank.kyc.upload_document`). Which of these a kind needs differs by vendor
    (`bank.check`). A vendor returns the number masked, or without its details.
    `native_kind` is the vendor's word for `kind`. Raises InvalidInput.
    """

    kind: GovernmentIdKind = required(
        metadata={
            **facts(
                instance_of(GovernmentIdKind), spelling=member_of(GovernmentIdKind)
            ),
            NEVER_NULL: True,
        }
    )
    number: GovernmentIdNumber = required(
        converter=_to_number,
        metadata={
            **marks(
                instance_of(GovernmentIdNumber),
                sample=samples.document_number,
                spelling=Spelling(_read_spelling, "the full number of the document"),
            ),
            NEVER_NULL: True,
        },
    )
    country: str | None = plain(country, spelling=COUNTRY)
    state: str | None = plain(text)
    expires: date | None = personal(calendar_date, sample=samples.expiry_date)
    description: str | None = personal(text, sample=samples.word("Vellumcard"))
    document_id: str | None = plain(text)
    native_kind: str | None = hidden()
    unreadable: Sequence[str] = hidden(default=())

    def __attrs_post_init__(self) -> None:
        validate(self)
        if self.kind in TAX_IDS:
            object.__setattr__(self, "number", _nine_digits(self.number))

    @property
    def ssn(self) -> Ssn:
        """The number of an SSN as an Ssn, masked as it is."""
        if self.number.is_masked:
            return Ssn.read(f"XXX-XX-{self.number.last_four or ''}")
        return Ssn(self.number.reveal())


def _nine_digits(number: GovernmentIdNumber) -> GovernmentIdNumber:
    """Return the number of an SSN or ITIN without its dashes."""
    if number.is_masked:
        return number
    try:
        digits = Ssn(number.reveal())
    except InvalidInput:
        digits = None
    if digits is None or digits.last_four is None:
        raise InvalidInput([_NINE_DIGITS_ISSUE])
    if digits.is_masked:
        return GovernmentIdNumber.masked(digits.last_four)
    return GovernmentIdNumber(digits.reveal())


_NINE_DIGITS_ISSUE = Issue(
    "number",
    Effect.BLOCKED,
    "nine digits",
    "anybank",
    "the number of an SSN or ITIN has nine digits, with or without dashes",
)
