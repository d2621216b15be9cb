"""Adapters that misread people and accounts of vendors whose decisions come later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from attrs import evolve, frozen
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    with_changed_rule,
    with_result,
)

from anybank.adapter.own_fields import own
from anybank.declaration import Feature, FieldRule
from anybank.model.accounts import Balance
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerStatus, NewCustomer
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


def _with_any_country() -> Subject:
    """Return an Acme that accepts addresses in every country."""
    return with_changed_rule(Address, "country", create="optional", implied=None)


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


def _losing_the_secret(self: Any, query: Any) -> Flow:
    adapter = UnitConformance.adapter
    created = yield from adapter.create_webhook_subscription(self, query)
    return evolve(created, secret=None)


def _keeping_line2(self: Any, query: Any) -> Flow:
    inner = UnitConformance.adapter.update_customer(self, query)
    request = next(inner)
    try:
        while True:
            address = _address_in(request.body)
            if address:
                address.setdefault("street2", "Unit 7")
            request = inner.send((yield request))
    except StopIteration as finished:
        return finished.value


def _address_in(body: Any) -> Any:
    attributes = body["data"]["attributes"] if isinstance(body, dict) else {}
    return attributes.get("address")


def _passed_at_once(self: Any, query: Any) -> Flow:
    check = yield from UnitConformance.adapter.get_kyc(self, query)
    return evolve(check, passed_at=datetime(2024, 3, 1, tzinfo=UTC))


def _opening_for_another_owner(self: Any, query: Any) -> Flow:
    owners = [it.removeprefix("application-") for it in query.new.customer_ids]
    new = evolve(query.new, customer_ids=owners)
    adapter = UnitConformance.adapter
    return (yield from adapter.create_account(self, evolve(query, new=new)))


def _with_names_exchanged() -> dict[str, FieldRule]:
    rules = dict(UnitConformance.adapter.capabilities.fields[NewCustomer])
    first, last = rules["first_name"], rules["last_name"]
    return {**rules, "first_name": last, "last_name": first}


@frozen(kw_only=True)
class _Swapped:
    """Extras whose names are exchanged."""

    annual_income: str | None = own("sourceOfIncome")
    source_of_income: str | None = own("annualIncome")


def _declaring(**changes: Any) -> Subject:
    """Return the subject of Unit with another declaration."""
    subject = UnitConformance.subject()
    declared = evolve(subject.adapter.capabilities, **changes)
    adapter = type("Broken", (subject.adapter,), {"capabilities": declared})
    return evolve(subject, adapter=adapter)


def _listing_any_status() -> Subject:
    """Return the subject of Unit, which does not declare which transactions it lists."""
    features = dict(UnitConformance.adapter.capabilities.features)
    name = Feature.TRANSACTIONS_LIST
    return _declaring(features=features | {name: evolve(features[name], only={})})


BROKEN: Table = {
    "does not declare that a create verifies": (
        "creates_that_verify_emulate_the_start",
        lambda: _declaring(create_verifies=False),
    ),
    "lists posted transactions where pending ones are requested": (
        "status_filters_select_transactions",
        _listing_any_status,
    ),
    "exchanges the names of two extras": (
        "extras_use_the_member_of_their_name",
        lambda: _declaring(extras={NewCustomer: _Swapped}),
    ),
    "opens accounts for the customer who has the number of an application": (
        "accounts_are_opened_for_their_owners",
        lambda: _unit("create_account", _opening_for_another_owner),
    ),
    "exchanges a first and a last name, whose members are parts of these names": (
        "fields_use_the_member_of_their_name",
        lambda: _declaring(
            fields={
                **UnitConformance.adapter.capabilities.fields,
                NewCustomer: _with_names_exchanged(),
            }
        ),
    ),
    "loses the secret of a subscription": (
        "delivered_events_are_read",
        lambda: _unit("create_webhook_subscription", _losing_the_secret),
    ),
    "reads every address in the United States": (
        "address_countries_are_read_back",
        lambda: with_result("get_customer", _in_the_us, _with_any_country().adapter),
    ),
    "reads a masked number without its last digits": (
        "masks_keep_the_last_digits",
        lambda: with_result(
            "get_customer", lambda it: evolve(it, ssn=Ssn.read("tok_mask"))
        ),
    ),
    "keeps a part of an address that an update replaces": (
        "replaced_addresses_keep_no_parts",
        lambda: _unit("update_customer", _keeping_line2),
    ),
    "reads a time of verification for everybody": (
        "decisions_are_read_exactly",
        lambda: _unit("get_kyc", _passed_at_once),
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
