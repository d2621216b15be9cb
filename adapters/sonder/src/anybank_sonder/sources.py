"""The pages of Sonder that the rules are from."""

from __future__ import annotations

from anybank.declaration import Source

CUSTOMERS = Source(
    "Sonder docs, Customers", address="https://dev.sonderlabs.io/customers"
)
ACCOUNTS = Source("Sonder docs, Accounts", address="https://dev.sonderlabs.io/accounts")
TRANSACTIONS = Source(
    "Sonder docs, Transactions", address="https://dev.sonderlabs.io/transactions"
)
AUTHENTICATION = Source(
    "Sonder docs, Authentication", address="https://dev.sonderlabs.io/authentication"
)
