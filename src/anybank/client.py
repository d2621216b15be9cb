"""A bank, for code that waits for its answers."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from ._driver import Timing, run
from ._httpx import Wire
from ._settings import Common, engine_and_endpoint
from .adapter import Adapter
from .calls import Call, Calls, Loss
from .capabilities import Capabilities
from .errors import AnybankError, Issue
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
from .model.unset import UNSET, Unset
from .paging import Listing
from .wire import Json, Query, Response

T = TypeVar("T")


class Bank:
    """A bank behind one typed API.

    `provider` is the name of an installed plugin, or an Adapter class. Credentials and
    policies of the provider are keywords, or come from `ANYBANK_<PROVIDER>_<OPTION>`; a
    text may refer to `env:NAME` or `file:PATH`. `timeout` is in seconds, `rate_limit` in
    calls a minute (None for none). Raises ConfigurationError.
    """

    def __init__(
        self,
        provider: str | type[Adapter],
        *,
        environment: str | None = None,
        base_url: str | None = None,
        timeout: float | Unset = UNSET,
        retries: int | Unset = UNSET,
        rate_limit: int | None | Unset = UNSET,
        transport: httpx.BaseTransport | None = None,
        timing: Timing | None = None,
        **options: Any,
    ) -> None:
        common = Common(
            environment=environment,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
            rate_limit=rate_limit,
            timing=timing or Timing(),
        )
        self._engine, endpoint = engine_and_endpoint(provider, common, options)
        self._wire = Wire(endpoint, transport)
        self._calls = Calls(self._engine.adapter)
        self.customers = Customers(self)
        self.kyc = Kyc(self)
        self.credit_applications = CreditApplications(self)
        self.webhook_subscriptions = WebhookSubscriptions(self)
        self.accounts = Accounts(self)
        self.transactions = Transactions(self)

    @property
    def provider(self) -> str:
        """The name of the provider."""
        return self.capabilities.provider

    @property
    def capabilities(self) -> Capabilities:
        """What the provider's adapter declares."""
        return self._engine.adapter.capabilities

    def check(self, value: object, *, kyc_passed: bool | None = None) -> list[Issue]:
        """Find each field that would be blocked, changed, defaulted or dropped."""
        return self._calls.check(value, kyc_passed=kyc_passed)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = {},
        headers: Mapping[str, str] = {},
        json: Json = None,
    ) -> Response:
        """Ask for a path below the base URL, with credentials and errors as always.

        It is repeated only where nothing was sent or the vendor said "too many".
        """
        return self._run(self._calls.request(method, path, query, headers, json))

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.provider}>"

    def _run(self, call: Call[T]) -> T:
        return run(self._engine, self._wire, call)


class _Resource:
    def __init__(self, bank: Bank) -> None:
        self._run = bank._run  # noqa: SLF001  # a resource is a part of its bank
        self._calls = bank._calls  # noqa: SLF001


class Customers(_Resource):
    """The customers of a bank."""

    def create(self, new: NewCustomer, *, accept_loss: Loss = ()) -> Customer:
        """Make a customer.

        Raises InvalidInput before anything is sent where the declaration refuses a field;
        `accept_loss` names the fields that may be dropped, or is `"all"`. Where the
        outcome is unknown, `resolve` looks whether it happened.
        """
        return self._run(self._calls.create_customer(new, accept_loss))

    def get(self, customer_id: str) -> Customer:
        """Read a customer; raises NotFound."""
        return self._run(self._calls.get_customer(customer_id))

    def list(
        self, *, token: str | None = None, page_size: int | None = None
    ) -> Listing[Customer]:
        """List all customers, from a page token on where one is given."""
        ask = functools.partial(self._calls.list_customers, page_size=page_size)
        return Listing(self._run, ask, token)

    def update(
        self,
        customer_id: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
    ) -> Customer:
        """Change a customer and return it as it is now.

        Raises FieldNotUpdatable for a field that may not change: with `kyc_passed=True`
        before anything is sent, with None as the vendor answers.
        """
        return self._run(
            self._calls.update_customer(customer_id, changes, kyc_passed, accept_loss)
        )

    def delete(self, customer_id: str) -> None:
        """Delete a customer; a repeat after a lost answer finds it gone and is content."""
        return self._run(self._calls.delete_customer(customer_id))

    def resolve(self, error: AnybankError, new: NewCustomer) -> Customer | None:
        """Look whether a create happened after all; None is certain that it did not.

        Raises Unsupported where the vendor offers nothing to look with.
        """
        return self._run(self._calls.resolve_customer(error, new))


