"""Every operation of a bank, with what it needs: the features select among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, frozen

from ..._engine.paging import AsyncListing, Listing
from ...adapter.base import Adapter
from ...declaration.vocabulary import Feature
from .recorder import NotApplicable, Recorder, outcome_of
from .stages import Stage
from .subject import Subject

Perform = Callable[[Any, Stage], Any]


@frozen
class Operation:
    """One thing that a bank is asked; `things` must be in place before."""

    feature: Feature
    perform: Perform
    things: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The operation, as errors and logs call it."""
        return self.feature.value

    @property
    def verb(self) -> str:
        """What is done: create, get, list, ..."""
        return self.name.partition(".")[2]

    @property
    def method(self) -> str:
        """The name of the Adapter's method."""
        return method_of(self.feature)

    def reads(self) -> bool:
        """Tell whether it only reads."""
        return self.verb in ("get", "list", "check", "adverse_action", "verify")

    def prepare(self, stage: Stage) -> None:
        """Put in place what it needs, and forget how."""
        for thing in self.things:
            stage.id(thing)
        stage.recorder.forget()

    def on(self, bank: Any, stage: Stage) -> Any:
        """Perform it through a Bank, a listing to its end."""
        found = self.perform(bank, stage)
        return list(found) if isinstance(found, Listing) else found

    def outcome(self, stage: Stage, retries: int = 2) -> Any:
        """Return its value, or the error that it raises."""
        with stage.subject.bank(stage.recorder, retries) as bank:
            return outcome_of(lambda: self.on(bank, stage))

    async def awaited(self, bank: Any, stage: Stage) -> Any:
        """Perform it through an AsyncBank."""
        found = self.perform(bank, stage)
        if isinstance(found, AsyncListing):
            return [each async for each in found]
        return await found


_IRREGULAR = {
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: "get_adverse_action",
    Feature.KYC_START: "start_kyc",
    Feature.KYC_GET: "get_kyc",
    Feature.CREDENTIALS_CHECK: "check_credentials",
    Feature.CREDENTIALS_CREATE_TEMPORARY: "create_temporary_credentials",
}


def method_of(feature: Feature) -> str:
    """Return the name of the Adapter's method for a feature."""
    if feature in _IRREGULAR:
        return _IRREGULAR[feature]
    resource, action = feature.value.split(".")
    singular = resource.removesuffix("s")
    if resource == "customer_addresses":
        singular = "customer_address"
    return f"{action}_{resource if action == 'list' else singular}"


def declared(
    subject: Subject, choose: Callable[[Operation], bool] = lambda _: True
) -> Iterator[tuple[Operation, Stage]]:
    """Yield each declared operation on a fresh stage that is set for it.

    Raises NotApplicable where there is none, or nothing can be set for any.
    """
    stageable, reasons = 0, []
    for operation in OPERATIONS.values():
        if not subject.supports(operation.feature) or not choose(operation):
            continue
        stage = Stage.of(subject)
        try:
            operation.prepare(stage)
        except NotApplicable as nothing:
            reasons.append(f"{operation.name}: {nothing}")
            continue
        stageable += 1
        yield operation, stage
    if not stageable:
        raise NotApplicable("; ".join(reasons) or "no such operation is declared")


def asked(operation: Operation, stage: Stage) -> tuple[Any, Recorder]:
    """Perform an operation; return the question that the adapter was asked last."""
    questions: list[Any] = []
    kind = stage.subject.adapter

    def keep(self: Adapter, query: Any) -> Any:
        questions.append(query)
        return getattr(kind, operation.method)(self, query)

    spy = type("Spy", (kind,), {operation.method: keep})
    with stage.subject.bank(stage.recorder, 0, spy) as bank:
        outcome_of(lambda: operation.on(bank, stage))
    return (questions[0] if questions else None), stage.recorder


def keyed(question: Any) -> Any:
    """Return a question with a key that is always the same."""
    start = getattr(question, "start", None)
    if start is not None:
        return evolve(question, start=evolve(start, idempotency_key="anybank-key"))
    key = getattr(question, "idempotency_key", None)
    return evolve(question, idempotency_key="anybank-key") if key else question


