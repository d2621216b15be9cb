"""Every operation of a Bank, with the records that it needs to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from attrs import evolve, frozen

from ..._engine.paging import AsyncListing, Listing
from ...adapter.base import Adapter
from ...model.features import Feature
from ...model.operations import QUESTIONS
from ..modes import Mode
from .recorder import NotApplicable, Recorder, outcome_of
from .scenarios import APPLICANT, TRANSACTION_ACCOUNT, Scenario
from .subject import Subject

Perform = Callable[[Any, Scenario], Any]
READING_VERBS = ("get", "list", "check", "adverse_action", "verify", "balance")
"""The verbs of the operations that change nothing at a vendor."""
_MOST_LISTED = 200
"""The number of records that a live run reads of a listing."""


@frozen
class Operation:
    """An operation of a Bank; `prerequisites` are the kinds of records that must exist."""

    feature: Feature
    perform: Perform
    prerequisites: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the operation in errors and logs."""
        return self.feature.value

    @property
    def verb(self) -> str:
        """The last part of the name: create, get, list, ..."""
        return self.name.partition(".")[2]

    @property
    def method(self) -> str:
        """The name of the Adapter method."""
        return QUESTIONS[self.feature].method

    def is_read(self) -> bool:
        """Return True if the operation changes nothing at the vendor."""
        return self.verb in READING_VERBS

    def is_write(self) -> bool:
        """Return True if the operation changes something at the vendor."""
        return not self.is_read()

    def prepare(self, scenario: Scenario) -> None:
        """Create the prerequisites, then clear the record of requests."""
        vendor = scenario.recorder.simulator
        if scenario.subject.mode is Mode.RECORDED:
            scenario.ids.update(vendor.open(self.feature, self.prerequisites))
        if scenario.subject.mode is Mode.LIVE and self.is_read():
            # The same dict, so that all reads share the records that one of them creates.
            scenario.ids = vendor.shared_ids
        for kind in self.prerequisites:
            scenario.id(kind)
        scenario.recorder.forget()

    def run(self, bank: Any, scenario: Scenario) -> Any:
        """Run the operation with a Bank; read a listing to its end."""
        result = self.perform(bank, scenario)
        # A listing sends nothing until it is read. A sandbox may have any number of records.
        most = _MOST_LISTED if scenario.subject.mode is Mode.LIVE else None
        return list(islice(result, most)) if isinstance(result, Listing) else result

    def outcome(self, scenario: Scenario, retries: int = 2) -> Any:
        """Run the operation and return its result, or the AnybankError that it raises."""
        with scenario.subject.bank(scenario.recorder, retries) as bank:
            return outcome_of(lambda: self.run(bank, scenario))

    async def run_async(self, bank: Any, scenario: Scenario) -> Any:
        """Run the operation with an AsyncBank; read a listing to its end."""
        result = self.perform(bank, scenario)
        if isinstance(result, AsyncListing):
            return [item async for item in result]
        return await result


def declared_operations(
    subject: Subject, choose: Callable[[Operation], bool] = lambda _: True
) -> Iterator[tuple[Operation, Scenario]]:
    """Yield each declared operation with a fresh scenario that has its prerequisites.

    Raises NotApplicable if no such operation is declared, or if the prerequisites of none
    can be created.
    """
    prepared, reasons = 0, []
    for operation in OPERATIONS.values():
        if not subject.supports(operation.feature) or not choose(operation):
            continue
        scenario = Scenario.of(subject)
        try:
            operation.prepare(scenario)
        # One operation whose records cannot be created does not end the check of the
        # others. Only if none is left is the check inapplicable, with all reasons.
        except NotApplicable as inapplicable:
            reasons.append(f"{operation.name}: {inapplicable}")
            continue
        prepared += 1
        yield operation, scenario
    if not prepared:
        raise NotApplicable("; ".join(reasons) or "no such operation is declared")


def capture_query(operation: Operation, scenario: Scenario) -> tuple[Any, Recorder]:
    """Run an operation; return the first query that the adapter received, or None."""
    queries: list[Any] = []
    kind = scenario.subject.adapter

    def capture(self: Adapter, query: Any) -> Any:
        queries.append(query)
        return getattr(kind, operation.method)(self, query)

    # A subclass and not a patched instance: the Bank creates its own adapter from the
    # class that it is given.
    spy = type("Spy", (kind,), {operation.method: capture})
    with scenario.subject.bank(scenario.recorder, 0, spy) as bank:
        outcome_of(lambda: operation.run(bank, scenario))
    return (queries[0] if queries else None), scenario.recorder


def with_fixed_key(query: Any) -> Any:
    """Return a query whose generated idempotency key is replaced by a constant."""
    # The keys are drawn by the client for each call, so that two requests with the same
    # content would differ in them alone.
    start = getattr(query, "start", None)
    if start is not None:
        return evolve(query, start=evolve(start, idempotency_key="anybank-key"))
    key = getattr(query, "idempotency_key", None)
    return evolve(query, idempotency_key="anybank-key") if key else query


def _list(resource: str) -> Perform:
    """Return a listing with the arguments that the vendor requires."""

    def perform(bank: Any, scenario: Scenario) -> Any:
        required = scenario.required_arguments(Feature(f"{resource}.list"))
        return getattr(bank, resource).list(**required)

    return perform


def _program(scenario: Scenario) -> str | None:
    return scenario.start.program_id