class Kyc(_Resource):
    """The verification of customers."""

    def start(self, customer_id: str, start: StartKyc) -> KycCheck:
        """Start verifying a customer."""
        return self._run(self._calls.start_kyc(customer_id, start))

    def get(self, customer_id: str, *, program_id: str | None = None) -> KycCheck:
        """Read how far the verification of a customer has come."""
        return self._run(self._calls.get_kyc(customer_id, program_id))


class CreditApplications(_Resource):
    """Credit applications."""

    def create(self, new: NewCreditApplication) -> CreditApplication:
        """Make a credit application."""
        return self._run(self._calls.create_credit_application(new))

    def get(self, application_id: str) -> CreditApplication:
        """Read a credit application."""
        return self._run(self._calls.get_credit_application(application_id))

    def list(
        self,
        *,
        customer_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[CreditApplication]:
        """List credit applications, of one customer where one is given."""
        ask = functools.partial(
            self._calls.list_credit_applications, customer_id, page_size=page_size
        )
        return Listing(self._run, ask, token)

    def update(
        self, application_id: str, changes: CreditApplicationChanges
    ) -> CreditApplication:
        """Change a credit application that is not yet submitted."""
        return self._run(self._calls.update_credit_application(application_id, changes))

    def submit(self, application_id: str) -> CreditApplication:
        """Submit a credit application for a decision."""
        return self._run(self._calls.submit_credit_application(application_id))

    def adverse_action(self, application_id: str) -> AdverseAction:
        """Read why a credit application was denied."""
        return self._run(self._calls.get_adverse_action(application_id))


class WebhookSubscriptions(_Resource):
    """Where the bank delivers its events."""

    def create(self, new: NewWebhookSubscription) -> WebhookSubscription:
        """Subscribe a URL to events."""
        return self._run(self._calls.create_webhook_subscription(new))

    def list(self, *, token: str | None = None) -> Listing[WebhookSubscription]:
        """List the subscriptions."""
        return Listing(self._run, self._calls.list_webhook_subscriptions, token)

    def update(
        self, subscription_id: str, changes: WebhookSubscriptionChanges
    ) -> WebhookSubscription:
        """Change a subscription; `events` replaces the list."""
        return self._run(
            self._calls.update_webhook_subscription(subscription_id, changes)
        )

    def delete(self, subscription_id: str) -> None:
        """End a subscription."""
        return self._run(self._calls.delete_webhook_subscription(subscription_id))


class Accounts(_Resource):
    """The accounts at a bank."""

    def create(self, new: NewAccount) -> Account:
        """Open an account."""
        return self._run(self._calls.create_account(new))

    def get(self, account_id: str) -> Account:
        """Read an account."""
        return self._run(self._calls.get_account(account_id))

    def list(
        self,
        *,
        customer_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[Account]:
        """List accounts, of one customer where one is given."""
        ask = functools.partial(
            self._calls.list_accounts, customer_id, page_size=page_size
        )
        return Listing(self._run, ask, token)

    def delete(self, account_id: str) -> None:
        """Delete an account."""
        return self._run(self._calls.delete_account(account_id))


class Transactions(_Resource):
    """The transactions on accounts."""

    def get(self, transaction_id: str) -> Transaction:
        """Read a transaction."""
        return self._run(self._calls.get_transaction(transaction_id))

    def list(
        self,
        *,
        account_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[Transaction]:
        """List transactions, of one account where one is given."""
        ask = functools.partial(
            self._calls.list_transactions, account_id, page_size=page_size
        )
        return Listing(self._run, ask, token)
