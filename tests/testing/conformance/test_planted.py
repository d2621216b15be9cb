"""Mistakes about money that are planted in the adapters of real vendors are caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.testing.conformance.broken.making import Flow

from anybank.adapter import Adapter
from anybank.model.events import Event
from anybank.model.money import Money
from anybank.plugins import find
from anybank.testing.conformance import run_check

Change = Callable[[Any], Any]


def with_result(kind: type[Adapter], method: str, change: Change) -> type[Adapter]:
    """Return an adapter whose method returns a changed result."""

    def flow(self: Any, query: Any) -> Flow:
        return change((yield from getattr(kind, method)(self, query)))

    return type("Planted", (kind,), {method: flow})


def without_filter(kind: type[Adapter], method: str, **absent: Any) -> type[Adapter]:
    """Return an adapter whose method ignores some arguments of its query."""

    def flow(self: Any, query: Any) -> Flow:
        return (yield from getattr(kind, method)(self, attrs.evolve(query, **absent)))

    return type("Planted", (kind,), {method: flow})


def with_event(kind: type[Adapter], change: Callable[[Event], Event]) -> type[Adapter]:
    """Return an adapter that changes each event of a delivery."""
    known: Any = type(kind.webhooks)

    def event(self: Any, raw: Any, body: bytes) -> Event:
        return change(known.event(self, raw, body))

    hooks = type("Hooks", (known,), {"event": event})()
    return type("Planted", (kind,), {"webhooks": hooks})


def each(change: Change) -> Change:
    """Return a change of each item of a page."""
    return lambda page: attrs.evolve(page, items=[change(item) for item in page.items])


def scaled(amount: Money | None, factor: int) -> Money | None:
    return amount and Money(amount.minor_units * factor, amount.currency)


MISTAKES: Mapping[str, tuple[str, str, Callable[[type[Adapter]], type[Adapter]]]] = {
    f"{provider}: {mistake}": (provider, check, plant)
    for provider in ("bond", "increase")
    for mistake, check, plant in (
        (
            "debits as credits",
            "amounts_are_read_exactly",
            lambda kind: with_result(
                kind,
                "get_transaction",
                lambda it: attrs.evolve(it, amount=abs(it.amount)),
            ),
        ),
        (
            "balances a hundred times too large",
            "amounts_are_read_exactly",
            lambda kind: with_result(
                kind,
                "get_balance",
                lambda it: attrs.evolve(it, available=scaled(it.available, 100)),
            ),
        ),
        (
            "times shifted by hours",
            "times_are_read_exactly",
            lambda kind: with_result(
                kind,
                "list_transactions",
                each(
                    lambda it: attrs.evolve(
                        it, occurred_at=it.occurred_at + timedelta(hours=5)
                    )
                ),
            ),
        ),
        (
            "accounts of all customers",
            "customer_filters_select_records",
            lambda kind: without_filter(kind, "list_accounts", customer_id=None),
        ),
        (
            "transactions of all accounts",
            "account_filters_select_records",
            lambda kind: without_filter(kind, "list_transactions", account_id=None),
        ),
        (
            "since= ignored",
            "time_filters_select_records",
            lambda kind: without_filter(kind, "list_transactions", since=None),
        ),
        (
            "until= ignored",
            "time_filters_select_records",
            lambda kind: without_filter(kind, "list_transactions", until=None),
        ),
        (
            "an event without its transaction",
            "delivered_events_are_read",
            lambda kind: with_event(
                kind, lambda it: attrs.evolve(it, transaction_id=None)
            ),
        ),
    )
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_caught(name: str) -> None:
    """The check fails, and its message ends with what to do."""
    provider, check, plant = MISTAKES[name]
    factory = find(provider).conformance
    assert factory is not None
    subject = factory().subject()
    planted = attrs.evolve(subject, adapter=plant(subject.adapter))
    result = run_check(planted, check)
    assert not result.passed
    assert not result.skipped
    assert "could not run" not in result.message
