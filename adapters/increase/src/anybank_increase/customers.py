"""Entities as customers: what Increase sends, and how ours are written (§6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from attrs import frozen

from anybank.converter import read
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.unset import UNSET
from anybank.model.values import told
from anybank.sensitive import Ssn
from anybank.wire import Json, present

ARCHIVED = "archived"
_SSN = "social_security_number"
_DIGITS = (_SSN, "individual_taxpayer_identification_number")


@frozen(kw_only=True)
class WireAddress:
    """An address as Increase sends it."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class WireIdentification:
    """What a person is identified by; of the number the end alone."""

    method: str
    number_last4: str | None = None


@frozen(kw_only=True)
class WirePerson:
    """A natural person as Increase sends it."""

    name: str
    date_of_birth: date | None = None
    address: WireAddress | None = None
    identification: WireIdentification | None = None


@frozen(kw_only=True)
class WireNamed:
    """An entity that is no person, of which the name alone is read (row 5)."""

    name: str | None = None


@frozen(kw_only=True)
class WireIssue:
    """What is wrong with what was submitted."""

    category: str


@frozen(kw_only=True)
class WireValidation:
    """How far the validation of an entity has come."""

    status: str
    issues: list[WireIssue] | None = None


@frozen(kw_only=True)
class WireEntity:
    """An entity as Increase sends it."""

    id: str
    structure: str
    status: str | None = None
    created_at: datetime | None = None
    natural_person: WirePerson | None = None
    corporation: WireNamed | None = None
    joint: WireNamed | None = None
    trust: WireNamed | None = None
    government_authority: WireNamed | None = None
    validation: WireValidation | None = None

    @property
    def name(self) -> str | None:
        """The name, whatever the entity is."""
        others = (self.corporation, self.joint, self.trust, self.government_authority)
        named = (self.natural_person, *others)
        return next((each.name for each in named if each is not None), None)


@frozen(kw_only=True)
class WireEntities:
    """A page of entities."""

    data: list[dict[str, Any]]
    next_cursor: str | None = None


def entity(raw: Json) -> WireEntity:
    """Read an entity."""
    return read(raw, WireEntity)


def customer(raw: Json, *, split: bool) -> Customer:
    """Read an entity as a customer; one that is no person has an id and a name."""
    wire = entity(raw)
    person = wire.natural_person
    first, middle, last = _guessed(person.name if person and split else "")
    return Customer(
        id=wire.id,
        provider="increase",
        full_name=wire.name,
        first_name=first,
        middle_name=middle,
        last_name=last,
        date_of_birth=person.date_of_birth if person else None,
        ssn=_masked(person.identification) if person else None,
        addresses=_addresses(person),
        created_at=wire.created_at,
        raw=raw,
    )


def _guessed(name: str) -> tuple[str | None, str | None, str | None]:
    """Split a name at its spaces: a guess, which is why an option asks for it (row 1)."""
    words = name.split() or [""]
    last = words.pop() if len(words) > 1 else None
    return words[0] or None, " ".join(words[1:]) or None, last


def _masked(wire: WireIdentification | None) -> Ssn | None:
    """Read the end of a number that has nine digits; another document is none (§6)."""
    if wire is None or wire.method not in _DIGITS or not wire.number_last4:
        return None
    return Ssn.read(f"XXX-XX-{wire.number_last4}")


def _addresses(person: WirePerson | None) -> tuple[Address, ...]:
    if person is None or person.address is None:
        return ()
    wire = person.address
    only = told(
        Address,
        kind=AddressKind.PHYSICAL,
        line1=wire.line1,
        line2=wire.line2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip,
        country=wire.country,
        primary=True,
    )
    return (only,)


def new_entity(new: NewCustomer) -> Json:
    """Write a natural person to make."""
    return {
        "structure": "natural_person",
        "natural_person": {
            "name": new.name,
            "date_of_birth": new.date_of_birth,
            "identification": _identification(new.ssn),
            "address": _address(new.addresses[0]),
        },
    }


def changes(given: CustomerChanges) -> Json:
    """Write what changes of a person, and nothing else."""
    person: dict[str, Json] = {}
    if given.ssn is not UNSET:
        person["identification"] = _identification(given.ssn)
    if given.addresses is not UNSET:
        person["address"] = _address(given.addresses[0])
    return {"natural_person": person}


def _identification(ssn: Any) -> Json:
    return {"method": _SSN, "number": ssn}


def _address(address: Address) -> Json:
    return present(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=address.state,
        zip=address.postal_code,
        country=address.country,
    )
