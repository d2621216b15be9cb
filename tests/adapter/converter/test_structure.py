"""Strict conversion of vendors' JSON to wire classes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from anybank import UnexpectedResponse
from anybank.adapter.converter import read


@frozen(kw_only=True)
class Part:
    """A part of a Thing."""

    name: str
    size: int | None = None


@frozen(kw_only=True)
class Thing:
    """A wire class with every type that a vendor sends."""

    id: str
    count: int = 0
    open: bool = False
    amount: Decimal = Decimal(0)
    at: datetime | None = None
    on: date | None = None
    note: str | None = None
    parts: list[Part] | None = None
    names: list[str] | None = None
    more: dict[str, Any] | None = None
    part: Part | None = None


def test_everything_is_read_into_its_type() -> None:
    """Texts, numbers, times, lists and objects are read as the declared types."""
    thing = read(
        {
            "id": "t1",
            "count": 3,
            "open": True,
            "amount": Decimal("1.5"),
            "at": "2021-02-02-00:50:58",
            "on": "2021-02-02",
            "parts": [{"name": "a"}, {"name": "b", "size": 2}],
            "names": ["x"],
            "more": {"any": ["thing"]},
            "part": {"name": "c"},
        },
        Thing,
    )
    assert thing.at == datetime(2021, 2, 2, 0, 50, 58, tzinfo=UTC)
    assert thing.on == date(2021, 2, 2)
    assert thing.parts == [Part(name="a"), Part(name="b", size=2)]
    assert (thing.count, thing.open, thing.amount) == (3, True, Decimal("1.5"))
    assert (thing.names, thing.more) == (["x"], {"any": ["thing"]})


def test_a_whole_number_is_an_amount() -> None:
    """A JSON integer reads as a Decimal where one is declared."""
    assert read({"id": "t", "amount": 3}, Thing).amount == Decimal(3)


def test_a_list_may_be_read_by_itself() -> None:
    """An array of objects is read as a list."""
    assert read([{"id": "a"}, {"id": "b"}], list[Thing])[1].id == "b"


def test_unknown_fields_are_left_to_raw() -> None:
    """An unknown field is ignored."""
    assert read({"id": "t", "new": 1}, Thing) == Thing(id="t")


@pytest.mark.parametrize("absent", [None, ""])
@pytest.mark.parametrize(
    "field", ["note", "at", "on", "part", "parts", "names", "more"]
)
def test_null_and_an_empty_text_are_none(field: str, absent: str | None) -> None:
    """`null` and an empty text are read as None."""
    assert getattr(read({"id": "t", field: absent}, Thing), field) is None


@pytest.mark.parametrize("name", ["null", "Null", "NULL", "None", "nan", "undefined"])
def test_the_surname_null_is_a_name(name: str) -> None:
    """The text `null` is read as a text."""
    assert read({"id": name, "note": name}, Thing) == Thing(id=name, note=name)


WRONG: list[tuple[Any, str]] = [
    ({}, "$.id"),
    ({"id": None}, "$.id"),
    ({"id": 1}, "$.id"),
    ({"id": True}, "$.id"),
    ({"id": "t", "count": "3"}, "$.count"),
    ({"id": "t", "count": True}, "$.count"),
    ({"id": "t", "count": Decimal(3)}, "$.count"),
    ({"id": "t", "open": 1}, "$.open"),
    ({"id": "t", "open": "true"}, "$.open"),
    ({"id": "t", "amount": "1.5"}, "$.amount"),
    ({"id": "t", "amount": True}, "$.amount"),
    ({"id": "t", "at": "yesterday"}, "$.at"),
    ({"id": "t", "at": 1612227058}, "$.at"),
    ({"id": "t", "on": "2021-02-30"}, "$.on"),
    ({"id": "t", "note": 5}, "$.note"),
    ({"id": "t", "note": "Ada \ud83d"}, "$.note"),
    ({"id": "t", "at": "2016-12-31T23:59:60Z"}, "$.at"),
    ({"id": "t", "on": "0000-00-00"}, "$.on"),
    ({"id": "t", "on": "null"}, "$.on"),
    ({"id": "t", "parts": {"name": "a"}}, "$.parts"),
    ({"id": "t", "parts": "a"}, "$.parts"),
    ({"id": "t", "parts": [{"name": "a"}, {"name": 5}]}, "$.parts[1].name"),
    ({"id": "t", "parts": [{}]}, "$.parts[0].name"),
    ({"id": "t", "names": ["a", 2]}, "$.names[1]"),
    ({"id": "t", "names": [None]}, "$.names[0]"),
    ({"id": "t", "more": [1]}, "$.more"),
    ({"id": "t", "part": ["name"]}, "$.part"),
    ({"id": "t", "part": {"name": 333527584}}, "$.part.name"),
    ([], "$"),
    ("t", "$"),
    (None, "$"),
    (5, "$"),
]


@pytest.mark.parametrize(("raw", "path"), WRONG, ids=str)
def test_a_misfit_is_reported_by_its_path(raw: Any, path: str) -> None:
    """A misfit is never coerced; the error has its path and not its value."""
    with pytest.raises(UnexpectedResponse) as caught:
        read(raw, Thing)
    assert caught.value.path == path
    assert str(caught.value) == f"{path} does not fit Thing"
    assert caught.value.__context__ is None


def test_a_misfit_in_a_bare_list_has_its_index() -> None:
    """The path of a misfit in an array begins with the index."""
    with pytest.raises(UnexpectedResponse) as caught:
        read([{"id": "a"}, {"id": 2}], list[Thing])
    assert caught.value.path == "$[1].id"
