"""The pages of Bond that the rules are from."""

from __future__ import annotations

from anybank.declaration import Source

# A title is that of a page at https://docs.bond.tech/docs/. Atelio by FIS published the
# later editions of the same guides at https://docs.atelio.com/embedded/docs/.
# https://docs.bond.tech/docs/create-a-customer has the request and the errors,
# https://docs.bond.tech/docs/creating-a-customer-resource the table of the fields.
CREATING = 'Bond docs, "Creating a customer"'
MANAGING = Source(
    'Bond docs, "Managing customers"',
    address="https://docs.bond.tech/docs/managing-customers",
)
ADDRESSES = Source(
    'Bond docs, "Managing customer addresses"',
    address="https://docs.bond.tech/docs/managing-customer-addresses",
)
KYC = Source(
    'Bond docs, "Performing KYC"',
    address="https://docs.bond.tech/docs/getting-to-know-your-customer",
)
KYC_DOCS = Source(
    'Bond docs, "KYC state machine"',
    address="https://docs.bond.tech/docs/kyc-state-machine",
)
KYC_FILES = 'Atelio docs, "Upload KYC documentation"'
CREDIT = Source(
    'Bond docs, "Creating a credit application"',
    address="https://docs.bond.tech/docs/creating-a-credit-application",
)
APPLICATIONS = Source(
    'Bond docs, "Managing credit applications"',
    address="https://docs.bond.tech/docs/managing-credit-applications",
)
ACCOUNTS = Source(
    'Bond docs, "Accounts overview"',
    address="https://docs.atelio.com/embedded/docs/account-overview",
)
MANAGING_ACCOUNTS = Source(
    'Bond docs, "Managing accounts"',
    address="https://docs.bond.tech/docs/managing-accounts",
)
OVERVIEW = 'Bond docs, "API reference"'
KEYS = Source(
    'Bond docs, "Getting your API key"',
    address="https://docs.bond.tech/docs/getting-your-api-key",
)
WEBHOOKS = Source(
    'Bond docs, "Event subscriptions"',
    address="https://docs.bond.tech/docs/managing-subscriptions",
)
TRANSACTIONS = Source(
    'Bond docs, "Retrieving transactions"',
    address="https://docs.bond.tech/docs/retrieving-transactions",
)
STATEMENTS = Source(
    'Bond docs, "Account statements"',
    address="https://docs.atelio.com/embedded/docs/account-statements",
)
