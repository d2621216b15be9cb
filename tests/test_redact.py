"""Scrubbing what a vendor sends back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import home, james

from anybank import AddressKind, DocumentLocatorNumber, Phone, Sensitive, Ssn
from anybank.redact import personal_texts, scrub

PERSON = james(
    middle_name="Herbert", document_locator_number=DocumentLocatorNumber(204518837)
)
WRITTEN = [
    "James",
    "Herbert",
    "Bond",
    "1997-12-25",
    "12/25/1997",
    "333-52-7584",
    "333527584",
    "204518837",
    "james@example.com",
    "+15551112222",
    "5551112222",
    "555-111-2222",
    "345 California Ave.",
    "San Francisco",
    "94104",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_every_way_to_write_a_person_is_masked(text: str) -> None:
    """Whatever of a person a vendor repeats, it does not come through."""
    said = scrub(
        f"the value '{text}' is wrong: {text.upper()}!", personal_texts(PERSON)
    )
    assert text not in said
    assert text.upper() not in said or text.upper() == text.lower()
    assert said.startswith("the value '***")


def test_what_is_not_personal_stays() -> None:
    """State, country and kind say nothing of anybody."""
    said = "state CA in US is not physical"
    assert scrub(said, personal_texts(home())) == said


def test_a_text_is_masked_as_a_word() -> None:
    """A name inside a longer word is not that name."""
    texts = personal_texts(james(first_name="Al"))
    assert scrub("Al is not allowed", texts) == "*** is not allowed"


def test_one_letter_is_too_short_to_mask() -> None:
    """An initial would blot out every sentence."""
    assert scrub("a J in it", personal_texts(james(middle_name="J"))) == "a J in it"


@pytest.mark.parametrize(
    "text",
    ["333-52-7584", "333527584", "somebody@example.com", "<somebody@example.com>"],
)
def test_what_looks_personal_is_masked_without_being_known(text: str) -> None:
    """An SSN or e-mail address that we never sent is masked as well."""
    said = scrub(f"found {text}.", frozenset())
    assert "333" not in said
    assert "somebody" not in said


@pytest.mark.parametrize(
    "text",
    [
        "6f6c52e2-1d4c-4b0e-8f3a-333527584000",
        "request 12345678",
        "1234567890",
        "call 555-1234",
    ],
)
def test_ids_and_other_numbers_stay(text: str) -> None:
    """What only resembles an SSN is left alone."""
    assert scrub(text, frozenset()) == text


@given(st.lists(st.text(min_size=2)), st.text())
def test_scrubbing_never_fails(texts: list[str], said: str) -> None:
    """Any text may be scrubbed of any texts."""
    assert isinstance(scrub(said, frozenset(texts)), str)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.text(alphabet=" .,:;'\"(){}"))
def test_no_number_comes_through(digits: str, around: str) -> None:
    """A number that was sent is masked in each of its forms."""
    ssn = Ssn(digits)
    dashed = str(ssn.dashed().reveal())
    said = scrub(f"{around}{digits}{around} {dashed}{around}", personal_texts(ssn))
    assert digits not in said
    assert dashed not in said


def test_a_token_is_masked_without_its_scheme() -> None:
    """`Bearer tok` is known as a whole and by its token."""
    texts = personal_texts([Sensitive("Bearer tok_live")])
    assert scrub("token tok_live is bad", texts) == "token *** is bad"


@pytest.mark.parametrize(
    "said",
    [
        "born 1997-12-25T00:00:00",
        "born 19971225",
        "called (555) 111-2222",
        "called 555 111 2222, that is 333 52 7584",
        "lives at 345%20California%20Ave.",
        "lives at 345+California+Ave.",
    ],
)
def test_a_value_is_masked_however_it_is_rewritten(said: str) -> None:
    """Glued to something, without its punctuation, or escaped: it is still the value."""
    scrubbed = scrub(said, personal_texts(PERSON))
    assert scrubbed.split()[0] == said.split(maxsplit=1)[0]
    assert not set("123456789") & set(scrubbed)


def test_a_body_without_marks_is_known_whole() -> None:
    """What was given as plain JSON is all taken for personal."""
    body = {"a": [{"b": "O'Sample"}, 204518837, True], "c": None}
    assert personal_texts(body) == {"O'Sample", "204518837"}
    assert scrub("O&#x27;Sample", personal_texts(body)) == "***"


def test_longer_texts_go_first() -> None:
    """A text that contains another is masked as one."""
    assert scrub("Mary Ann", frozenset({"Mary", "Mary Ann"})) == "***"


def test_a_foreign_or_unreadable_phone_is_known_too() -> None:
    """Any number is masked as it was given."""
    assert "+442079460018" in personal_texts(Phone("+442079460018"))
    assert personal_texts(Phone.read("call me")) == {"call me"}


def test_of_nothing_nothing_is_known() -> None:
    """A value without personal fields has no texts."""
    assert personal_texts(None) == frozenset()
    assert personal_texts(AddressKind.HOME) == frozenset()
    assert personal_texts(date(1990, 1, 2)) == {"1990-01-02", "01/02/1990"}
