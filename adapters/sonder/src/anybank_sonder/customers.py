"""Customers of Sonder: what it sends, and how ours are written (sonder.md §6)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read, read_created
from anybank.adapter.wire import Json
from anybank.declaration import Capabilities, FieldRule
from anybank.errors import UnexpectedResponse
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer, Origin
from anybank.model.phones import Phone, PhoneKind
from anybank.model.unset import UNSET
from anybank.model.values import told


@frozen(kw_only=True)
class WirePhone:
    """A phone as Sonder sends it."""

    number: str | None = None
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
    """What a create is answered with."""

    customerId: str  # noqa: N815  # the vendor's name

    @property
    def id(self) -> str:
        """The id, by our name."""
        return self.customerId


@frozen(kw_only=True)
class WireCustomer:
    """A customer as Sonder sends it; `accounts` is the page's other name (row 7)."""

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


def created_id(data: Json) -> str:
    """Read the id that a create is answered with; raises UnexpectedResponse for none."""
    return read_created(data, WireCreated, lambda wire, _: wire).id


@frozen
class Customers:
    """The mapping, by the declaration as the options make it."""

    capabilities: Capabilities

    def _kinds(self, kind: type) -> FieldRule:
        return self.capabilities.rule(kind, "kind")

    def customer(self, data: Json) -> Customer:
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
            phones=tuple(map(self._phone, wire.phoneNumbers or ())),
            addresses=tuple(
                self._address(each, first=index == 0)
                for index, each in enumerate(wire.addresses or ())
            ),
            account_ids=tuple(wire.accountIds or wire.accounts or ()),
            raw=data,
        )

    def _phone(self, wire: WirePhone) -> Phone:
        kind = self._kinds(Phone).member(wire.type or "") or PhoneKind.UNKNOWN
        return Phone.read(wire.number or "", kind=kind, native_kind=wire.type)

    def _address(self, wire: WireAddress, *, first: bool) -> Address:
        return told(
            Address,
            kind=self._kinds(Address).member(wire.type or "") or AddressKind.UNKNOWN,
            native_kind=wire.type,
            line1=wire.street,
            city=wire.city,
            state=wire.state,
            postal_code=wire.zip,
            country="US",
            primary=first,
        )

    def new_customer(self, new: NewCustomer) -> Json:
        """Write a new customer: all ten fields (sonder.md §7)."""
        return self._fields(new)

    def changes(self, changes: CustomerChanges) -> Json:
        """Write what changes of a customer, and nothing else."""
        return self._fields(changes)

    def _fields(self, given: NewCustomer | CustomerChanges) -> Json:
        fields = {
            "socialSecurityNumber": given.ssn.dashed() if given.ssn else UNSET,
            "dateOfBirth": given.date_of_birth,
            "documentLocatorNumber": given.document_locator_number,
            "preferredName": given.preferred_name,
            "firstName": given.first_name,
            "middleName": given.middle_name,
            "lastName": given.last_name,
            "emails": _list(given.emails, lambda email: email),
            "phoneNumbers": _list(given.phones, self._written_phone),
            "addresses": _list(given.addresses, self._written_address),
        }
        return {name: value for name, value in fields.items() if value is not UNSET}

    def _written_phone(self, phone: Phone) -> Json:
        digits = phone.national
        return {
            "type": self._kinds(Phone).word(phone.kind),
            "number": f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
        }

    def _written_address(self, address: Address) -> Json:
        lines = filter(None, (address.line1, address.line2))
        return {
            "type": self._kinds(Address).word(address.kind),
            "street": ", ".join(lines),
            "city": address.city,
            "state": address.state,
            "zip": address.postal_code,
        }

    def composed(self, customer_id: str, new: NewCustomer) -> Customer:
        """Return what is known of a customer that could not be read back."""
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

    def require_change(self, sent: Json, answered: Json) -> None:
        """Raise where an answer does not show what was sent (row 4).

        This catches a name that the vendor ignores, whatever the status says. A field
        that is new in an answer, another order of a list and other letter case are no
        difference.
        """
        ignored = [
            name
            for name, value in sent.items()
            if name != "documentLocatorNumber" and not _shows(answered.get(name), value)
        ]
        if ignored:
            ours = {
                rule.native: name
                for name, rule in self.capabilities.rules(NewCustomer).items()
            }
            named = ", ".join(str(ours.get(name, name)) for name in ignored)
            raise UnexpectedResponse(
                f"the answer does not show the change of {named}: read the customer again",
                path=f"$.data.{ignored[0]}",
            )


def _list(items: Any, write: Any) -> Any:
    return items if items is UNSET else [write(item) for item in items or ()]


def _shows(answered: Any, sent: Any) -> bool:
    """Return whether an answer shows what was sent, up to its form."""
    if isinstance(sent, dict):
        return isinstance(answered, dict) and all(
            _shows(answered.get(name), value) for name, value in sent.items()
        )
    if isinstance(sent, list):
        return _shows_each(answered or [], sent)
    return bool(_normal(answered) == _normal(sent))


def _shows_each(answered: Any, sent: list[Any]) -> bool:
    if not isinstance(answered, list) or len(answered) != len(sent):
        return False
    left = list(answered)
    for item in sent:
        shown = next((each for each in left if _shows(each, item)), _NOTHING)
        if shown is _NOTHING:
            return False
        left.remove(shown)
    return True


_NOTHING = object()
_NUMBER = re.compile(r"[0-9 ().-]+")
"""A telephone number or a ZIP, however its digits are grouped."""


def _normal(value: Any) -> Any:
    """Return a value without what a vendor may write otherwise: case and spaces."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return "".join(filter(str.isdigit, value))
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return value
