"""Government ids: passports, driver's licences, taxpayer numbers and other documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Personal, Ssn, shielded_class
from . import samples
from ._fields import (
    NEVER_NULL,
    calendar_date,
    field_metadata,
    hidden,
    instance_of,
    personal,
    personal_metadata,
    plain,
    text,
    validate,
)
from .countries import country
from .government_id_numbers import GovernmentIdNumber
from .pydantic_support import PydanticSupport
from .required_field import required
from .spellings import COUNTRY, Spelling, member_of, read_text


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
            **field_metadata(
                instance_of(GovernmentIdKind), spelling=member_of(GovernmentIdKind)
            ),
            NEVER_NULL: True,
        }
    )
    number: GovernmentIdNumber = required(
        converter=_to_number,
        metadata={
            **personal_metadata(
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
        # After the validation, because only a valid kind says how to read the number.
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
    except InvalidInput:  # its issue would name `ssn`, which the caller did not pass
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
