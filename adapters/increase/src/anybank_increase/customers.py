"""Entities as customers: what Increase sends, and how ours are written (§6)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import named, read, read_created, read_each
from anybank.adapter.wire import Json, present
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.pages import Page
from anybank.model.unset import UNSET
from anybank.model.values import told
from anybank.sensitive import Ssn

from .declaration import ADDRESS, PERSON

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

    method: str | None = None
    number_last4: str | None = None


@frozen(kw_only=True)
class WirePerson:
    """A natural person as Increase sends it."""

    name: str | None = None
    date_of_birth: date | None = None
    address: WireAddress | None = None
    identification: WireIdentification | None = None


@frozen(kw_only=True)
class WireNamed:
    """An entity that is no person, of which the name alone is read (row 5)."""

    name: str | None = None


@frozen(kw_only=True)
class WireEntity:
    """An entity as Increase sends it."""

    id: str
    created_at: datetime | None = None
    natural_person: WirePerson | None = None
    corporation: WireNamed | None = None
    joint: WireNamed | None = None
    trust: WireNamed | None = None
    government_authority: WireNamed | None = None

    @property
    def name(self) -> str | None:
        """The name, whatever the entity is."""
        others = (self.corporation, self.joint, self.trust, self.government_authority)
        named = (self.natural_person, *others)
        return next((each.name for each in named if each is not None), None)


@frozen(kw_only=True)
class WireState:
    """Whether an entity is active, disabled or archived."""

    id: str
    status: str

    @property
    def is_archived(self) -> bool:
        """True where it is as good as deleted."""
        return self.status == ARCHIVED


@frozen(kw_only=True)
class WireEntities:
    """A page of entities."""

    data: list[Any]
    next_cursor: str | None = None


def state(raw: Json) -> WireState:
    """Read whether an entity is archived, which is as good as deleted (row 4)."""
    return read(raw, WireState)


_NAMED = {name: rule for name, rule in PERSON.items() if name != "created_at"}
_NAMES = {
    **named(_NAMED, "natural_person."),
    **named(ADDRESS, "natural_person.address.", "addresses[0]."),
    "created_at": "created_at",
    "corporation": "full_name",
    "joint": "full_name",
    "trust": "full_name",
    "government_authority": "full_name",
}


def customer(raw: Json, *, split: bool) -> Customer:
    """Read an entity as a customer; one that is no person has an id and a name."""
    return _customer(read(raw, WireEntity), raw, split=split)


def created(raw: Json, *, split: bool) -> Customer:
    """Read the answer to a create: it has happened, whatever else cannot be read."""
    return read_created(raw, WireEntity, partial(_customer, split=split), _NAMES)


def page(raw: Json, *, split: bool) -> Page[Customer]:
    """Read a page of entities."""
    wire = read(raw, WireEntities)
    build = partial(_customer, split=split)
    found = read_each(wire.data, WireEntity, build, _NAMES)
    return evolve(found, next_token=wire.next_cursor)


def _customer(wire: WireEntity, raw: Json, *, split: bool) -> Customer:
    person = wire.natural_person
    first, middle, last = _guessed(person.name if person and split else None)
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


def _guessed(name: str | None) -> tuple[str | None, str | None, str | None]:
    """Split a name at its spaces: a guess, which is why an option asks for it (row 1)."""
    words = (name or "").split() or [""]
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
