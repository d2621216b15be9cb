"""The operations that send personal data, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.canary.canaries import (
    ACCOUNT_NUMBER,
    ACCOUNTS,
    BY_DOCUMENT,
    BY_HAND,
    CHANGES,
    EMAIL,
    INCOME,
    KYC,
    PEOPLE,
    SCAN,
    SECONDARY,
)
from tests.proofs import PROOF

from anybank import AnybankError, Money, NewCreditApplication, Outcome

Operation = Callable[[Any], Any]

APPLICATION = NewCreditApplication(
    program_id="program-1",
    customer_id="customer-1",
    total_annual_income=Money(INCOME, "USD"),
)
LOST = AnybankError("lost", outcome=Outcome.UNKNOWN)

OPERATIONS: Mapping[str, Operation] = {
    "create": lambda bank: bank.customers.create(PEOPLE[bank.provider]),
    "create by document": lambda bank: bank.customers.create(
        BY_DOCUMENT[bank.provider]
    ),
    "get": lambda bank: bank.customers.get("customer-1"),
    "list": lambda bank: bank.customers.list(),
    "update": lambda bank: bank.customers.update("customer-1", CHANGES[bank.provider]),
    "delete": lambda bank: bank.customers.delete("customer-1"),
    "resolve": lambda bank: bank.customers.resolve(LOST, PEOPLE[bank.provider]),
    "check": lambda bank: bank.check(PEOPLE[bank.provider]),
    "request": lambda bank: bank.request(
        "POST", "/anything", headers={"x-contact": EMAIL}, json=BY_HAND
    ),
    "addresses.create": lambda bank: bank.customer_addresses.create("c-1", SECONDARY),
    "addresses.list": lambda bank: bank.customer_addresses.list("c-1"),
    "addresses.update": lambda bank: bank.customer_addresses.update("c-1", SECONDARY),
    "kyc.start": lambda bank: bank.kyc.start("customer-1", KYC),
    "kyc.get": lambda bank: bank.kyc.get("customer-1", program_id="program-1"),
    "kyc.upload_document": lambda bank: bank.kyc.upload_document("c-1", SCAN),
    "credit.create": lambda bank: bank.credit_applications.create(APPLICATION),
    "accounts.create": lambda bank: bank.accounts.create(ACCOUNTS[bank.provider]),
    "accounts.balance": lambda bank: bank.accounts.balance("account-1"),
    "accounts.get by number": lambda bank: bank.accounts.get(ACCOUNT_NUMBER),
    "accounts.get": lambda bank: bank.accounts.get("account-1"),
    "credentials.check": lambda bank: bank.credentials.check(),
}
"""Unsupported operations are refused, and must not expose anything either."""


def calls(
    answers: Iterable[str], providers: Iterable[str] = ("bond", "sonder")
) -> list[tuple[str, str, str, bool]]:
    """Return each operation with each answer of each provider, of Bank or AsyncBank.

    The two take turns; the proofs try every call with both.
    """
    rows = [
        (operation, answer, provider, sync)
        for operation in OPERATIONS
        for answer in answers
        for provider in providers
        for sync in (True, False)
    ]
    turns = {key: at for at, key in enumerate(dict.fromkeys(row[:2] for row in rows))}
    if PROOF:
        return rows
    order = {name: at for at, name in enumerate(providers)}
    return [row for row in rows if (turns[row[:2]] + order[row[2]]) % 2 == row[3]]
