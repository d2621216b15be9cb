"""A page token belongs to one listing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bond.banks import bond
from tests.fakes import Script, Toy, json_response

from anybank import Bank, InvalidInput
from anybank._engine.calls.page_tokens import PageTokens
from anybank.declaration import Feature
from anybank.model.operations import ListAccounts, ListCreditApplications, ListCustomers
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

LISTING = Feature.CUSTOMERS_LIST
CUSTOMERS = PageTokens.of("toy", LISTING, ListCustomers())


def test_a_token_carries_the_page_size() -> None:
    """A token carries the page size, so that the rest of a listing is complete."""
    simulator = BondSimulator()
    ids = {simulator.seed_customer() for _ in range(84)}
    transport = SimulatorTransport(simulator)
    with Bank("bond", transport=transport, **simulator.credentials) as bank:
        first = next(bank.customers.list(page_size=5).pages())
        rest = list(bank.customers.list(token=first.next_token))
    assert len(first) + len(rest) == 84
    assert {item.id for item in [*first, *rest]} == ids


def test_a_page_size_is_the_tokens_or_left_out() -> None:
    """Another page size than that of the token is rejected."""
    token = PageTokens.of("toy", LISTING, ListCustomers(page_size=5)).seal("2")
    same = ListCustomers(token=token, page_size=5)
    assert CUSTOMERS.open(same) == ListCustomers(token="2", page_size=5)
    with pytest.raises(InvalidInput) as caught:
        CUSTOMERS.open(ListCustomers(token=token, page_size=10))
    assert [issue.field for issue in caught.value.issues] == ["page_size"]


ELSEWHERE: list[PageTokens] = [
    PageTokens.of("another", LISTING, ListCustomers()),
    PageTokens.of("toy", Feature.ACCOUNTS_LIST, ListAccounts()),
]


@pytest.mark.parametrize("tokens", ELSEWHERE, ids=repr)
def test_a_token_is_refused_by_another_listing(tokens: PageTokens) -> None:
    """A token of another vendor or operation is rejected."""
    with pytest.raises(InvalidInput) as caught:
        CUSTOMERS.open(ListCustomers(token=tokens.seal("2")))
    assert [issue.field for issue in caught.value.issues] == ["token"]


def test_a_token_is_refused_with_another_filter() -> None:
    """A token of one customer's applications is rejected for another customer."""
    feature = Feature.CREDIT_APPLICATIONS_LIST
    ada = ListCreditApplications(customer_id="ada")
    token = PageTokens.of("toy", feature, ada).seal("a1")
    bob = ListCreditApplications(customer_id="bob", token=token)
    with pytest.raises(InvalidInput, match="token"):
        PageTokens.of("toy", feature, bob).open(bob)


@given(st.text(max_size=40))
def test_garbage_is_refused(text: str) -> None:
    """Any other text is rejected with InvalidInput that names the token."""
    with pytest.raises(InvalidInput, match="token"):
        CUSTOMERS.open(ListCustomers(token=text))


@given(
    native=st.text(st.characters(codec="utf-8"), min_size=1), position=st.integers(0)
)
def test_a_changed_token_is_refused(native: str, position: int) -> None:
    """A token that was cut or altered is rejected."""
    token = CUSTOMERS.seal(native)
    assert CUSTOMERS.open(ListCustomers(token=token)).token == native
    at = position % len(token)
    other = "A" if token[at] != "A" else "B"
    for changed in (token[:at], token[:at] + other + token[at + 1 :]):
        with pytest.raises(InvalidInput, match="token"):
            CUSTOMERS.open(ListCustomers(token=changed))


def test_a_token_is_a_text_for_urls_without_the_filter() -> None:
    """A token is safe in a URL and does not contain the customer's id."""
    ada = ListCreditApplications(customer_id="ada-1815")
    token = PageTokens.of("toy", Feature.CREDIT_APPLICATIONS_LIST, ada).seal("a1")
    assert "815" not in token
    assert all(item.isalnum() or item in "-_." for item in token)


LISTINGS: list[Any] = [
    lambda bank, **more: bank.customers.list(**more),
    lambda bank, **more: bank.credit_applications.list(**more),
    lambda bank, **more: bank.accounts.list(**more),
    lambda bank, **more: bank.webhook_subscriptions.list(**more),
]


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("token", ["2", "garbage", "", "a.b", 5, b"2"], ids=repr)
def test_every_listing_refuses_an_invalid_token(listing: Any, token: Any) -> None:
    """Every listing rejects an invalid token without a request."""
    bank, script = bond()
    with bank, pytest.raises(InvalidInput) as caught:
        listing(bank, token=token)
    assert [issue.field for issue in caught.value.issues] == ["token"]
    assert script.requests == []


def test_a_token_of_one_bank_is_refused_by_another() -> None:
    """A cursor of the toy vendor is rejected by Bond and Increase."""
    with Bank(
        Toy, token="t", transport=Script(json_response(ids=["a"], next="2"))
    ) as bank:
        token = next(bank.customers.list().pages()).next_token
    other, script = bond()
    with other, pytest.raises(InvalidInput, match="token"):
        other.customers.list(token=token)
    assert script.requests == []
