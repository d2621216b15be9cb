"""The fields of neutral values that Sonder never returns."""

from __future__ import annotations

from collections.abc import Mapping

from anybank.declaration import ReadRule, unreturned
from anybank.model.accounts import Account, Balance
from anybank.model.customers import Customer
from anybank.model.transactions import Transaction

from .rules import ACCOUNTS, CUSTOMERS, TRANSACTIONS

_NO_UNIT = "no page states the unit of an amount: it is the native one"

READS: Mapping[type, ReadRule] = {
    # https://dev.sonderlabs.io/customers
    Customer: unreturned(
        CUSTOMERS,
        full_name="a customer has the parts of a name",
        brand_id="Sonder has no brands",
        status="a customer has no status",
        native_status="a customer has no status",
        created_at="a customer has no time",
    ),
    # https://dev.sonderlabs.io/accounts
    Account: unreturned(
        ACCOUNTS,
        status="an account has no status",
        native_status="an account has no status",
        program_id="Sonder has no programs",
        routing_number="an account has no numbers",
        account_number="an account has no numbers",
        balance=_NO_UNIT,
        opened_at="an account has no time",
        closed_at="an account has no time",
    ),
    Balance: unreturned(
        ACCOUNTS, current=_NO_UNIT, available=_NO_UNIT, as_of="an account has no time"
    ),
    # https://dev.sonderlabs.io/transactions
    Transaction: unreturned(
        TRANSACTIONS,
        amount=_NO_UNIT,
        kind="CREDIT and DEBIT are directions",
        status="a transaction has no status",
        native_status="a transaction has no status",
        occurred_at="a transaction has the date of the ledger: posted_on",
        posted_at="a transaction has the date of the ledger: posted_on",
        balance_after="a transaction has no balance",
        counterparty="no field is the other party",
    ),
}
