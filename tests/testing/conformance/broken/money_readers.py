"""Adapters that misread amounts, times and events, or ignore the filters of a list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.hooks import AcmeWebhooks
from tests.testing.conformance.acme.seeds import AcmeConformance
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    subject_of,
    with_capabilities,
    with_fields,
    with_request,
    with_result,
    with_webhooks,
)

from anybank.declaration import ReadRule
from anybank.errors import Effect, InvalidInput, Issue
from anybank.model.accounts import Balance
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.money import Money
from anybank.model.pages import Page
from anybank.model.transactions import Transaction, TransactionStatus
from anybank.testing.conformance import Subject


def _scaled(numerator: int, denominator: int = 1) -> Callable[[Any], Any]:
    return lambda raw: Money(raw["cents"] * numerator // denominator)


def _without(*names: str) -> Callable[[Any, Any], Any]:
    """Return a change that removes parameters from the query of every request."""
    return lambda _query, request: evolve(
        request,
        query={name: text for name, text in request.query if name not in names},
    )


def _in_list(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a change of each record of a page."""

    def changed(page: Page[Any]) -> Page[Any]:
        return evolve(page, items=[change(item) for item in page.items])

    return changed


def _in_list_times(change: Callable[[str], datetime]) -> Callable[[Any], Any]:
    return _in_list(lambda it: evolve(it, occurred_at=change(it.raw["at"])))


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _filtering_first_page_only(name: str) -> Callable[[Any, Any], Any]:
    """Return a change that removes a filter from the requests of later pages."""

    def change(query: Any, request: Any) -> Any:
        return _without(name)(query, request) if query.token else request

    return change


def _shifted(**delta: float) -> Callable[[Any, Any], Any]:
    """Return a change that moves both times of a filter."""

    def moved(text: str) -> str:
        return (datetime.fromisoformat(text) + timedelta(**delta)).isoformat()

    def change(_query: Any, request: Any) -> Any:
        query = dict(request.query)
        times = {name: moved(query[name]) for name in ("from", "to") if name in query}
        return evolve(request, query={**query, **times})

    return change


def _expecting(change: Callable[[Any], bool]) -> Subject:
    """Return an Acme whose author returns only some of the expected values."""

    class Chosen(AcmeConformance):
        def seed_expected(self, simulator: Any, bank: Any) -> Any:
            return filter(change, list(super().seed_expected(simulator, bank)))

    return subject_of(seed_expected=Chosen().seed_expected)


def _declaring(**never: str) -> Subject:
    """Return an Acme that declares other fields of a transaction never returned."""
    rule = ReadRule(source="Acme docs", never=never)
    return with_capabilities(reads={**ACME.reads, Transaction: rule})


def _is_no_debit(value: Any) -> bool:
    amount = getattr(value, "amount", None)
    return amount is None or amount > Money(0)


def _lost_page(page: Page[Any]) -> Page[Any]:
    return evolve(page, next_token=None)


def _one_page_by_default(self: Acme, query: Any) -> Flow:
    page = yield from Acme.list_transactions(self, query)
    return page if query.page_size else _lost_page(page)


def _without_objects(self: Acme, query: Any) -> Flow:
    if query.object_id is not None:
        issue = Issue(
            "object_id", Effect.BLOCKED, "no filter", "Acme docs", "no filter"
        )
        raise InvalidInput([issue])
    return (yield from Acme.list_events(self, query))


def _with_delivered(change: Callable[[Event], Event]) -> Subject:
    """Return an Acme that changes each event that it reads of a delivery."""
    return with_webhooks(
        event=lambda self, raw, body: change(AcmeWebhooks.event(self, raw, body))
    )


def _swapped(event: Event) -> Event:
    return evolve(
        event, account_id=event.transaction_id, transaction_id=event.account_id
    )


