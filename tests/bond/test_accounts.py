"""Bond's accounts, as far as they are certain, and its keys."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.bond.banks import AUTHORIZATION, IDENTITY, body, bond, error
from tests.fakes import json_response

from anybank import (
    AccountKind,
    AccountStatus,
    AuthenticationFailed,
    BankAccountNumber,
    InvalidInput,
    Money,
    NewAccount,
    NotFound,
    UnexpectedResponse,
    Unsupported,
)

WIRE = {
    "account_id": "acc",
    "customer_id": "c1",
    "type": "deposit",
    "status": "active",
    "balance": {"current_balance": 12345, "currency": "USD"},
}


def test_an_account_is_read_in_cents() -> None:
    """A balance is Money, since Bond states its unit."""
    bank, _ = bond(httpx.Response(200, json=WIRE))
    result = bank.accounts.get("acc")
    assert result.balance == Money(12345, "USD")
    assert result.native_amount is None
    assert (result.native_kind, list(result.customer_ids)) == ("deposit", ["c1"])


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("deposit", AccountKind.DEPOSIT),
        ("security_deposit", AccountKind.SECURITY_DEPOSIT),
        ("credit", AccountKind.CREDIT),
        ("vault", AccountKind.UNKNOWN),
    ],
)
def test_kinds_are_neutral(word: str, kind: AccountKind) -> None:
    """`native_kind` has the vendor's word for a neutral kind."""
    bank, _ = bond(httpx.Response(200, json={**WIRE, "type": word}))
    result = bank.accounts.get("acc")
    assert (result.kind, result.native_kind) == (kind, word)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", AccountStatus.OPEN),
        ("Active", AccountStatus.OPEN),
        ("inactive", AccountStatus.FROZEN),
        ("closed", AccountStatus.CLOSED),
        ("thawing", AccountStatus.UNKNOWN),
    ],
)
def test_statuses_are_neutral(word: str, status: AccountStatus) -> None:
    """An inactive account can be activated again, so it is frozen."""
    bank, _ = bond(httpx.Response(200, json={**WIRE, "status": word}))
    result = bank.accounts.get("acc")
    assert (result.status, result.native_status) == (status, word)


def test_the_account_number_is_masked() -> None:
    """The routing number identifies the bank and is shown, the account number is not."""
    numbers = {"routing_number": "000000000", "account_number": "987654321098"}
    bank, _ = bond(httpx.Response(200, json={**WIRE, **numbers}))
    result = bank.accounts.get("acc")
    assert result.routing_number == "000000000"
    assert result.account_number == BankAccountNumber("987654321098")
    assert "987654321098" not in repr(result)
    assert "*****1098" in repr(result)


@pytest.mark.parametrize("amount", ["12345", "12345.0"])
def test_a_balance_is_one_request(amount: str) -> None:
    """Bond returns the balance with the account, in cents with or without a point."""
    balance = f'{{"current_balance": {amount}, "available_balance": 12000}}'
    content = f'{{"account_id": "acc", "balance": {balance}}}'
    bank, script = bond(httpx.Response(200, content=content))
    result = bank.accounts.balance("acc")
    assert (result.current, result.available) == (Money(12345), Money(12000))
    assert script.request_lines == ["GET /api/v0.1/accounts/acc"]


@pytest.mark.parametrize(
    "balance",
    [
        {"current_balance": 10.5},
        {"current_balance": "10.50"},
        {"current_balance": 5, "currency": "XQZ"},
    ],
)
def test_an_invalid_balance_is_refused(balance: Any) -> None:
    """Half a cent, a text and an unknown currency are not amounts."""
    bank, _ = bond(httpx.Response(200, json={**WIRE, "balance": balance}))
    with pytest.raises(UnexpectedResponse) as caught:
        bank.accounts.balance("acc")
    assert "balance" in (caught.value.path or "")


def test_an_account_is_closed_and_read_again() -> None:
    """The account is read after the close call, and its status decides."""
    closed = {**WIRE, "status": "closed"}
    bank, script = bond(httpx.Response(200), httpx.Response(200, json=closed))
    assert bank.accounts.close("acc").status is AccountStatus.CLOSED
    assert script.request_lines == [
        "DELETE /api/v0.1/accounts/acc",
        "GET /api/v0.1/accounts/acc",
    ]


def test_an_account_that_is_gone_is_closed() -> None:
    """A vendor that no longer returns the account has closed it."""
    gone = error(404, "account_dne", "Account does not exist.")
    bank, _ = bond(httpx.Response(200), gone)
    assert bank.accounts.close("acc").status is AccountStatus.CLOSED


def test_an_account_that_stays_open_was_not_closed() -> None:
    """An accepted call that changed nothing is not a success."""
    bank, _ = bond(httpx.Response(200), httpx.Response(200, json=WIRE))
    with pytest.raises(UnexpectedResponse, match="unclosed"):
        bank.accounts.close("acc")


def test_an_account_that_does_not_exist_cannot_be_closed() -> None:
    """The refusal of the close call itself reaches the caller."""
    bank, _ = bond(error(404, "account_dne", "Account does not exist."))
    with pytest.raises(NotFound):
        bank.accounts.close("acc")


def test_a_close_whose_response_was_lost_is_repeated() -> None:
    """The repeat finds no account, because the first attempt closed it."""
    gone = error(404, "account_dne", "Account does not exist.")
    bank, script = bond(httpx.ReadTimeout("no answer"), gone, retries=1)
    assert bank.accounts.close("acc").status is AccountStatus.CLOSED
    assert len(script.requests) == 2


