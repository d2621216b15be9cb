"""The base class of adapters: one method per operation, each of which refuses by default.

An adapter is a translation. Its methods are flows (see `wire`); it does no I/O, never
sleeps and never retries. The methods receive values that the declaration accepts, with
defaults filled in (see `preflight`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, ClassVar

from ..declaration.vocabulary import Capabilities
from ..errors import ProviderError, Unsupported, unsupported_by
from ..model import extras
from ..model import operations as ask
from ..model.accounts import (
    Account,
    AccountNumber,
    Balance,
    ExternalAccount,
)
from ..model.addresses import Address
from ..model.credentials import CredentialCheck, TemporaryCredentials
from ..model.credit import AdverseAction, CreditApplication
from ..model.customers import Customer
from ..model.events import Event, WebhookSubscription
from ..model.features import Feature
from ..model.kyc import KycCheck, KycDocument
from ..model.pages import Page
from ..model.transactions import Transaction
from ..sensitive import Sensitive
from .credentials import AccessToken
from .options import NoOptions
from .problems import Problem, by_status, unreadable
from .signatures import WebhookFormat
from .wire import Flow, Request, Response


@cache
def takes_request(problem: Callable[..., Problem | None]) -> bool:
    """Return whether an adapter's `problem` has a parameter for the request."""
    return len(signature(problem).parameters) > len(("self", "response"))


INTERFACE = 1
"""The version of the interface between adapters and this library."""


