# Generated from aio_assembly.py by `make sync`: edit that file instead.

"""Put a bank together: its engine, its connection and its resources.

The client imports this module when the first bank is created. A program that imports the
client without creating a bank, such as a management command, therefore loads neither the
HTTP library nor the model.
"""

from __future__ import annotations

from .account_resources import AccountNumbers, Accounts, ExternalAccounts
from .calls import Calls
from .drivers import run, run_raw
from .event_resources import Events, WebhookSubscriptions
from .raw_responses import RawResources
from .resources import (
    Credentials,
    CreditApplications,
    CustomerAddresses,
    Customers,
    Kyc,
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
    "connect",
    "engine_and_endpoint",
    "engine_with_options",
    "require_transport",
    "run",
    "run_raw",
]