def _program(stage: Stage) -> str | None:
    return stage.start.program_id


_ALL = (
    Operation(
        Feature.CUSTOMERS_CREATE, lambda bank, on: bank.customers.create(on.person())
    ),
    Operation(
        Feature.CUSTOMERS_GET,
        lambda bank, on: bank.customers.get(on.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMERS_LIST, lambda bank, _: bank.customers.list(), ("customer",)
    ),
    Operation(
        Feature.CUSTOMERS_UPDATE,
        lambda bank, on: bank.customers.update(on.id("customer"), on.changes),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMERS_DELETE,
        lambda bank, on: bank.customers.delete(on.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_CREATE,
        lambda bank, on: bank.customer_addresses.create(
            on.id("customer"), on.address()
        ),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_LIST,
        lambda bank, on: bank.customer_addresses.list(on.id("customer")),
        ("customer",),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_UPDATE,
        lambda bank, on: bank.customer_addresses.update(
            on.id("customer"), evolve(on.address(1), id=on.id("address"))
        ),
        ("customer", "address"),
    ),
    Operation(
        Feature.CUSTOMER_ADDRESSES_DELETE,
        lambda bank, on: bank.customer_addresses.delete(
            on.id("customer"), on.id("address")
        ),
        ("customer", "address"),
    ),
    Operation(
        Feature.KYC_START,
        lambda bank, on: bank.kyc.start(on.id("customer"), on.start),
        ("customer",),
    ),
    Operation(
        Feature.KYC_GET,
        lambda bank, on: bank.kyc.get(
            on.id("verified_customer"), program_id=_program(on)
        ),
        ("verified_customer",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_CREATE,
        lambda bank, on: bank.credit_applications.create(on.application()),
        ("customer",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_GET,
        lambda bank, on: bank.credit_applications.get(on.id("application")),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_LIST,
        lambda bank, _: bank.credit_applications.list(),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_UPDATE,
        lambda bank, on: bank.credit_applications.update(
            on.id("application"), on.application_changes
        ),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_SUBMIT,
        lambda bank, on: bank.credit_applications.submit(on.id("application")),
        ("application",),
    ),
    Operation(
        Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION,
        lambda bank, on: bank.credit_applications.adverse_action(
            on.id("denied_application")
        ),
        ("denied_application",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
        lambda bank, on: bank.webhook_subscriptions.create(on.subscription()),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
        lambda bank, _: bank.webhook_subscriptions.list(),
        ("subscription",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE,
        lambda bank, on: bank.webhook_subscriptions.update(
            on.id("subscription"), on.subscription_changes
        ),
        ("subscription",),
    ),
    Operation(
        Feature.WEBHOOK_SUBSCRIPTIONS_DELETE,
        lambda bank, on: bank.webhook_subscriptions.delete(on.id("subscription")),
        ("subscription",),
    ),
    Operation(
        Feature.ACCOUNTS_CREATE,
        lambda bank, on: bank.accounts.create(on.account()),
        ("customer",),
    ),
    Operation(
        Feature.ACCOUNTS_GET,
        lambda bank, on: bank.accounts.get(on.id("account")),
        ("account",),
    ),
    Operation(
        Feature.ACCOUNTS_LIST, lambda bank, _: bank.accounts.list(), ("account",)
    ),
    Operation(
        Feature.ACCOUNTS_DELETE,
        lambda bank, on: bank.accounts.delete(on.id("account")),
        ("account",),
    ),
    Operation(
        Feature.TRANSACTIONS_GET,
        lambda bank, on: bank.transactions.get(on.id("transaction")),
        ("transaction",),
    ),
    Operation(
        Feature.TRANSACTIONS_LIST,
        lambda bank, _: bank.transactions.list(),
        ("transaction",),
    ),
    Operation(Feature.CREDENTIALS_CHECK, lambda bank, _: bank.credentials.check()),
    Operation(
        Feature.CREDENTIALS_CREATE_TEMPORARY,
        lambda bank, on: bank.credentials.create_temporary(on.id("customer")),
        ("customer",),
    ),
)
OPERATIONS = {each.feature: each for each in _ALL}
"""Every operation, by the feature that declares it."""
