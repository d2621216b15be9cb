"""The checks of an application and of a change, by the schemas of Unit's document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

from anybank.model.countries import COUNTRIES

from .tables import Complaint, Refused

Check: TypeAlias = Callable[[str, Any], Iterator[Complaint]]


def text(pattern: str = "(?s).{1,255}") -> Check:
    """Return the check of a text."""

    def check(pointer: str, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield pointer, "is not valid"

    return check


def _day(pointer: str, value: Any) -> Iterator[Complaint]:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield pointer, "is not a date"


def shape(required: tuple[str, ...], **members: Check) -> Check:
    """Return the check of an object; other members than the named ones are refused."""

    def check(pointer: str, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, dict):
            yield pointer, "is not an object"
            return
        for name in required:
            if value.get(name) is None:
                yield f"{pointer}/{name}", "is required"
        for name, inner in value.items():
            if name not in members:
                yield f"{pointer}/{name}", "is not an attribute"
            elif inner is not None or name not in required:
                yield from members[name](f"{pointer}/{name}", inner)

    return check


def _country(pointer: str, value: Any) -> Iterator[Complaint]:
    """Check for a country of the schema Country, whose pattern lists them."""
    if not isinstance(value, str) or value not in COUNTRIES:
        yield pointer, "is not a country"


def _tags(pointer: str, value: Any) -> Iterator[Complaint]:
    if not isinstance(value, dict) or len(value) > 15:
        yield pointer, "is not an object of at most 15 tags"
        return
    for name, tag in value.items():
        yield from text()(f"{pointer}/{name}", tag)


def _each(item_check: Check, most: int = 100) -> Check:
    """Return the check of a list."""

    def check(pointer: str, value: Any) -> Iterator[Complaint]:
        if not isinstance(value, list) or len(value) > most:
            yield pointer, f"is not a list of at most {most}"
            return
        for index, item in enumerate(value):
            yield from item_check(f"{pointer}/{index}", item)

    return check


def _flag(pointer: str, value: Any) -> Iterator[Complaint]:
    if not isinstance(value, bool):
        yield pointer, "is not true or false"


_FINGERPRINT = shape(("provider", "value"), provider=text("iovation"), value=text())
_NAME = shape(("first", "last"), first=text(), last=text())
_PHONE = shape(
    ("countryCode", "number"),
    countryCode=text("[0-9]{1,3}"),
    number=text("[0-9]{4,14}"),
)
_ADDRESS = shape(
    ("street", "city", "state", "postalCode", "country"),
    street=text(),
    street2=text(".*"),
    city=text(),
    state=text(),
    postalCode=text("[0-9]{5}(-[0-9]{4})?"),
    country=_country,
)
# The format "email" needs a domain, and `a@b` has none that mail reaches.
_EMAIL = text(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_ANSWERS = {
    "occupation": text(),
    "annualIncome": text(),
    "sourceOfIncome": text(),
}
_USER = shape(
    ("fullName", "email", "phone"),
    fullName=_NAME,
    email=_EMAIL,
    phone=_PHONE,
    jwtSubject=text(),
)
_APPLICATION = shape(
    ("fullName", "email", "phone", "address", "dateOfBirth"),
    fullName=_NAME,
    email=_EMAIL,
    phone=_PHONE,
    address=_ADDRESS,
    dateOfBirth=_day,
    ssn=text("[0-9]{9}"),
    passport=text(),
    nationality=_country,
    ip=text(),
    tags=_tags,
    idempotencyKey=text(),
    **_ANSWERS,
    deviceFingerprints=_each(_FINGERPRINT, 1),
    jwtSubject=text(),
)
_CUSTOMER = shape(
    (),
    email=_EMAIL,
    phone=_PHONE,
    address=_ADDRESS,
    tags=_tags,
    jwtSubject=text(),
    dba=text(),
    authorizedUsers=_each(_USER),
)
_DEPOSIT = shape(
    ("depositProduct",), depositProduct=text(), tags=_tags, idempotencyKey=text()
)
_HOOK = {
    "label": text(),
    "url": text("https?://.+"),
    "token": text(),
    "contentType": text("Json|JsonAPI"),
}
_WEBHOOK = shape(
    tuple(_HOOK),
    **_HOOK,
    deliveryMode=text("AtMostOnce|AtLeastOnce"),
    subscriptionType=text("All|OnlyAuthorizationRequest"),
    includeResources=_flag,
)
CHECKS: Mapping[tuple[str, str], Check] = {
    ("individualApplication", "create"): _APPLICATION,
    ("individualApplication", "change"): shape((), tags=_tags, **_ANSWERS),
    ("individualCustomer", "change"): _CUSTOMER,
    ("depositAccount", "create"): _DEPOSIT,
    ("depositAccount", "change"): shape((), depositProduct=text(), tags=_tags),
    ("webhook", "create"): _WEBHOOK,
    ("webhook", "change"): shape((), **_HOOK, tags=_tags),
    ("transaction", "change"): shape((), tags=_tags),
}


def require_valid(data: Mapping[str, Any], kind: str, action: str = "create") -> None:
    """Refuse a resource with all its errors, each with the pointer of its attribute."""
    if data.get("type") != kind:
        raise Refused(400, "Bad Request", [("/data/type", f"must be {kind}")])
    attributes = data["attributes"]
    complaints = list(CHECKS[kind, action]("/data/attributes", attributes))
    if (kind, action) == ("individualApplication", "create"):
        complaints += _one_id(attributes)
    if complaints:
        raise Refused(400, "Bad Request", complaints)


def _one_id(attributes: Mapping[str, Any]) -> Iterator[Complaint]:
    if (attributes.get("ssn") is None) == (attributes.get("passport") is None):
        yield "/data/attributes/ssn", "an SSN or a passport is required, not both"
    elif attributes.get("passport") and not attributes.get("nationality"):
        yield "/data/attributes/nationality", "is required with a passport"
