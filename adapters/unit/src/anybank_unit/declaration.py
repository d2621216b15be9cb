"""Unit's options, features and capabilities."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from anybank.adapter.options import credential
from anybank.declaration import (
    NATURAL,
    SAFE,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Feature,
    FeatureRule,
    Idempotency,
    Limits,
    ReadRule,
    Support,
)
from anybank.model.accounts import Account, Balance, NewAccount
from anybank.model.addresses import Address
from anybank.model.customers import NewCustomer
from anybank.model.events import (
    Event,
    NewWebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.model.government_ids import GovernmentId
from anybank.model.kyc import NewKycDocument
from anybank.model.phones import Phone
from anybank.model.transactions import Transaction
from anybank.sensitive import Sensitive

from . import rules
from .errors import CODES
from .extras import UnitExtras
from .rules import (
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


def _rule(
    support: Support,
    note: str,
    source: str,
    idempotency: Idempotency = NATURAL,
    *,
    id_changes: bool = False,
) -> FeatureRule:
    return FeatureRule(
        support=support,
        note=note,
        source=source,
        idempotency=idempotency,
        id_changes=id_changes,
    )


def _none(note: str, source: str = OPENAPI) -> FeatureRule:
    return FeatureRule(support=Support.UNSUPPORTED, note=note, source=source)


def _reads(source: str, note: str = "") -> FeatureRule:
    return _rule(Support.FULL, note, source, SAFE)


def _not_yet(note: str) -> FeatureRule:
    return FeatureRule(support=Support.NOT_IMPLEMENTED, note=note, source=OPENAPI)


_NO_CREDIT = _not_yet("use bank.request for credit applications")
_ONE_ADDRESS = _none("a person has one address: update the customer", UPDATE)
_ONE_NUMBER = _none("an account has one number: use accounts.get", ACCOUNTS)
_NO_COUNTERPARTIES = _not_yet("use bank.request for counterparties")
_FULL, _PARTIAL = Support.FULL, Support.PARTIAL

FEATURES = {
    # "Applications": the application becomes a customer when it is approved, mostly within
    # seconds. Until then the id of the application is that of the person.
    Feature.CUSTOMERS_CREATE: _rule(
        _FULL, "creates an application; an approved one is a customer", CREATE, KEYS
    ),
    Feature.CUSTOMERS_GET: _rule(
        _FULL,
        "an application's id reads as the customer that it became; archived customers "
        "and canceled applications count as not found",
        f"{APPLICATION}; {CUSTOMER}",
        SAFE,
        id_changes=True,
    ),
    Feature.CUSTOMERS_LIST: _reads(
        f"{CUSTOMER}; {APPLICATION}",
        "the active customers, then the applications that are undecided or denied",
    ),
    Feature.CUSTOMERS_UPDATE: _rule(
        _PARTIAL,
        "e-mail, phone and address, of an approved person only",
        UPDATE,
        id_changes=True,
    ),
    Feature.CUSTOMERS_DELETE: _rule(
        _PARTIAL,
        "archives a customer, or cancels an undecided application; Unit stores both",
        f"{CUSTOMER}; {APPLICATION}",
    ),
    Feature.KYC_START: _rule(
        Support.EMULATED,
        "reads the application, whose create starts the verification",
        APPLICATION,
    ),
    Feature.KYC_GET: _reads(
        APPLICATION, "the status of the application, and the documents that it needs"
    ),
    Feature.KYC_UPLOAD_DOCUMENT: _rule(
        _PARTIAL, "the front of a document that the application requires", DOCUMENTS
    ),
    **{feature: _NO_CREDIT for feature in Feature if "credit_app" in feature},
    **{feature: _ONE_ADDRESS for feature in Feature if "customer_add" in feature},
    **{feature: _ONE_NUMBER for feature in Feature if "account_num" in feature},
    **{feature: _NO_COUNTERPARTIES for feature in Feature if "external_" in feature},
    # https://unit.co/docs/api/webhooks
    Feature.WEBHOOKS_VERIFY: _reads(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _rule(
        _PARTIAL, "receives all events", WEBHOOKS, Idempotency("none")
    ),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _reads(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _rule(
        _PARTIAL, "enables or disables it", WEBHOOKS
    ),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _none(
        "the document has no such call: disable it with update", WEBHOOKS
    ),
    Feature.EVENTS_GET: _reads(EVENTS),
    Feature.EVENTS_LIST: _rule(
        _PARTIAL, "Unit has no filter by object: object_id is refused", EVENTS, SAFE
    ),
    Feature.ACCOUNTS_CREATE: _rule(
        _FULL, "a deposit account", ACCOUNTS, KEYS, id_changes=True
    ),
    Feature.ACCOUNTS_GET: _reads(ACCOUNTS),
    Feature.ACCOUNTS_LIST: _rule(_FULL, "", ACCOUNTS, SAFE, id_changes=True),
    Feature.ACCOUNTS_DELETE: _none(
        "an account is closed: use accounts.close", ACCOUNTS
    ),
    Feature.ACCOUNTS_BALANCE: _reads(ACCOUNTS),
    Feature.ACCOUNTS_CLOSE: _rule(_FULL, "the balance must be zero", ACCOUNTS),
    Feature.TRANSACTIONS_GET: _rule(
        _PARTIAL, "needs account_id, which is in the path", TRANSACTIONS, SAFE
    ),
    Feature.TRANSACTIONS_LIST: _rule(
        _PARTIAL, "posted ones; use bank.request for authorizations", TRANSACTIONS, SAFE
    ),
    Feature.CREDENTIALS_CHECK: _rule(
        _PARTIAL,
        "Unit has no call for this; the adapter lists one customer",
        OPENAPI,
        SAFE,
    ),
    Feature.CREDENTIALS_CREATE_TEMPORARY: _not_yet(
        "use bank.request for customer tokens, which need a verification by phone"
    ),
}

READS = {
    Account: ReadRule(
        source=ACCOUNTS,
        never={
            "native_amount": "every amount is in cents",
            "closed_at": "an account has no time of closing",
            "transaction_ids": "use transactions.list",
        },
    ),
    Balance: ReadRule(
        source=ACCOUNTS,
        never={
            "as_of": "a balance is the current one",
            "native": "every amount is in cents",
        },
    ),
    Transaction: ReadRule(
        source=TRANSACTIONS,
        never={
            "native_amount": "every amount is in cents",
            "native_status": "a transaction has no status: it is posted",
            "posted_on": "a transaction has a time",
        },
    ),
    Event: ReadRule(
        source=EVENTS,
        never={"application_id": "it is for credit applications, which are not read"},
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
    features=FEATURES,
    fields={
        NewCustomer: rules.PERSON,
        Address: rules.ADDRESS,
        Phone: rules.PHONE,
        GovernmentId: rules.GOVERNMENT_ID,
        NewKycDocument: rules.DOCUMENT,
        NewAccount: rules.ACCOUNT,
        NewWebhookSubscription: rules.SUBSCRIPTION,
        WebhookSubscriptionChanges: rules.SUBSCRIPTION_CHANGES,
    },
    reads=READS,
    errors=CODES,
    extras=UnitExtras,
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
