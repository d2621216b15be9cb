"""The pages of Increase that the rules are from.

The document https://increase.com/documentation/api is public, and the samples, titles and
schemas of the pages are those of the document.
"""

from __future__ import annotations

from anybank.declaration import Source

CREATE = Source(
    "Increase API, create an entity",
    address="https://increase.com/documentation/api/entities",
)
UPDATE = "Increase API, update an entity"
ENTITY = "Increase API, the entity"
LIST = "Increase API, list entities"
ARCHIVE = "Increase API, archive an entity"
VALIDATION = Source(
    "Increase API, the entity's validation",
    address="https://increase.com/documentation/entity-validation",
)
KEYS = Source(
    "Increase documentation, idempotency keys",
    address="https://increase.com/documentation/idempotency-keys",
)
ACCOUNTS = Source(
    "Increase API, accounts", address="https://increase.com/documentation/api/accounts"
)
ACCOUNT_NUMBERS = Source(
    "Increase API, account numbers",
    address="https://increase.com/documentation/api/account-numbers",
)
EXTERNAL_ACCOUNTS = Source(
    "Increase API, external accounts",
    address="https://increase.com/documentation/api/external-accounts",
)
WEBHOOKS = Source(
    "Increase documentation, webhooks",
    address="https://increase.com/documentation/webhooks",
)
EVENTS = Source(
    "Increase API, events", address="https://increase.com/documentation/api/events"
)
SUBSCRIPTIONS = Source(
    "Increase API, event subscriptions",
    address="https://increase.com/documentation/api/event-subscriptions",
)
TRANSACTIONS = Source(
    "Increase API, transactions",
    address="https://increase.com/documentation/api/transactions",
)
FILES = Source(
    "Increase API, create a file",
    address="https://increase.com/documentation/api/files",
)
DOCUMENTS = Source(
    "Increase API, supplemental documents",
    address="https://increase.com/documentation/api/supplemental-documents",
)
OPENAPI = "Increase API, OpenAPI document"
