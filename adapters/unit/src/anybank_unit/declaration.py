"""Unit's options, features and capabilities."""

from __future__ import annotations

from datetime import date

from attrs import evolve, frozen

from anybank.adapter.converter import read_rules_of, rules_of
from anybank.adapter.options import credential
from anybank.declaration import (
    NATURAL,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Idempotency,
    Limits,
    emulated,
    feature_rules,
    full,
    not_implemented,
    partial,
    unsupported,
)
from anybank.errors import NotFound
from anybank.model.transactions import TransactionStatus
from anybank.sensitive import Sensitive

from . import accounts, customers, events, kyc
from .extras import EXTRAS
from .sources import (
    ACCOUNTS,
    APPLICATION,
    CREATE,
    CUSTOMER,
    DOCUMENTS,
    EVENTS,
    OPENAPI,
    TRANSACTIONS,
    UPDATE,
    WEBHOOKS,
)

_HOUR = 3600.0
# Applications and accounts have an `idempotencyKey` among their attributes. Unit's pages
# do not say how long it is remembered; users of Unit report 48 hours.
KEYS = Idempotency("replays", lifetime=48 * _HOUR)


@frozen(kw_only=True)
class UnitOptions:
    """The options of a Unit client."""

    token: Sensitive = credential("an API token of the organisation")


NOT_FOUND = ["not_found"] + [
    f"{resource}_not_found"
    for resource in ("account", "application", "customer", "document", "transaction")
]

FEATURES = {
    # "Applications": the application becomes a customer when it is approved, mostly
    # within seconds. Until then the id of the application is that of the person.
    "customers.create": full(
        CREATE,
        "creates an application; an approved one is a customer",
        # The tag of an application is copied to its customer; both listings have it.
        evolve(KEYS, reference="external_id"),
    ),
    "customers.get": full(
        f"{APPLICATION}; {CUSTOMER}",
        "an application's id reads as the customer that it became; archived customers "
        "and canceled applications count as not found",
        id_changes=True,
    ),
    "customers.list": full(
        f"{CUSTOMER}; {APPLICATION}",
        "the active customers, then the applications that are undecided or denied",
    ),
    "customers.update": partial(
        UPDATE,
        "e-mail, phone and address, of an approved person only",
        NATURAL,
        id_changes=True,
    ),
    "customers.delete": partial(
        f"{CUSTOMER}; {APPLICATION}",
        "archives a customer, or cancels an undecided application; Unit stores both",
        NATURAL,
    ),
    "kyc.start": emulated(
        APPLICATION,
        "reads the application, whose create starts the verification",
        NATURAL,
    ),
    "kyc.get": full(
        APPLICATION, "the status of the application, and the documents that it needs"
    ),
    "kyc.upload_document": partial(
        DOCUMENTS,
        "the front of a document that the application requires",
        NATURAL,
        requires={"customer_id": "a document belongs to an application"},
    ),
    "credit_applications.*": not_implemented(
        OPENAPI, "use bank.request for credit applications"
    ),
    "customer_addresses.*": unsupported(
        UPDATE, "a person has one address: update the customer"
    ),
    "account_numbers.*": unsupported(
        ACCOUNTS, "an account has one number: use accounts.get"
    ),
    "external_accounts.*": not_implemented(
        OPENAPI, "use bank.request for counterparties"
    ),
    # https://unit.co/docs/api/webhooks
    "webhooks.verify": full(WEBHOOKS),
    "webhook_subscriptions.create": partial(WEBHOOKS, "receives all events"),
    "webhook_subscriptions.list": full(WEBHOOKS),
    "webhook_subscriptions.update": partial(
        WEBHOOKS, "enables or disables it", NATURAL
    ),
    "webhook_subscriptions.delete": unsupported(
        WEBHOOKS, "the document has no such call: disable it with update"
    ),
    "events.get": full(EVENTS),
    "events.list": partial(
        EVENTS, refuses={"object_id": "Unit has no filter by object"}
    ),
    "accounts.create": full(ACCOUNTS, "a deposit account", KEYS, id_changes=True),
    "accounts.get": full(ACCOUNTS),
    "accounts.list": full(ACCOUNTS, id_changes=True),
    "accounts.delete": unsupported(
        ACCOUNTS, "an account is closed: use accounts.close"
    ),
    "accounts.balance": full(ACCOUNTS),
    "accounts.close": full(ACCOUNTS, "the balance must be zero", NATURAL),
    "transactions.get": partial(
        TRANSACTIONS, requires={"account_id": "it is in the path"}
    ),
    "transactions.list": partial(
        TRANSACTIONS,
        "posted ones; use bank.request for authorizations",
        only={"status": (TransactionStatus.POSTED,)},
    ),
    "credentials.check": partial(
        OPENAPI, "Unit has no call for this; the adapter lists one customer"
    ),
    "credentials.create_temporary": not_implemented(
        OPENAPI,
        "use bank.request for customer tokens, which need a verification by phone",
    ),
}

CAPABILITIES = Capabilities(
    provider="unit",
    title="Unit",
    status=AdapterStatus(
        AdapterLevel.LIVE,
        "as the published OpenAPI document and pages describe it",
        as_of=date(2026, 11, 28),
    ),
    # https://unit.co/docs/api, "Environments"
    hosts={"sandbox": "https://api.s.unit.sh", "production": "https://api.unit.co"},
    features=feature_rules(FEATURES),
    fields=rules_of(customers, kyc, accounts, events),
    reads=read_rules_of(customers, kyc, accounts, events),
    # "Errors": not_found "might return as is, or preceded with the missing resource", and
    # its status is 400. https://unit.co/docs/api/errors
    errors=dict.fromkeys(NOT_FOUND, NotFound),
    extras=EXTRAS,
    create_verifies=True,
    # Every id is a number.
    numeric_account_ids=True,
    limits=Limits(
        calls_per_minute=1000,
        calls_source="Unit support, What is Unit's rate limit?",
        # ListPageParameters: at most 1000.
        page_sizes=tuple(range(1, 1001)),
        page_source=OPENAPI,
    ),
)
