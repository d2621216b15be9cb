"""Lenient reading of records with unreadable parts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from anybank import Customer, Phone, UnexpectedResponse
from anybank.adapter.converter import named, read, read_created, read_each
from anybank.declaration import FieldRule
from anybank.errors import InvalidInput


@frozen(kw_only=True)
class WirePhone:
    """A phone; its digits are required."""

    digits: str
    word: str | None = None


@frozen(kw_only=True)
class WirePerson:
    """A person as a vendor sends it."""

    ref: str
    given: str | None = None
    born: date | None = None
    mails: list[str] | None = None
    phones: list[WirePhone] | None = None


NAMES = {
    "ref": "id",
    "given": "first_name",
    "born": "date_of_birth",
    "mails": "emails",
    "mails[]": "emails[]",
    "phones": "phones",
    "phones[].digits": "phones[].number",
    "phones[].word": "phones[].kind",
}


def person(wire: WirePerson, raw: dict[str, Any]) -> Customer:
    """Build a customer; an invalid name raises."""
    if wire.given == "refused":
        raise InvalidInput([])
    phones = tuple(Phone.read(item.digits) for item in wire.phones or ())
    return Customer(
        id=wire.ref,
        provider="test",
        first_name=wire.given,
        date_of_birth=wire.born,
        emails=tuple(wire.mails or ()),
        phones=phones,
        raw=raw,
    )


WHOLE: dict[str, Any] = {
    "ref": "p1",
    "given": "Ada",
    "born": "1990-04-01",
    "mails": ["ada@example.com"],
    "phones": [{"digits": "+15550102000", "word": "cell"}],
}

ODD: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"born": "0000-00-00"}, ("date_of_birth",)),
    ({"born": "1990-04-01T00:00:00Z"}, ("date_of_birth",)),
    ({"given": "Ada \ud83d"}, ("first_name",)),
    ({"given": "refused"}, ("first_name",)),
    ({"given": 5, "born": 5}, ("date_of_birth", "first_name")),
    ({"mails": "ada@example.com"}, ("emails",)),
    ({"mails": [None, "ada@example.com", 5]}, ("emails[0]", "emails[2]")),
    ({"phones": {"digits": "+15550102000"}}, ("phones",)),
    ({"phones": [5]}, ("phones[0]",)),
    ({"phones": [{"digits": "+15550102000", "word": 5}]}, ("phones[0].kind",)),
    ({"phones": [{"word": "cell"}]}, ("phones[0]",)),
]


@pytest.mark.parametrize(("change", "names"), ODD, ids=str)
def test_a_record_that_cannot_be_read_is_one_record(
    change: dict[str, Any], names: tuple[str, ...]
) -> None:
    """An unreadable field is named, and all other fields and records are read."""
    odd = {**WHOLE, "ref": "p2", **change}
    page = read_each([WHOLE, odd, WHOLE], WirePerson, person, NAMES)
    assert [item.id for item in page] == ["p1", "p2", "p1"]
    assert [item.unreadable for item in page] == [(), names, ()]
    assert (page.items[1].raw, page.without_id) == (odd, 0)


def test_the_neighbours_of_an_unreadable_field_are_read() -> None:
    """The neighbours of an unreadable field are read."""
    odd = {**WHOLE, "born": "0000-00-00"}
    (value,) = read_each([odd], WirePerson, person, NAMES)
    assert (value.first_name, value.date_of_birth) == ("Ada", None)
    assert value.emails == ("ada@example.com",)


def test_an_item_without_its_required_part_is_left_out() -> None:
    """A phone without digits is left out, and named by its digits."""
    odd = {**WHOLE, "phones": [{"digits": 5}, {"digits": "+15550102000"}]}
    (value,) = read_each([odd], WirePerson, person, NAMES)
    assert len(value.phones) == 1
    assert "phones[0].number" in value.unreadable


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"ref": None},
        {"ref": ""},
        {"ref": "."},
        {"ref": ".."},
        {"ref": 5},
        {"ref": "p\ud83d"},
        None,
        5,
        [],
        "p1",
    ],
    ids=str,
)
def test_a_record_without_a_usable_id_is_counted(record: Any) -> None:
    """A record without a usable id is counted and left out."""
    page = read_each([record, WHOLE], WirePerson, person, NAMES)
    assert ([item.id for item in page], page.without_id) == (["p1"], 1)


@pytest.mark.parametrize("raw", [{}, None, "p1", {"0": WHOLE}], ids=str)
def test_a_page_is_a_list(raw: Any) -> None:
    """A listing that is not a list raises UnexpectedResponse."""
    with pytest.raises(UnexpectedResponse):
        read_each(raw, WirePerson, person, NAMES)


def test_a_create_that_names_its_id_has_happened() -> None:
    """A response to a create with an id is read, and its unreadable fields are named."""
    value = read_created({"ref": "p1", "born": 5}, WirePerson, person, NAMES)
    assert (value.id, value.unreadable) == ("p1", ("date_of_birth",))


@pytest.mark.parametrize("raw", [{"ref": ".."}, {"ref": ""}, {}, [], None], ids=str)
def test_a_create_without_a_usable_id_is_not_known_to_have_happened(raw: Any) -> None:
    """A response to a create without a usable id raises UnexpectedResponse."""
    with pytest.raises(UnexpectedResponse):
        read_created(raw, WirePerson, person, NAMES)


def test_a_place_without_a_name_keeps_the_vendors() -> None:
    """A path without a neutral name is reported with the vendor's name."""
    (value,) = read_each([{**WHOLE, "born": 5}], WirePerson, person)
    assert value.unreadable == ("born",)


def test_names_come_from_the_rules() -> None:
    """`named` maps returned fields, lists and their parts, and no others."""
    rules = {
        "line1": FieldRule(native="street"),
        "city": FieldRule(),
        "kind": FieldRule(read="never"),
    }
    assert named(rules, "home.", "addresses[0].") == {
        "home.street": "addresses[0].line1",
        "home.city": "addresses[0].city",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["given", "born", "mails", "phones"]), JSON))
def test_no_record_ends_a_listing(change: dict[str, Any]) -> None:
    """Any record is listed, either read strictly or with its unreadable fields."""
    odd = {**WHOLE, **change}
    (value,) = read_each([odd], WirePerson, person, NAMES)
    assert value.id == "p1"
    if not value.unreadable:
        assert value == person(read(odd, WirePerson), odd)
    else:
        with pytest.raises((UnexpectedResponse, InvalidInput)):
            person(read(odd, WirePerson), odd)
