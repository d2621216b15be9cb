"""What a Bank does for each call before the flow starts: refuse, settle, mint.

A Call is the same for Bank and AsyncBank; they differ only in how they run it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from .adapter import Adapter
from .capabilities import Feature
from .errors import AnybankError, Effect, InvalidInput, Issue, NotFound, Outcome
from .model import operations as ask
from .model.accounts import Account, NewAccount, Transaction
from .model.credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from .model.customers import Customer, CustomerChanges, NewCustomer
from .model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from .model.kyc import KycCheck, StartKyc
from .model.pages import Page
from .preflight import check, require
from .wire import Flow, Json, Query, Request, Response, is_path

Q = TypeVar("Q")
T = TypeVar("T")
Loss: TypeAlias = Collection[str]


@frozen
class Call(Generic[T]):
    """One operation, ready to run; `about` holds what an error must not repeat."""

    feature: Feature | None
    flow: Flow[T]
    about: object = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The operation, as errors and logs call it."""
        return self.feature.value if self.feature else "request"


def mint() -> str:
    """Return a fresh idempotency key."""
    return str(uuid.uuid4())


@frozen
class Calls:
    """The calls of one adapter."""

    adapter: Adapter

    def _offered(self, feature: Feature) -> None:
        if not self.adapter.capabilities.supports(feature):
            raise self.adapter.refuse(feature)

    def _ask(
        self,
        feature: Feature,
        flow: Callable[[Q], Flow[T]],
        question: Q,
        about: object = None,
    ) -> Call[T]:
        self._offered(feature)
        return Call(feature, flow(question), about)

    def _delete(
        self, feature: Feature, flow: Callable[[Q], Flow[None]], question: Q
    ) -> Call[None]:
        self._offered(feature)
        return Call(feature, _gone(flow(question)))

    def check(self, value: object, *, kyc_passed: bool | None = None) -> list[Issue]:
        """Find what the vendor would not take and keep of a value."""
        return check(self.adapter.capabilities, value, kyc_passed=kyc_passed)

    def create_customer(self, new: NewCustomer, accept_loss: Loss) -> Call[Customer]:
        """Settle a new customer and make it; the customer tells what was changed."""
        feature = Feature.CUSTOMERS_CREATE
        self._offered(feature)
        declared = self.adapter.capabilities
        settled, issues = require(declared, new, accept_loss=accept_loss)
        question = ask.CreateCustomer(new=settled, idempotency_key=mint())
        flow = _reporting(self.adapter.create_customer(question), issues)
        return Call(feature, flow, new)

    def get_customer(self, customer_id: str) -> Call[Customer]:
        """Read a customer."""
        question = ask.GetCustomer(id=customer_id)
        return self._ask(Feature.CUSTOMERS_GET, self.adapter.get_customer, question)

    def list_customers(
        self, token: str | None, page_size: int | None
    ) -> Call[Page[Customer]]:
        """Read a page of customers."""
        question = ask.ListCustomers(token=token, page_size=self._page_size(page_size))
        return self._ask(Feature.CUSTOMERS_LIST, self.adapter.list_customers, question)

    def update_customer(
        self,
        customer_id: str,
        changes: CustomerChanges,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Customer]:
        """Settle the changes and make them; fields that may not change are refused."""
        feature = Feature.CUSTOMERS_UPDATE
        self._offered(feature)
        declared = self.adapter.capabilities
        settled, issues = require(
            declared, changes, accept_loss=accept_loss, kyc_passed=kyc_passed
        )
        question = ask.UpdateCustomer(
            id=customer_id, changes=settled, kyc_passed=kyc_passed
        )
        flow = _reporting(self.adapter.update_customer(question), issues)
        return Call(feature, flow, changes)

    def delete_customer(self, customer_id: str) -> Call[None]:
        """Delete a customer."""
        question = ask.DeleteCustomer(id=customer_id)
        return self._delete(
            Feature.CUSTOMERS_DELETE, self.adapter.delete_customer, question
        )

    def resolve_customer(
        self, error: AnybankError, new: NewCustomer
    ) -> Call[Customer | None]:
        """Look whether a create whose outcome is unknown has happened."""
        feature = Feature.CUSTOMERS_LIST
        if error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED):
            return Call(feature, _nothing())
        self._can_be_found(new)
        return Call(feature, self._found(new), new)

    def _can_be_found(self, new: NewCustomer) -> None:
        create = self.adapter.capabilities.feature(Feature.CUSTOMERS_CREATE)
        if create.idempotency.kind != "client_reference":
            refusal = self.adapter.refuse(Feature.CUSTOMERS_LIST)
            refusal.args = (
                "a lost create cannot be looked up here, so a person must look before it "
                f"is repeated; {refusal.args[0]}",
            )
            raise refusal
        self._offered(Feature.CUSTOMERS_LIST)
        if new.external_id is None:
            said = "must have been given for a lost create to be found again"
            raise InvalidInput(
                [Issue("external_id", Effect.BLOCKED, "reference", "anybank", said)]
            )

    def _found(self, new: NewCustomer) -> Flow[Customer | None]:
        token: str | None = None
        while True:
            page = yield from self.adapter.list_customers(
                ask.ListCustomers(token=token)
            )
            for customer in page.items:
                if customer.external_id == new.external_id:
                    return customer
            token = page.next_token
            if token is None:
                return None

    def start_kyc(self, customer_id: str, start: StartKyc) -> Call[KycCheck]:
        """Start verifying a customer, under one idempotency key however often sent."""
        settled, _ = require(self.adapter.capabilities, start)
        keyed = evolve(settled, idempotency_key=start.idempotency_key or mint())
        question = ask.StartKycCheck(customer_id=customer_id, start=keyed)
        return self._ask(Feature.KYC_START, self.adapter.start_kyc, question, start)

    def get_kyc(self, customer_id: str, program_id: str | None) -> Call[KycCheck]:
        """Read how far a verification has come."""
        question = ask.GetKycCheck(customer_id=customer_id, program_id=program_id)
        return self._ask(Feature.KYC_GET, self.adapter.get_kyc, question)

    def create_credit_application(
        self, new: NewCreditApplication
    ) -> Call[CreditApplication]:
        """Make a credit application."""
        settled, _ = require(self.adapter.capabilities, new)
        question = ask.CreateCreditApplication(new=settled, idempotency_key=mint())
        return self._ask(
            Feature.CREDIT_APPLICATIONS_CREATE,
            self.adapter.create_credit_application,
            question,
            new,
        )

    def get_credit_application(self, application_id: str) -> Call[CreditApplication]:
        """Read a credit application."""
        question = ask.GetCreditApplication(id=application_id)
        return self._ask(
            Feature.CREDIT_APPLICATIONS_GET,
            self.adapter.get_credit_application,
            question,
        )

    def list_credit_applications(
        self, customer_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[CreditApplication]]:
        """Read a page of credit applications."""
        question = ask.ListCreditApplications(
            customer_id=customer_id, token=token, page_size=page_size
        )
        return self._ask(
            Feature.CREDIT_APPLICATIONS_LIST,
            self.adapter.list_credit_applications,
            question,
        )

    def update_credit_application(
        self, application_id: str, changes: CreditApplicationChanges
    ) -> Call[CreditApplication]:
        """Change a credit application that is not yet submitted."""
        settled, _ = require(self.adapter.capabilities, changes)
        question = ask.UpdateCreditApplication(id=application_id, changes=settled)
        return self._ask(
            Feature.CREDIT_APPLICATIONS_UPDATE,
            self.adapter.update_credit_application,
            question,
            changes,
        )

    def submit_credit_application(self, application_id: str) -> Call[CreditApplication]:
        """Submit a credit application."""
        question = ask.SubmitCreditApplication(id=application_id)
        return self._ask(
            Feature.CREDIT_APPLICATIONS_SUBMIT,
            self.adapter.submit_credit_application,
            question,
        )

    def get_adverse_action(self, application_id: str) -> Call[AdverseAction]:
        """Read why an application was denied."""
        question = ask.GetAdverseAction(application_id=application_id)
        return self._ask(
            Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION,
            self.adapter.get_adverse_action,
            question,
        )

    def create_webhook_subscription(
        self, new: NewWebhookSubscription
    ) -> Call[WebhookSubscription]:
        """Subscribe a URL to events."""
        question = ask.CreateWebhookSubscription(new=new)
        return self._ask(
            Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
            self.adapter.create_webhook_subscription,
            question,
        )

    def list_webhook_subscriptions(
        self, token: str | None
    ) -> Call[Page[WebhookSubscription]]:
        """Read a page of subscriptions."""
        question = ask.ListWebhookSubscriptions(token=token)
        return self._ask(
            Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
            self.adapter.list_webhook_subscriptions,
            question,
        )

    def update_webhook_subscription(
        self, subscription_id: str, changes: WebhookSubscriptionChanges
    ) -> Call[WebhookSubscription]:
        """Change a subscription."""
        question = ask.UpdateWebhookSubscription(id=subscription_id, changes=changes)
        return self._ask(
            Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE,
            self.adapter.update_webhook_subscription,
            question,
        )

    def delete_webhook_subscription(self, subscription_id: str) -> Call[None]:
        """End a subscription."""
        question = ask.DeleteWebhookSubscription(id=subscription_id)
        return self._delete(
            Feature.WEBHOOK_SUBSCRIPTIONS_DELETE,
            self.adapter.delete_webhook_subscription,
            question,
        )

    def create_account(self, new: NewAccount) -> Call[Account]:
        """Open an account."""
        settled, _ = require(self.adapter.capabilities, new)
        question = ask.CreateAccount(new=settled, idempotency_key=mint())
        return self._ask(
            Feature.ACCOUNTS_CREATE, self.adapter.create_account, question, new
        )

    def get_account(self, account_id: str) -> Call[Account]:
        """Read an account."""
        question = ask.GetAccount(id=account_id)
        return self._ask(Feature.ACCOUNTS_GET, self.adapter.get_account, question)

    def list_accounts(
        self, customer_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Account]]:
        """Read a page of accounts."""
        question = ask.ListAccounts(
            customer_id=customer_id, token=token, page_size=page_size
        )
        return self._ask(Feature.ACCOUNTS_LIST, self.adapter.list_accounts, question)

    def delete_account(self, account_id: str) -> Call[None]:
        """Delete an account."""
        question = ask.DeleteAccount(id=account_id)
        return self._delete(
            Feature.ACCOUNTS_DELETE, self.adapter.delete_account, question
        )

    def get_transaction(self, transaction_id: str) -> Call[Transaction]:
        """Read a transaction."""
        question = ask.GetTransaction(id=transaction_id)
        return self._ask(
            Feature.TRANSACTIONS_GET, self.adapter.get_transaction, question
        )

    def list_transactions(
        self, account_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Transaction]]:
        """Read a page of transactions."""
        question = ask.ListTransactions(
            account_id=account_id, token=token, page_size=page_size
        )
        return self._ask(
            Feature.TRANSACTIONS_LIST, self.adapter.list_transactions, question
        )

    def request(
        self, method: str, path: str, query: Query, headers: Any, body: Json
    ) -> Call[Response]:
        """Ask for a path below the base URL, past the adapter's vocabulary."""
        if not is_path(path):
            said = "must start with one slash and have no host, query or fragment"
            raise InvalidInput([Issue("path", Effect.BLOCKED, "path", "anybank", said)])
        request = Request(
            method=method.upper(), path=path, query=query, headers=headers, body=body
        )
        return Call(None, _once(request))

    def _page_size(self, page_size: int | None) -> int | None:
        sizes = self.adapter.capabilities.limits.page_sizes
        if page_size is None or not sizes or page_size in sizes:
            return page_size
        source = self.adapter.capabilities.limits.page_source
        said = f"must be one of {', '.join(map(str, sizes))}"
        raise InvalidInput([Issue("page_size", Effect.BLOCKED, "sizes", source, said)])


def _reporting(flow: Flow[Customer], issues: list[Issue]) -> Flow[Customer]:
    customer = yield from flow
    return evolve(customer, issues=tuple(issues))


def _gone(flow: Flow[None]) -> Flow[None]:
    """Take "not found" on a repeat for what it is: the lost first answer was a yes."""
    try:
        yield from flow
    except NotFound as error:
        if error.outcome is not Outcome.DONE:
            raise


def _once(request: Request) -> Flow[Response]:
    return (yield request)


def _nothing() -> Flow[None]:
    yield from _no_requests()


def _no_requests() -> Iterator[Request]:
    return iter(())