BROKEN: Table = {
    "reads debits as credits": (
        "amounts_are_read_exactly",
        lambda: with_fields(
            "get_transaction", amount=lambda raw: Money(abs(raw["cents"]))
        ),
    ),
    "lists debits as credits": (
        "amounts_are_read_exactly",
        lambda: with_result(
            "list_transactions",
            _in_list(lambda it: evolve(it, amount=abs(it.amount))),
        ),
    ),
    "reads amounts a hundred times too large": (
        "amounts_are_read_exactly",
        lambda: with_fields("get_transaction", amount=_scaled(100)),
    ),
    "reads balances a hundred times too large": (
        "amounts_are_read_exactly",
        lambda: with_fields("get_balance", current=_scaled(100)),
    ),
    "reads balances a hundred times too small": (
        "amounts_are_read_exactly",
        lambda: with_fields("get_balance", current=_scaled(1, 100)),
    ),
    "reads amounts in another currency": (
        "amounts_are_read_exactly",
        lambda: with_fields(
            "get_transaction", amount=lambda raw: Money(raw["cents"], "CAD")
        ),
    ),
    "rounds amounts": (
        "amounts_are_read_exactly",
        lambda: with_fields(
            "get_transaction", amount=lambda raw: Money(raw["cents"] // 100 * 100)
        ),
    ),
    "reads no amount": (
        "amounts_are_read_exactly",
        lambda: with_fields("get_transaction", amount=lambda _: None),
    ),
    "is tested with credits only": (
        "amounts_are_read_exactly",
        lambda: _expecting(_is_no_debit),
    ),
    "is tested with empty balances only": (
        "amounts_are_read_exactly",
        lambda: subject_of(seed_expected=_an_empty_balance),
    ),
    "is tested with a value that the kit does not compare": (
        "amounts_are_read_exactly",
        lambda: subject_of(seed_expected=lambda _simulator, _bank: [Money(1)]),
    ),
    "cannot read a seeded record": (
        "amounts_are_read_exactly",
        lambda: subject_of(
            seed_expected=lambda _simulator, _bank: [Transaction(id="no-transaction")]
        ),
    ),
    "ignores the time zone of a time": (
        "times_are_the_same_in_any_zone",
        lambda: with_fields("get_event", occurred_at=lambda raw: _local(raw["at"])),
    ),
    "ignores the time zones in a list": (
        "times_are_the_same_in_any_zone",
        lambda: with_result("list_transactions", _in_list_times(_local)),
    ),
    "reads times shifted by hours": (
        "times_are_read_exactly",
        lambda: with_result(
            "get_transaction",
            lambda it: evolve(it, occurred_at=it.occurred_at + timedelta(hours=5)),
        ),
    ),
    "reads no time of a transaction": (
        "times_are_read_exactly",
        lambda: with_fields("get_transaction", occurred_at=lambda _: None),
    ),
    "reads another time": (
        "times_are_read_exactly",
        lambda: with_result(
            "get_event",
            lambda it: evolve(it, occurred_at=it.occurred_at - timedelta(days=30)),
        ),
    ),
    "reads a date in place of a time": (
        "times_are_read_exactly",
        lambda: with_fields(
            "get_transaction",
            posted_at=lambda raw: date.fromisoformat(raw["at"][:10]),
        ),
    ),
    "reads an event without its object_id": (
        "events_name_their_objects",
        lambda: with_fields("get_event", object_id=lambda _: None),
    ),
    "reads an event without its account_id": (
        "events_name_their_objects",
        lambda: with_fields("get_event", account_id=lambda _: None),
    ),
    "lists events without their transaction_id": (
        "events_name_their_objects",
        lambda: with_result(
            "list_events", _in_list(lambda it: evolve(it, transaction_id=None))
        ),
    ),
    "swaps two ids of an event": (
        "events_name_their_objects",
        lambda: with_result("get_event", _swapped),
    ),
    "puts the object of an event into every id": (
        "events_name_their_objects",
        lambda: with_result(
            "get_event", lambda it: evolve(it, customer_id=it.object_id)
        ),
    ),
    "reads a delivered event without its account_id": (
        "delivered_events_are_read",
        lambda: _with_delivered(lambda it: evolve(it, account_id=None)),
    ),
    "swaps two ids of a delivered event": (
        "delivered_events_are_read",
        lambda: _with_delivered(_swapped),
    ),
    "reads the time of a delivered event shifted by hours": (
        "delivered_events_are_read",
        lambda: _with_delivered(
            lambda it: evolve(
                it, occurred_at=it.occurred_at and it.occurred_at - timedelta(hours=8)
            )
        ),
    ),
    "reads pending transactions as posted": (
        "other_expected_fields_are_read",
        lambda: with_result(
            "list_transactions",
            _in_list(lambda it: evolve(it, status=TransactionStatus.POSTED)),
        ),
    ),
    "does not read the counterparty": (
        "other_expected_fields_are_read",
        lambda: with_fields("get_transaction", counterparty=lambda _: None),
    ),
    "misspells a field that is never returned": (
        "read_rules_name_existing_fields",
        lambda: _declaring(balance_afterwards="a transaction has no balance"),
    ),
    "gives no reason for a field that is never returned": (
        "read_rules_name_existing_fields",
        lambda: _declaring(balance_after=" "),
    ),
    "declares a field never returned that it reads": (
        "fields_declared_never_are_never_read",
        lambda: _declaring(
            **ACME.reads[Transaction].never, counterparty="nobody is named"
        ),
    ),
    "declares the address of a subscription never returned, and reads it": (
        "missing_fields_are_explained",
        lambda: with_capabilities(
            reads={
                **ACME.reads,
                WebhookSubscription: ReadRule(source="page", never={"url": "none"}),
            }
        ),
    ),
    "declares a field of a customer never returned that it reads": (
        "missing_fields_of_customers_are_explained",
        lambda: with_capabilities(
            reads={
                **ACME.reads,
                Customer: ReadRule(source="page", never={"created_at": "no time"}),
            }
        ),
    ),
    "declares nothing of what a balance lacks": (
        "returned_values_are_declared",
        lambda: with_capabilities(
            reads={kind: it for kind, it in ACME.reads.items() if kind is not Balance}
        ),
    ),
    "does not declare that a field is never returned": (
        "returned_fields_are_read",
        lambda: _declaring(native_amount="every amount is in cents"),
    ),
    "lists the accounts of all customers": (
        "customer_filters_select_records",
        lambda: with_request("list_accounts", _without("owners")),
    ),
    "lists the applications of all customers": (
        "customer_filters_select_records",
        lambda: with_request("list_credit_applications", _without("person")),
    ),
    "lists the accounts of a customer on the first page only": (
        "customer_filters_select_records",
        lambda: with_request("list_accounts", _filtering_first_page_only("owners")),
    ),
    "lists one page of a customer's accounts": (
        "customer_filters_select_records",
        lambda: with_result("list_accounts", _lost_page),
    ),
    "lists the numbers of all accounts": (
        "account_filters_select_records",
        lambda: with_request("list_account_numbers", _without("account")),
    ),
    "lists the transactions of all accounts": (
        "account_filters_select_records",
        lambda: with_request("list_transactions", _without("account")),
    ),
    "lists transactions of all accounts without their account": (
        "account_filters_select_records",
        lambda: with_result(
            "list_transactions",
            _in_list(lambda it: evolve(it, account_id=None)),
            with_request("list_transactions", _without("account")).adapter,
        ),
    ),
    "loses the pages of a list of transactions": (
        "listings_are_complete_and_end",
        lambda: with_result("list_transactions", _lost_page),
    ),
    "lists transactions twice": (
        "listings_are_complete_and_end",
        lambda: with_result(
            "list_transactions",
            lambda page: evolve(page, items=[*page.items, *page.items[-1:]]),
        ),
    ),
    "lists one page of transactions where no page size is requested": (
        "default_pages_lose_no_records",
        lambda: broken_acme(list_transactions=_one_page_by_default),
    ),
    "refuses a filter without declaring it": (
        "object_filters_select_events",
        lambda: broken_acme(list_events=_without_objects),
    ),
    "lists events about all objects": (
        "object_filters_select_events",
        lambda: with_request("list_events", _without("about")),
    ),
    "ignores since=": (
        "time_filters_select_records",
        lambda: with_request("list_transactions", _without("from")),
    ),
    "ignores until=": (
        "time_filters_select_records",
        lambda: with_request("list_events", _without("to")),
    ),
    "ignores until= from the second page on": (
        "time_filters_select_records",
        lambda: with_request("list_transactions", _filtering_first_page_only("to")),
    ),
    "sends the times of a filter shifted by hours": (
        "time_filters_select_records",
        lambda: with_request("list_events", _shifted(hours=-5)),
    ),
    "includes the time of until=": (
        "time_filters_select_records",
        lambda: with_request("list_transactions", _shifted(microseconds=1)),
    ),
    "lists pending transactions as posted ones": (
        "status_filters_select_transactions",
        lambda: with_request("list_transactions", _without("state")),
    ),
}


def _an_empty_balance(simulator: Any, _bank: Any) -> list[Balance]:
    simulator.shelves.accounts.things["account-1"] = {"id": "account-1"}
    return [Balance(account_id="account-1", current=Money(0))]
