"""Deposit accounts, balances and transactions at Unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anybank import (
    AccountStatus,
    Bank,
    Conflict,
    InvalidInput,
    KycStatus,
    Money,
    TransactionKind,
    TransactionStatus,
    UnexpectedResponse,
)
from anybank.adapter.converter import words_of
from anybank.adapter.wire import Request, Response
from anybank_unit.accounts import WireTransaction
from anybank_unit.simulator import UnitSimulator

from .banks import deposit, unit
from .document import schema_words


def test_an_account_has_its_owners_and_numbers(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """An account of two people is opened, read and listed for each of them."""
    owners = [simulator.seed_application() for _ in range(3)]
    account = bank.accounts.create(deposit(*owners[:2]))
    assert account.customer_ids == tuple(owners[:2])
    assert account.account_number is not None
    assert account.routing_number == "812345678"
    assert account.account_number.is_masked is False
    assert bank.accounts.get(account.id) == account
    counts = [len(list(bank.accounts.list(customer_id=owner))) for owner in owners]
    assert counts == [1, 1, 0]


def test_the_books_balance(bank: Bank, simulator: UnitSimulator) -> None:
    """The balance is the sum of the transactions, and the last one states it."""
    account = simulator.seed_account(simulator.seed_application())
    for cents in (10_000, -2_500, 1):
        simulator.clock.advance(minutes=1)  # type: ignore[attr-defined]  # a Clock
        simulator.simulate_payment(account, Money(cents))
    listed = list(bank.transactions.list(account_id=account, page_size=1))
    assert [item.amount for item in listed] == [Money(10_000), Money(-2_500), Money(1)]
    balance = bank.accounts.balance(account)
    assert balance.current == balance.available == listed[-1].balance_after
    assert balance.current == Money(7_501)
    assert bank.transactions.get(listed[1].id, account) == listed[1]
    after = listed[1].occurred_at
    assert after is not None
    since = bank.transactions.list(account_id=account, since=after)
    until = bank.transactions.list(account_id=account, until=after)
    assert ([item.id for item in since], [item.id for item in until]) == (
        [listed[1].id, listed[2].id],
        [listed[0].id],
    )
    assert not list(bank.transactions.list(since=after + timedelta(days=1)))


def test_a_transaction_needs_its_account(bank: Bank, simulator: UnitSimulator) -> None:
    """Without the account nothing is sent, and pending ones are not offered."""
    account = simulator.seed_account(simulator.seed_application())
    transaction = simulator.seed_transaction(account, 5)
    with pytest.raises(InvalidInput, match="account"):
        bank.transactions.get(transaction)
    with pytest.raises(InvalidInput, match="authorizations"):
        list(bank.transactions.list(status=TransactionStatus.PENDING))


def test_an_account_is_closed_when_it_is_empty(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """Closing needs a balance of zero; a repeat is a success, and it stays readable."""
    account = simulator.seed_account(simulator.seed_application())
    simulator.simulate_payment(account, Money(100))
    with pytest.raises(Conflict):
        bank.accounts.close(account)
    simulator.simulate_payment(account, Money(-100))
    closed = bank.accounts.close(account)
    assert closed.status is AccountStatus.CLOSED
    assert bank.accounts.close(account) == closed == bank.accounts.get(account)


def test_the_kinds_are_those_of_the_document() -> None:
    """The table of transactions has each type of the document, and no other."""
    words = schema_words("Transaction", "type")
    kinds = words_of(WireTransaction, "kind")
    assert set(kinds) == words
    assert set(kinds.values()) == set(TransactionKind)


def test_an_account_is_opened_under_the_old_id(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """The id of an application opens and lists accounts of its customer, once approved."""
    person = simulator.seed_application(ssn="000000004")
    with pytest.raises(Conflict, match="no customer"):
        bank.accounts.create(deposit(person))
    assert not list(bank.accounts.list(customer_id=person))
    simulator.decide(person, KycStatus.PASSED)
    account = bank.accounts.create(deposit(person))
    assert account.customer_ids == simulator.customer_ids
    assert list(bank.accounts.list(customer_id=person)) == [account]


def test_an_account_of_another_customer_is_refused() -> None:
    """A response with the account of somebody else raises UnexpectedResponse."""
    simulator = UnitSimulator()
    mine, other = simulator.seed_application(), simulator.seed_application()
    simulator.seed_account(other)

    def confused(request: Request) -> Response:
        # It forgets its filter.
        return simulator(Request(**{**_plain(request), "query": {}}))

    with unit(confused) as bank, pytest.raises(UnexpectedResponse):
        list(bank.accounts.list(customer_id=mine))


def _plain(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "headers": request.headers,
        "body": request.body,
    }
