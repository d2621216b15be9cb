"""Invented customers in Bond's format, which are the same for the same seed.

Social security numbers have areas 900 to 998, which are never issued. E-mail addresses
are at example.com, and telephone numbers have the exchange 555.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from ...sensitive import Personal, Ssn


class Trait(StrEnum):
    """A property that makes a customer difficult to move, or `blocks` the move."""

    ACCENT = "a name with an accent"
    APOSTROPHE = "a name with an apostrophe"
    HYPHEN = "a hyphenated last name, older than Bond's rule against it"
    INITIAL = "a middle name of one letter"
    NO_MIDDLE_NAME = "no middle name"
    SECOND_LINE = "an address of two lines"
    TWO_HOMES = "two physical addresses"
    VERIFIED = "has passed KYC"
    MAILING = "a mailing address next to the physical one"
    FOREIGN_PHONE = "a telephone number abroad"
    FOREIGN_ADDRESS = "an address abroad"
    NO_EMAIL = "no e-mail address"
    WRONG_SSN = "an SSN in the supplement whose last four digits differ from Bond's"
    UNSUPPLIED = "no row in the supplement"

    @property
    def blocks(self) -> bool:
        """True if the customer cannot be moved without a person's decision."""
        return self in _BLOCKING


_BLOCKING = (
    Trait.MAILING,
    Trait.FOREIGN_PHONE,
    Trait.FOREIGN_ADDRESS,
    Trait.NO_EMAIL,
    Trait.WRONG_SSN,
    Trait.UNSUPPLIED,
)

FEWEST = len(Trait)
"""The smallest population that contains every trait."""


@frozen(kw_only=True)
class Person(Personal):
    """An invented customer: Bond's fields, and the data in the brand's own store.

    `supplied` is the customer's row of the supplement without the id, or None.
    """

    trait: Trait | None = None
    bond: Mapping[str, Any] = field(repr=False)
    supplied: Mapping[str, str] | None = field(repr=False)


def population(count: int, seed: int) -> Iterator[Person]:
    """Yield `count` customers, with every trait if there are at least FEWEST.

    At most one in sixteen customers has a given trait, so that most of a large population
    is ordinary.
    """
    chance = random.Random(seed)  # noqa: S311  # invented people, not secrets
    # A sample without repeats: two customers with one SSN would look like a duplicate.
    numbers = chance.sample(range(_NUMBERS), count)
    traits = _traits(count)
    chance.shuffle(traits)
    for serial, (number, trait) in enumerate(zip(numbers, traits, strict=True)):
        yield _person(chance, serial, number, trait)


def _traits(count: int) -> list[Trait | None]:
    rare: list[Trait | None] = [trait for trait in Trait for _ in range(_often(trait))]
    # A small population has each trait once, so that the demo shows all of them.
    some = rare if count >= 2 * len(rare) else list(Trait)
    return [*some, *[None] * count][:count]


def _often(trait: Trait) -> int:
    """Return how many customers have a trait: few, if it blocks."""
    return 2 if trait.blocks else 5


_GROUPS, _SERIALS = 99, 9999
_NUMBERS = 99 * _GROUPS * _SERIALS


def _ssn(number: int) -> str:
    area, rest = divmod(number, _GROUPS * _SERIALS)
    group, serial = divmod(rest, _SERIALS)
    # Areas 900 to 998 are never issued. Group and serial start at 1, since 00 and 0000
    # are invalid everywhere.
    return f"{900 + area}-{group + 1:02}-{serial + 1:04}"


def _person(
    chance: random.Random, serial: int, number: int, trait: Trait | None
) -> Person:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    ssn, locator = _ssn(number), chance.randrange(10**8, 10**9)
    bond = {
        "first_name": first,
        "middle_name": chance.choice(_FIRST),
        "last_name": last,
        "dob": f"{chance.randrange(1950, 2004)}-{chance.randrange(1, 13):02}-"
        f"{chance.randrange(1, 29):02}",
        "ssn": ssn,
        "phone": f"{chance.randrange(201, 990)}-555-{serial % 10000:04}",
        "phone_country_code": "1",
        "email": f"customer{serial}@example.com",
        "addresses": [_address(chance)],
        "brand_person_id": _uuid(chance),
    }
    supplied = {"ssn": ssn, "document_locator_number": str(locator)}
    plain = Person(bond=bond, supplied=supplied)
    return _AWKWARD[trait](plain) if trait else plain


def _uuid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    )


