"""Calls about money and events at Increase, and records that hold every canary of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tests.canary import canaries as c
from tests.canary.answers import Answer, echo, plain_text

from anybank import (
    AccountNumberChanges,
    NewAccountNumber,
    NewWebhookSubscription,
    TransactionStatus,
    WebhookSubscriptionChanges,
)
from anybank.sensitive import Sensitive

_NOON = "2024-03-01T12:00:00Z"
SUBSCRIPTION = NewWebhookSubscription(
    url="https://app.example.com/hooks",
    events=["account.created"],
    secret=c.HOOK_SECRET,
)

CALLS: Mapping[str, Callable[[Any], Any]] = {
    "transactions.list": lambda bank: bank.transactions.list(account_id="account-1"),
    "transactions.list pending": lambda bank: bank.transactions.list(
        status=TransactionStatus.PENDING
    ),
    "transactions.list by number": lambda bank: bank.transactions.list(
        account_id=c.ACCOUNT_NUMBER
    ),
    "transactions.get": lambda bank: bank.transactions.get("record-1"),
    "transactions.get by number": lambda bank: bank.transactions.get(
        "record-1", c.ACCOUNT_NUMBER
    ),
    "transactions.get of a number": lambda bank: bank.transactions.get(
        c.ACCOUNT_NUMBER
    ),
    "events.list by number": lambda bank: bank.events.list(object_id=c.ACCOUNT_NUMBER),
    "events.list": lambda bank: bank.events.list(),
    "events.get": lambda bank: bank.events.get("record-1"),
    "accounts.balance": lambda bank: bank.accounts.balance("account-1"),
    "accounts.balance by number": lambda bank: bank.accounts.balance(c.ACCOUNT_NUMBER),
    "account_numbers.create": lambda bank: bank.account_numbers.create(
        NewAccountNumber(account_id="account-1", name=c.LAST)
    ),
    "account_numbers.get": lambda bank: bank.account_numbers.get("record-1"),
    "account_numbers.get by number": lambda bank: bank.account_numbers.get(
        c.ACCOUNT_NUMBER
    ),
    "account_numbers.list": lambda bank: bank.account_numbers.list(),
    "account_numbers.update": lambda bank: bank.account_numbers.update(
        "record-1", AccountNumberChanges(name=c.LAST)
    ),
    "external_accounts.get": lambda bank: bank.external_accounts.get("record-1"),
    "external_accounts.list": lambda bank: bank.external_accounts.list(),
    "webhook_subscriptions.create": lambda bank: bank.webhook_subscriptions.create(
        SUBSCRIPTION
    ),
    "webhook_subscriptions.list": lambda bank: bank.webhook_subscriptions.list(),
    "webhook_subscriptions.update": lambda bank: bank.webhook_subscriptions.update(
        "record-1", WebhookSubscriptionChanges(enabled=False)
    ),
}

_KNOWN = {"id": "record-1", "account_id": "account-1", "created_at": _NOON}
RECORD: Mapping[str, Any] = {
    **_KNOWN,
    "amount": c.INCOME,
    "currency": "USD",
    "current_balance": c.INCOME,
    "available_balance": c.INCOME,
    "description": c.DESCRIPTION,
    "name": c.LAST,
    "account_number": c.ACCOUNT_NUMBER,
    "routing_number": c.ROUTING_NUMBER,
    "shared_secret": c.HOOK_SECRET,
    "source": {
        "category": "inbound_ach_transfer",
        "inbound_ach_transfer": {"originator_company_name": c.COUNTERPARTY},
    },
    "status": "pending",
    "category": "account.created",
    "associated_object_id": "account-1",
    "associated_object_type": "account",
    "note": f"{c.EMAIL} {c.TOKEN} {c.SSN}",
}
"""A transaction, an event, an account number and a subscription in one."""


OTHER_RECORDS: Mapping[str, Mapping[str, Any]] = {
    "bond": {
        "transaction_id": "record-1",
        "account_id": "account-1",
        "amount": "73164029.55",
        "state": "completed",
        "description": c.DESCRIPTION,
        "created_time": "2024-03-01T12:00:00+00:00",
        "details": {"merchant_name": c.COUNTERPARTY, "description": c.DESCRIPTION},
        "account_number": c.ACCOUNT_NUMBER,
        "routing_number": c.ROUTING_NUMBER,
        "balance": {"current_balance": c.INCOME, "currency": "USD"},
    },
    "sonder": {
        "transactionId": "record-1",
        "accountId": "account-1",
        "amount": c.INCOME,
        "originalTransactionDescription": c.DESCRIPTION,
        "name": c.LAST,
        "note": c.COUNTERPARTY,
    },
}
"""A transaction and an account in one, in the format of a vendor."""
OTHER_CALLS = ("transactions.list", "transactions.get", "accounts.balance")


def in_envelope(provider: str, status: int) -> Answer:
    """Return a vendor's record, in the form of a success or of an error."""
    whole = dict(OTHER_RECORDS[provider])
    text = json.dumps(whole)
    failed = {"Message": text, "Code": text, "message": text}

    def answer(request: httpx.Request) -> httpx.Response:
        if provider == "sonder":
            error = None if status == 200 else {"message": text, "code": text}
            envelope = {"data": whole, "success": status == 200, "error": error}
            return httpx.Response(status, json=envelope)
        is_list = request.url.path.endswith("/transactions")
        body = {"transactions": [whole]} if is_list else whole
        return httpx.Response(status, json=body if status == 200 else failed)

    return answer


def success(request: httpx.Request) -> httpx.Response:
    """Return the record, or a page with it."""
    is_list = request.method == "GET" and request.url.path.count("/") == 1
    page = {"data": [dict(RECORD)], "next_cursor": None}
    return httpx.Response(200, json=page if is_list else dict(RECORD))


def unreadable(request: httpx.Request) -> httpx.Response:
    """Return the record with every value in a list, so that no field can be read."""
    spoiled = {name: [value] for name, value in RECORD.items()} | _KNOWN
    page = {"data": [spoiled], "next_cursor": None}
    return httpx.Response(200, json={**spoiled, **page})


def record(status: int) -> Answer:
    """Return the record under the status of an error."""
    return lambda _: httpx.Response(status, json=dict(RECORD))


def record_in_a_message(_: httpx.Request) -> httpx.Response:
    """Return the record as the text of a problem."""
    text = json.dumps(RECORD)
    problem = {"type": "api_error", "title": text, "detail": text, "status": 500}
    return httpx.Response(500, json=problem)


def truncated(_: httpx.Request) -> httpx.Response:
    """Return JSON without its end."""
    return httpx.Response(200, text=json.dumps(RECORD)[:-2])


ANSWERS: Mapping[str, Answer] = {
    "success": success,
    "unreadable fields": unreadable,
    "a record under 400": record(400),
    "a record under 409": record(409),
    "a record under 503": record(503),
    "a record in a message": record_in_a_message,
    "echo in 400": echo(400),
    "echo in 500": echo(500),
    "echo as text": plain_text(400),
    "truncated": truncated,
}

VALUES: Mapping[str, Any] = {
    "a subscription": SUBSCRIPTION,
    "an account number": NewAccountNumber(account_id="account-1", name=c.LAST),
    "changes": AccountNumberChanges(name=c.LAST),
    "a secret": Sensitive(c.HOOK_SECRET),
}
"""Values that a caller creates."""
