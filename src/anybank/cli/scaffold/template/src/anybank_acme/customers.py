"""People as customers: what Acme sends, and how it reads."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json
from anybank.model.customers import Customer
from anybank.sensitive import Ssn


@frozen(kw_only=True)
class WirePerson:
    """A person as Acme sends it."""

    id: str
    given: str | None = None
    family: str | None = None
    born: date | None = None
    ssn: str | None = None


def customer(raw: Json) -> Customer:
    """Read a person as a customer."""
    wire = read(raw, WirePerson)
    return Customer(
        id=wire.id,
        provider="acme",
        first_name=wire.given,
        last_name=wire.family,
        date_of_birth=wire.born,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        raw=raw,
    )
