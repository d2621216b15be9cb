"""Postal addresses."""

from __future__ import annotations

from typing import Any

import pytest

from anybank import Address, AddressKind, InvalidInput

BAD: list[tuple[str, Any]] = [
    ("kind", "physical"),
    ("line1", ""),
    ("line1", "   "),
    ("line1", "a\nb"),
    ("line2", "a\x00b"),
    ("line2", 5),
    ("city", "\t"),
    ("state", ""),
    ("postal_code", 94104),
    ("country", "us"),
    ("country", "USA"),
    ("country", "XX"),
    ("primary", 1),
    ("primary", "yes"),
    ("id", ""),
]


def test_every_field_may_be_left_out() -> None:
    """Every field is optional, because the vendors require different ones."""
    assert Address().kind is AddressKind.PHYSICAL


@pytest.mark.parametrize(("field", "given"), BAD)
def test_an_ill_formed_field_is_refused_by_its_name(field: str, given: Any) -> None:
    """The message names the field and its rule, not the value."""
    with pytest.raises(InvalidInput) as caught:
        Address(**{field: given})
    assert [issue.field for issue in caught.value.issues] == [field]
    assert str(caught.value).startswith(f"{field}: must be")


def test_all_bad_fields_are_named_at_once() -> None:
    """One error names all invalid fields."""
    with pytest.raises(InvalidInput) as caught:
        Address(line1="", city="", country="us")
    assert [issue.field for issue in caught.value.issues] == [
        "line1",
        "city",
        "country",
    ]


def test_an_address_does_not_show_where_it_is() -> None:
    """The repr masks street, city and postal code, and shows state and country."""
    shown = repr(Address(line1="1 Elm", city="Reno", postal_code="89501", state="NV"))
    assert "Elm" not in shown
    assert "Reno" not in shown
    assert "89501" not in shown
    assert "NV" in shown


def test_the_vendors_word_is_not_compared() -> None:
    """`native_kind` does not count in a comparison."""
    assert Address(native_kind="HOME") == Address(native_kind="PHYSICAL")
