"""Customers at Unit, and the applications of which they are born: reading and writing."""

from __future__ import annotations

from datetime import date, datetime

from attrs import frozen

from anybank.adapter.converter import Reader, build, neutral, reads, write, writes
from anybank.adapter.json_api import Resource, WireLink, document
from anybank.adapter.wire import Json, present
from anybank.declaration import (
    FieldRule,
    Implied,
    optional,
    read_only,
    refuse,
    required,
)
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
from anybank.sensitive import Ssn

from .sources import APPLICATION, CREATE, CUSTOMER, TAGS

_PREFIX = "application-"
"""Marks the id of an application as one of a person: a customer may have the same number."""

_NAME = required(update="never", length=(1, 255), note="Unit's support changes a name")
# "Either ssn or passport will be populated."
_ONE_ID = ("ssn", "government_ids")
_ONE = required(items=(1, 1))


def application_id(number: str) -> str:
    """Return the id of a person who is an application so far."""
    return f"{_PREFIX}{number}"


def number_of(person_id: str) -> str | None:
    """Return the number of an application, or None for the id of a customer."""
    is_application = person_id.startswith(_PREFIX)
    return person_id.removeprefix(_PREFIX) if is_application else None


@frozen(kw_only=True)
class WireName:
    """A name as Unit sends it."""

    first: str | None = neutral("first_name", _NAME)
    last: str | None = neutral("last_name", _NAME)


@writes(Phone, CREATE, refused=["kind"])
@frozen(kw_only=True)
class WirePhone:
    """A phone as Unit sends it. There are no kinds of phones."""

    countryCode: str | None = neutral("number")
    number: str | None = neutral("number", required())

    def phone(self) -> Phone | None:
        """Return the phone, or None without a number."""
        if not self.number:
            return None
        code, kind = self.countryCode or "1", PhoneKind.UNKNOWN
        return Phone.read(self.number, country_code=code, kind=kind)

    @staticmethod
    def write(phone: Phone) -> Json:
        """Return the two parts of a phone."""
        return {"countryCode": phone.country_code, "number": phone.national}


@writes(
    Address,
    CREATE,
    {
        "kind": refuse(
            implied=AddressKind.HOME,
            values=dict.fromkeys((AddressKind.HOME, AddressKind.PHYSICAL), "home"),
            note="an individual has one address, of residence",
        ),
        "primary": refuse(implied=Implied.FIRST),
    },
    refused=["id", "deliverability"],
)
@frozen(kw_only=True)
class WireAddress:
    """An address as Unit sends it: the schema Address.

    Its pattern accepts the postal codes of the US only.
    """

    street: str | None = neutral("line1", required(length=(1, 255)))
    street2: str | None = neutral("line2", optional(length=(1, 255)))
    city: str | None = neutral("city", required(length=(1, 255)))
    state: str | None = neutral(
        "state",
        required(
            length=(1, 255),
            pattern_in={"US": "[A-Z]{2}"},
            pattern_note="two capital letters in the US",
        ),
    )
    postalCode: str | None = neutral(
        "postal_code",
        required(
            pattern="[0-9]{5}(-[0-9]{4})?",
            pattern_note="five digits, or nine with a dash",
        ),
    )
    country: str | None = neutral("country", required())


@frozen(kw_only=True)
class WireTags:
    """The tag that anybank writes, of all tags of a resource.

    A tag of an application is copied to its customer ("Tags"). An update would have to
    write all tags, and so could remove one that another program has added.
    """

    externalId: str | None = neutral(
        "external_id",
        optional(
            update="never",
            length=(1, 255),
            note="stored as the tag externalId",
            source=TAGS,
        ),
    )


