"""Customers at Unit, and the applications of which they are born: reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from attrs import frozen

from anybank.adapter.converter import named, read_created
from anybank.adapter.wire import Json, present, segment
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import (
    Customer,
    CustomerChanges,
    CustomerStatus,
    NewCustomer,
)
from anybank.model.government_id_numbers import GovernmentIdNumber
from anybank.model.government_ids import GovernmentId, GovernmentIdKind
from anybank.model.phones import Phone, PhoneKind
from anybank.model.unset import UNSET
from anybank.model.values import unvalidated
from anybank.sensitive import Ssn

from . import extras
from .extras import TAG
from .resources import NO_RELATIONSHIPS, WireRelationships, document
from .rules import ADDRESS, GOVERNMENT_ID, PERSON

_PREFIX = "application-"
"""Marks the id of an application as one of a person: a customer may have the same number."""
_OF_NAME = ("first_name", "last_name")
CANCELED, ARCHIVED = "Canceled", "Archived"
# "Application Statuses": the document lists the six in the filter of the listing.
APPLICATIONS: Mapping[str, CustomerStatus] = {
    "AwaitingDocuments": CustomerStatus.PENDING,
    "PendingReview": CustomerStatus.PENDING,
    "Pending": CustomerStatus.PENDING,
    "Approved": CustomerStatus.ACTIVE,
    "Denied": CustomerStatus.DENIED,
    CANCELED: CustomerStatus.ARCHIVED,
}
STATUSES: Mapping[str, CustomerStatus] = {
    "Active": CustomerStatus.ACTIVE,
    ARCHIVED: CustomerStatus.ARCHIVED,
}
_LISTED = {
    "customers": ("Active",),
    "applications": ("AwaitingDocuments", "PendingReview", "Pending", "Denied"),
}
"""The statuses that each of the two listings is asked for."""

_NAMES = {
    **named(
        {name: rule for name, rule in PERSON.items() if name not in _OF_NAME},
        "attributes.",
    ),
    "attributes.fullName.first": "first_name",
    "attributes.fullName.last": "last_name",
    "attributes.name": "full_name",
    "attributes.maskedSSN": "ssn",
    "attributes.passport": "government_ids[0].number",
    "attributes.maskedPassport": "government_ids[0].number",
    "attributes.nationality": "government_ids[0].country",
    "attributes.phone.countryCode": "phones[0].number",
    "attributes.phone.number": "phones[0].number",
    **named(ADDRESS, "attributes.address.", "addresses[0]."),
    f"attributes.tags.{TAG}": "external_id",
    "attributes.createdAt": "created_at",
    "relationships": "id",
}
"""The neutral name of each field in Unit's applications and customers."""


@frozen(kw_only=True)
class WireName:
    """A name as Unit sends it."""

    first: str | None = None
    last: str | None = None


@frozen(kw_only=True)
class WirePhone:
    """A phone as Unit sends it."""

    countryCode: str | None = None
    number: str | None = None


@frozen(kw_only=True)
class WireAddress:
    """An address as Unit sends it."""

    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    postalCode: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class WireTags:
    """The tag that anybank writes, of all tags of a resource."""

    externalId: str | None = None


@frozen(kw_only=True)
class WirePerson:
    """The attributes of an application and of a customer, which have the same names.

    Source: https://unit.co/docs/api/applications/ and https://unit.co/docs/api/customers/
    """

    fullName: WireName | None = None
    # Of a business, which is listed with its name alone.
    name: str | None = None
    dateOfBirth: date | None = None
    ssn: str | None = None
    maskedSSN: str | None = None
    passport: str | None = None
    maskedPassport: str | None = None
    nationality: str | None = None
    email: str | None = None
    phone: WirePhone | None = None
    address: WireAddress | None = None
    tags: WireTags | None = None
    status: str | None = None
    createdAt: datetime | None = None


@frozen(kw_only=True)
class WireResource:
    """An application or a customer."""

    id: str
    attributes: WirePerson | None = None
    relationships: WireRelationships | None = None

    @property
    def status(self) -> str | None:
        """Unit's word for the status."""
        return self.attributes.status if self.attributes else None

    def related(self, name: str) -> str | None:
        """Return the id of a related resource, or None without one."""
        return (self.relationships or NO_RELATIONSHIPS).id_of(name)


NAMES = _NAMES


def created(raw: Json) -> Customer:
    """Read the response to the create of an application."""
    return read_created(raw, WireResource, of_application, _NAMES)


def of_application(wire: WireResource, raw: Json) -> Customer:
    """Return the person of an application: with the id of the customer, if there is one."""
    status = APPLICATIONS.get(wire.status or "", CustomerStatus.UNKNOWN)
    person_id = wire.related("customer") or application_id(wire.id)
    return _person(person_id, wire, status, raw)


