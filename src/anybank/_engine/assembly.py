# Generated from aio_assembly.py by `make sync`: edit that file instead.

"""Put a bank together: its engine, its connection and its resources.

The client imports this module when the first bank is created. A program that imports the
client without creating a bank, such as a management command, therefore loads neither the
HTTP library nor the model.
"""

from __future__ import annotations

from typing import TypedDict

from .account_resources import AccountNumbers, Accounts, ExternalAccounts
from .calls import Calls
from .drivers import run, run_raw
from .raw_responses import RawResources
from .resources import (
    Credentials,
    CreditApplications,
    CustomerAddresses,
    Customers,
    Events,
    Kyc,
    Runner,
    WebhookSubscriptions,
)
from .settings import (
    Common,
    engine_and_endpoint,
    engine_with_options,
    require_transport,
)
from .timing import Timing
from .transaction_resources import Transactions
from .transports.selection import connect

__all__ = [
    "Calls",
    "Common",
    "RawResources",
    "Resources",
    "Timing",
    "connect",
    "engine_and_endpoint",
    "engine_with_options",
    "require_transport",
    "resources_of",
    "run",
    "run_raw",
]


class Resources(TypedDict):
    """The resources of a bank, by the name of the bank's attribute."""

    customers: Customers
    customer_addresses: CustomerAddresses
    kyc: Kyc
    credit_applications: CreditApplications
    webhook_subscriptions: WebhookSubscriptions
    events: Events
    accounts: Accounts
    account_numbers: AccountNumbers
    external_accounts: ExternalAccounts
    transactions: Transactions
    credentials: Credentials


def resources_of(run: Runner, calls: Calls) -> Resources:
    """Return the resources of a bank whose calls are run by *run*."""
    return Resources(
        customers=Customers(run, calls.customers),
        customer_addresses=CustomerAddresses(run, calls.customer_addresses),
        kyc=Kyc(run, calls.kyc),
        credit_applications=CreditApplications(run, calls.credit_applications),
        webhook_subscriptions=WebhookSubscriptions(run, calls.webhook_subscriptions),
        events=Events(run, calls.events),
        accounts=Accounts(run, calls.accounts),
        account_numbers=AccountNumbers(run, calls.account_numbers),
        external_accounts=ExternalAccounts(run, calls.external_accounts),
        transactions=Transactions(run, calls.transactions),
        credentials=Credentials(run, calls.credentials),
    )
