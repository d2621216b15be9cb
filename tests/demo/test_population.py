"""The invented people of the demo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import Ssn
from anybank.sandbox.demo.population import FEWEST, Person, Trait, population

MANY = list(population(500, seed=7))


def texts(person: Person, name: str) -> str:
    return str(person.bond.get(name, ""))


def test_the_same_seed_invents_the_same_people() -> None:
    """Equal seeds give equal populations, and another seed gives another one."""
    assert list(population(50, seed=7)) == list(population(50, seed=7))
    assert list(population(50, seed=7)) != list(population(50, seed=8))


@given(st.integers(0, 60), st.integers(0, 2**32))
def test_the_requested_number_is_invented(count: int, seed: int) -> None:
    """Any number of people is invented, with every trait where there is room for all."""
    people = list(population(count, seed))
    assert len(people) == count
    if count >= FEWEST:
        assert {person.trait for person in people} >= set(Trait)


def test_identifiers_are_unique() -> None:
    """No two people share an SSN, an e-mail address or the brand's own id."""
    for name in ("ssn", "brand_person_id"):
        assert len({texts(person, name) for person in MANY}) == len(MANY)


def test_nobody_real_has_their_numbers() -> None:
    """SSN areas from 900, the exchange 555 and example.com belong to nobody."""
    assert all(900 <= int(texts(person, "ssn")[:3]) <= 998 for person in MANY)
    domestic = [p for p in MANY if p.trait is not Trait.FOREIGN_PHONE]
    assert all("-555-" in texts(person, "phone") for person in domestic)
    mail = filter(None, (texts(person, "email") for person in MANY))
    assert all(address.endswith("@example.com") for address in mail)


def test_most_are_ordinary() -> None:
    """Of 500 people more than four in five have no trait."""
    assert Counter(person.trait for person in MANY)[None] > 400


@pytest.mark.parametrize("trait", Trait)
def test_each_trait_is_visible(trait: Trait) -> None:
    """A person with a trait differs from ordinary people as the trait says."""
    person = next(person for person in MANY if person.trait is trait)
    assert SEEN[trait](person)


def homes(person: Person) -> list[tuple[str, str]]:
    return [(a["address_type"], a["country"]) for a in person.bond["addresses"]]


def disagrees(person: Person) -> bool:
    supplied = Ssn((person.supplied or {})["ssn"])
    return not supplied.agrees_with(Ssn(texts(person, "ssn")))


SEEN: dict[Trait, Callable[[Person], bool]] = {
    Trait.ACCENT: lambda p: not texts(p, "first_name").isascii(),
    Trait.APOSTROPHE: lambda p: "'" in texts(p, "last_name"),
    Trait.HYPHEN: lambda p: "-" in texts(p, "last_name"),
    Trait.INITIAL: lambda p: len(texts(p, "middle_name")) == 1,
    Trait.NO_MIDDLE_NAME: lambda p: "middle_name" not in p.bond,
    Trait.SECOND_LINE: lambda p: "street2" in p.bond["addresses"][0],
    Trait.TWO_HOMES: lambda p: homes(p) == [("PHYSICAL", "US")] * 2,
    Trait.VERIFIED: lambda p: p.supplied is not None,
    Trait.MAILING: lambda p: homes(p)[1] == ("MAILING", "US"),
    Trait.FOREIGN_PHONE: lambda p: texts(p, "phone_country_code") == "44",
    Trait.FOREIGN_ADDRESS: lambda p: homes(p) == [("PHYSICAL", "CA")],
    Trait.NO_EMAIL: lambda p: p.bond["email"] == "",
    Trait.WRONG_SSN: disagrees,
    Trait.UNSUPPLIED: lambda p: p.supplied is None,
}


def test_the_repr_of_a_person_is_masked() -> None:
    """The repr of an invented person shows no field, as that of a real one would."""
    assert repr(MANY[0]) == f"Person(trait={MANY[0].trait!r})"
