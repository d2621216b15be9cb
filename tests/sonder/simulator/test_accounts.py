"""Accounts and transactions, as far as the pages describe them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ACCOUNT, App, refusal


def _id(path: str) -> str:
    return path.rpartition("/")[2]


def test_an_account_belongs_to_its_customers(app: App) -> None:
    """A new account has an id as in the samples, and each customer lists it."""
    ada, bea = app.customer(), app.customer()
    account = app.account(ada, bea, ada)
    assert re.fullmatch("[a-z]{3}[0-9]{5}", _id(account))
    for path in (ada, bea):
        assert app.data("GET", path)["accountIds"] == [_id(account)]


def test_an_account_is_read(app: App) -> None:
    """A read has the account, its customers as objects, and no transactions yet."""
    customer = app.customer()
    account = app.account(customer)
    assert app.data("GET", account) == {
        "accountId": _id(account),
        "amount": 0,
        "flags": [],
        **ACCOUNT,
        "customers": [app.data("GET", customer)],
        "transactions": [],
    }


@pytest.mark.parametrize("name", ["associatedCustomerIds", *ACCOUNT])
def test_every_field_of_an_account_is_required(app: App, name: str) -> None:
    """A field that is missing is refused by name."""
    body = {"associatedCustomerIds": [_id(app.customer())], **ACCOUNT}
    del body[name]
    assert refusal(app.call("POST", "/account", body)) == (400, f"{name} is required")


@pytest.mark.parametrize(
    "fields",
    [
        {"associatedCustomerIds": ["nobody"]},
        {"associatedCustomerIds": []},
        {"type": "Checking"},
        {"currency": "usd"},
        {"name": ""},
    ],
)
def test_a_wrong_account_is_refused(app: App, fields: dict[str, Any]) -> None:
    """An unknown customer, no customer and a wrong form get 400."""
    body = {"associatedCustomerIds": [_id(app.customer())], **ACCOUNT, **fields}
    answer = app.call("POST", "/account", body)
    assert refusal(answer)[0] == 400
    assert refusal(answer)[1].startswith(next(iter(fields)))


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_account_is_updated(app: App, method: str) -> None:
    """Name and customers can change; a customer who is removed loses the account."""
    ada, bea = app.customer(), app.customer()
    account = app.account(ada)
    body = {"name": "Ours", "associatedCustomerIds": [_id(bea)]}
    answer = app.data(method, account, body)
    assert (answer["name"], len(answer["customers"])) == ("Ours", 1)
    assert app.data("GET", ada)["accountIds"] == []
    assert app.data("GET", bea)["accountIds"] == [_id(account)]


def test_an_account_keeps_its_customers_on_a_change_of_name(app: App) -> None:
    """Fields that are not sent stay unchanged."""
    account = app.account(app.customer())
    assert len(app.data("PUT", account, {"name": "Mine"})["customers"]) == 1


def test_the_currency_is_not_updated(app: App) -> None:
    """A change of currency is refused, or ignored by the switch."""
    account = app.account(app.customer())
    answer = app.call("PUT", account, {"currency": "EUR"})
    assert refusal(answer) == (400, "currency cannot be updated")
    lenient = App({"forbidden_updates": "ignore"})
    account = lenient.account(lenient.customer())
    assert lenient.data("PUT", account, {"currency": "EUR"})["currency"] == "USD"


@pytest.mark.parametrize("body", [b"[]", {"name": 1}])
def test_a_wrong_update_of_an_account_is_refused(app: App, body: Any) -> None:
    """An update is validated like a create."""
    account = app.account(app.customer())
    assert refusal(app.call("PUT", account, body))[0] == 400


def test_unknown_fields_of_an_account_are_a_switch(app: App) -> None:
    """By the switch they are ignored or refused, on create and on update."""
    assert app.account(app.customer(), colour="red")
    strict = App({"unknown_fields": "reject"})
    account = strict.account(strict.customer())
    assert refusal(strict.call("PUT", account, {"colour": "red"}))[0] == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_deleted_account_is_gone(app: App, method: str) -> None:
    """A delete returns an empty object, and every customer loses the account."""
    customer = app.customer()
    account = app.account(customer)
    assert app.data("DELETE", account) == {}
    assert app.data("GET", customer)["accountIds"] == []
    assert refusal(app.call(method, account, {})) == (404, "no such account")


def test_a_transaction_is_read_by_the_id_that_its_account_lists(app: App) -> None:
    """The ids are in the account's list, and the fields are those of the page."""
    account = app.sonder.seed_account([app.sonder.seed_customer()], amount=-3)
    created = app.sonder.seed_transaction(account, amount=-4.25)
    shown = app.data("GET", f"/account/{account}")
    assert (shown["transactions"], shown["amount"]) == ([created], -3)
    result = app.data("GET", f"/transaction/{created}")
    assert (result["transactionId"], result["accountId"]) == (created, account)
    assert result["amount"] == pytest.approx(-4.25)
    assert result["settlementType"] in {"CREDIT", "DEBIT"}


def test_an_unknown_transaction_is_not_found(app: App) -> None:
    """An unknown transaction gets 404."""
    answer = app.call("GET", "/transaction/none")
    assert refusal(answer) == (404, "no such transaction")


def test_row_25_lists_of_an_account_may_be_of_the_other_kind() -> None:
    """By the switches customers are ids and transactions are objects."""
    app = App({"account_customers": "ids", "account_transactions": "objects"})
    customer = app.sonder.seed_customer()
    account = app.sonder.seed_account([customer])
    created = app.sonder.seed_transaction(account)
    shown = app.data("GET", f"/account/{account}")
    assert shown["customers"] == [customer]
    assert shown["transactions"] == [app.data("GET", f"/transaction/{created}")]


def test_ids_of_accounts_are_unique() -> None:
    """An id that is in use is not drawn again."""
    app = App()
    accepted = App().sonder.accounts.add([], {})
    app.sonder.world.accounts[accepted.id] = accepted
    assert app.sonder.accounts.add([], {}).id != accepted.id