class Adapter:
    """A vendor's API as flows and one declaration.

    A subclass sets `capabilities` and `Options` (an attrs class of the user's settings),
    and implements the operations that it declares.
    """

    capabilities: Capabilities
    Options: ClassVar[type[Any]] = NoOptions
    webhooks: ClassVar[WebhookFormat | None] = None

    def __init__(self, options: Any) -> None:
        self.options = options

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # `from_dict` reads the extras of a value by the class that is registered here.
        declared = getattr(cls, "capabilities", None)
        if declared is not None:
            extras.register(declared.provider, declared.extras)

    def base_url(self, environment: str) -> str | None:
        """Return the declared host of an environment, or None where there is none."""
        return self.capabilities.hosts.get(environment)

    def authenticate(self, request: Request, credentials: Any) -> Request:
        """Return the request with authentication added.

        `credentials` are the options, with the values of callables filled in.
        """
        return request

    def request_token(self, credentials: Any) -> Flow[AccessToken]:
        """Request an access token for the credentials, where the vendor issues tokens.

        The flow writes the credentials into its request itself: `authenticate` is not
        called for it. The library runs the flow before the first request, shares the token
        between all banks of the process with equal credentials, and requests another one
        before it expires, and once after a response with status 401.
        """
        raise NotImplementedError

    def authorize(self, request: Request, token: Sensitive) -> Request:
        """Return the request with an access token added, by default as a bearer token."""
        return request.with_headers(authorization=token.prefixed("Bearer "))

    @property
    def uses_tokens(self) -> bool:
        """Whether the adapter requests access tokens."""
        return type(self).request_token is not Adapter.request_token

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Return the problem of an error response, or None for a success.

        `request` is the one that the response answers, with the feature that it serves
        (`problems.written_type` has the type whose fields it wrote): a member or a code
        may mean something else after another operation. It has no credentials, and is
        None where a response is read alone. An adapter may leave the parameter out.
        """
        if response.ok:
            return None
        return unreadable(response)

    def request_id(self, response: Response) -> str | None:
        """Return the vendor's id of the request where no usual header has it."""
        return None

    def problem_kind(self, status: int, code: str | None) -> type[ProviderError]:
        """Return the error class that is declared for a code, or that of the status."""
        return self.capabilities.errors.get(code or "", by_status(status))

    def refuse(self, feature: Feature) -> Unsupported:
        """Return the error for an unsupported feature, with the declared reason."""
        rule = self.capabilities.feature(feature)
        return unsupported_by(self.capabilities.provider, feature, rule.reason)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create a customer."""
        raise self.refuse(query.feature)

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        raise self.refuse(query.feature)

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of customers."""
        raise self.refuse(query.feature)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change a customer and return its new state."""
        raise self.refuse(query.feature)

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer."""
        raise self.refuse(query.feature)

    def create_customer_address(
        self, query: ask.CreateCustomerAddress
    ) -> Flow[Address]:
        """Add an address to a customer."""
        raise self.refuse(query.feature)

    def list_customer_addresses(
        self, query: ask.ListCustomerAddresses
    ) -> Flow[Page[Address]]:
        """Read the addresses of a customer."""
        raise self.refuse(query.feature)

    def update_customer_address(
        self, query: ask.UpdateCustomerAddress
    ) -> Flow[Address]:
        """Replace one address of a customer."""
        raise self.refuse(query.feature)

    def delete_customer_address(self, query: ask.DeleteCustomerAddress) -> Flow[None]:
        """Remove an address from a customer."""
        raise self.refuse(query.feature)

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Start verifying a customer."""
        raise self.refuse(query.feature)

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the status of a customer's verification."""
        raise self.refuse(query.feature)

    def upload_kyc_document(self, query: ask.UploadKycDocument) -> Flow[KycDocument]:
        """Upload a file, and add it to a customer unless `customer_id` is None."""
        raise self.refuse(query.feature)

    def create_credit_application(
        self, query: ask.CreateCreditApplication
    ) -> Flow[CreditApplication]:
        """Create a credit application."""
        raise self.refuse(query.feature)

    def get_credit_application(
        self, query: ask.GetCreditApplication
    ) -> Flow[CreditApplication]:
        """Read a credit application."""
        raise self.refuse(query.feature)

    def list_credit_applications(
        self, query: ask.ListCreditApplications
    ) -> Flow[Page[CreditApplication]]:
        """Read a page of credit applications."""
        raise self.refuse(query.feature)

    def update_credit_application(
        self, query: ask.UpdateCreditApplication
    ) -> Flow[CreditApplication]:
        """Change a credit application and return its new state."""
        raise self.refuse(query.feature)

    def submit_credit_application(
        self, query: ask.SubmitCreditApplication
    ) -> Flow[CreditApplication]:
        """Submit a credit application for a decision."""
        raise self.refuse(query.feature)

    def get_adverse_action(self, query: ask.GetAdverseAction) -> Flow[AdverseAction]:
        """Read why an application was denied."""
        raise self.refuse(query.feature)

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Subscribe a URL to events."""
        raise self.refuse(query.feature)

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read a page of subscriptions."""
        raise self.refuse(query.feature)

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Change a subscription."""
        raise self.refuse(query.feature)

    def delete_webhook_subscription(
        self, query: ask.DeleteWebhookSubscription
    ) -> Flow[None]:
        """End a subscription."""
        raise self.refuse(query.feature)

    def get_event(self, query: ask.GetEvent) -> Flow[Event]:
        """Read an event."""
        raise self.refuse(query.feature)

    def list_events(self, query: ask.ListEvents) -> Flow[Page[Event]]:
        """Read a page of events."""
        raise self.refuse(query.feature)

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account."""
        raise self.refuse(query.feature)

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        raise self.refuse(query.feature)

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read a page of accounts."""
        raise self.refuse(query.feature)

    def delete_account(self, query: ask.DeleteAccount) -> Flow[None]:
        """Delete an account."""
        raise self.refuse(query.feature)

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read the balance of an account."""
        raise self.refuse(query.feature)

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account and return its new state."""
        raise self.refuse(query.feature)

    def create_account_number(
        self, query: ask.CreateAccountNumber
    ) -> Flow[AccountNumber]:
        """Create an account number."""
        raise self.refuse(query.feature)

    def get_account_number(self, query: ask.GetAccountNumber) -> Flow[AccountNumber]:
        """Read an account number."""
        raise self.refuse(query.feature)

    def list_account_numbers(
        self, query: ask.ListAccountNumbers
    ) -> Flow[Page[AccountNumber]]:
        """Read a page of account numbers."""
        raise self.refuse(query.feature)

    def update_account_number(
        self, query: ask.UpdateAccountNumber
    ) -> Flow[AccountNumber]:
        """Change an account number and return its new state."""
        raise self.refuse(query.feature)

    def get_external_account(
        self, query: ask.GetExternalAccount
    ) -> Flow[ExternalAccount]:
        """Read an account at another bank."""
        raise self.refuse(query.feature)

    def list_external_accounts(
        self, query: ask.ListExternalAccounts
    ) -> Flow[Page[ExternalAccount]]:
        """Read a page of accounts at other banks."""
        raise self.refuse(query.feature)

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction."""
        raise self.refuse(query.feature)

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of transactions."""
        raise self.refuse(query.feature)

    def check_credentials(self, query: ask.CheckCredentials) -> Flow[CredentialCheck]:
        """Check with the vendor whether the credentials are valid."""
        raise self.refuse(query.feature)

    def create_temporary_credentials(
        self, query: ask.CreateTemporaryCredentials
    ) -> Flow[TemporaryCredentials]:
        """Create short-lived credentials for one customer."""
        raise self.refuse(query.feature)
