"""Telephone numbers in E.164."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..sensitive import Personal, shielded_class
from ._fields import (
    hidden,
    instance_of,
    masked,
    personal_metadata,
    plain,
    unchecked,
    validate,
)
from .pydantic_support import PydanticSupport
from .samples import phone_number


class PhoneKind(StrEnum):
    """What a phone number is for."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"
    UNKNOWN = "unknown"


_RULE = "a number in E.164, such as +15551112222"
_NO_EXTENSION = f"{_RULE}, without an extension: no vendor accepts one"
_EXTENSION = re.compile(
    r"(?:;?\s*ext(?:n|ension)?\b|[x#;,~])[\s.:=]*[0-9]+\s*$", re.IGNORECASE
)
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_NANP = re.compile(r"\+1[0-9]{10}")
_POSSIBLE = re.compile(r"\+1[2-9][0-9]{9}")
"""Always a possible number; phonenumbers needs 14 µs to come to the same result."""
_LONGEST = 40
"""The number of trailing characters that are searched for an extension: in a long run of
spaces the search would take quadratic time."""
_TEN = re.compile(r"[0-9]{10}")
_DASHES = re.compile(r"[-. ()\u2010-\u2015\u2212]")
_DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WRITTEN = re.compile(r"\+[0-9][-. ()0-9]*")


def _e164(number: str) -> Any:
    """Return a possible number in E.164, or the argument for the check to refuse.

    A possible number is enough, because the vendors' own samples use the fictitious 555.
    """
    text: object = number  # an untyped caller may pass anything
    if not isinstance(text, str) or _NANP.fullmatch(text):
        return text
    return _parse(text) or text


def _parse(text: str) -> str | None:
    """Return the number in E.164, or None. Letters are excluded: phonenumbers maps them."""
    if _POSSIBLE.fullmatch(text):
        return text
    return _parse_any(text) if _WRITTEN.fullmatch(text) else None


def _parse_any(text: str) -> str | None:
    import phonenumbers  # noqa: PLC0415  # slow to import; American numbers do not need it

    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_e164(value: object) -> str | None:
    if not isinstance(value, str) or not _E164.fullmatch(value):
        has_extension = isinstance(value, str) and _EXTENSION.search(value[-_LONGEST:])
        return _NO_EXTENSION if has_extension else _RULE
    return None if _NANP.fullmatch(value) or _parse(value) == value else _RULE


@shielded_class
@frozen
class Phone(PydanticSupport, Personal):
    """A telephone number in E.164. Raises InvalidInput for an impossible number.

    >>> Phone("+1 555-111-2222").country_code, Phone("+1 555-111-2222").national
    ('1', '5551112222')
    """

    number: str = field(
        converter=_e164,
        repr=masked,
        metadata=personal_metadata(_is_e164, sample=phone_number),
    )
    kind: PhoneKind = plain(instance_of(PhoneKind), PhoneKind.MOBILE)
    native_kind: str | None = hidden()

    def __attrs_post_init__(self) -> None:
        validate(self)

    @classmethod
    def read(
        cls,
        text: str,
        *,
        country_code: str = "1",
        kind: PhoneKind = PhoneKind.UNKNOWN,
        native_kind: str | None = None,
    ) -> Phone:
        """Read a vendor's number. An unreadable one is stored as the vendor wrote it."""
        number = e164(text, country_code)
        members = {"number": number, "kind": kind, "native_kind": native_kind}
        phone: Phone = unchecked(cls, members)
        return phone

    @property
    def is_e164(self) -> bool:
        """False if a vendor's number could not be read."""
        return _is_e164(self.number) is None

    @property
    def country_code(self) -> str:
        """The country calling code, without the plus sign.

        It is empty if a vendor's number could not be read.
        """
        if _NANP.fullmatch(self.number):
            return "1"
        if not self.is_e164:
            return ""
        import phonenumbers  # noqa: PLC0415  # slow to import and rarely needed

        return str(phonenumbers.parse(self.number).country_code)

    @property
    def national(self) -> str:
        """The digits after the country calling code.

        If a vendor's number could not be read, this is what the vendor wrote.
        """
        code = self.country_code
        return self.number[1 + len(code) :] if code else self.number


def e164(text: str, country_code: str = "1") -> str:
    """Return a vendor's number in E.164; an unreadable one as the vendor wrote it."""
    return _read(text, country_code) or text


def _read(text: str, country_code: str) -> str | None:
    compact = _DASHES.sub("", unicodedata.normalize("NFKC", _DIRECTION.sub("", text)))
    if country_code == "1" and _TEN.fullmatch(compact):
        return "+1" + compact
    written = compact if compact.startswith("+") else f"+{country_code}{compact}"
    return _parse(written)
