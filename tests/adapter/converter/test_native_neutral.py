"""Fields whose vendor's name Python does not allow, and which have a neutral name."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen

from anybank import NewCustomer
from anybank.adapter.converter import (
    Reader,
    constant,
    native,
    neutral,
    neutral_id,
    read,
    rules_of,
    separate,
    write,
    writes,
)
from anybank.declaration import optional, required
from anybank.errors import UnexpectedResponse
from anybank.model.customers import Customer


@frozen(kw_only=True)
class WireName:
    """A name with members that are no identifiers."""

    first: str | None = neutral("first_name", required(), native="first-name")
    class_: str | None = neutral("last_name", optional(), native="class")


@writes(NewCustomer, "Acme docs")
@frozen(kw_only=True)
class WirePerson:
    """A person whose id, name and guardian have such names, too."""

    record_id: str = neutral_id(native="record-id")
    legal_name: WireName | None = native("legal-name")
    guardian: WirePerson | None = separate(native="legal-guardian")


@frozen(kw_only=True)
class WireData:
    """A person in a request."""

    type_: str | None = constant("person", native="type")
    name: str | None = neutral("first_name", required())


@writes(NewCustomer, "Acme docs")
@frozen(kw_only=True)
class WireBody:
    """A request with a person."""

    data: WireData | None = None


PEOPLE = Reader(WirePerson, Customer)
RAW: dict[str, Any] = {
    "record-id": "p-1",
    "legal-name": {"first-name": "Ada", "class": "Sample"},
    "legal-guardian": {"record-id": "p-2", "legal-name": {"first-name": "Bo"}},
}


def test_odd_names_are_read_and_written() -> None:
    """The vendor's name is read, written, declared, and leads to the neutral name."""
    person = PEOPLE.read(RAW)
    assert (person.id, person.first_name, person.last_name) == ("p-1", "Ada", "Sample")
    body = write(WirePerson, NewCustomer(first_name="Ada", last_name="Sample"))
    assert body == {"legal-name": RAW["legal-name"]}
    rules = rules_of(WirePerson)[NewCustomer]
    assert rules["first_name"].native == "first-name"
    assert rules["last_name"].native == "class"
    assert PEOPLE.names["legal-name.class"] == "last_name"


def test_a_misfit_has_the_name_of_the_vendor() -> None:
    """A record stays readable without the field, which is named as ours."""
    raw = {**RAW, "legal-name": {"first-name": "Ada", "class": 7}}
    with pytest.raises(UnexpectedResponse) as caught:
        PEOPLE.read(raw)
    assert caught.value.path == "$.legal-name.class"
    (person,) = PEOPLE.each([raw]).items
    assert (person.first_name, person.last_name) == ("Ada", None)
    assert person.unreadable == ("last_name",)


def test_a_field_that_cannot_be_built_is_named() -> None:
    """A function that fails for a field leaves out that field alone."""

    @frozen(kw_only=True)
    class WireOdd:
        id: str
        class_: str | None = neutral("emails", read=lambda _: 1 / 0, native="class")

    odd = Reader(WireOdd, Customer).created({"id": "p-1", "class": "x"})
    assert (odd.id, odd.unreadable) == ("p-1", ("emails",))


def test_a_separate_object_is_no_part_of_the_value() -> None:
    """A guardian is read as an object, and gives the person no name."""
    raw = {**RAW, "legal-name": None}
    assert PEOPLE.read(raw).first_name is None
    guardian = read(raw, WirePerson).guardian
    assert guardian is not None
    assert guardian.record_id == "p-2"


def test_a_constant_is_always_written() -> None:
    """A type is in every body, also inside an object, and none of a person's fields."""
    body = write(WireBody, NewCustomer(first_name="Ada"))
    assert body == {"data": {"type": "person", "name": "Ada"}}
    assert [*rules_of(WireBody)[NewCustomer]] == ["first_name"]


def test_a_constant_is_not_read() -> None:
    """A record in which the member is of another type is read all the same."""
    assert read({"type": 5, "name": "Ada"}, WireData).name == "Ada"
