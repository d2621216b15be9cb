"""AsyncBank reads money and events over HTTP, with each of its engines, as Bank does."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from anybank import (
    AccountKind,
    AccountNumberChanges,
    AccountNumberStatus,
    AsyncBank,
    Bank,
    HttpOptions,
    NewAccount,
    NewAccountNumber,
    NewWebhookSubscription,
    NotFound,
    TransactionStatus,
    WebhookSubscriptionChanges,
)
from anybank.sandbox.server import serve
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY

OPTIONS: dict[str, Any] = {"api_key": KEY, "rate_limit": None}
ENGINES = pytest.mark.parametrize("engine", ["httpx", "aiohttp"])


class Books:
    """An Increase with money on one account, and what a test asks of it."""

    def __init__(self) -> None:
        self.simulator = IncreaseSimulator()
        self.entity = self.simulator.seed_entity()
        self.account = self.simulator.seed_account(self.entity)
        self.start = self.simulator.clock()
        self.transactions = [self._post(cents) for cents in (12_345, -2_345, 500)]
        self.held = self.simulator.ledger.add_hold(self.account, -700)["id"]
        self.number = self.simulator.accounts.add_number(
            account_id=self.account, name="Payroll"
        )["id"]
        self.external = self.simulator.accounts.add_external(
            routing_number="101050001", account_number="987654321", description="Home"
        )["id"]
        self.event = next(iter(self.simulator.events.table.rows))

    def _post(self, cents: int) -> str:
        self.simulator.clock.advance(hours=1)  # type: ignore[attr-defined]  # a Clock
        return self.simulator.seed_transaction(self.account, cents)


READS: Mapping[str, Callable[[Any, Books], Any]] = {
    "transactions.list": lambda bank, books: bank.transactions.list(
        account_id=books.account, page_size=2
    ),
    "transactions.list of a period": lambda bank, books: bank.transactions.list(
        since=books.start + timedelta(hours=2), until=books.start + timedelta(hours=3)
    ),
    "transactions.list pending": lambda bank, _: bank.transactions.list(
        status=TransactionStatus.PENDING
    ),
    "transactions.get": lambda bank, books: bank.transactions.get(
        books.transactions[0], books.account
    ),
    "transactions.get pending": lambda bank, books: bank.transactions.get(books.held),
    "events.list": lambda bank, _: bank.events.list(page_size=3),
    "events.list about": lambda bank, books: bank.events.list(object_id=books.account),
    "events.get": lambda bank, books: bank.events.get(books.event),
    "accounts.list": lambda bank, books: bank.accounts.list(customer_id=books.entity),
    "accounts.get": lambda bank, books: bank.accounts.get(books.account),
    "accounts.balance": lambda bank, books: bank.accounts.balance(books.account),
    "account_numbers.list": lambda bank, books: bank.account_numbers.list(
        account_id=books.account
    ),
    "account_numbers.get": lambda bank, books: bank.account_numbers.get(books.number),
    "external_accounts.list": lambda bank, _: bank.external_accounts.list(),
    "external_accounts.get": lambda bank, books: bank.external_accounts.get(
        books.external
    ),
}


@pytest.fixture(scope="module")
def books() -> Books:
    """Return books that no test changes."""
    return Books()


@pytest.fixture(scope="module")
def url(books: Books) -> Iterator[str]:
    """Serve the books over HTTP on loopback."""
    with serve({"increase": books.simulator}) as running:
        yield running.base_url("increase")


async def _value(outcome: Any) -> Any:
    """Return what a call of AsyncBank returns, a listing to its end."""
    if hasattr(outcome, "pages"):
        return [item async for item in outcome]
    return await outcome if inspect.isawaitable(outcome) else outcome


async def _read_all(engine: str, url: str, books: Books) -> dict[str, Any]:
    http = HttpOptions(engine=engine)  # type: ignore[arg-type]  # a parameter
    async with AsyncBank("increase", **OPTIONS, base_url=url, http=http) as bank:
        reads = {name: _value(read(bank, books)) for name, read in READS.items()}
        values = await asyncio.gather(*reads.values())  # concurrently, as an app does
    return dict(zip(reads, values, strict=True))


@ENGINES
def test_both_clients_read_the_same(engine: str, url: str, books: Books) -> None:
    """Every read over HTTP gives the values that Bank gives, and none is empty."""
    values = asyncio.run(_read_all(engine, url, books))
    with Bank("increase", **OPTIONS, base_url=url) as bank:
        for name, read in READS.items():
            outcome = read(bank, books)
            expected = list(outcome) if hasattr(outcome, "pages") else outcome
            assert expected, name
            assert values[name] == expected, name


@ENGINES
def test_writes_over_http(engine: str) -> None:
    """An account, a number and a subscription are created, changed and closed."""

    async def write(url: str, entity: str) -> list[Any]:
        http = HttpOptions(engine=engine)  # type: ignore[arg-type]  # a parameter
        async with AsyncBank("increase", **OPTIONS, base_url=url, http=http) as bank:
            account = await bank.accounts.create(
                NewAccount(
                    customer_ids=[entity], kind=AccountKind.DEPOSIT, name="Everyday"
                )
            )
            number = await bank.account_numbers.create(
                NewAccountNumber(account_id=account.id, name="Payroll")
            )
            canceled = await bank.account_numbers.update(
                number.id, AccountNumberChanges(status=AccountNumberStatus.CANCELED)
            )
            hook = await bank.webhook_subscriptions.create(
                NewWebhookSubscription(
                    url="https://app.example.com/hooks",
                    events=["account.created"],
                    secret="a shared secret of the test",
                )
            )
            disabled = await bank.webhook_subscriptions.update(
                hook.id, WebhookSubscriptionChanges(enabled=False)
            )
            closed = await bank.accounts.close(account.id)
            with pytest.raises(NotFound):
                await bank.transactions.get("transaction_none")
            return [canceled.status, disabled.enabled, closed.status]

    simulator = IncreaseSimulator()
    with serve({"increase": simulator}) as running:
        url, entity = running.base_url("increase"), simulator.seed_entity()
        outcome = asyncio.run(write(url, entity))
    assert outcome == ["canceled", False, "closed"]
