"""Adapters that misread balances, closed accounts and account numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import KEY, SORTS
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    with_fields,
    with_idempotency,
    with_result,
)

from anybank.adapter.wire import get, segment
from anybank.declaration import Feature
from anybank.model.accounts import AccountKind, AccountStatus

_BY_WORD = {word: kind for kind, word in SORTS.items()}


def _checking_by_default(raw: Any) -> AccountKind:
    return _BY_WORD.get(raw.get("sort"), AccountKind.CHECKING)


def _balance_after_account(self: Acme, query: Any) -> Flow:
    yield get(f"/accounts/{segment(query.account_id)}")
    return (yield from Acme.get_balance(self, query))


def _unclosed(self: Acme, query: Any) -> Flow:
    account = yield from Acme.get_account(self, query)
    return evolve(account, status=AccountStatus.CLOSED)


BROKEN: Table = {
    "ignores the idempotency key in a listing of accounts": (
        "resolve_finds_lost_creates_by_key",
        lambda: with_idempotency(
            Feature.ACCOUNTS_CREATE, "replays", header=KEY, listed_by_key=True
        ),
    ),
    "reads a balance without its amount": (
        "balances_are_read_with_one_request",
        lambda: with_result("get_balance", lambda it: evolve(it, current=None)),
    ),
    "reads a balance as Money and as a number without a unit": (
        "balances_are_read_with_one_request",
        lambda: with_result("get_balance", lambda it: evolve(it, native=Decimal(1))),
    ),
    "reads the account before its balance": (
        "balances_are_read_with_one_request",
        lambda: broken_acme(get_balance=_balance_after_account),
    ),
    "returns a closed account as it was before": (
        "closed_accounts_read_as_closed",
        lambda: with_result(
            "close_account", lambda it: evolve(it, status=AccountStatus.OPEN)
        ),
    ),
    "reads an account instead of closing it": (
        "closed_accounts_read_as_closed",
        lambda: broken_acme(close_account=_unclosed),
    ),
    "reads an unknown kind of account as a known one": (
        "unknown_account_kinds_read_as_unknown",
        lambda: with_fields("get_account", kind=_checking_by_default),
    ),
    "raises KeyError for an unknown kind of account": (
        "unknown_account_kinds_read_as_unknown",
        lambda: with_fields("get_account", kind=lambda raw: _BY_WORD[raw["sort"]]),
    ),
    "returns an account number as a text": (
        "account_numbers_are_masked",
        lambda: with_fields("get_account", account_number=lambda raw: raw["digits"]),
    ),
    "copies an account number into a field that is shown": (
        "account_numbers_are_masked",
        lambda: with_fields(
            "get_account_number", native_status=lambda raw: raw["digits"]
        ),
    ),
}
