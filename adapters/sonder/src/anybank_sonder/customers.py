"""Customers at Sonder: reading and writing."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import (
    build,
    neutral,
    neutral_id,
    read,
    reads,
    write,
    writes,
)
from anybank.adapter.wire import Json, segment
from anybank.declaration import (
    Capabilities,
    FieldRule,
    Implied,
    read_only,
    required,
)
from anybank.errors import UnexpectedResponse
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer, Origin
from anybank.model.ids import is_usable
from anybank.model.phones import Phone, PhoneKind, e164
from anybank.sensitive import Ssn

from .sources import CUSTOMERS

# "Update A Customer": legal names, the date of birth and the numbers cannot be updated.
_FIXED = required(update="never")
# "Retrieve A Customer" leaves both numbers out for security.
_SECRET = required(read="never", update="never")
# No mark for the primary item and no id: a list is replaced as a whole.
_LIST = required(items=(1, None))


def _dashed(number: str) -> str:
    """Write a number of the US as the samples do: 212-555-0143."""
    digits = number.removeprefix("+1")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


@writes(Phone, CUSTOMERS)
@frozen(kw_only=True)
class WirePhone:
    """A phone as Sonder sends it."""

    # The samples have no country code: a number is read as one of the US.
    number: str | None = neutral(
        "number",
        required(
            pattern=r"\+1[0-9]{10}",
            pattern_note="a number with country code 1, since Sonder has no country codes",
        ),
        read=e164,
        write=_dashed,
    )
    # "Customers" shows MOBILE and HOME and lists no other types, so any type is read.
    type: str | None = neutral(
        "kind",
        required(
            values={PhoneKind.MOBILE: "MOBILE"},
            default=PhoneKind.MOBILE,
            note="MOBILE is sent where the kind is unknown; for other kinds set Sonder's word "
            "in the option phone_types",
        ),
    )


@writes(
    Address,
    CUSTOMERS,
    {
        # An address has one street line, no country and no mark for the primary one. The
        # samples are in the US.
        "line2": FieldRule(
            create="refused",
            read="never",
            note="the option second_line='join' appends it to line 1",
        ),
        "country": FieldRule(create="refused", read="never", implied="US"),
        "primary": FieldRule(create="refused", read="never", implied=Implied.FIRST),
    },
    refused=["id", "deliverability"],
)
@frozen(kw_only=True)
class WireAddress:
    """An address as Sonder sends it."""

    # "Customers" shows HOME and lists no other types.
    type: str | None = neutral(
        "kind",
        required(
            values={AddressKind.HOME: "HOME", AddressKind.PHYSICAL: "HOME"},
            note="set Sonder's word in the option address_types",
        ),
    )
    street: str | None = neutral("line1", required())
    city: str | None = neutral("city", required())
    # Two letters in the samples, without a stated rule: Sonder decides.
    state: str | None = neutral("state", required())
    # Five digits in the samples; a ZIP+4 is sent unchanged.
    zip: str | None = neutral("postal_code", required())


@frozen(kw_only=True)
class WireCreated:
    """The response to a create. "Create A Customer" shows an id only."""

    customerId: str  # noqa: N815  # the vendor's name


# "Customers" requires all ten fields on create, and lists no lengths or patterns. It has no
# other identification and nothing about a verification, no reference of the caller's, no
# status and no times.
@writes(
    NewCustomer,
    CUSTOMERS,
    refused=["government_ids", "kyc_evidence", "external_id", "status", "created_at"],
)
@reads(
    Customer,
    CUSTOMERS,
    full_name="a customer has the parts of a name",
    brand_id="Sonder has no brands",
    status="a customer has no status",
    native_status="a customer has no status",
    created_at="a customer has no time",
)
@frozen(kw_only=True)
class WireCustomer:
    """A customer as Sonder sends it.

    Source: https://dev.sonderlabs.io/customers. Its properties have `accounts`, its samples
    `accountIds`.
    """

    customerId: str = neutral_id()  # noqa: N815  # the vendor's names
    firstName: str | None = neutral("first_name", _FIXED)  # noqa: N815
    middleName: str | None = neutral(  # noqa: N815
        "middle_name",
        evolve(
            _FIXED,
            note="add it to the customer or to the supplement, or set the option "
            "middle_name_when_absent",
        ),
    )
    lastName: str | None = neutral("last_name", _FIXED)  # noqa: N815
    # The sample of "Create A Customer" sends the first name as the preferred one. That of
    # "Update A Customer" sends `chosen_name`, a left-over of the docs' template: the table
    # and the response have `preferredName`.
    preferredName: str | None = neutral(  # noqa: N815
        "preferred_name",
        required(default_from="first_name", note="the first name is sent"),
    )
    dateOfBirth: date | None = neutral("date_of_birth", _FIXED)  # noqa: N815
    # "Create A Customer" shows dashes.
    socialSecurityNumber: str | None = neutral(  # noqa: N815
        "ssn", _SECRET, write=Ssn.dashed
    )
    # The sentence about updates excludes this field, the list of parameters includes it.
    # The sentence is followed; the option allow_document_locator_update sends the field.
    documentLocatorNumber: int | None = neutral(  # noqa: N815
        "document_locator_number", _SECRET
    )
    emails: list[str] | None = neutral("emails", _LIST)
    phoneNumbers: list[WirePhone] | None = neutral("phones", _LIST)  # noqa: N815
    addresses: list[WireAddress] | None = neutral("addresses", _LIST)
    # An association with an account does not imply access to it ("Accounts").
    accountIds: list[str] | None = neutral(  # noqa: N815
        "account_ids", read_only(), read=lambda ids: ids or None
    )
    accounts: list[str] | None = neutral("account_ids")


def customer(data: Json, capabilities: Capabilities) -> Customer:
    """Read a customer, with the words that the options add."""
    wire = read(data, WireCustomer)
    return build(Customer, wire, data, capabilities.fields, provider="sonder")


def created_id(data: Json) -> str:
    """Read the id in the response to a create; raise UnexpectedResponse without one."""
    created = read(data, WireCreated).customerId
    if not is_usable(created):
        raise UnexpectedResponse("the response has no usable id", path="$.customerId")
    return created


def composed(customer_id: str, new: NewCustomer) -> Customer:
    """Return a new customer that was not read back, composed of the fields sent."""
    return Customer(
        id=customer_id,
        provider="sonder",
        first_name=new.first_name,
        middle_name=new.middle_name or None,
        last_name=new.last_name,
        preferred_name=new.preferred_name,
        date_of_birth=new.date_of_birth,
        emails=new.emails,
        phones=new.phones,
        addresses=new.addresses,
        origin=Origin.COMPOSED,
    )


def new_customer(new: NewCustomer, capabilities: Capabilities) -> Json:
    """Write a customer to create, whose lists are always sent."""
    lists: Json = {"emails": [], "phoneNumbers": [], "addresses": []}
    return lists | changes(new, capabilities)


def changes(
    source: NewCustomer | CustomerChanges, capabilities: Capabilities
) -> dict[str, Json]:
    """Write the fields of a customer that are set, and no others."""
    body = write(WireCustomer, source, rules=capabilities.fields)
    for written, address in zip(
        body.get("addresses", ()), source.addresses or (), strict=True
    ):
        # An address has one street line: preflight lets a second line through only with
        # the option second_line="join".
        if address.line2:
            written["street"] = f"{address.line1}, {address.line2}"
    return body


def require_change(body: Json, returned: Json, capabilities: Capabilities) -> None:
    """Raise UnexpectedResponse unless a response shows the changes of an update.

    Additional fields, another order of a list and another letter case are no difference.
    """
    # Sonder does not say what becomes of a field that it does not know: an ignored field
    # would look like a success.
    ignored = [
        name
        for name, value in body.items()
        # Sonder never returns the document locator number.
        if name != "documentLocatorNumber" and not _shows(returned.get(name), value)
    ]
    if ignored:
        # The error names neutral fields, without the values.
        ours = {
            rule.native: name for name, rule in capabilities.rules(NewCustomer).items()
        }
        names = ", ".join(str(ours.get(name, name)) for name in ignored)
        raise UnexpectedResponse(
            f"the response does not show the change of {names}: read the customer again",
            path=f"$.data.{ignored[0]}",
        )


def _shows(returned: Any, value: Any) -> bool:
    """Return whether a returned value is the value sent, up to its form."""
    if isinstance(value, dict):
        return isinstance(returned, dict) and all(
            _shows(returned.get(name), value) for name, value in value.items()
        )
    if isinstance(value, list):
        return _shows_each(returned or [], value)
    return bool(_normal(returned) == _normal(value))


def _shows_each(returned: Any, value: list[Any]) -> bool:
    if not isinstance(returned, list) or len(returned) != len(value):
        return False
    left = list(returned)
    for item in value:
        # Order does not count, and each returned item can stand for one item only.
        match = next((other for other in left if _shows(other, item)), _NOTHING)
        if match is _NOTHING:
            return False
        left.remove(match)
    return True


# A null is a value of JSON, so a missing match needs a marker of its own.
_NOTHING = object()
_NUMBER = re.compile(r"[0-9 ().-]+")
"""A phone number or a ZIP code, however its digits are grouped."""


def _normal(value: Any) -> Any:
    """Return a value without differences of letter case, spaces and grouping."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        # Sonder may store a phone or a ZIP code in its own grouping; the digits decide.
        if _NUMBER.fullmatch(value):
            return "".join(filter(str.isdigit, value))
        # NFC, because the same accented letter has two encodings in Unicode.
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return value


def path(customer_id: str) -> str:
    """Return the path of a customer."""
    # https://dev.sonderlabs.io/customers
    # "Retrieve A Customer" calls the id a query parameter. Its sample has it in the path.
    return f"/customer/{segment(customer_id)}"
