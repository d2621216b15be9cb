"""Validation of request bodies by the schemas of the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from attrs import frozen

from anybank.model.countries import COUNTRIES

Complaint: TypeAlias = tuple[str, str]
Check: TypeAlias = Callable[[str, Any], Iterator[Complaint]]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_NINE = re.compile(r"[0-9]{9}")
_TAX = ("social_security_number", "individual_taxpayer_identification_number")
_DOCUMENTS = ("passport", "drivers_license", "other")


def text(fewest: int = 1, most: int = 200) -> Check:
    """Return the check of a text by its length."""

    def check(place: str, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield place, "must be a string"
        elif not fewest <= len(value) <= most:
            yield place, f"must have {fewest} to {most} characters"

    return check


_SHOWN = 10
"""How many words of an enumeration an error names."""


def one_of(*words: str) -> Check:
    """Return the check of an enumeration."""

    def check(place: str, value: Any) -> Iterator[Complaint]:
        if value not in words:
            shown = ", ".join(words[:_SHOWN])
            more = ", ..." if len(words) > _SHOWN else ""
            yield place, f"must be one of {shown}{more}"

    return check


def day(place: str, value: Any) -> Iterator[Complaint]:
    """Check a date of the calendar."""
    try:
        good = isinstance(value, str) and _DAY.fullmatch(value)
        date.fromisoformat(value if good else "")
    except ValueError:
        yield place, "must be a date, YYYY-MM-DD"


def time_of(value: Any) -> datetime | None:
    """Return the time that a text writes as RFC 3339 does, with its zone, or None."""
    try:
        good = isinstance(value, str) and _MOMENT.fullmatch(value)
        return datetime.fromisoformat(value) if good else None
    except ValueError:
        return None


def moment(place: str, value: Any) -> Iterator[Complaint]:
    """Check a point in time."""
    if time_of(value) is None:
        yield place, "must be an ISO 8601 time with its zone"


def boolean(place: str, value: Any) -> Iterator[Complaint]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield place, "must be a boolean"


def country(place: str, value: Any) -> Iterator[Complaint]:
    """Check for the code of a country: XX has the form of one, and is none."""
    if not isinstance(value, str) or value not in COUNTRIES:
        yield place, "must be a two-letter ISO 3166-1 code"


def items(item: Check) -> Check:
    """Return the check of a list by that of its items."""

    def check(place: str, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, list):
            yield place, "must be an array"
            return
        for index, member in enumerate(value):
            yield from item(f"{place}.{index}", member)

    return check


@frozen
class Shape:
    """An object: its fields, and which it must have; `open` lets others pass."""

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    open: bool = False

    def __call__(self, place: str, value: Any) -> Iterator[Complaint]:
        """Yield the complaints about an object."""
        if not isinstance(value, dict):
            yield place, "must be an object"
            return
        for name in self.required:
            if value.get(name) is None:
                yield _below(place, name), "is required"
        for name, member in value.items():
            yield from self._field(_below(place, name), name, member)

    def _field(self, place: str, name: str, member: Any) -> Iterator[Complaint]:
        # A null that is required is reported as absent already.
        if check := self.fields.get(name):
            if member is not None or name not in self.required:
                yield from check(place, member)
        elif not self.open:
            yield place, "is not a parameter"


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


ADDRESS = Shape(
    {
        "line1": text(),
        "line2": text(),
        "city": text(),
        "state": text(),
        "zip": text(),
        "country": country,
    },
    required=("city", "country", "line1"),
)
_PAPER = {
    "file_id": text(),
    "back_file_id": text(),
    "expiration_date": day,
    "country": country,
    "description": text(),
    "state": text(2, 2),
}
_PAPERS = {
    "passport": Shape(_PAPER, required=("country", "expiration_date", "file_id")),
    "drivers_license": Shape(_PAPER, required=("expiration_date", "file_id", "state")),
    "other": Shape(_PAPER, required=("country", "description", "file_id")),
}
# Open, since the object of the method stands next to it under the method's name.
_IDENTIFICATION = Shape(
    {"method": one_of(*_TAX, *_DOCUMENTS), "number": text(4), **_PAPERS},
    required=("method", "number"),
    open=True,
)


def identification(place: str, value: Any) -> Iterator[Complaint]:
    """Check an identification: nine digits, or a document with its file."""
    yield from _IDENTIFICATION(place, value)
    if not isinstance(value, dict):
        return
    method, number = value.get("method"), value.get("number")
    if method in _TAX and isinstance(number, str) and not _NINE.fullmatch(number):
        yield f"{place}.number", "must be nine digits without separators"
    if method in _DOCUMENTS and method not in value:
        yield f"{place}.{method}", "is required"


_PERSON: Mapping[str, Check] = {
    "name": text(),
    "address": ADDRESS,
    "identification": identification,
    "confirmed_no_us_tax_id": boolean,
}


def _person(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """Return the check of a person: documents only for a person without a US tax id."""
    shape = Shape(fields, required)

    def check(place: str, value: Any) -> Iterator[Complaint]:
        yield from shape(place, value)
        identity = value.get("identification") if isinstance(value, dict) else None
        papers = isinstance(identity, dict) and identity.get("method") in _DOCUMENTS
        if papers and value.get("confirmed_no_us_tax_id") is not True:
            message = "must be true for a document that is not a US tax id"
            yield _below(place, "confirmed_no_us_tax_id"), message

    return check


_AGREEMENT = Shape(
    {"agreed_at": moment, "ip_address": text(), "terms_url": text()},
    required=("agreed_at", "ip_address", "terms_url"),
)
_SHARED: Mapping[str, Check] = {
    "risk_rating": Shape(
        {"rated_at": moment, "rating": one_of("low", "medium", "high")},
        required=("rated_at", "rating"),
    ),
    "terms_agreements": items(_AGREEMENT),
    "third_party_verification": Shape(
        {
            "reference": text(),
            "vendor": one_of("alloy", "middesk", "oscilar", "persona", "taktile"),
        },
        required=("reference", "vendor"),
    ),
}
STRUCTURES = (
    "corporation",
    "natural_person",
    "joint",
    "trust",
    "government_authority",
)
CREATE = Shape(
    {
        **_SHARED,
        "structure": one_of(*STRUCTURES),
        "description": text(),
        "supplemental_documents": items(Shape({"file_id": text()}, ("file_id",))),
        "natural_person": _person(
            {**_PERSON, "date_of_birth": day},
            required=("name", "address", "date_of_birth", "identification"),
        ),
    },
    required=("structure",),
    open=True,
)
UPDATE = Shape(
    {
        **_SHARED,
        "details_confirmed_at": moment,
        "natural_person": _person(_PERSON),
        "corporation": Shape(
            {
                "name": text(),
                "address": ADDRESS,
                "email": text(),
                "incorporation_state": text(),
                "industry_code": text(),
                "legal_identifier": Shape(
                    {
                        "category": one_of(
                            "us_employer_identification_number", "other"
                        ),
                        "value": text(),
                    },
                    required=("value",),
                ),
                "website": text(),
            },
            open=True,
        ),
        "government_authority": Shape({"name": text(), "address": ADDRESS}),
        "trust": Shape({"name": text(), "address": ADDRESS}),
    }
)
ISSUES = (
    "entity_tax_identifier",
    "entity_address",
    "beneficial_owner_identity",
    "beneficial_owner_address",
)
SIMULATE = Shape(
    {"issues": items(Shape({"category": one_of(*ISSUES)}, required=("category",)))},
    required=("issues",),
)
