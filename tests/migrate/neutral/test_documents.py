"""Customers are converted to the JSON of a line and back."""

from __future__ import annotations

import json
from datetime import UTC, date, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.neutral.sealing import KEY

from anybank.errors import UnexpectedResponse
from anybank.migrate.commands.export import encoded
from anybank.migrate.neutral.documents import FIELDS, customer, document
from anybank.migrate.neutral.headers import FileHeader, FileOrigin
from anybank.migrate.neutral.seals import LineKind, Seal
from anybank.model.customers import Customer, NewCustomer
from anybank.model.phones import Phone
from anybank.sensitive import DocumentLocatorNumber, Ssn
from anybank.testing.strategies import people

SSNS = st.from_regex(r"[0-9]{9}", fullmatch=True).map(Ssn) | st.text().map(Ssn.read)
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5.5))]))
TEXTS = st.none() | st.text() | st.just("null")
PHONES = st.lists(st.text().map(Phone.read), max_size=2).map(tuple)


def customer_of(new: NewCustomer, **more: Any) -> Customer:
    """Return the customer that a bank returns for a new customer."""
    names = [field.name for field in attrs.fields(NewCustomer) if field.name in FIELDS]
    return Customer(**{**{name: getattr(new, name) for name in names}, **more})


CUSTOMERS = st.builds(
    customer_of,
    people(),
    id=st.text(min_size=1),
    provider=st.just("bond"),
    ssn=st.none() | SSNS,
    middle_name=TEXTS,
    phones=PHONES,
    account_ids=st.lists(st.text(), max_size=2).map(tuple),
    created_at=st.none() | TIMES,
)


@given(
    CUSTOMERS | st.builds(customer_of, people(), id=st.just("a"), provider=st.just("b"))
)
def test_every_customer_comes_back_as_it_was(person: Customer) -> None:
    """Masks, tokens, odd texts, absent fields and times come back unchanged."""
    header = FileHeader(provider="bond", origin=FileOrigin.EXPORT, key_id=KEY.id)
    seal = Seal.new(header, KEY)
    _, plain = seal.opened(seal.line(LineKind.CUSTOMER, 7, encoded(person)), 7)
    assert customer(json.loads(plain)) == person


@given(CUSTOMERS)
def test_what_is_hidden_comes_back_too(person: Customer) -> None:
    """The vendor's own words for a kind are stored, though equality ignores them."""
    back = customer(json.loads(encoded(person)))
    assert [phone.native_kind for phone in back.phones] == [
        item.native_kind for item in person.phones
    ]


def test_a_mask_and_a_token_stay_what_they_are() -> None:
    """Neither becomes a number or loses its last four digits."""
    for text in ("XXX-XX-6000", "tok_abc", "of another form"):
        ssn = Ssn.read(text)
        back = customer(json.loads(encoded(Customer(id="a", provider="b", ssn=ssn))))
        assert back.ssn == ssn
        assert back.ssn is not None
        assert back.ssn.is_masked


def test_the_vendors_own_object_stays_behind() -> None:
    """`raw` has the format of one vendor and is not exported."""
    data = document(Customer(id="a", provider="b", raw={"ssn": "912-45-6000"}))
    assert "raw" not in data
    assert data["first_name"] is None


def test_what_is_sensitive_is_masked_until_it_is_written() -> None:
    """The representation of a document shows no number."""
    locator = DocumentLocatorNumber(900_001)
    ssn = Ssn("912-45-6000")
    data = document(
        Customer(id="a", provider="b", ssn=ssn, document_locator_number=locator)
    )
    assert "6000" not in repr(data)
    assert "900001" not in repr(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date_of_birth", "1990-13-01"),
        ("first_name", 7),
        ("emails", [7]),
        ("phones", [{"kind": "smoke"}]),
        ("addresses", [{"kind": "castle"}]),
    ],
)
def test_what_does_not_fit_is_named_and_not_shown(name: str, value: object) -> None:
    """An error has the name of the field and not its value."""
    data = json.loads(encoded(Customer(id="a", provider="b")))
    with pytest.raises(UnexpectedResponse, match=name) as caught:
        customer({**data, name: value})
    assert "13-01" not in str(caught.value)


@pytest.mark.parametrize("data", [[], {}, {"id": "a", "surprise": date.min}])
def test_other_fields_are_refused(data: Any) -> None:
    """A line must have exactly the fields of its version."""
    with pytest.raises(UnexpectedResponse, match="fields of this version"):
        customer(data)
