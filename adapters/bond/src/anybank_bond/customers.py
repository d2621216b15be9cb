"""Customers at Bond: reading and writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
from anybank.declaration import Capabilities
from anybank.errors import (
    Effect,
    FieldNotUpdatable,
    Issue,
    Outcome,
    ProviderError,
)
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.pages import Page
from anybank.model.phones import Phone
from anybank.model.unset import UNSET
from anybank.sensitive import Ssn

from .addresses import WireAddress, neutral, new_address
from .rules import ADDRESS, CUSTOMER, MANAGING, BondExtras

_NAMES = {
    **named(CUSTOMER),
    **named(ADDRESS, "addresses[].", "addresses[]."),
    "phone_country_code": "phones",
    "bond_brand_id": "brand_id",
}
"""The neutral name of each field in Bond's customers."""


@frozen(kw_only=True)
class WireCustomer:
    """A customer as Bond sends it.

    Source: "Managing customers" and "Creating a customer", whose samples differ in the
    fields that they have. Only the id is in all of them.
    """

    customer_id: str
    # "Creating a customer" returns it even where none was sent.
    brand_person_id: str | None = None
    bond_brand_id: str | None = None
    date_created: datetime | None = None
    dob: date | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    # Returned as XXX-XX-NNNN.
    ssn: str | None = None
    phone: str | None = None
    phone_country_code: str | None = None
    email: str | None = None
    addresses: list[WireAddress] | None = None


def customer(raw: Json) -> Customer:
    """Read a customer."""
    return _customer(read(raw, WireCustomer), raw)


def created(raw: Json) -> Customer:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireCustomer, _customer, _NAMES)


def customers(raw: Json) -> Page[Customer]:
    """Read a page of customers, which is a bare list."""
    return read_each(raw, WireCustomer, _customer, _NAMES)


def _customer(wire: WireCustomer, raw: dict[str, Any]) -> Customer:
    return Customer(
        id=wire.customer_id,
        provider="bond",
        first_name=wire.first_name,
        # Absent, "", null and the text "null" all occur for a missing middle name.
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        date_of_birth=wire.dob,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        emails=(wire.email,) if wire.email else (),
        phones=_phones(wire),
        addresses=tuple(map(neutral, wire.addresses or ())),
        external_id=wire.brand_person_id,
        brand_id=wire.bond_brand_id,
        created_at=wire.date_created,
        raw=raw,
    )


def _phones(wire: WireCustomer) -> tuple[Phone, ...]:
    # A country code without a number is not a phone; it stays in `raw`.
    if not wire.phone:
        return ()
    # "Creating a customer" returns phone_country_code, the list of "Managing customers"
    # does not. Its samples are US numbers.
    return (Phone.read(wire.phone, country_code=wire.phone_country_code or "1"),)


def new_customer(new: NewCustomer) -> Json:
    """Write a customer to create."""
    extras = new.extras.get("bond")
    return {
        **_fields(new),
        # The caller's own id: unique per brand, and the means to find a lost create.
        **present(brand_person_id=new.external_id),
        **(_extras(extras) if isinstance(extras, BondExtras) else {}),
    }


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a customer, and no others."""
    return _fields(changes)


def _fields(source: NewCustomer | CustomerChanges) -> dict[str, Json]:
    # "Managing customers": a PATCH changes the fields that it names. A field that is
    # UNSET or absent is left out; null would be read as a removal.
    fields = {
        "dob": source.date_of_birth,
        "first_name": source.first_name,
        "middle_name": source.middle_name,
        "last_name": source.last_name,
        # The sample of an update sends a masked SSN. A mask is never sent: Bond would
        # store it in place of the number.
        "ssn": source.ssn.dashed() if isinstance(source.ssn, Ssn) else None,
        "email": source.emails[0] if source.emails else None,
        "addresses": [new_address(item) for item in source.addresses or ()] or None,
        **(phone(source.phones[0]) if source.phones else {}),
    }
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value is not UNSET
    }


def phone(phone: Phone) -> dict[str, Json]:
    """Write a phone number."""
    national = phone.national
    # "Managing customers" allows digits with or without dashes; its samples have
    # dashes.
    if phone.country_code == "1":
        national = f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return {"phone": national, "phone_country_code": phone.country_code}


def _extras(extras: BondExtras) -> dict[str, Json]:
    return present(
        account_holder_type=extras.account_holder_type, primary_id=extras.primary_id
    )


def with_primary(
    current: Customer, secondary: Sequence[Address]
) -> tuple[Address, ...]:
    """Return secondary addresses together with the customer's primary one.

    A PATCH replaces the whole list, and the primary address is fixed after KYC.
    """
    primary = current.address
    return (*((primary,) if primary else ()), *secondary)


def not_updatable(
    error: ProviderError, changes: CustomerChanges, capabilities: Capabilities
) -> FieldNotUpdatable:
    """Return the refusal of a change after KYC, by field.

    The fields are those that Bond names; else the changed ones that KYC fixes; else all.
    """
    rules = capabilities.rules(NewCustomer)
    changed = [name for name in rules if getattr(changes, name, UNSET) is not UNSET]
    fixed = [name for name in changed if rules[name].update == "before_kyc"]
    return fixed_by_kyc(error.field_errors or fixed or changed)


def fixed_by_kyc(fields: Iterable[str]) -> FieldNotUpdatable:
    """Return the refusal of a change of fields that are fixed after KYC."""
    return FieldNotUpdatable(map(_after_kyc, fields), outcome=Outcome.REFUSED)


def _after_kyc(field: str) -> Issue:
    message = "Bond refused the change: the customer has passed KYC. Contact Bond."
    return Issue(field, Effect.BLOCKED, "update=before_kyc", MANAGING, message)


def path(customer_id: str) -> str:
    """Return the path of a customer."""
    return f"/customers/{segment(customer_id)}"
