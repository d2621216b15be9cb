"""Government ids: their numbers are masked, and each kind has its own form."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    CustomerChanges,
    GovernmentId,
    GovernmentIdKind,
    GovernmentIdNumber,
    InvalidInput,
    NewCustomer,
    Ssn,
    from_dict,
    to_dict,
)

NUMBER = "X12345678"
NINE = "912456789"


def passport(**fields: Any) -> GovernmentId:
    defaults = {"kind": GovernmentIdKind.PASSPORT, "number": NUMBER, "country": "GB"}
    return GovernmentId(**{**defaults, "expires": date(2031, 4, 5), **fields})


@given(st.from_regex("[A-Z0-9]{4,20}", fullmatch=True))
def test_a_number_is_masked_wherever_it_is_displayed(text: str) -> None:
    """At most the last four characters are shown, and at least as many stay hidden."""
    number = GovernmentIdNumber(text)
    shown = f"{number} {number!r} {number:>20} {[number]}"
    assert text not in shown
    assert number.reveal() == text
    assert len(number.last_four or "") <= len(text) / 2
    assert text in number.forms()


@pytest.mark.parametrize("number", ["", " ", "X1\u200b234567", "**", "12*4", 5, None])
def test_a_number_is_a_text_or_a_mask(number: Any) -> None:
    """Blanks, invisible characters and other types are refused, without their content."""
    if number == "**":
        assert GovernmentIdNumber(number).is_masked
        return
    with pytest.raises(InvalidInput) as caught:
        passport(number=number)
    assert [issue.field for issue in caught.value.issues] == ["number"]
    assert not str(number).strip() or str(number) not in str(caught.value)


def test_a_mask_has_an_end_and_no_number() -> None:
    """A mask agrees with the numbers that end alike, short ones too."""
    mask = GovernmentIdNumber("****5678")
    assert mask.is_masked
    assert mask.last_four == "5678"
    assert mask.agrees_with(GovernmentIdNumber(NUMBER))
    assert GovernmentIdNumber("****2345").agrees_with(GovernmentIdNumber("12345"))
    assert not mask.agrees_with(GovernmentIdNumber("X12345679"))
    assert GovernmentIdNumber("12345").last_four is None
    with pytest.raises(InvalidInput, match="full number"):
        mask.reveal()


@pytest.mark.parametrize("kind", [GovernmentIdKind.SSN, GovernmentIdKind.ITIN])
@pytest.mark.parametrize("number", [NINE, "912-45-6789", "912 45 6789"])
def test_a_tax_id_has_nine_digits(kind: GovernmentIdKind, number: str) -> None:
    """Dashes and spaces do not count, and every spelling is scrubbed."""
    government_id = GovernmentId(kind=kind, number=number)
    assert government_id.number.reveal() == NINE
    assert {NINE, "912-45-6789"} <= government_id.number.forms()
    assert government_id.ssn == Ssn(NINE)


@pytest.mark.parametrize("number", ["12345678", "X12345678", "tok_912456789"])
def test_another_number_is_no_tax_id(number: str) -> None:
    """The number of a passport passed as an ITIN is refused."""
    with pytest.raises(InvalidInput) as caught:
        GovernmentId(kind=GovernmentIdKind.ITIN, number=number)
    assert [issue.rule for issue in caught.value.issues] == ["nine digits"]
    assert number not in str(caught.value)


def test_a_masked_tax_id_keeps_its_mask() -> None:
    """The masks of an SSN are masks here too."""
    masked = GovernmentId(kind=GovernmentIdKind.SSN, number="XXX-XX-6789")
    assert masked.number.is_masked
    assert masked.ssn == Ssn("XXX-XX-6789")


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("kind", "passport"),
        ("kind", None),
        ("country", "GBR"),
        ("expires", "2031-04-05"),
        ("state", 5),
        ("document_id", " "),
    ],
)
def test_each_field_is_checked(field: str, content: Any) -> None:
    """A wrong field is named."""
    with pytest.raises(InvalidInput) as caught:
        passport(**{field: content})
    assert [issue.field for issue in caught.value.issues] == [field]


def test_an_expired_document_is_a_value() -> None:
    """A value knows no clock."""
    assert passport(expires=date(2001, 1, 1)).expires == date(2001, 1, 1)


def test_the_repr_of_a_person_shows_no_number() -> None:
    """Neither the number nor the dates and words of a document are shown."""
    new = NewCustomer(government_ids=[passport(description="Vellum card")])
    shown = f"{new!r} {new.government_ids}"
    assert not any(text in shown for text in (NUMBER, "2031", "Vellum"))
    assert isinstance(new.government_ids, tuple)


def test_an_id_is_neither_pickled_nor_copied() -> None:
    """A copy would be another object that holds the number."""
    government_id = passport()
    assert copy.deepcopy(government_id) is government_id
    with pytest.raises(TypeError):
        pickle.dumps(government_id)


@pytest.mark.parametrize("number", [NUMBER, "****5678"])
@pytest.mark.parametrize("kind", [NewCustomer, CustomerChanges])
def test_an_id_is_written_masked_and_read_again(kind: Any, number: str) -> None:
    """The dictionary masks the number unless it is to be revealed."""
    value = kind(government_ids=[passport(number=number)])
    assert NUMBER not in str(to_dict(value))
    assert from_dict(kind, to_dict(value, reveal=True)) == value
    assert to_dict(from_dict(kind, to_dict(value))) == to_dict(value)


def test_a_list_of_anything_else_is_refused() -> None:
    """A number alone is not an id."""
    with pytest.raises(InvalidInput, match="GovernmentId"):
        NewCustomer(government_ids=[NUMBER])  # type: ignore[list-item] # what is tested
