"""Invented people who differ in everything: what hypothesis generates varies with what else
is imported, and a test of the kit must not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from typing import Any

from anybank import Address, AddressKind, NewCustomer, Phone, Ssn

_FIRST = ("Quentin", "Rosalind", "Septimus", "Theodora", "Ulysses", "Valentina")
_LAST = ("Abernathy", "Blackwood", "Cavendish", "Drummond", "Ellsworth", "Fairweather")
_MIDDLE = ("Marigold", "Nightingale", "Octavian", "Peregrine", "Quillon", "Rutherford")
_CITY = ("Albany", "Boulder", "Camden", "Durango", "Eugene", "Fresno")


def people(kind: AddressKind, *names: str) -> Iterator[NewCustomer]:
    """Yield six people over and over, with the fields named beside the common ones."""
    return cycle([_person(at, kind, names) for at in range(len(_FIRST))])


def _person(at: int, kind: AddressKind, names: tuple[str, ...]) -> NewCustomer:
    beside: dict[str, Any] = {
        "middle_name": _MIDDLE[at],
        "preferred_name": f"Preferred {_FIRST[at]}",
        "document_locator_number": 204518830 + at,
        "phones": [Phone(f"+1212555014{at}")],
        "external_id": f"reference-{at}",
    }
    return NewCustomer(
        first_name=_FIRST[at],
        last_name=_LAST[at],
        date_of_birth=date(1980 + at, 4, 10 + at),
        ssn=Ssn(f"900-12-345{at}"),
        emails=[f"{_FIRST[at].lower()}@example.com"],
        addresses=[_address(at, kind)],
        **{name: beside[name] for name in names},
    )


def _address(at: int, kind: AddressKind) -> Address:
    return Address(
        line1=f"{100 + at} Juniper Way",
        city=_CITY[at],
        state="NY",
        postal_code=f"1220{at}",
        country="US",
        kind=kind,
    )