@writes(
    NewCustomer,
    CREATE,
    {
        "government_ids": optional(
            items=(0, 1),
            update="never",
            one_of=_ONE_ID,
            note="a passport; an SSN is read as ssn",
        ),
        "kyc_evidence": refuse("Unit verifies every applicant itself"),
    },
    refused=["middle_name", "preferred_name", "document_locator_number"],
)
@writes(
    GovernmentId,
    CREATE,
    # An SSN is written from the field ssn.
    {
        "kind": required(
            values={GovernmentIdKind.SSN: "ssn", GovernmentIdKind.PASSPORT: "passport"}
        )
    },
    refused=["state", "expires", "description", "document_id"],
)
@frozen(kw_only=True)
class WirePerson:
    """The attributes of an application and of a customer, which have the same names.

    Source: https://unit.co/docs/api/applications/ and https://unit.co/docs/api/customers/
    """

    fullName: WireName | None = None
    # Of a business, which is listed with its name alone.
    name: str | None = neutral("full_name", refuse("a name has two parts"))
    dateOfBirth: date | None = neutral("date_of_birth", required(update="never"))
    # The permissions of the token decide which of the two is returned.
    ssn: str | None = neutral(
        "ssn",
        required(
            read="masked",
            update="never",
            one_of=_ONE_ID,
            note="Unit returns it whole to a token with the permission to read numbers",
            source=f"{CREATE}; {CUSTOMER}",
        ),
        read=Ssn.read,
    )
    maskedSSN: str | None = neutral(
        "ssn", read=lambda mask: Ssn.read(f"XXX-XX-{mask[-4:]}")
    )
    passport: str | None = neutral(
        "government_ids[passport].number",
        required(read="masked", length=(4, 255)),
        read=GovernmentIdNumber,
    )
    maskedPassport: str | None = neutral(
        "government_ids[passport].number",
        read=lambda mask: GovernmentIdNumber.masked(mask[-4:]),
    )
    # "Required if a passport is used as the main ID."
    nationality: str | None = neutral(
        "government_ids[passport].country",
        FieldRule(
            create="refused",
            create_for={GovernmentIdKind.PASSPORT: "required"},
            note="sent as the nationality of the person",
        ),
    )
    email: str | None = neutral("emails", _ONE)
    phone: WirePhone | None = neutral(
        "phones", _ONE, read=WirePhone.phone, write=WirePhone.write
    )
    address: WireAddress | None = neutral("addresses", _ONE)
    tags: WireTags | None = None
    status: str | None = neutral(
        "status",
        read_only(
            note="of the application, and from its approval on of the customer",
            source=f"{APPLICATION}; {CUSTOMER}",
        ),
        # "Application Statuses": the document lists the first six in the filter of the
        # listing. A customer has one of the other two.
        read={
            "AwaitingDocuments": CustomerStatus.PENDING,
            "PendingReview": CustomerStatus.PENDING,
            "Pending": CustomerStatus.PENDING,
            "Approved": CustomerStatus.ACTIVE,
            "Denied": CustomerStatus.DENIED,
            "Canceled": CustomerStatus.ARCHIVED,
            "Active": CustomerStatus.ACTIVE,
            "Archived": CustomerStatus.ARCHIVED,
        },
    )
    createdAt: datetime | None = neutral("created_at", read_only(source=CUSTOMER))


@frozen(kw_only=True)
class WireRelated:
    """The application of a customer, and the customer of an approved application."""

    application: WireLink | None = None
    customer: WireLink | None = None


@reads(
    Customer,
    CUSTOMER,
    full_name="a person has a first and a last name",
    account_ids="use accounts.list with customer_id",
    brand_id="Unit has no brands",
)
@frozen(kw_only=True)
class WireResource:
    """An application or a customer."""

    id: str
    attributes: WirePerson | None = None
    relationships: WireRelated | None = neutral("id")

    def related(self, name: str) -> str | None:
        """Return the id of its customer, or of its application, if it has one."""
        link: WireLink | None = getattr(self.relationships, name, None)
        return link.id if link else None


def _of_application(wire: WireResource, raw: Json) -> Customer:
    """Return the person of an application: with the id of the customer, if there is one."""
    person_id = wire.related("customer") or application_id(wire.id)
    return _person(wire, raw, person_id)


def _person(wire: WireResource, raw: Json, id: str | None = None) -> Customer:
    return build(Customer, wire, raw, id=id or wire.id, provider="unit")


APPLICATIONS = Resource(
    "/applications", Reader(WireResource, Customer, _of_application)
)
CUSTOMERS = Resource("/customers", Reader(WireResource, Customer, _person))
LISTED = {
    CUSTOMERS.path: ("Active",),
    APPLICATIONS.path: ("AwaitingDocuments", "PendingReview", "Pending", "Denied"),
}
"""The statuses that each of the two listings is asked for."""


def new_application(new: NewCustomer, key: str | None) -> Json:
    """Write an application to create."""
    attributes = write(WirePerson, new, extras="unit") | present(idempotencyKey=key)
    return document("individualApplication", attributes)


def changes(changes: CustomerChanges) -> Json:
    """Write the changed fields of a customer, and no others."""
    return document("individualCustomer", write(WirePerson, changes, extras="unit"))
