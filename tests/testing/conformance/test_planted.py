"""Mistakes that are planted in the adapters of real vendors are caught."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.testing.conformance.broken.making import Flow

from anybank.adapter import Adapter
from anybank.model import operations as ask
from anybank.model.customers import Customer
from anybank.model.events import Event
from anybank.model.kyc import KycStatus
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

    def events(self: Any, raw: Any, body: bytes) -> Any:
        return [change(event) for event in known.events(self, raw, body)]

    hooks = type("Hooks", (known,), {"events": events})()
    return type("Planted", (kind,), {"webhooks": hooks})


def without_field_errors(kind: type[Adapter]) -> type[Adapter]:
    """Return an adapter that drops the field errors of a rejection."""

    def problem(self: Any, response: Any) -> Any:
        known = kind.problem(self, response)
        return known and attrs.evolve(known, field_errors={})

    return type("Planted", (kind,), {"problem": problem})


def reading_back(kind: type[Adapter]) -> type[Adapter]:
    """Return an adapter that reads a customer after the create, and loses the id."""

    def create(self: Any, query: Any) -> Flow:
        created = yield from kind.create_customer(self, query)
        return (yield from kind.get_customer(self, ask.GetCustomer(id=created.id)))

    return type("Planted", (kind,), {"create_customer": create})


def in_the_us(customer: Customer) -> Customer:
    """Return a customer whose phones have the country code 1."""
    phones = [
        attrs.evolve(phone, number=f"+1{phone.number[-10:]}")
        for phone in customer.phones
    ]
    return attrs.evolve(customer, phones=phones)


def each(change: Change) -> Change:
    """Return a change of each item of a page."""
    return lambda page: attrs.evolve(page, items=[change(item) for item in page.items])


def scaled(amount: Money | None, factor: int) -> Money | None:
    return amount and Money(amount.minor_units * factor, amount.currency)


MISTAKES: dict[str, tuple[str, str, Callable[[type[Adapter]], type[Adapter]]]] = {
    f"{provider}: {mistake}": (provider, check, plant)
    for provider in ("bond", "increase", "unit")
    for mistake, check, plant in (
        ("field errors dropped", "field_errors_name_our_fields", without_field_errors),
        ("an id lost by a read", "failed_reads_keep_created_ids", reading_back),
        (
            "a masked number as nothing",
            "customer_fields_are_read_back",
            lambda kind: with_result(
                kind, "get_customer", lambda it: attrs.evolve(it, ssn=None)
            ),
        ),
        (
            "every decision as passed",
            "decisions_are_read_exactly",
            lambda kind: with_result(
                kind, "get_kyc", lambda it: attrs.evolve(it, status=KycStatus.PASSED)
            ),
        ),
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


def without_reference(kind: type[Adapter]) -> type[Adapter]:
    """Return an adapter that creates people without the caller's id."""

    def create(self: Any, query: Any) -> Flow:
        new = attrs.evolve(query.new, external_id=None)
        return (yield from kind.create_customer(self, attrs.evolve(query, new=new)))

    return type("Planted", (kind,), {"create_customer": create})


def listed_without_reference(page: Any) -> Any:
    items = [attrs.evolve(item, external_id=None) for item in page.items]
    return attrs.evolve(page, items=items)


MISTAKES |= {
    f"unit: no tag is written, by {check}": ("unit", check, without_reference)
    for check in (
        "client_reference_is_sent",
        "resolve_finds_lost_creates_by_reference",
    )
}
MISTAKES |= {
    "unit: the listings have no tags": (
        "unit",
        "resolve_finds_lost_creates_by_reference",
        lambda kind: with_result(kind, "list_customers", listed_without_reference),
    ),
    "unit: the second owner dropped": (
        "unit",
        "all_owners_are_read_back",
        lambda kind: with_result(
            kind,
            "get_account",
            lambda it: attrs.evolve(it, customer_ids=it.customer_ids[:1]),
        ),
    ),
    **{
        f"{provider}: the country code is always 1": (
            provider,
            "phone_countries_are_read_back",
            lambda kind: with_result(kind, "get_customer", in_the_us),
        )
        for provider in ("bond", "unit")
    },
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
