"""Sonder's accounts and transactions: amounts without a stated unit."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.sonder.banks import sonder

from anybank import (
    AccountKind,
    ConfigurationError,
    InvalidInput,
    NewAccount,
    NotFound,
    UnexpectedResponse,
    Unsupported,
)

ACCOUNT = {"accountId": "bqd41077", "type": "CHECKING", "currency": "USD"}
NEW = NewAccount(
    customer_ids=["c1"], name="Everyday", currency="USD", native_kind="CHECKING"
)


def wrapped(data: Any, text: str | None = None) -> httpx.Response:
    """Return data in Sonder's envelope; `text` replaces what it would be written as."""
    envelope = {"data": data, "success": True, "error": None, "requestId": "r"}
    return httpx.Response(200, text=text or json.dumps(envelope))


def test_an_account_keeps_the_vendors_number() -> None:
    """An amount is read exactly, and never as cents or dollars."""
    text = '{"data":{"accountId":"a","amount":0.1},"success":true,"error":null}'
    bank, _ = sonder(wrapped(None, text))
    result = bank.accounts.get("a")
    assert (result.native_amount, result.balance) == (Decimal("0.1"), None)


def test_a_balance_has_no_unit() -> None:
    """The docs state neither dollars nor cents, so the number is returned as it is."""
    text = '{"data":{"accountId":"a","amount":-12.5},"success":true,"error":null}'
    bank, script = sonder(wrapped(None, text))
    result = bank.accounts.balance("a")
    assert (result.native, result.current) == (Decimal("-12.5"), None)
    assert result.available is None
    assert script.request_lines == ["GET /sandbox/account/a"]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("CHECKING", AccountKind.CHECKING),
        ("SAVINGS", AccountKind.SAVINGS),
        ("LOAN", AccountKind.LOAN),
        ("MONEY_MARKET", AccountKind.UNKNOWN),
    ],
)
def test_a_kind_keeps_the_vendors_word(word: str, kind: AccountKind) -> None:
    """Three words are documented for transactions; any other reads as UNKNOWN."""
    bank, _ = sonder(wrapped({**ACCOUNT, "type": word}))
    result = bank.accounts.get("bqd41077")
    assert (result.kind, result.native_kind) == (kind, word)


def test_an_account_is_opened_with_the_vendors_word() -> None:
    """The docs list no types for a create, so a neutral kind is refused."""
    new = NewAccount(
        customer_ids=["c1"], name="x", currency="USD", kind=AccountKind.CHECKING
    )
    bank, script = sonder()
    with pytest.raises(InvalidInput) as caught:
        bank.accounts.create(new)
    assert {issue.field for issue in caught.value.issues} == {"kind", "native_kind"}
    assert script.requests == []


def test_an_account_is_deleted_instead_of_closed() -> None:
    """No page describes a closed account, and the refusal names what works."""
    bank, script = sonder()
    with pytest.raises(Unsupported, match=r"accounts\.delete"):
        bank.accounts.close("bqd41077")
    assert script.requests == []


@pytest.mark.parametrize("ids", [["c1"], [{"customerId": "c1", "firstName": "Ada"}]])
def test_ids_or_objects(ids: list[Any]) -> None:
    """The pages type the same list as ids and as objects; both are read."""
    transactions = ["t1", {"transactionId": "t2"}]
    raw = {**ACCOUNT, "customers": ids, "transactions": transactions}
    bank, _ = sonder(wrapped(raw))
    result = bank.accounts.get("bqd41077")
    assert list(result.customer_ids) == ["c1"]
    assert list(result.transaction_ids) == ["t1", "t2"]


@pytest.mark.parametrize("customers", ["c1", [7], [{}], 7])
def test_lists_of_other_items_are_unexpected(customers: Any) -> None:
    """A list of neither ids nor objects raises with a path."""
    bank, _ = sonder(wrapped({**ACCOUNT, "customers": customers}))
    with pytest.raises(UnexpectedResponse):
        bank.accounts.get("bqd41077")


