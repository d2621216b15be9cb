"""Accounts, as far as the pages describe them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PROGRAM, App


def _open(app: App, customer_id: str) -> dict[str, Any]:
    body = {"program_id": PROGRAM, "customer_id": customer_id, "type": "deposit"}
    answer = app.call("POST", "/accounts", body)
    assert answer.status == 201
    return answer.json()  # type: ignore[no-any-return]


def test_an_account_is_opened_and_read(app: App) -> None:
    """A new account is active and empty, its amounts in cents."""
    created = _open(app, app.bond.seed_customer())
    assert (created["status"], created["deposit"], created["cards"]) == (
        "active",
        {},
        [],
    )
    assert created["balance"]["current_balance"] == 0
    assert app.call("GET", f"/accounts/{created['account_id']}").json() == created


def test_accounts_are_listed_by_customer(app: App) -> None:
    """A list can be limited to one customer."""
    first = app.bond.seed_customer()
    expected = _open(app, first)
    other = _open(app, app.bond.seed_customer())
    assert app.call("GET", "/accounts").json() == [expected, other]
    assert app.call("GET", "/accounts", customer_id=first).json() == [expected]


def test_an_account_is_made_inactive(app: App) -> None:
    """The status of an account can be changed."""
    path = f"/accounts/{_open(app, app.bond.seed_customer())['account_id']}"
    answer = app.call("PATCH", path, {"status": "inactive"})
    assert answer.json()["status"] == "inactive"
    refusal = app.call("PATCH", path, {"status": "asleep"})
    assert refusal.json()["Code"] == "edit_account_schema"


@pytest.mark.parametrize("name", ["program_id", "customer_id", "type"])
def test_a_bad_account_is_refused(app: App, name: str) -> None:
    """Each field is required."""
    body = {
        "program_id": PROGRAM,
        "customer_id": app.bond.seed_customer(),
        "type": "deposit",
    }
    del body[name]
    refusal = app.call("POST", "/accounts", body)
    assert refusal.json()["Code"] == "create_account_schema"
    assert list(refusal.json()["Message"]) == [name]


def test_an_unknown_account_is_not_found(app: App) -> None:
    """An unknown id gets 404."""
    refusal = app.call("GET", "/accounts/unknown")
    assert (refusal.status, refusal.json()["Code"]) == (404, "account_dne")
