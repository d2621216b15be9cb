"""The records of Acme that no operation creates, and those that the kit compares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve

from anybank import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    Event,
    EventKind,
    KycCheck,
    KycStatus,
    Money,
    NewAccount,
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from anybank.testing import AdapterConformance

from .adapter import Acme
from .simulator import AcmeSimulator

DOCUMENT = Path(__file__).parent / "openapi.json"
"""Acme's OpenAPI document."""


class AcmeConformance(AdapterConformance):
    """Acme and its simulator, with transactions and events."""

    adapter = Acme
    simulator = AcmeSimulator
    openapi = DOCUMENT

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:
        """Create a transaction or an event."""
        if kind == "transaction":
            return str(simulator.transfer("account-1", 100, "DONE", "RENT"))
        if kind == "event":
            return str(simulator.record("account.new", "account-1", "account-1"))
        return None

    def seed_expected(self, simulator: Any, bank: Any) -> Iterator[Any]:
        """Open two accounts, move money on both, a minute apart, and decide on people."""
        for word, status in (("GOOD", KycStatus.PASSED), ("BAD", KycStatus.FAILED)):
            simulator.checks[word] = word
            yield KycCheck(customer_id=word, status=status, native_status=word)
        for owner in ("person-1", "person-2"):
            new = NewAccount(
                customer_ids=[owner],
                kind=AccountKind.SAVINGS,
                name="Savings",
                currency="USD",
            )
            account = bank.accounts.create(new).id
            yield Account(
                id=account,
                customer_ids=[owner],
                kind=AccountKind.SAVINGS,
                native_kind="SAVINGS",
                status=AccountStatus.OPEN,
                native_status="NEW",
                name="Savings",
                currency="USD",
            )
            yield from _movements(simulator, account)
            yield Balance(account_id=account, current=Money(10_000))


def _movements(simulator: Any, account: str) -> Iterator[Any]:
    for cents, state, sort in (
        (12_345, "DONE", "WAGES"),
        (-2_345, "DONE", "RENT"),
        (-700, "HELD", "RENT"),
    ):
        simulator.clock.advance(minutes=1)
        id, now = simulator.transfer(account, cents, state, sort), simulator.clock()
        held = Transaction(
            id=id,
            account_id=account,
            amount=Money(cents),
            currency="USD",
            kind=TransactionKind.ACH if sort == "WAGES" else TransactionKind.CHECK,
            native_kind=sort,
            status=TransactionStatus.PENDING,
            native_status=state,
            occurred_at=now,
            counterparty=f"{sort} Inc.",
            description=f"{sort} of March",
        )
        if state == "HELD":
            yield held
            continue
        yield evolve(held, status=TransactionStatus.POSTED, posted_at=now)
        yield Event(
            provider="acme",
            id=next(reversed(simulator.shelves.events.things)),
            kind=EventKind.TRANSACTION_CREATED,
            native_kind="transfer.done",
            object_id=id,
            account_id=account,
            transaction_id=id,
            occurred_at=now,
            dedupe_key=f"acme:{next(reversed(simulator.shelves.events.things))}",
        )