def of_customer(wire: WireResource, raw: Json) -> Customer:
    """Return the person of a customer."""
    status = STATUSES.get(wire.status or "", CustomerStatus.UNKNOWN)
    return _person(wire.id, wire, status, raw)


def _person(
    person_id: str, wire: WireResource, status: CustomerStatus, raw: Json
) -> Customer:
    fields = wire.attributes or WirePerson()
    name = fields.fullName or WireName()
    return Customer(
        id=person_id,
        provider="unit",
        first_name=name.first,
        last_name=name.last,
        full_name=fields.name,
        date_of_birth=fields.dateOfBirth,
        ssn=_ssn(fields),
        government_ids=_passport(fields),
        emails=(fields.email,) if fields.email else (),
        phones=_phones(fields.phone),
        addresses=_addresses(fields.address),
        external_id=fields.tags.externalId if fields.tags else None,
        status=status,
        native_status=wire.status,
        created_at=fields.createdAt,
        raw=raw,
    )


def _ssn(fields: WirePerson) -> Ssn | None:
    # The permissions of the token decide which of the two is returned.
    if fields.ssn:
        return Ssn.read(fields.ssn)
    return Ssn.read(f"XXX-XX-{fields.maskedSSN[-4:]}") if fields.maskedSSN else None


def _passport(fields: WirePerson) -> tuple[GovernmentId, ...]:
    shown = fields.passport or fields.maskedPassport
    if not shown:
        return ()
    passport = unvalidated(
        GovernmentId,
        kind=GovernmentIdKind.PASSPORT,
        native_kind=GOVERNMENT_ID["kind"].word(GovernmentIdKind.PASSPORT),
        number=GovernmentIdNumber(shown)
        if fields.passport
        else GovernmentIdNumber.masked(shown[-4:]),
        country=fields.nationality,
    )
    return (passport,)


def _phones(wire: WirePhone | None) -> tuple[Phone, ...]:
    if wire is None or not wire.number:
        return ()
    code = wire.countryCode or "1"
    return (Phone.read(wire.number, country_code=code, kind=PhoneKind.UNKNOWN),)


def _addresses(wire: WireAddress | None) -> tuple[Address, ...]:
    if wire is None:
        return ()
    address = unvalidated(
        Address,
        kind=AddressKind.HOME,
        line1=wire.street,
        line2=wire.street2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.postalCode,
        country=wire.country,
        primary=True,
    )
    return (address,)


def new_application(new: NewCustomer, key: str | None) -> Json:
    """Write an application to create."""
    attributes = {
        "fullName": {"first": new.first_name, "last": new.last_name},
        "dateOfBirth": new.date_of_birth,
        **_identification(new),
        "email": new.emails[0],
        "phone": _new_phone(new.phones[0]),
        "address": _new_address(new.addresses[0]),
        **extras.tags(new.extras.get("unit"), new.external_id),
        **extras.of_application(new.extras.get("unit")),
        **present(idempotencyKey=key),
    }
    return document("individualApplication", attributes)


def _identification(new: NewCustomer) -> Json:
    if new.ssn is not None or not new.government_ids:
        return {"ssn": new.ssn}
    passport = new.government_ids[0]
    return {"passport": passport.number, "nationality": passport.country}


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a customer, and no others."""
    attributes = extras.of_changes(changes.extras.get("unit"))
    if changes.emails is not UNSET:
        attributes["email"] = changes.emails[0]
    if changes.phones is not UNSET:
        attributes["phone"] = _new_phone(changes.phones[0])
    if changes.addresses is not UNSET:
        attributes["address"] = _new_address(changes.addresses[0])
    return document("individualCustomer", attributes)


def _new_phone(phone: Phone) -> Json:
    return {"countryCode": phone.country_code, "number": phone.national}


def _new_address(address: Address) -> Json:
    return present(
        street=address.line1,
        street2=address.line2,
        city=address.city,
        state=address.state,
        postalCode=address.postal_code,
        country=address.country,
    )


def application_id(number: str) -> str:
    """Return the id of a person who is an application so far."""
    return f"{_PREFIX}{number}"


def number_of(person_id: str) -> str | None:
    """Return the number of an application, or None for the id of a customer."""
    is_application = person_id.startswith(_PREFIX)
    return person_id.removeprefix(_PREFIX) if is_application else None


def application_path(number: str) -> str:
    """Return the path of an application."""
    return f"/applications/{segment(number)}"


def path(customer_id: str) -> str:
    """Return the path of a customer."""
    return f"/customers/{segment(customer_id)}"


def statuses(resource: str) -> dict[str, str | int | None]:
    """Return the filter of one of the two listings."""
    listed = _LISTED[resource]
    return {f"filter[status][{index}]": word for index, word in enumerate(listed)}
