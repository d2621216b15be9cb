"""Put a bank together: its engine, its connection and its resources.

The client imports this module when the first bank is created. A program that imports the
client without creating a bank, such as a management command, therefore loads neither the
HTTP library nor the model.
"""

from __future__ import annotations

from .aio_account_resources import AccountNumbers, Accounts, ExternalAccounts
from .aio_event_resources import Events, WebhookSubscriptions
from .aio_resources import (
    Credentials,
    CreditApplications,
    CustomerAddresses,
    Customers,
    Kyc,
)
from .aio_transaction_resources import Transactions
from .calls import Calls
from .drivers import run_async, run_raw_async
from .raw_responses import RawResources
from .settings import (
    Common,
    engine_and_endpoint,
    engine_with_options,
    require_transport,
)
from .timing import Timing
from .transports.selection import connect_async

__all__ = [
    "AccountNumbers",
    "Accounts",
    "Calls",
    "Common",
    "Credentials",
    "CreditApplications",
    "CustomerAddresses",
    "Customers",
    "Events",
    "ExternalAccounts",
    "Kyc",
    "RawResources",
    "Timing",
    "Transactions",
    "WebhookSubscriptions",
    "connect_async",
    "engine_and_endpoint",
    "engine_with_options",
    "require_transport",
    "run_async",
    "run_raw_async",
]
