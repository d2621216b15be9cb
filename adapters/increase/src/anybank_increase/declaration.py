"""Increase's options, features and capabilities."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import evolve, frozen

from anybank.adapter.options import credential, option
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
    Support,
)
from anybank.model.accounts import (
    AccountNumberChanges,
    NewAccount,
    NewAccountNumber,
)
from anybank.model.addresses import Address
from anybank.model.customers import NewCustomer
from anybank.model.events import NewWebhookSubscription, WebhookSubscriptionChanges
from anybank.model.government_ids import GovernmentId
from anybank.model.kyc import NewKycDocument
from anybank.model.kyc_evidence import KycEvidence
from anybank.model.phones import Phone
from anybank.sensitive import Sensitive

from .errors import CODES
from .extras import IncreaseExtras
from .reads import READS
from .rules import (
    ACCOUNT,
    ACCOUNT_NUMBER,
    ACCOUNT_NUMBER_CHANGES,
    ACCOUNT_NUMBERS,
    ACCOUNTS,
    ADDRESS,
    ARCHIVE,
    CREATE,
    CUSTOMER,
    DOCUMENT,
    DOCUMENTS,
    ENTITY,
    EVENTS,
    EVIDENCE,
    EXTERNAL_ACCOUNTS,
    FILES,
    GOVERNMENT_ID,
    KEYS,
    LIST,
    OPENAPI,
    PHONE,
    SUBSCRIPTION,
    SUBSCRIPTION_CHANGES,
    SUBSCRIPTIONS,
    TRANSACTIONS,
    UPDATE,
    VALIDATION,
    WEBHOOKS,
)


class NameStyle(StrEnum):
    """How the one name of an entity is read."""

    WHOLE = "whole"
    SPLIT = "split"


@frozen(kw_only=True)
class IncreaseOptions:
    """The options of an Increase client: the key, and how a name is read."""

    api_key: Sensitive = credential("an API key of the environment")
    # An entity has one name. Splitting it is a guess that is wrong for many people, so
    # it happens only at the caller's request.
    names: NameStyle = option(
        "whether a name is returned whole, or split into guessed parts",
        NameStyle.WHOLE,
        values=tuple(NameStyle),
    )


def _not_yet(subject: str) -> FeatureRule:
    return FeatureRule(
        support=Support.NOT_IMPLEMENTED,
        note=f"use bank.request for {subject}",
        source=OPENAPI,
    )


def _none(note: str, source: str = OPENAPI) -> FeatureRule:
    return FeatureRule(support=Support.UNSUPPORTED, note=note, source=source)


def _reads(source: str) -> FeatureRule:
    return FeatureRule(support=Support.FULL, source=source, idempotency=SAFE)


def _creates(note: str, source: str) -> FeatureRule:
    return FeatureRule(
        support=Support.PARTIAL,
        note=note,
        source=f"{source}; {KEYS}",
        idempotency=Idempotency(
            "replays", header="Idempotency-Key", listed_by_key=True
        ),
    )


_ONE_ADDRESS = _none("a person has one address: update the customer", UPDATE)
_NO_CREDIT = _none("the API has no credit applications")

FEATURES = {
    # "Idempotency keys": a repeated key returns the object that it created, without a limit
    # in time, and each list has a filter by key.
    Feature.CUSTOMERS_CREATE: FeatureRule(
        support=Support.FULL,
        note="creates an entity with the structure natural_person",
        source=f"{CREATE}; {KEYS}",
        idempotency=Idempotency(
            "replays", header="Idempotency-Key", listed_by_key=True
        ),
    ),
    # The API still returns an archived entity, which counts as deleted here.
    Feature.CUSTOMERS_GET: FeatureRule(
        support=Support.FULL,
        note="an archived entity counts as not found",
        source=ENTITY,
        idempotency=SAFE,
    ),
    # "List entities": a cursor, a limit up to 100, and filters.
    Feature.CUSTOMERS_LIST: FeatureRule(
        support=Support.FULL,
        note="an entity that is not a natural person is listed with its id and name only",
        source=LIST,
        idempotency=SAFE,
    ),
    # "Update an Entity" stores the members that it names, so a repeat has the same
    # effect. https://increase.com/documentation/api/entities
    Feature.CUSTOMERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="the address, the SSN or other id, the evidence and the extras only",
        source=UPDATE,
        idempotency=NATURAL,
    ),
    # "Archive an entity": POST /entities/{entity_id}/archive. No call restores the entity.
    Feature.CUSTOMERS_DELETE: FeatureRule(
        support=Support.PARTIAL,
        note="archives the entity: Increase stores it and anybank no longer returns it; its "
        "accounts must be closed first",
        source=ARCHIVE,
        idempotency=NATURAL,
    ),
    # https://increase.com/documentation/entity-validation: Increase validates an entity
    # when it is created and after each change of its data.
    Feature.KYC_START: FeatureRule(
        support=Support.EMULATED,
        note="reads the validation, which Increase starts when an entity is created or "
        "changed; nothing is started or sent",
        source=VALIDATION,
        idempotency=NATURAL,
    ),
    # https://increase.com/documentation/entity-validation
    Feature.KYC_GET: FeatureRule(
        support=Support.FULL,
        note="the validation of the submitted data",
        source=VALIDATION,
        idempotency=SAFE,
    ),
    # https://increase.com/documentation/api/files
    # "Create a file", then "Create a supplemental document for an entity".
    Feature.KYC_UPLOAD_DOCUMENT: FeatureRule(
        support=Support.FULL,
        note="creates a file, and with a customer a supplemental document of the entity",
        source=f"{FILES}; {DOCUMENTS}; {KEYS}",
        idempotency=Idempotency("replays", header="Idempotency-Key"),
    ),
    Feature.CREDIT_APPLICATIONS_CREATE: _NO_CREDIT,
    Feature.CREDIT_APPLICATIONS_GET: _NO_CREDIT,
    Feature.CREDIT_APPLICATIONS_LIST: _NO_CREDIT,
    Feature.CREDIT_APPLICATIONS_UPDATE: _NO_CREDIT,
    Feature.CREDIT_APPLICATIONS_SUBMIT: _NO_CREDIT,
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _NO_CREDIT,
    # https://increase.com/documentation/webhooks
    Feature.WEBHOOKS_VERIFY: _reads(WEBHOOKS),
    # https://increase.com/documentation/api/event-subscriptions
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: FeatureRule(
        support=Support.FULL,
        note="with your own idempotency key pass a secret: Increase never returns one",
        source=f"{SUBSCRIPTIONS}; {KEYS}",
        idempotency=Idempotency("replays", header="Idempotency-Key"),
    ),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _reads(SUBSCRIPTIONS),
    # "Update an Event Subscription" has one parameter, `status`.
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="enables or disables it; to change the URL or the events, create another one",
        source=SUBSCRIPTIONS,
        idempotency=NATURAL,
    ),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: FeatureRule(
        support=Support.FULL,
        note="sets its status to deleted",
        source=SUBSCRIPTIONS,
        idempotency=NATURAL,
    ),
    # https://increase.com/documentation/api/events
    Feature.EVENTS_GET: _reads(EVENTS),
    Feature.EVENTS_LIST: _reads(EVENTS),
    # The schema of a person has one object `address`.
    Feature.CUSTOMER_ADDRESSES_CREATE: _ONE_ADDRESS,
    Feature.CUSTOMER_ADDRESSES_LIST: _ONE_ADDRESS,
    Feature.CUSTOMER_ADDRESSES_UPDATE: _ONE_ADDRESS,
    Feature.CUSTOMER_ADDRESSES_DELETE: _ONE_ADDRESS,
    # https://increase.com/documentation/api/accounts
    Feature.ACCOUNTS_CREATE: _creates("an account for deposits", ACCOUNTS),
    Feature.ACCOUNTS_GET: _reads(ACCOUNTS),
    Feature.ACCOUNTS_LIST: _reads(ACCOUNTS),
    Feature.ACCOUNTS_DELETE: _none(
        "an account is closed: use accounts.close", ACCOUNTS
    ),
    # "Retrieve an Account Balance", a call of its own: an account does not have it.
    Feature.ACCOUNTS_BALANCE: _reads(ACCOUNTS),
    # "Close an account" needs a balance of zero, and no call opens the account again.
    Feature.ACCOUNTS_CLOSE: FeatureRule(
        support=Support.FULL,
        note="the balance must be zero",
        source=ACCOUNTS,
        idempotency=NATURAL,
    ),
    # https://increase.com/documentation/api/account-numbers
    # inbound_ach.debit_status: "If you do not specify this field, the default is
    # `allowed`." The adapter does not choose for its caller, and says so.
    Feature.ACCOUNT_NUMBERS_CREATE: _creates(
        "a number that accepts ACH debits, as Increase's default is; use bank.request "
        "to block them",
        ACCOUNT_NUMBERS,
    ),
    Feature.ACCOUNT_NUMBERS_GET: _reads(ACCOUNT_NUMBERS),
    Feature.ACCOUNT_NUMBERS_LIST: _reads(ACCOUNT_NUMBERS),
    Feature.ACCOUNT_NUMBERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="the name and the status; use bank.request for ACH debits and checks",
        source=ACCOUNT_NUMBERS,
        idempotency=NATURAL,
    ),
    # https://increase.com/documentation/api/external-accounts
    Feature.EXTERNAL_ACCOUNTS_GET: _reads(EXTERNAL_ACCOUNTS),
    Feature.EXTERNAL_ACCOUNTS_LIST: _reads(EXTERNAL_ACCOUNTS),
    # https://increase.com/documentation/api/transactions
    Feature.TRANSACTIONS_GET: _reads(TRANSACTIONS),
    Feature.TRANSACTIONS_LIST: _reads(TRANSACTIONS),
    # The smallest list needs a valid key and reveals least.
    Feature.CREDENTIALS_CHECK: FeatureRule(
        support=Support.PARTIAL,
        note="Increase has no call for this; the adapter lists one entity",
        source=LIST,
        idempotency=SAFE,
    ),
    Feature.CREDENTIALS_CREATE_TEMPORARY: _none("the API has no temporary credentials"),
}

CAPABILITIES = Capabilities(
    provider="increase",
    title="Increase",
    status=AdapterStatus(
        AdapterLevel.LIVE,
        "as the published OpenAPI document describes it",
        as_of=date(2026, 11, 28),
    ),
    # The servers of the OpenAPI document.
    hosts={
        "sandbox": "https://sandbox.increase.com",
        "production": "https://api.increase.com",
    },
    features=FEATURES,
    fields={
        NewCustomer: CUSTOMER,
        GovernmentId: GOVERNMENT_ID,
        NewKycDocument: DOCUMENT,
        KycEvidence: EVIDENCE,
        Address: ADDRESS,
        Phone: PHONE,
        NewAccount: ACCOUNT,
        NewAccountNumber: ACCOUNT_NUMBER,
        AccountNumberChanges: ACCOUNT_NUMBER_CHANGES,
        NewWebhookSubscription: SUBSCRIPTION,
        WebhookSubscriptionChanges: SUBSCRIPTION_CHANGES,
    },
    reads=READS,
    errors=CODES,
    # https://increase.com/documentation/entity-validation
    create_verifies=True,
    extras=IncreaseExtras,
    limits=Limits(
        # The API reference has rate_limited_error and names no figure.
        calls_per_minute=600,
        calls_source="no limit is published; anybank's own default",
        # "List entities": limit, from 1 to 100.
        page_sizes=tuple(range(1, 101)),
        page_source=LIST,
    ),
)


def with_policies(declared: Capabilities, options: IncreaseOptions) -> Capabilities:
    """Return the declaration as changed by the options."""
    if options.names == NameStyle.WHOLE:
        return declared
    guessed = "a guess: the first word, the last word, and the words between them"
    person = {
        name: evolve(rule, read="returned", note=guessed)
        if name in ("first_name", "middle_name", "last_name")
        else rule
        for name, rule in CUSTOMER.items()
    }
    return evolve(declared, fields={**declared.fields, NewCustomer: person})
