"""The simulator's ledger: states, balances, filters and events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import ConfigurationError, Money
from anybank_bond.simulator.ledger import STATES

from .conftest import App


def account_of(app: App) -> str:
    return app.bond.seed_account(app.bond.seed_customer())


def balance(app: App, account: str) -> tuple[int, int]:
    shown = app.call("GET", f"/accounts/{account}").json()["balance"]
    return shown["current_balance"], shown["available_balance"]


@given(st.lists(st.tuples(st.integers(-500, 500), st.sampled_from(STATES)), max_size=8))
def test_the_balance_is_the_sum_of_the_completed(
    moves: list[tuple[int, str]],
) -> None:
    """Whatever the states; money on its way out is no longer available."""
    app = App()
    account = account_of(app)
    for amount, state in moves:
        app.bond.seed_transaction(account, amount, state=state)
    current = sum(amount for amount, state in moves if state == "completed")
    leaving = sum(
        min(amount, 0) for amount, state in moves if state in ("start", "pending")
    )
    assert balance(app, account) == (current, current + leaving)


def test_a_returned_deposit_leaves_the_balance(app: App) -> None:
    """Each change of state is an event with the same id."""
    app.subscribe("transactions")
    account = account_of(app)
    deposit = app.bond.seed_transaction(account, 5000, state="pending")
    app.bond.change_transaction(deposit, "completed")
    assert balance(app, account) == (5000, 5000)
    app.bond.change_transaction(deposit, "returned")
    assert balance(app, account) == (0, 0)
    reported = [event["transaction"] for event in app.events()]
    assert [item["state"] for item in reported] == ["pending", "completed", "returned"]
    assert {item["transaction_id"] for item in reported} == {deposit}
    assert reported[1]["balances"] == {"prior_balance": "50.00", "new_balance": "50.00"}


def test_a_simulated_payment_is_completed_immediately(app: App) -> None:
    """A deposit and a withdrawal by ACH, as the pages show payroll."""
    account = account_of(app)
    app.bond.simulate_payment(account, Money(25_000))
    app.bond.simulate_payment(account, Money(-24_999))
    shown = app.call("GET", "/transactions", order_by="asc").json()["transactions"]
    assert [
        (item["transaction_type"], item["amount"], item["state"]) for item in shown
    ] == [
        ("External ACH Deposit", "250.00", "completed"),
        ("External ACH Withdrawal", "-249.99", "completed"),
    ]
    assert balance(app, account) == (1, 1)


def test_money_that_is_not_there_cannot_leave(app: App) -> None:
    """A payment needs an open account, enough money and dollars."""
    account = account_of(app)
    for account_id, amount in (
        (account, Money(-1)),
        (account, Money(1, "EUR")),
        ("unknown", Money(1)),
    ):
        with pytest.raises(ConfigurationError):
            app.bond.simulate_payment(account_id, amount)
    assert app.call("DELETE", f"/accounts/{account}").status == 200
    with pytest.raises(ConfigurationError):
        app.bond.simulate_payment(account, Money(1))


def test_an_account_with_a_balance_is_not_closed(app: App) -> None:
    """No page says what becomes of the money, so the simulator refuses."""
    account = account_of(app)
    app.bond.simulate_payment(account, Money(1))
    refusal = app.call("DELETE", f"/accounts/{account}")
    assert (refusal.status, refusal.json()["Code"]) == (400, "invalid_account_status")
    app.bond.simulate_payment(account, Money(-1))
    assert app.call("DELETE", f"/accounts/{account}").json()["status"] == "closed"


def test_lists_are_filtered_and_ordered(app: App) -> None:
    """By customer, payment type, state and day; the latest first unless asked."""
    first, second = account_of(app), account_of(app)
    card = app.bond.seed_transaction(
        first,
        -450,
        state="pending",
        payment_type="card",
        transaction_type="POS Purchase",
        details={"merchant_name": "Invented Coffee"},
    )
    app.clock.advance(days=1)
    ach = app.bond.seed_transaction(second, 100)
    day = app.clock.now.date().isoformat()
    customer = app.call("GET", f"/accounts/{first}").json()["customer_id"]
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [ach, card]),
        ({"order_by": "asc"}, [card, ach]),
        ({"customer_id": customer}, [card]),
        ({"payment_type": "ach"}, [ach]),
        ({"transaction_state": "pending"}, [card]),
        ({"start_date": day}, [ach]),
        ({"end_date": "2024-03-01"}, [card]),
        ({"page": "2", "count": "1"}, [card]),
        ({"page": "3", "count": "1"}, []),
    ]
    for query, expected in cases:
        shown = app.call("GET", "/transactions", **query).json()["transactions"]
        assert [item["transaction_id"] for item in shown] == expected, query


@pytest.mark.parametrize(
    "query",
    [{"count": "3"}, {"start_date": "yesterday"}, {"transaction_state": "start"}],
)
def test_a_bad_filter_is_refused(app: App, query: dict[str, Any]) -> None:
    """Only the values of the page's table are accepted."""
    refusal = app.call("GET", "/transactions", **query)
    assert (refusal.status, refusal.json()["Code"]) == (400, "query_params")


def test_more_than_250_matches_are_refused(app: App) -> None:
    """The error dictionary asks for a smaller scope."""
    account = account_of(app)
    for _ in range(251):
        app.bond.seed_transaction(account, 1)
    refusal = app.call("GET", "/transactions")
    assert (refusal.status, refusal.json()["Code"]) == (400, "too_many_trans")
    assert app.call("GET", "/transactions", transaction_state="pending").status == 200


def test_transactions_of_another_brand_are_hidden(app: App) -> None:
    """Another brand's key neither lists nor reads them."""
    posted = app.bond.seed_transaction(account_of(app), 1)
    app.credentials = app.bond.seed_brand()
    assert app.call("GET", "/transactions").json() == {"transactions": []}
    assert app.call("GET", f"/transactions/{posted}").status == 403
    assert app.call("GET", "/transactions/unknown").json()["Code"] == "no_trans"


def test_unknown_states_and_ids_are_mistakes_of_the_test(app: App) -> None:
    """The methods of the simulator refuse what Bond does not have."""
    account = account_of(app)
    with pytest.raises(ValueError, match="no such state"):
        app.bond.seed_transaction(account, 1, state="thinking")
    with pytest.raises(KeyError):
        app.bond.change_transaction("unknown", "completed")
    with pytest.raises(KeyError):
        app.bond.seed_transaction("unknown", 1)
