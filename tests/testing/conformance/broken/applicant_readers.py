"""Adapters that misread people and accounts of vendors whose decisions come later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve
from tests.testing.conformance.broken.making import Flow, Table, with_result

from anybank.model.accounts import Balance
from anybank.model.customers import Customer, CustomerStatus
from anybank.sensitive import Ssn
from anybank.testing.conformance import Subject
from anybank_unit.conformance import UnitConformance


def _unit(method: str, flow: Callable[[Any, Any], Flow]) -> Subject:
    """Return the subject of Unit with another method."""
    subject = UnitConformance.subject()
    return evolve(subject, adapter=type("Broken", (subject.adapter,), {method: flow}))


def _in_the_us(customer: Customer) -> Customer:
    addresses = [evolve(item, country="US") for item in customer.addresses]
    return evolve(customer, addresses=addresses)


def _without_denied(self: Any, query: Any) -> Flow:
    page = yield from UnitConformance.adapter.list_customers(self, query)
    denied = CustomerStatus.DENIED
    return evolve(page, items=[it for it in page.items if it.status is not denied])


def _deleting_customers_only(self: Any, query: Any) -> Flow:
    if not query.id.startswith("application-"):
        yield from UnitConformance.adapter.delete_customer(self, query)


def _filtering_by_customers_only(self: Any, query: Any) -> Flow:
    if (query.customer_id or "").startswith("application-"):
        query = evolve(query, customer_id=None)
    return (yield from UnitConformance.adapter.list_accounts(self, query))


def _with_equal_balances(simulator: Any, bank: Any) -> Iterator[Any]:
    for record in UnitConformance().seed_expected(simulator, bank):
        if isinstance(record, Balance):
            row = simulator.books.accounts.find(record.account_id)
            row["attributes"]["available"] = row["attributes"]["balance"]
            yield evolve(record, available=record.current)
        else:
            yield record


BROKEN: Table = {
    "reads every address in the United States": (
        "address_countries_are_read_back",
        lambda: with_result("get_customer", _in_the_us),
    ),
    "reads a masked number without its last digits": (
        "masks_keep_the_last_digits",
        lambda: with_result(
            "get_customer", lambda it: evolve(it, ssn=Ssn.read("tok_mask"))
        ),
    ),
    "lists no denied people": (
        "undecided_customers_are_listed",
        lambda: _unit("list_customers", _without_denied),
    ),
    "lists an undecided person after the deletion": (
        "deleted_customers_are_not_listed",
        lambda: _unit("delete_customer", _deleting_customers_only),
    ),
    "lists everybody's accounts for a person who has none": (
        "people_without_accounts_have_none",
        lambda: _unit("list_accounts", _filtering_by_customers_only),
    ),
    "is tested with balances of which nothing is on hold": (
        "amounts_are_read_exactly",
        lambda: evolve(UnitConformance.subject(), seed_expected=_with_equal_balances),
    ),
}
