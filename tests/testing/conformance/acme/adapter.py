"""The adapter of Acme, an invented bank, from which the broken adapters are derived."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from anybank.adapter import Adapter
from anybank.adapter.options import credential
from anybank.adapter.problems import (
    Problem,
    field_errors,
    token,
    unreadable,
    words,
    written_type,
)
from anybank.adapter.wire import (
    Flow,
    Request,
    Response,
    delete,
    get,
    patch,
    post,
    segment,
)
from anybank.errors import ProviderError, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.accounts import Account, AccountNumber, Balance
from anybank.model.credit import CreditApplication
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.kyc import KycCheck
from anybank.model.pages import Page
from anybank.model.transactions import Transaction
from anybank.sensitive import Sensitive

from . import money, reading, writing
from .declaration import ACME, KEY
from .hooks import AcmeWebhooks


@frozen(kw_only=True)
class AcmeOptions:
    """The options of Acme."""

    api_key: Sensitive = credential("the key of the X-Key header")


class Acme(Adapter):
    """Acme Bank."""

    capabilities = ACME
    Options = AcmeOptions
    webhooks = AcmeWebhooks()

    def authenticate(self, request: Request, credentials: AcmeOptions) -> Request:
        """Add the API key."""
        return request.with_headers(x_key=credentials.api_key)

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Read `{"error": {"code": ..., "message": ..., "fields": {...}}}`."""
        if response.ok:
            return None
        error = _error(response)
        if error is None:
            return unreadable(response)
        code = token(error.get("code"))
        fields = error.get("fields")
        return Problem(
            kind=self.problem_kind(response.status, code),
            code=code,
            message=words(error.get("message")) or "",
            field_errors=field_errors(
                self.capabilities,
                written_type(request),
                fields if isinstance(fields, dict) else {},
            ),
        )

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Create a customer."""
        response = yield post("/people", writing.person(query.new))
        return reading.created_customer(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        response = yield get(f"/people/{segment(query.id)}")
        return reading.customer(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page of customers."""
        filters = {**_page(query), "reference": query.external_id}
        response = yield get("/people", query=filters)
        return reading.customers(response.json())

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Update a customer."""
        path = f"/people/{segment(query.id)}"
        response = yield patch(path, writing.person_changes(query.changes))
        return reading.customer(response.json())

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer."""
        response = yield delete(f"/people/{segment(query.id)}")
        reading.removed(response.json(), query.id)

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        """Start KYC; a key that was used before returns the KYC that it started."""
        path = f"/people/{segment(query.customer_id)}/check"
        key = {KEY: query.start.idempotency_key or ""}
        try:
            response = yield post(path, writing.check(query.start), headers=key)
        except ProviderError as error:
            if error.code != "used_key":
                raise
            response = yield get(path)
        return reading.check(response.json(), query.customer_id)

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[KycCheck]:
        """Read the KYC of a customer."""
        response = yield get(f"/people/{segment(query.customer_id)}/check")
        return reading.check(response.json(), query.customer_id)

    def create_credit_application(
        self, query: ask.CreateCreditApplication
    ) -> Flow[CreditApplication]:
        """Create an application."""
        response = yield post("/applications", writing.application(query.new))
        return reading.created_application(response.json())

    def get_credit_application(
        self, query: ask.GetCreditApplication
    ) -> Flow[CreditApplication]:
        """Read an application."""
        response = yield get(f"/applications/{segment(query.id)}")
        return reading.application(response.json())

    def list_credit_applications(
        self, query: ask.ListCreditApplications
    ) -> Flow[Page[CreditApplication]]:
        """Read a page of applications."""
        filters = {**_page(query), "person": query.customer_id}
        response = yield get("/applications", query=filters)
        return reading.applications(response.json())

    def update_credit_application(
        self, query: ask.UpdateCreditApplication
    ) -> Flow[CreditApplication]:
        """Update an application."""
        path = f"/applications/{segment(query.id)}"
        response = yield patch(path, writing.application_changes(query.changes))
        return reading.application(response.json())

    def submit_credit_application(
        self, query: ask.SubmitCreditApplication
    ) -> Flow[CreditApplication]:
        """Submit an application."""
        response = yield post(f"/applications/{segment(query.id)}/submit", {})
        return reading.application(response.json())

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Open an account; a repeated key returns the same account."""
        key = {KEY: query.idempotency_key}
        response = yield post("/accounts", writing.account(query.new), headers=key)
        return reading.created_account(response.json())

    def get_account(self, query: ask.GetAccount) -> Flow[Account]:
        """Read an account."""
        response = yield get(f"/accounts/{segment(query.id)}")
        return reading.account(response.json())

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Read a page of accounts."""
        filters = {**_page(query), "owners": query.customer_id}
        response = yield get("/accounts", query=filters)
        return reading.accounts(response.json())

    def delete_account(self, query: ask.DeleteAccount) -> Flow[None]:
        """Close an account."""
        response = yield delete(f"/accounts/{segment(query.id)}")
        reading.removed(response.json(), query.id)

    def get_balance(self, query: ask.GetBalance) -> Flow[Balance]:
        """Read what an account holds."""
        response = yield get(f"/accounts/{segment(query.account_id)}/balance")
        return reading.balance(response.json())

    def close_account(self, query: ask.CloseAccount) -> Flow[Account]:
        """Close an account."""
        response = yield patch(f"/accounts/{segment(query.id)}", {"state": "SHUT"})
        return reading.account(response.json())

    def create_account_number(
        self, query: ask.CreateAccountNumber
    ) -> Flow[AccountNumber]:
        """Create an account number."""
        response = yield post("/numbers", writing.number(query.new))
        return reading.created_number(response.json())

    def get_account_number(self, query: ask.GetAccountNumber) -> Flow[AccountNumber]:
        """Read an account number."""
        response = yield get(f"/numbers/{segment(query.id)}")
        return reading.number(response.json())

    def list_account_numbers(
        self, query: ask.ListAccountNumbers
    ) -> Flow[Page[AccountNumber]]:
        """Read a page of account numbers."""
        filters = {**_page(query), "account": query.account_id}
        response = yield get("/numbers", query=filters)
        return reading.numbers(response.json())

    def update_account_number(
        self, query: ask.UpdateAccountNumber
    ) -> Flow[AccountNumber]:
        """Change an account number."""
        body = writing.number_changes(query.changes)
        response = yield patch(f"/numbers/{segment(query.id)}", body)
        return reading.number(response.json())

    def get_transaction(self, query: ask.GetTransaction) -> Flow[Transaction]:
        """Read a transaction."""
        response = yield get(f"/transfers/{segment(query.id)}")
        return money.transaction(response.json())

    def list_transactions(self, query: ask.ListTransactions) -> Flow[Page[Transaction]]:
        """Read a page of transactions."""
        response = yield get("/transfers", query=money.listing(query))
        return money.transactions(response.json())

    def get_event(self, query: ask.GetEvent) -> Flow[Event]:
        """Read an event."""
        response = yield get(f"/events/{segment(query.id)}")
        return money.event(response.json())

    def list_events(self, query: ask.ListEvents) -> Flow[Page[Event]]:
        """Read a page of events."""
        response = yield get("/events", query=money.event_listing(query))
        return money.events(response.json())

    def create_webhook_subscription(
        self, query: ask.CreateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Create a subscription."""
        response = yield post("/hooks", writing.hook(query.new))
        return reading.created_hook(response.json())

    def list_webhook_subscriptions(
        self, query: ask.ListWebhookSubscriptions
    ) -> Flow[Page[WebhookSubscription]]:
        """Read a page of subscriptions."""
        response = yield get("/hooks", query={"after": query.token})
        return reading.hooks(response.json())

    def update_webhook_subscription(
        self, query: ask.UpdateWebhookSubscription
    ) -> Flow[WebhookSubscription]:
        """Update a subscription."""
        path = f"/hooks/{segment(query.id)}"
        response = yield patch(path, writing.hook_changes(query.changes))
        return reading.hook(response.json())

    def delete_webhook_subscription(
        self, query: ask.DeleteWebhookSubscription
    ) -> Flow[None]:
        """Delete a subscription."""
        response = yield delete(f"/hooks/{segment(query.id)}")
        reading.removed(response.json(), query.id)


def _page(query: Any) -> dict[str, str | int | None]:
    return {"after": query.token, "limit": query.page_size}


def _error(response: Response) -> dict[str, Any] | None:
    """Return the error object of a response, None if it is not in Acme's format."""
    try:
        body = response.json()
    except UnexpectedResponse:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None
