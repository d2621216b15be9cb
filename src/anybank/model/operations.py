"""The questions that a call asks an adapter: one frozen class per operation.

A question names its feature and the Adapter method that handles it. It may gain a field
without breaking a plugin. Random and current values (an idempotency key, the time) are
already in the question, because an adapter is pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from .account_operations import *  # noqa: F403  # readers find every question here
from .addresses import Address
from .credentials import CredentialCheck, TemporaryCredentials
from .credit import (
    AdverseAction,
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from .customers import Customer, CustomerChanges, NewCustomer
from .events import (
    Event,
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from .features import Feature
from .kyc import KycCheck, KycDocument, NewKycDocument, StartKyc
from .pages import Page
from .questions import CreateQuestion, Question


@frozen(kw_only=True)
class CreateCustomer(CreateQuestion[NewCustomer, Customer]):
    """Create a customer; the declaration's defaults are already filled in.

    With `read_back=False` the caller needs the id only: if the response contains nothing
    else, the adapter fills the customer from `new` and sends no second request.
    """

    feature = Feature.CUSTOMERS_CREATE
    method = "create_customer"

    read_back: bool = True


@frozen(kw_only=True)
class GetCustomer(Question[Customer]):
    """Read a customer."""

    feature = Feature.CUSTOMERS_GET
    method = "get_customer"

    id: str


@frozen(kw_only=True)
class ListCustomers(Question[Page[Customer]]):
    """Read the first page of customers, or the page of a `token`.

    `idempotency_key` restricts the page to what a create with this key created. It is set
    only if the create is declared `listed_by_key`. `external_id` restricts it to the
    customers with this reference of yours, where `listed_by_reference` is declared.
    """

    feature = Feature.CUSTOMERS_LIST
    method = "list_customers"

    token: str | None = None
    page_size: int | None = None
    idempotency_key: str | None = None
    external_id: str | None = None


@frozen(kw_only=True)
class UpdateCustomer(Question[Customer]):
    """Change a customer; `kyc_passed` is None if the caller does not know."""

    feature = Feature.CUSTOMERS_UPDATE
    method = "update_customer"

    id: str
    changes: CustomerChanges
    kyc_passed: bool | None = None


@frozen(kw_only=True)
class DeleteCustomer(Question[None]):
    """Delete a customer."""

    feature = Feature.CUSTOMERS_DELETE
    method = "delete_customer"

    id: str


@frozen(kw_only=True)
class CreateCustomerAddress(Question[Address]):
    """Add an address to a customer."""

    feature = Feature.CUSTOMER_ADDRESSES_CREATE
    method = "create_customer_address"

    customer_id: str
    new: Address


@frozen(kw_only=True)
class ListCustomerAddresses(Question[Page[Address]]):
    """Read the addresses of a customer."""

    feature = Feature.CUSTOMER_ADDRESSES_LIST
    method = "list_customer_addresses"

    customer_id: str


@frozen(kw_only=True)
class UpdateCustomerAddress(Question[Address]):
    """Replace an address of a customer."""

    feature = Feature.CUSTOMER_ADDRESSES_UPDATE
    method = "update_customer_address"

    customer_id: str
    id: str
    address: Address


@frozen(kw_only=True)
class DeleteCustomerAddress(Question[None]):
    """Remove an address from a customer."""

    feature = Feature.CUSTOMER_ADDRESSES_DELETE
    method = "delete_customer_address"

    customer_id: str
    id: str


@frozen(kw_only=True)
class StartKycCheck(Question[KycCheck]):
    """Start verifying a customer."""

    feature = Feature.KYC_START
    method = "start_kyc"

    customer_id: str
    start: StartKyc


@frozen(kw_only=True)
class GetKycCheck(Question[KycCheck]):
    """Read the status of a customer's verification."""

    feature = Feature.KYC_GET
    method = "get_kyc"

    customer_id: str
    program_id: str | None = None


@frozen(kw_only=True)
class UploadKycDocument(CreateQuestion[NewKycDocument, KycDocument]):
    """Upload a file, and add it to a customer unless `customer_id` is None."""

    feature = Feature.KYC_UPLOAD_DOCUMENT
    method = "upload_kyc_document"

    customer_id: str | None = None


