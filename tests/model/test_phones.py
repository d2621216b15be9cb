"""Phone numbers in E.164."""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import InvalidInput, Phone, PhoneKind

NANP = st.from_regex(r"\+1[0-9]{10}", fullmatch=True)
NATIONAL = st.from_regex(r"[2-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+15551112222", "+15551112222"),
        ("+1 555-111-2222", "+15551112222"),
        ("+1 (555) 111 2222", "+15551112222"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_a_number_is_stored_in_e164(written: str, number: str) -> None:
    """Spaces, dashes and brackets are removed from a number."""
    assert Phone(written).number == number


@given(NANP)
def test_the_short_way_agrees_with_the_library(number: str) -> None:
    """A number of country code 1 is read as the library phonenumbers reads it."""
    parsed = phonenumbers.parse(number)
    assert phonenumbers.is_possible_number(parsed)
    assert parsed.country_code == 1
    assert (Phone(number).country_code, Phone(number).national) == ("1", number[2:])


@given(NATIONAL)
def test_a_national_number_reads_as_one_of_the_us(national: str) -> None:
    """Ten digits of a US vendor are a number of country code 1."""
    dashed = f"{national[:3]}-{national[3:6]}-{national[6:]}"
    assert Phone.read(dashed).number == f"+1{national}"


REFUSED: list[Any] = [
    "",
    "5551112222",
    "+",
    "+1",
    "+1555111222",
    "+155511122223",
    "+15551112222 ext. 5",
    "+15551112222\n",
    "+0123456789",
    "+1555CALLNOW!",
    "james",
    "＋15551112222x",  # noqa: RUF001  # a full-width plus
    442079460018,
    True,
    b"+15551112222",
]


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_an_impossible_number_is_refused_unshown(text: Any) -> None:
    """The error for an impossible number names the field and not the number."""
    with pytest.raises(
        InvalidInput, match=r"number: must be a number in E\.164"
    ) as caught:
        Phone(text)
    assert str(text) == "" or repr(text) not in str(caught.value)


def test_the_repr_of_a_phone_masks_the_number() -> None:
    """The repr of a phone shows its kind only."""
    assert "555" not in repr(Phone("+15551112222"))
    assert "MOBILE" in repr(Phone("+15551112222"))


def test_a_kind_must_be_a_member() -> None:
    """A kind that is a text is rejected by its field."""
    with pytest.raises(InvalidInput, match="kind"):
        Phone("+15551112222", "mobile")  # type: ignore[arg-type] # the point


def test_a_vendors_unreadable_number_is_stored() -> None:
    """An unreadable number of a vendor is stored as the vendor wrote it."""
    phone = Phone.read("call me", native_kind="PIGEON")
    assert phone.number == "call me"
    assert not phone.is_e164
    assert phone.kind is PhoneKind.UNKNOWN
    assert phone.native_kind == "PIGEON"


def test_a_vendors_number_is_read_with_its_country_code() -> None:
    """A separate country code is put before the number."""
    phone = Phone.read("20 7946 0018", country_code="44")
    assert (phone.country_code, phone.national) == ("44", "2079460018")


@pytest.mark.parametrize("text", ["+1 555 111 2222", "555.111.2222", "(555) 111-2222"])
def test_a_vendors_number_is_read_in_any_spelling(text: str) -> None:
    """Dots, brackets and a country code make no difference."""
    assert Phone.read(text).number == "+15551112222"


def test_an_empty_number_stays_empty() -> None:
    """An empty number of a vendor is read without an error."""
    assert not Phone.read("").is_e164


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True))
def test_an_unparsed_number_is_one_that_the_library_accepts(number: str) -> None:
    """A number that is accepted without parsing is one that phonenumbers accepts."""
    parsed = phonenumbers.parse(number)
    assert phonenumbers.is_possible_number(parsed)
    written = phonenumbers.PhoneNumberFormat.E164
    assert phonenumbers.format_number(parsed, written) == number
    assert Phone.read(number).number == number


@pytest.mark.parametrize(
    "text", ["+1 555-111-2222 x123", "+15551112222;ext=9", "+1-555-111-2222 ext. 9"]
)
def test_an_extension_is_refused_by_name(text: str) -> None:
    """A number with an extension is rejected, and the message says so."""
    with pytest.raises(InvalidInput, match="without an extension"):
        Phone(text)
    read = Phone.read(text)
    assert (read.number, read.is_e164) == (text, False)
    assert (read.country_code, read.national) == ("", text)


@pytest.mark.parametrize(
    "text", ["", "x" * 10_000, "555/111/2222", "\ud83d", "+", "+0"]
)
def test_a_number_that_cannot_be_read_has_no_country(text: str) -> None:
    """No property of an unreadable number raises."""
    read = Phone.read(text)
    assert (read.number, read.country_code, read.national) == (text, "", text)


@pytest.mark.parametrize(
    "text",
    [
        "555\u2011111\u20112222",
        "\u202a+15551112222\u202c",
        "\uff15\uff15\uff15-111-2222",
    ],
)
def test_a_vendors_number_is_read_in_any_type(text: str) -> None:
    """Other dashes, wide digits and direction marks make no difference."""
    assert Phone.read(text).number == "+15551112222"
