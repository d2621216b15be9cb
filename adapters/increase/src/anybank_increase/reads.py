"""The fields of neutral values that Increase never returns."""

from __future__ import annotations

from collections.abc import Mapping

from anybank.declaration import ReadRule, unreturned
from anybank.model.accounts import (
    Account,
    AccountNumber,
    Balance,
    ExternalAccount,
)
from anybank.model.customers import Customer
from anybank.model.events import Event, WebhookSubscription
from anybank.model.kyc import KycCheck
from anybank.model.transactions import Transaction

from .rules import (
    ACCOUNT_NUMBERS,
    ACCOUNTS,
    ENTITY,
    EVENTS,
    EXTERNAL_ACCOUNTS,
    SUBSCRIPTIONS,
    TRANSACTIONS,
    VALIDATION,
)

_IN_CENTS = "every amount is in the minor unit of its currency"
_OWN_NUMBERS = "an account has account numbers of its own: use account_numbers.list"

READS: Mapping[type, ReadRule] = {
    # https://increase.com/documentation/api/entities
    Customer: unreturned(
        ENTITY,
        account_ids="use accounts.list with customer_id",
        brand_id="an entity has no brand",
    ),
    # https://increase.com/documentation/api/accounts
    Account: unreturned(
        ACCOUNTS,
        routing_number=_OWN_NUMBERS,
        account_number=_OWN_NUMBERS,
        balance="use accounts.balance",
        native_amount=_IN_CENTS,
        transaction_ids="use transactions.list",
    ),
    Balance: unreturned(
        ACCOUNTS, as_of="a balance is the current one", native=_IN_CENTS
    ),
    # https://increase.com/documentation/api/account-numbers
    AccountNumber: unreturned(ACCOUNT_NUMBERS),
    # https://increase.com/documentation/api/transactions
    Transaction: unreturned(
        TRANSACTIONS,
        native_amount=_IN_CENTS,
        posted_on="a transaction has a time",
        balance_after="a transaction has no balance",
    ),
    # https://increase.com/documentation/api/external-accounts
    ExternalAccount: unreturned(EXTERNAL_ACCOUNTS),
    # https://increase.com/documentation/entity-validation
    KycCheck: unreturned(
        VALIDATION,
        program_id="an entity is validated for every program",
        attempts_left="no page limits the attempts",
        passed_at="a validation has no time",
    ),
    # https://increase.com/documentation/api/event-subscriptions
    WebhookSubscription: unreturned(
        SUBSCRIPTIONS, description="a subscription has no description"
    ),
    # https://increase.com/documentation/api/events
    Event: unreturned(EVENTS, application_id="the API has no credit applications"),
}