@frozen(kw_only=True)
class CreateCreditApplication(CreateQuestion[NewCreditApplication, CreditApplication]):
    """Create a credit application."""

    feature = Feature.CREDIT_APPLICATIONS_CREATE
    method = "create_credit_application"


@frozen(kw_only=True)
class GetCreditApplication(Question[CreditApplication]):
    """Read a credit application."""

    feature = Feature.CREDIT_APPLICATIONS_GET
    method = "get_credit_application"

    id: str


@frozen(kw_only=True)
class ListCreditApplications(Question[Page[CreditApplication]]):
    """Read a page of credit applications."""

    feature = Feature.CREDIT_APPLICATIONS_LIST
    method = "list_credit_applications"

    customer_id: str | None = None
    token: str | None = None
    before: str | None = None
    page_size: int | None = None


@frozen(kw_only=True)
class UpdateCreditApplication(Question[CreditApplication]):
    """Change a credit application that is not submitted yet."""

    feature = Feature.CREDIT_APPLICATIONS_UPDATE
    method = "update_credit_application"

    id: str
    changes: CreditApplicationChanges


@frozen(kw_only=True)
class SubmitCreditApplication(Question[CreditApplication]):
    """Submit a credit application for a decision."""

    feature = Feature.CREDIT_APPLICATIONS_SUBMIT
    method = "submit_credit_application"

    id: str


@frozen(kw_only=True)
class GetAdverseAction(Question[AdverseAction]):
    """Read why a credit application was denied."""

    feature = Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION
    method = "get_adverse_action"

    application_id: str


@frozen(kw_only=True)
class CreateWebhookSubscription(
    CreateQuestion[NewWebhookSubscription, WebhookSubscription]
):
    """Subscribe a URL to events."""

    feature = Feature.WEBHOOK_SUBSCRIPTIONS_CREATE
    method = "create_webhook_subscription"


@frozen(kw_only=True)
class ListWebhookSubscriptions(Question[Page[WebhookSubscription]]):
    """Read a page of webhook subscriptions."""

    feature = Feature.WEBHOOK_SUBSCRIPTIONS_LIST
    method = "list_webhook_subscriptions"

    token: str | None = None


@frozen(kw_only=True)
class UpdateWebhookSubscription(Question[WebhookSubscription]):
    """Change a webhook subscription."""

    feature = Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE
    method = "update_webhook_subscription"

    id: str
    changes: WebhookSubscriptionChanges


@frozen(kw_only=True)
class DeleteWebhookSubscription(Question[None]):
    """Delete a webhook subscription."""

    feature = Feature.WEBHOOK_SUBSCRIPTIONS_DELETE
    method = "delete_webhook_subscription"

    id: str


@frozen(kw_only=True)
class CheckCredentials(Question[CredentialCheck]):
    """Check whether the credentials are valid, without changing anything."""

    feature = Feature.CREDENTIALS_CHECK
    method = "check_credentials"


@frozen(kw_only=True)
class CreateTemporaryCredentials(Question[TemporaryCredentials]):
    """Create short-lived credentials for one customer, for use in a front end."""

    feature = Feature.CREDENTIALS_CREATE_TEMPORARY
    method = "create_temporary_credentials"

    customer_id: str


@frozen(kw_only=True)
class GetEvent(Question[Event]):
    """Read an event."""

    feature = Feature.EVENTS_GET
    method = "get_event"

    id: str


@frozen(kw_only=True)
class ListEvents(Question[Page[Event]]):
    """Read a page of events that occurred from `since` on and before `until`."""

    feature = Feature.EVENTS_LIST
    method = "list_events"

    since: datetime | None = None
    until: datetime | None = None
    object_id: str | None = None
    token: str | None = None
    page_size: int | None = None


QUESTIONS: Mapping[Feature, type[Question[Any]]] = {
    value.feature: value
    for value in list(vars().values())
    if isinstance(value, type)
    and issubclass(value, Question)
    and hasattr(value, "feature")
}
"""The question of each feature; verifying a webhook asks an adapter nothing."""