def test_an_account_is_opened_and_read_back() -> None:
    """The docs do not show the response, so the account is read back."""
    whole = {**ACCOUNT, "name": "Everyday"}
    bank, script = sonder(wrapped({"accountId": "bqd41077"}), wrapped(whole))
    assert bank.accounts.create(NEW).name == "Everyday"
    assert script.request_lines == [
        "POST /sandbox/account",
        "GET /sandbox/account/bqd41077",
    ]
    assert json.loads(script.requests[0].content) == {
        "associatedCustomerIds": ["c1"],
        "name": "Everyday",
        "currency": "USD",
        "type": "CHECKING",
    }


def test_an_account_that_cannot_be_read_back_is_not_lost() -> None:
    """If the read fails, the account of the create's response is returned."""
    bank, _ = sonder(wrapped(ACCOUNT), httpx.ReadTimeout("no answer"))
    assert bank.accounts.create(NEW).id == "bqd41077"


def test_a_kind_in_another_form_is_refused() -> None:
    """The page writes types in capitals with underscores."""
    bank, script = sonder()
    new = NewAccount(
        customer_ids=["c1"], name="x", currency="USD", native_kind="checking"
    )
    with pytest.raises(InvalidInput):
        bank.accounts.create(new)
    assert script.requests == []


def test_an_account_is_deleted() -> None:
    """A delete is by id, below the environment."""
    bank, script = sonder(wrapped({}))
    bank.accounts.delete("bqd41077")
    assert script.request_lines == ["DELETE /sandbox/account/bqd41077"]


def test_a_transaction_is_read() -> None:
    """A transaction has its number, its ledger date and the core's own words."""
    raw = {
        "transactionId": "t1",
        "accountId": "bqd41077",
        "amount": -12,
        "date": "2024-03-01",
        "currency": "USD",
        "originalTransactionDescription": "POS 0042",
        "settlementType": "DEBIT",
    }
    bank, script = sonder(wrapped(raw))
    result = bank.transactions.get("t1")
    assert (result.native_amount, result.amount) == (Decimal(-12), None)
    assert (result.posted_on, result.native_kind) == (date(2024, 3, 1), "DEBIT")
    assert script.request_lines == ["GET /sandbox/transaction/t1"]


def test_lists_are_not_described() -> None:
    """An undescribed operation is refused with that reason, without a request."""
    bank, script = sonder()
    for listing in (bank.accounts.list, bank.transactions.list):
        with pytest.raises(Unsupported, match="does not describe"):
            listing()
    assert script.requests == []


def test_credentials_can_only_be_guessed() -> None:
    """A valid token gets "not found" for a customer that cannot exist."""
    refusal = {"success": False, "error": {"type": "invalid_request", "message": ""}}
    bank, _ = sonder(httpx.Response(404, json=refusal))
    result = bank.credentials.check()
    assert not result.verified
    assert "no call for this" in result.note


@pytest.mark.parametrize(
    "answer",
    [
        wrapped({}),
        httpx.Response(200, html="<title>Sign in</title>"),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(404, html="<title>Not Found</title>"),
    ],
)
def test_another_response_does_not_prove_the_token(answer: httpx.Response) -> None:
    """Only Sonder's own "not found" proves that the token was accepted."""
    bank, _ = sonder(answer)
    with pytest.raises(UnexpectedResponse):
        bank.credentials.check()


def test_a_token_may_be_a_callable() -> None:
    """A bank's single sign-on gives a token for each call."""
    tokens = iter(["first", "second"])
    refused = httpx.Response(404, json={})
    bank, script = sonder(refused, refused, token=lambda: next(tokens))
    for _ in range(2):
        with pytest.raises(NotFound):
            bank.accounts.get("a")
    headers = [request.headers["authorization"] for request in script.requests]
    assert headers == ["Bearer first", "Bearer second"]


def test_an_async_callable_belongs_to_an_async_bank() -> None:
    """A sync bank says so, sends nothing, and leaves no coroutine unawaited."""

    async def token() -> str:
        return "never"

    bank, script = sonder(token=token)
    with pytest.raises(ConfigurationError, match="Use AsyncBank"):
        bank.accounts.get("a")
    assert script.requests == []
