"""Customers at Sonder: reading and writing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json, segment
from anybank.declaration import Capabilities
from anybank.errors import UnexpectedResponse
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer, Origin
from anybank.model.ids import is_usable
from anybank.model.phones import Phone, PhoneKind
from anybank.model.unset import UNSET
from anybank.model.values import unvalidated


@frozen(kw_only=True)
class WirePhone:
    """A phone as Sonder sends it."""

    number: str | None = None
    # "Customers" shows MOBILE and HOME and lists no other types, so any type is read.
    type: str | None = None


@frozen(kw_only=True)
class WireAddress:
    """An address as Sonder sends it."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    type: str | None = None


@frozen(kw_only=True)
class WireCreated:
    """The response to a create. "Create A Customer" shows an id only."""

    customerId: str  # noqa: N815  # the vendor's name


@frozen(kw_only=True)
class WireCustomer:
    """A customer as Sonder sends it.

    Source: https://dev.sonderlabs.io/customers. Its properties have `accounts`, its samples
    `accountIds`.
    """

    customerId: str  # noqa: N815  # the vendor's names
    accountIds: list[str] | None = None  # noqa: N815
    accounts: list[str] | None = None
    dateOfBirth: date | None = None  # noqa: N815
    preferredName: str | None = None  # noqa: N815
    firstName: str | None = None  # noqa: N815
    middleName: str | None = None  # noqa: N815
    lastName: str | None = None  # noqa: N815
    emails: list[str] | None = None
    phoneNumbers: list[WirePhone] | None = None  # noqa: N815
    addresses: list[WireAddress] | None = None


def customer(data: Json, capabilities: Capabilities) -> Customer:
    """Read a customer."""
    wire = read(data, WireCustomer)
    return Customer(
        id=wire.customerId,
        provider="sonder",
        first_name=wire.firstName,
        middle_name=wire.middleName,
        last_name=wire.lastName,
        preferred_name=wire.preferredName,
        date_of_birth=wire.dateOfBirth,
        emails=tuple(wire.emails or ()),
        phones=tuple(_phone(item, capabilities) for item in wire.phoneNumbers or ()),
        addresses=tuple(
            _address(item, capabilities, is_first=index == 0)
            for index, item in enumerate(wire.addresses or ())
        ),
        # An association with an account does not imply access to it ("Accounts").
        account_ids=tuple(wire.accountIds or wire.accounts or ()),
        raw=data,
    )


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


def _phone(wire: WirePhone, capabilities: Capabilities) -> Phone:
    rule = capabilities.fields[Phone]["kind"]
    kind = rule.members.get(wire.type or "") or PhoneKind.UNKNOWN
    # The samples have no country code: a number is read as one of the US.
    return Phone.read(wire.number or "", kind=kind, native_kind=wire.type)


def _address(
    wire: WireAddress, capabilities: Capabilities, *, is_first: bool
) -> Address:
    rule = capabilities.fields[Address]["kind"]
    return unvalidated(
        Address,
        kind=rule.members.get(wire.type or "") or AddressKind.UNKNOWN,
        native_kind=wire.type,
        line1=wire.street,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip,
        # Sonder has neither a country nor a mark for the primary address.
        country="US",
        primary=is_first,
    )


def new_customer(new: NewCustomer, capabilities: Capabilities) -> Json:
    """Write a customer to create."""
    return _fields(new, capabilities)


def changes(changes: CustomerChanges, capabilities: Capabilities) -> Json:
    """Write the changed fields of a customer, and no others."""
    return _fields(changes, capabilities)


def _fields(
    source: NewCustomer | CustomerChanges, capabilities: Capabilities
) -> dict[str, Json]:
    phones, addresses = source.phones, source.addresses
    fields = {
        # https://dev.sonderlabs.io/customers
        # "Create A Customer" shows the SSN with dashes.
        "socialSecurityNumber": source.ssn.dashed() if source.ssn else UNSET,
        "dateOfBirth": source.date_of_birth,
        "documentLocatorNumber": source.document_locator_number,
        # The sample of "Update A Customer" sends `chosen_name`, a left-over of the docs'
        # template. The table and the response have `preferredName`.
        "preferredName": source.preferred_name,
        "firstName": source.first_name,
        "middleName": source.middle_name,
        "lastName": source.last_name,
        "emails": _list(source.emails, lambda email: email),
        "phoneNumbers": _list(phones, lambda item: _new_phone(item, capabilities)),
        "addresses": _list(addresses, lambda item: _new_address(item, capabilities)),
    }
    return {name: value for name, value in fields.items() if value is not UNSET}


def _list(items: Any, write: Callable[[Any], Json]) -> Any:
    return items if items is UNSET else [write(item) for item in items or ()]


def _new_phone(phone: Phone, capabilities: Capabilities) -> Json:
    digits = phone.national
    return {
        "type": capabilities.fields[Phone]["kind"].word(phone.kind),
        # The samples have the form 212-555-0143. Numbers of other countries have no form.
        "number": f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
    }


def _new_address(address: Address, capabilities: Capabilities) -> Json:
    return {
        "type": capabilities.fields[Address]["kind"].word(address.kind),
        # An address has one street line: preflight lets a second line through only with
        # the option second_line="join".
        "street": ", ".join(filter(None, (address.line1, address.line2))),
        "city": address.city,
        "state": address.state,
        # Five digits in the samples; a ZIP+4 is sent unchanged.
        "zip": address.postal_code,
    }


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
