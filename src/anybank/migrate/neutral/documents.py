"""Converts customers to the JSON of a line and back, without any loss.

A line has every neutral field by name; None is null and never omitted. Masks and tokens
stay masks and tokens. The vendor's own fields (`raw`) are not written, because only the
vendor can read their format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

import attrs

from ...errors import UnexpectedResponse
from ...model.addresses import Address, AddressKind
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.government_id_numbers import GovernmentIdNumber
from ...model.government_ids import GovernmentId, GovernmentIdKind
from ...model.kyc_evidence import KycEvidence
from ...model.phones import Phone, PhoneKind
from ...model.values import field_types, unvalidated
from ...sensitive import DocumentLocatorNumber, Sensitive, Ssn, shielded

_OMITTED = ("raw", "issues", "origin", "never_returned")
FIELDS = tuple(
    attribute.name
    for attribute in attrs.fields(Customer)
    if attribute.name not in _OMITTED
)


def document(value: Customer | NewCustomer) -> dict[str, Any]:
    """Return a customer as JSON; Sensitive values stay Sensitive until they are encoded."""
    return {name: _plain(getattr(value, name, None)) for name in FIELDS}


@shielded
def customer(data: Any) -> Customer:
    """Read a customer; raises UnexpectedResponse, with the name of a field and no value."""
    if not isinstance(data, dict) or set(data) != set(FIELDS):
        problem = "the line is not a customer with the fields of this version"
        raise UnexpectedResponse(problem, path="$")
    fields: dict[str, Any] = {name: _read(name, data[name]) for name in FIELDS}
    fields["unreadable"] = fields["unreadable"] or ()
    return unvalidated(Customer, **fields)


def _plain(value: Any) -> Any:
    for kind, written in _WRITTEN.items():
        if isinstance(value, kind):
            return written(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if attrs.has(type(value)):
        return {
            attribute.name: _plain(getattr(value, attribute.name))
            for attribute in attrs.fields(type(value))
        }
    return value


_WRITTEN: Mapping[type, Callable[[Any], Any]] = {
    Ssn: Ssn.unmasked,
    GovernmentIdNumber: GovernmentIdNumber.unmasked,
    DocumentLocatorNumber: lambda value: Sensitive(str(value.reveal())),
    Enum: lambda value: value.value,
    date: lambda value: value.isoformat(),
}
"""The conversion of each type; a datetime is a subclass of date."""


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    try:
        return _READERS[field_types(Customer)[name]](value)
    except (TypeError, ValueError, KeyError):
        pass
    raise UnexpectedResponse(
        f"{name} is not a value that anybank writes", path=f"$.{name}"
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, value))


def _phone(data: Mapping[str, Any]) -> Phone:
    return unvalidated(Phone, **{**data, "kind": PhoneKind(data["kind"])})


def _address(data: Mapping[str, Any]) -> Address:
    return unvalidated(Address, **{**data, "kind": AddressKind(data["kind"])})


def _government_id(data: Mapping[str, Any]) -> GovernmentId:
    expires = data["expires"]
    return unvalidated(
        GovernmentId,
        **{
            **data,
            "kind": GovernmentIdKind(data["kind"]),
            "number": GovernmentIdNumber.read(_text(data["number"])),
            "expires": expires if expires is None else date.fromisoformat(expires),
        },
    )


def _evidence(data: Mapping[str, Any]) -> KycEvidence:
    moment = data["verified_at"]
    read = moment if moment is None else datetime.fromisoformat(_text(moment))
    return unvalidated(KycEvidence, **{**data, "verified_at": read})


_READERS: Mapping[Any, Callable[[Any], Any]] = {
    str: _text,
    date: lambda value: date.fromisoformat(_text(value)),
    datetime: lambda value: datetime.fromisoformat(_text(value)),
    Ssn: lambda value: Ssn.read(_text(value)),
    CustomerStatus: CustomerStatus,
    DocumentLocatorNumber: lambda value: DocumentLocatorNumber(_text(value)),
    Sequence[str]: _texts,
    Sequence[Phone]: lambda value: tuple(map(_phone, value)),
    Sequence[Address]: lambda value: tuple(map(_address, value)),
    Sequence[KycEvidence]: lambda value: tuple(map(_evidence, value)),
    Sequence[GovernmentId]: lambda value: tuple(map(_government_id, value)),
}
"""The function that reads the values of each type."""
