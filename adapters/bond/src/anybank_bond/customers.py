"""Customers of Bond: what it sends, and how ours are written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import named, read, read_created, read_each
from anybank.adapter.wire import Json, present
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.pages import Page
from anybank.model.phones import Phone
from anybank.model.unset import UNSET
from anybank.model.values import told
from anybank.sensitive import Ssn

from .rules import ADDRESS, CUSTOMER, BondExtras

_KINDS = ADDRESS["kind"]
_ADDRESS_NAMES = named(ADDRESS)
_NAMES = {
    **named(CUSTOMER),
    **named(ADDRESS, "addresses[].", "addresses[]."),
    "phone_country_code": "phones",
}
"""What our fields are called in the objects that Bond sends."""


@frozen(kw_only=True)
class WireAddress:
    """An address as Bond sends it (bond.md §3.3)."""

    address_id: str | None = None
    address_type: str | None = None
    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    country: str | None = None
    is_primary: bool | None = None


@frozen(kw_only=True)
class WireIdentified:
    """An address that is an answer of its own."""

    address_id: str


@frozen(kw_only=True)
class WireCustomer:
    """A customer as Bond sends it (bond.md §3.4)."""

    customer_id: str
    brand_person_id: str | None = None
    date_created: datetime | None = None
    dob: date | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    ssn: str | None = None
    phone: str | None = None
    phone_country_code: str | None = None
    email: str | None = None
    addresses: list[WireAddress] | None = None


def customer(raw: Json) -> Customer:
    """Read one customer."""
    return _customer(read(raw, WireCustomer), raw)


def created(raw: Json) -> Customer:
    """Read the answer to a create: it has happened, whatever else cannot be read."""
    return read_created(raw, WireCustomer, _customer, _NAMES)


def customers(raw: Json) -> Page[Customer]:
    """Read a page of customers: a bare list."""
    return read_each(raw, WireCustomer, _customer, _NAMES)


def _customer(wire: WireCustomer, raw: dict[str, Any]) -> Customer:
    return Customer(
        id=wire.customer_id,
        provider="bond",
        first_name=wire.first_name,
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        date_of_birth=wire.dob,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        emails=(wire.email,) if wire.email else (),
        phones=_phones(wire),
        addresses=tuple(map(_address, wire.addresses or ())),
        external_id=wire.brand_person_id,
        created_at=wire.date_created,
        raw=raw,
    )


def _phones(wire: WireCustomer) -> tuple[Phone, ...]:
    if not wire.phone:
        return ()
    # Listed customers have no country code (bond.md §13 row 22).
    return (Phone.read(wire.phone, country_code=wire.phone_country_code or "1"),)


def read_address(raw: Json) -> Address:
    """Read one address, which has an id here."""
    read(raw, WireIdentified)
    return _address(read(raw, WireAddress))


def created_address(raw: Json) -> Address:
    """Read the answer to an address that was added."""
    return read_created(raw, WireAddress, _listed_address, _ADDRESS_NAMES)


def read_addresses(raw: Json) -> Page[Address]:
    """Read the addresses of a customer: a bare list, or one inside `addresses`."""
    found = raw.get("addresses") if isinstance(raw, dict) else raw
    return read_each(found, WireAddress, _listed_address, _ADDRESS_NAMES)


def _listed_address(wire: WireAddress, _: Json) -> Address:
    return _address(wire)


def _address(wire: WireAddress) -> Address:
    return told(
        Address,
        id=wire.address_id,
        kind=_KINDS.member(wire.address_type or "") or AddressKind.UNKNOWN,
        native_kind=wire.address_type,
        line1=wire.street,
        line2=wire.street2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip_code,
        country=wire.country,
        primary=wire.is_primary,
    )


def new_customer(new: NewCustomer) -> Json:
    """Write a new customer (bond.md §3.2)."""
    extras = new.extras.get("bond")
    return {
        **_fields(new),
        **present(brand_person_id=new.external_id),
        **(_extras(extras) if isinstance(extras, BondExtras) else {}),
    }


def changes(changes: CustomerChanges) -> Json:
    """Write what changes of a customer, and nothing else."""
    return _fields(changes)


def _fields(given: NewCustomer | CustomerChanges) -> dict[str, Json]:
    return {
        name: value
        for name, value in {
            "dob": given.date_of_birth,
            "first_name": given.first_name,
            "middle_name": given.middle_name,
            "last_name": given.last_name,
            "ssn": given.ssn.dashed() if isinstance(given.ssn, Ssn) else None,
            "email": given.emails[0] if given.emails else None,
            "addresses": [address(each) for each in given.addresses or ()] or None,
            **(phone(given.phones[0]) if given.phones else {}),
        }.items()
        if value is not None and value is not UNSET
    }


def phone(phone: Phone) -> dict[str, Json]:
    """Write a number in the samples' form: dashes for country code 1."""
    national = phone.national
    if phone.country_code == "1":
        national = f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return {"phone": national, "phone_country_code": phone.country_code}


def address(address: Address) -> Json:
    """Write one address."""
    return present(
        address_type=_KINDS.word(address.kind),
        street=address.line1,
        street2=address.line2,
        city=address.city,
        state=address.state,
        zip_code=address.postal_code,
        country=address.country,
        is_primary=bool(address.primary),
    )


def _extras(extras: BondExtras) -> dict[str, Json]:
    return present(
        account_holder_type=extras.account_holder_type, primary_id=extras.primary_id
    )