_ALL = (
    Operation(
        Feature.CUSTOMERS_CREATE,
        lambda bank, scenario: bank.customers.create(scenario.person()),
    ),
    Operation(
        Feature.CUSTOMERS_GET,
        lambda bank, scenario: bank.customers.get(scenario.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMERS_LIST, lambda bank, _: bank.customers.list(), ("customer",)
    ),
    Operation(
        Feature.CUSTOMERS_UPDATE,
        lambda bank, scenario: bank.customers.update(
            scenario.id("customer"), scenario.changes
        ),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMERS_DELETE,
        lambda bank, scenario: bank.customers.delete(scenario.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_CREATE,
        lambda bank, scenario: bank.customer_addresses.create(
            scenario.id("customer"), scenario.address()
        ),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_LIST,
        lambda bank, scenario: bank.customer_addresses.list(scenario.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_UPDATE,
        lambda bank, scenario: bank.customer_addresses.update(
            scenario.id("customer"),
            evolve(scenario.address(1), id=scenario.id("address")),
        ),
        ("customer", "address"),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_DELETE,
        lambda bank, scenario: bank.customer_addresses.delete(
            scenario.id("customer"), scenario.id("address")
        ),
        ("customer", "address"),
    ),
    Operation(
        Feature.KYC_START,
        lambda bank, scenario: bank.kyc.start(scenario.id("customer"), scenario.start),
        ("customer",),
    ),
    Operation(
        Feature.KYC_GET,
        lambda bank, scenario: bank.kyc.get(
            scenario.id("verified_customer"), program_id=_program(scenario)
        ),
        ("verified_customer",),
    ),
    Operation(
        Feature.KYC_UPLOAD_DOCUMENT,
        lambda bank, scenario: bank.kyc.upload_document(
            scenario.applicant(), scenario.document
        ),
        (APPLICANT,),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_CREATE,
        lambda bank, scenario: bank.credit_applications.create(scenario.application()),
        ("customer",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_GET,
        lambda bank, scenario: bank.credit_applications.get(scenario.id("application")),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_LIST,
        _list("credit_applications"),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_UPDATE,
        lambda bank, scenario: bank.credit_applications.update(
            scenario.id("application"), scenario.application_changes
        ),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_SUBMIT,
        lambda bank, scenario: bank.credit_applications.submit(
            scenario.id("application")
        ),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION,
        lambda bank, scenario: bank.credit_applications.adverse_action(
            scenario.id("denied_application")
        ),
        ("denied_application",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
        lambda bank, scenario: bank.webhook_subscriptions.create(
            scenario.subscription()
        ),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
        lambda bank, _: bank.webhook_subscriptions.list(),
        ("subscription",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE,
        lambda bank, scenario: bank.webhook_subscriptions.update(
            scenario.id("subscription"), scenario.subscription_changes
        ),
        ("subscription",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_DELETE,
        lambda bank, scenario: bank.webhook_subscriptions.delete(
            scenario.id("subscription")
        ),
        ("subscription",),
    ),
    Operation(
        Feature.EVENTS_GET,
        lambda bank, scenario: bank.events.get(scenario.id("event")),
        ("event",),
    ),
    Operation(Feature.EVENTS_LIST, _list("events"), ("event",)),
    Operation(
        Feature.ACCOUNTS_CREATE,
        lambda bank, scenario: bank.accounts.create(scenario.account()),
        ("customer",),
    ),
    Operation(
        Feature.ACCOUNTS_GET,
        lambda bank, scenario: bank.accounts.get(scenario.id("account")),
        ("account",),
    ),
    Operation(Feature.ACCOUNTS_LIST, _list("accounts"), ("account",)),
    Operation(
        Feature.ACCOUNTS_DELETE,
        lambda bank, scenario: bank.accounts.delete(scenario.id("account")),
        ("account",),
    ),
    Operation(
        Feature.ACCOUNTS_BALANCE,
        lambda bank, scenario: bank.accounts.balance(scenario.id("account")),
        ("account",),
    ),
    Operation(
        Feature.ACCOUNTS_CLOSE,
        lambda bank, scenario: bank.accounts.close(scenario.id("account")),
        ("account",),
    ),
    Operation(
        Feature.ACCOUNT_NUMBERS_CREATE,
        lambda bank, scenario: bank.account_numbers.create(scenario.account_number()),
        ("account",),
    ),
    Operation(
        Feature.ACCOUNT_NUMBERS_GET,
        lambda bank, scenario: bank.account_numbers.get(scenario.id("account_number")),
        ("account_number",),
    ),
    Operation(
        Feature.ACCOUNT_NUMBERS_LIST,
        _list("account_numbers"),
        ("account_number",),
    ),
    Operation(
        Feature.ACCOUNT_NUMBERS_UPDATE,
        lambda bank, scenario: bank.account_numbers.update(
            scenario.id("account_number"), scenario.account_number_changes
        ),
        ("account_number",),
    ),
    Operation(
        Feature.EXTERNAL_ACCOUNTS_GET,
        lambda bank, scenario: bank.external_accounts.get(
            scenario.id("external_account")
        ),
        ("external_account",),
    ),
    Operation(
        Feature.EXTERNAL_ACCOUNTS_LIST,
        lambda bank, _: bank.external_accounts.list(),
        ("external_account",),
    ),
    Operation(
        Feature.TRANSACTIONS_GET,
        lambda bank, scenario: bank.transactions.get(
            scenario.id("transaction"), scenario.id(TRANSACTION_ACCOUNT) or None
        ),
        ("transaction", TRANSACTION_ACCOUNT),
    ),
    Operation(
        Feature.TRANSACTIONS_LIST,
        _list("transactions"),
        ("transaction",),
    ),
    Operation(Feature.CREDENTIALS_CHECK, lambda bank, _: bank.credentials.check()),
    Operation(
        Feature.CREDENTIALS_CREATE_TEMPORARY,
        lambda bank, scenario: bank.credentials.create_temporary(
            scenario.id("customer")
        ),
        ("customer",),
    ),
)
OPERATIONS = {operation.feature: operation for operation in _ALL}
"""Every operation by its feature."""
