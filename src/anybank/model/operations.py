"""What is asked of an adapter: one frozen question an operation.

A question may gain a field without breaking a plugin. What must be random or timed
(an idempotency key, now) is in it already when the adapter sees it.
"""

from __future__ import annotations

from attrs import frozen

from .accounts import NewAccount
from .addresses import Address
from .credit import CreditApplicationChanges, NewCreditApplication
from .customers import CustomerChanges, NewCustomer
from .events import NewWebhookSubscription, WebhookSubscriptionChanges
from .kyc import StartKyc


@frozen(kw_only=True)
class CreateCustomer:
    """Make a customer; the declaration's defaults are filled in already.

    Without `read_back` the id is all that is wanted: where the answer is no more, what
    was sent makes up the rest, and the customer is not asked for.
    """

    new: NewCustomer
    idempotency_key: str
    read_back: bool = True


@frozen(kw_only=True)
class GetCustomer:
    """Read one customer."""

    id: str


@frozen(kw_only=True)
class ListCustomers:
    """Read a page of customers: the first, or the one a `token` stands for.

    `idempotency_key` asks for what a create with this key has created; it is set only
    where the create is declared `listed_by_key`.
    """

    token: str | None = None
    page_size: int | None = None
    idempotency_key: str | None = None


@frozen(kw_only=True)
class UpdateCustomer:
    """Change a customer; `kyc_passed` is None where the caller does not know."""

    id: str
    changes: CustomerChanges
    kyc_passed: bool | None = None


@frozen(kw_only=True)
class DeleteCustomer:
    """Delete a customer."""

    id: str


@frozen(kw_only=True)
class CreateCustomerAddress:
    """Add an address to a customer."""

    customer_id: str
    new: Address


@frozen(kw_only=True)
class ListCustomerAddresses:
    """Read the addresses of a customer."""

    customer_id: str


@frozen(kw_only=True)
class UpdateCustomerAddress:
    """Replace one address of a customer."""

    customer_id: str
    id: str
    address: Address


@frozen(kw_only=True)
class DeleteCustomerAddress:
    """Remove an address from a customer."""

    customer_id: str
    id: str


@frozen(kw_only=True)
class StartKycCheck:
    """Start verifying a customer."""

    customer_id: str
    start: StartKyc


@frozen(kw_only=True)
class GetKycCheck:
    """Read how far the verification of a customer has come."""

    customer_id: str
    program_id: str | None = None


@frozen(kw_only=True)
class CreateCreditApplication:
    """Make a credit application."""

    new: NewCreditApplication
    idempotency_key: str


@frozen(kw_only=True)
class GetCreditApplication:
    """Read one credit application."""

    id: str


@frozen(kw_only=True)
class ListCreditApplications:
    """Read a page of credit applications."""

    customer_id: str | None = None
    token: str | None = None
    before: str | None = None
    page_size: int | None = None


@frozen(kw_only=True)
class UpdateCreditApplication:
    """Change a credit application that is not yet submitted."""

    id: str
    changes: CreditApplicationChanges


@frozen(kw_only=True)
class SubmitCreditApplication:
    """Submit a credit application for a decision."""

    id: str


@frozen(kw_only=True)
class GetAdverseAction:
    """Read why a credit application was denied."""

    application_id: str


@frozen(kw_only=True)
class CreateWebhookSubscription:
    """Subscribe a URL to events."""

    new: NewWebhookSubscription
    idempotency_key: str


@frozen(kw_only=True)
class ListWebhookSubscriptions:
    """Read a page of the subscriptions."""

    token: str | None = None


@frozen(kw_only=True)
class UpdateWebhookSubscription:
    """Change a subscription."""

    id: str
    changes: WebhookSubscriptionChanges


@frozen(kw_only=True)
class DeleteWebhookSubscription:
    """End a subscription."""

    id: str


@frozen(kw_only=True)
class CreateAccount:
    """Open an account."""

    new: NewAccount
    idempotency_key: str


@frozen(kw_only=True)
class GetAccount:
    """Read one account."""

    id: str


@frozen(kw_only=True)
class ListAccounts:
    """Read a page of accounts."""

    customer_id: str | None = None
    token: str | None = None
    page_size: int | None = None


@frozen(kw_only=True)
class DeleteAccount:
    """Delete an account."""

    id: str


@frozen(kw_only=True)
class GetTransaction:
    """Read one transaction."""

    id: str


@frozen(kw_only=True)
class ListTransactions:
    """Read a page of transactions."""

    account_id: str | None = None
    token: str | None = None
    page_size: int | None = None


@frozen(kw_only=True)
class CheckCredentials:
    """Ask whether the credentials are good; nothing is changed."""


@frozen(kw_only=True)
class CreateTemporaryCredentials:
    """Make credentials for one customer that soon expire, for a front end."""

    customer_id: str