def _address(chance: random.Random) -> dict[str, Any]:
    city, state, code = chance.choice(_TOWNS)
    return {
        "address_type": "PHYSICAL",
        "street": f"{chance.randrange(1, 9999)} {chance.choice(_STREETS)}",
        "city": city,
        "state": state,
        "zip_code": f"{code}{chance.randrange(100):02}",
        "country": "US",
        "is_primary": True,
    }


def _with(trait: Trait, **fields: Any) -> Callable[[Person], Person]:
    """Return a function that changes a person's fields at Bond; None removes a field."""

    def change(person: Person) -> Person:
        merged = {**person.bond, **fields}
        present = {name: value for name, value in merged.items() if value is not None}
        return evolve(person, trait=trait, bond=present)

    return change


def _with_addresses(
    trait: Trait, change: Callable[[dict[str, Any]], Sequence[dict[str, Any]]]
) -> Callable[[Person], Person]:
    """Return a function that changes a person's addresses at Bond."""

    def move(person: Person) -> Person:
        (only,) = person.bond["addresses"]
        return _with(trait, addresses=list(change(only)))(person)

    return move


def _second(home: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    other = {**home, "street": "7 Other Rd.", "is_primary": False, "address_type": kind}
    return [home, other]


def _abroad(home: dict[str, Any]) -> list[dict[str, Any]]:
    there = {"city": "Toronto", "state": "Ontario", "zip_code": "M5H 2N2"}
    return [{**home, **there, "country": "CA"}]


def _wrong_ssn(person: Person) -> Person:
    right = Ssn(person.bond["ssn"]).reveal()
    # Another serial number that is valid: the comparison with Bond's mask finds the
    # mistake, and no check of the form does.
    wrong = f"{right[:5]}{(int(right[5:]) % _SERIALS) + 1:04}"
    supplied = {**(person.supplied or {}), "ssn": wrong}
    return evolve(person, trait=Trait.WRONG_SSN, supplied=supplied)


def _unsupplied(person: Person) -> Person:
    return evolve(person, trait=Trait.UNSUPPLIED, supplied=None)


_AWKWARD: Mapping[Trait, Callable[[Person], Person]] = {
    Trait.ACCENT: _with(Trait.ACCENT, first_name="Zoë"),
    Trait.APOSTROPHE: _with(Trait.APOSTROPHE, last_name="O'Sample"),
    Trait.HYPHEN: _with(Trait.HYPHEN, last_name="Sample-Specimen"),
    Trait.INITIAL: _with(Trait.INITIAL, middle_name="Q"),
    Trait.NO_MIDDLE_NAME: _with(Trait.NO_MIDDLE_NAME, middle_name=None),
    Trait.SECOND_LINE: _with_addresses(
        Trait.SECOND_LINE, lambda home: [{**home, "street2": "Suite 600"}]
    ),
    Trait.TWO_HOMES: _with_addresses(
        Trait.TWO_HOMES, lambda home: _second(home, "PHYSICAL")
    ),
    Trait.VERIFIED: _with(Trait.VERIFIED),
    Trait.MAILING: _with_addresses(
        Trait.MAILING, lambda home: _second(home, "MAILING")
    ),
    Trait.FOREIGN_PHONE: _with(
        Trait.FOREIGN_PHONE, phone="2079460123", phone_country_code="44"
    ),
    Trait.FOREIGN_ADDRESS: _with_addresses(Trait.FOREIGN_ADDRESS, _abroad),
    Trait.NO_EMAIL: _with(Trait.NO_EMAIL, email=""),
    Trait.WRONG_SSN: _wrong_ssn,
    Trait.UNSUPPLIED: _unsupplied,
}

_FIRST_NAMES = """
Ada Alan Barbara Claude Donald Dorothy Edsger Frances Grace Hedy Ivan Jean Katherine
Leslie Margaret Niklaus Peter Radia Shafi Tony Ursula Vint Whitfield Yukihiro Zelda
"""
_LAST_NAMES = """
Sample Specimen Example Placeholder Instance Muster Modelo Exemplar Pattern Template
Fixture Standin Proxy Dummy Mockup Sketch Draft Outline Figment Fable
"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_STREETS = ("Test St.", "Sample Ave.", "Example Blvd", "Specimen Ln", "Fixture Dr.")
_TOWNS = (
    ("Reno", "NV", "895"),
    ("San Francisco", "CA", "941"),
    ("Austin", "TX", "787"),
    ("Portland", "OR", "972"),
    ("Buffalo", "NY", "142"),
    ("Boise", "ID", "837"),
)
