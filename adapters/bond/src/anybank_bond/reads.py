"""The fields of neutral values that Bond never returns."""

from __future__ import annotations

from collections.abc import Mapping

from anybank.declaration import ReadRule, unreturned
from anybank.model.accounts import Account, Balance
from anybank.model.credit import AdverseAction, CreditApplication
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.kyc import KycCheck
from anybank.model.transactions import Transaction

from .rules import (
    ACCOUNTS,
    APPLICATIONS,
    CREDIT,
    KYC_DOCS,
    MANAGING,
    TRANSACTIONS,
    WEBHOOKS,
)

_IN_DOLLARS = "every amount has a unit"

READS: Mapping[type, ReadRule] = {
    # "Creating a customer" and "Managing customers" show every field of a customer.
    Customer: unreturned(
        MANAGING,
        full_name="a customer has the parts of a name",
        status="a customer has no status: use kyc.get",
        native_status="a customer has no status: use kyc.get",
        account_ids="use accounts.list",
    ),
    # "Account overview" shows no time of an account.
    Account: unreturned(
        ACCOUNTS,
        native_amount=_IN_DOLLARS,
        opened_at="an account has no time",
        closed_at="an account has no time",
        transaction_ids="use transactions.list",
    ),
    Balance: unreturned(ACCOUNTS, as_of="a balance has no time", native=_IN_DOLLARS),
    Transaction: ReadRule(
        source=TRANSACTIONS,
        never={
            "native_amount": _IN_DOLLARS,
            "posted_on": "a transaction has a time",
            # "Transactions overview" describes the two balances in one way and shows them
            # in another.
            "balance_after": "the pages contradict each other: both balances are in raw",
        },
    ),
    Event: unreturned(WEBHOOKS, id="an event has no id"),
    WebhookSubscription: unreturned(WEBHOOKS),
    # "KYC state machine": the documents, attempts and time are shown in some states only.
    KycCheck: unreturned(KYC_DOCS),
    CreditApplication: unreturned(APPLICATIONS),
    AdverseAction: unreturned(CREDIT),
}