def test_account_numbers_are_no_resource() -> None:
    """The refusal names the field that has the number."""
    bank, script = bond()
    with pytest.raises(Unsupported, match="account_number"):
        list(bank.account_numbers.list())
    assert script.requests == []


def test_an_account_is_opened() -> None:
    """The request has the program, the customer and the type."""
    bank, script = bond(httpx.Response(201, json=WIRE))
    bank.accounts.create(
        NewAccount(customer_ids=["c1"], program_id="p", native_kind="deposit")
    )
    assert body(script) == {"program_id": "p", "customer_id": "c1", "type": "deposit"}


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewAccount(customer_ids=["c1"], native_kind="deposit"), "program_id"),
        (NewAccount(customer_ids=["c1"], program_id="p", native_kind="loan"), "kind"),
        (NewAccount(program_id="p", native_kind="deposit"), "customer_ids"),
        (
            NewAccount(
                customer_ids=["c1", "c2"], program_id="p", native_kind="deposit"
            ),
            "customer_ids[1]",
        ),
    ],
)
def test_unsupported_accounts_are_refused(new: NewAccount, field: str) -> None:
    """Each rule is checked before a request."""
    bank, script = bond()
    with pytest.raises(InvalidInput) as caught:
        bank.accounts.create(new)
    assert [issue.field for issue in caught.value.issues] == [field]
    assert script.requests == []


@pytest.mark.parametrize("answer", [[WIRE], {"accounts": [WIRE]}])
def test_accounts_are_listed(answer: object) -> None:
    """One page is read, with the filter by customer."""
    bank, script = bond(httpx.Response(200, json=answer))
    assert [item.id for item in bank.accounts.list(customer_id="c1")] == ["acc"]
    assert dict(script.requests[0].url.params) == {"customer_id": "c1"}


def test_a_response_without_a_list_is_unexpected() -> None:
    """An object without a list is an unexpected response."""
    bank, _ = bond(json_response(more=1))
    with pytest.raises(UnexpectedResponse):
        list(bank.accounts.list())


def test_closing_is_not_described() -> None:
    """An operation that the docs name without describing it is refused without a request."""
    bank, script = bond()
    with pytest.raises(Unsupported, match="close call"):
        bank.accounts.delete("acc")
    assert script.requests == []


def test_good_credentials_and_the_vendors_clock() -> None:
    """The check lists an empty page, whose Date header has the vendor's time.

    No credential is in the URL, where a log would show it.
    """
    date = {"date": "Fri, 01 Mar 2024 12:00:00 GMT"}
    bank, script = bond(httpx.Response(200, json=[], headers=date))
    result = bank.credentials.check()
    assert result.server_time == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert script.request_lines == ["GET /api/v0.1/customers"]
    assert IDENTITY not in str(script.requests[0].url)


@pytest.mark.parametrize(
    ("status", "code"), [(404, "customer_dne"), (400, "get_customer_schema")]
)
def test_a_refused_page_number_proves_the_key(status: int, code: str) -> None:
    """A refusal of the page number proves that the key was accepted."""
    bank, _ = bond(error(status, code, "no such page"))
    assert bank.credentials.check().server_time is None


@pytest.mark.parametrize("status", [401, 403])
def test_bad_credentials(status: int) -> None:
    """Both statuses mean that the credentials are invalid, and the message shows neither."""
    bank, _ = bond(error(status, "auth_err", f"bad {AUTHORIZATION}"))
    with pytest.raises(AuthenticationFailed) as caught:
        bank.credentials.check()
    assert AUTHORIZATION not in str(caught.value)


def test_temporary_credentials_are_masked() -> None:
    """A temporary key has masked values under the names of the options."""
    key = {"Identity": "temp-id", "Authorization": "temp-secret"}
    bank, script = bond(json_response(201, **key))
    created = bank.credentials.create_temporary("c1")
    assert "temp-secret" not in repr(created)
    assert created.credentials["authorization"].reveal() == "temp-secret"
    assert body(script) == {"customer_id": "c1"}


ODD_BALANCES: list[tuple[Any, tuple[str, ...]]] = [
    (1050, ()),
    (Decimal("1050.0"), ()),
    (Decimal("1050.5"), ("balance",)),
    ("10.50", ("balance",)),
]


@pytest.mark.parametrize(("amount", "names"), ODD_BALANCES, ids=str)
def test_an_account_that_names_its_id_was_opened(
    amount: Any, names: tuple[str, ...]
) -> None:
    """A balance is a whole number of cents: `1050.0` is one, a fraction is not."""
    text = f'"{amount}"' if isinstance(amount, str) else str(amount)
    content = f'{{"account_id": "a1", "balance": {{"current_balance": {text}}}}}'
    bank, _ = bond(httpx.Response(201, content=content))
    created = bank.accounts.create(
        NewAccount(customer_ids=["c1"], native_kind="deposit", program_id="p1")
    )
    assert (created.id, created.unreadable) == ("a1", names)
    assert created.balance == (None if names else Money(1050, "USD"))


def test_an_unknown_currency_is_unexpected() -> None:
    """A get raises with the path, a list returns the account without its balance."""
    odd = {"account_id": "a1", "balance": {"current_balance": 5, "currency": "XQZ"}}
    bank, _ = bond(httpx.Response(200, json=odd), httpx.Response(200, json=[odd]))
    with pytest.raises(UnexpectedResponse) as caught:
        bank.accounts.get("a1")
    assert caught.value.path == "$.balance"
    (listed,) = bank.accounts.list()
    assert (listed.id, listed.balance) == ("a1", None)
    assert "balance" in listed.unreadable
