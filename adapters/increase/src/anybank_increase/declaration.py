"""Increase's options, features and capabilities."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import evolve, frozen

from anybank.adapter.converter import read_rules_of, rules_of
from anybank.adapter.options import credential, option
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
    partial,
    unsupported,
)
from anybank.model.customers import NewCustomer
from anybank.sensitive import Sensitive

from . import (
    accounts,
    customers,
    documents,
    events,
    identification,
    kyc,
    subscriptions,
    transactions,
)
from .errors import CODES
from .extras import EXTRAS
from .sources import (
    ACCOUNT_NUMBERS,
    ACCOUNTS,
    ARCHIVE,
    CREATE,
    DOCUMENTS,
    ENTITY,
    EVENTS,
    EXTERNAL_ACCOUNTS,
    FILES,
    KEYS,
    LIST,
    OPENAPI,
    SUBSCRIPTIONS,
    TRANSACTIONS,
    UPDATE,
    VALIDATION,
    WEBHOOKS,
)

_WIRES = (
    customers,
    identification,
    kyc,
    documents,
    accounts,
    transactions,
    events,
    subscriptions,
)
"""The modules with the wire classes, whose fields have the rules."""


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


_REPLAYS = Idempotency("replays", header="Idempotency-Key")
_LISTED = evolve(_REPLAYS, listed_by_key=True)
_ONE_ADDRESS = unsupported(UPDATE, "a person has one address: update the customer")
_NO_CREDIT = unsupported(OPENAPI, "the API has no credit applications")

FEATURES = {
    # "Idempotency keys": a repeated key returns the object that it created, without a limit
    # in time, and each list has a filter by key.
    "customers.create": full(
        f"{CREATE}; {KEYS}",
        "creates an entity with the structure natural_person",
        _LISTED,
    ),
    # The API still returns an archived entity, which counts as deleted here.
    "customers.get": full(ENTITY, "an archived entity counts as not found"),
    # "List entities": a cursor, a limit up to 100, and filters.
    "customers.list": full(
        LIST,
        "an entity that is not a natural person is listed with its id and name only",
    ),
    # "Update an Entity" stores the members that it names, so a repeat has the same
    # effect. https://increase.com/documentation/api/entities
    "customers.update": partial(
        UPDATE,
        "the address, the SSN or other id, the evidence and the extras only",
        NATURAL,
    ),
    # "Archive an entity": POST /entities/{entity_id}/archive. No call restores the entity.
    "customers.delete": partial(
        ARCHIVE,
        "archives the entity: Increase stores it and anybank no longer returns it; its "
        "accounts must be closed first",
        NATURAL,
    ),
    # https://increase.com/documentation/entity-validation: Increase validates an entity
    # when it is created and after each change of its data.
    "kyc.start": emulated(
        VALIDATION,
        "reads the validation, which Increase starts when an entity is created or "
        "changed; nothing is started or sent",
        NATURAL,
    ),
    # https://increase.com/documentation/entity-validation
    "kyc.get": full(VALIDATION, "the validation of the submitted data"),
    # https://increase.com/documentation/api/files
    # "Create a file", then "Create a supplemental document for an entity".
    "kyc.upload_document": full(
        f"{FILES}; {DOCUMENTS}; {KEYS}",
        "creates a file, and with a customer a supplemental document of the entity",
        _REPLAYS,
    ),
    "credit_applications.*": _NO_CREDIT,
    # https://increase.com/documentation/webhooks
    "webhooks.verify": full(WEBHOOKS),
    # https://increase.com/documentation/api/event-subscriptions
    "webhook_subscriptions.create": full(
        f"{SUBSCRIPTIONS}; {KEYS}",
        "with your own idempotency key pass a secret: Increase never returns one",
        _REPLAYS,
    ),
    "webhook_subscriptions.list": full(SUBSCRIPTIONS),
    # "Update an Event Subscription" has one parameter, `status`.
    "webhook_subscriptions.update": partial(
        SUBSCRIPTIONS,
        "enables or disables it; to change the URL or the events, create another one",
        NATURAL,
    ),
    "webhook_subscriptions.delete": full(
        SUBSCRIPTIONS, "sets its status to deleted", NATURAL
    ),
    # https://increase.com/documentation/api/events
    "events.*": full(EVENTS),
    # The schema of a person has one object `address`.
    "customer_addresses.*": _ONE_ADDRESS,
    # https://increase.com/documentation/api/accounts
    "accounts.create": partial(
        f"{ACCOUNTS}; {KEYS}", "an account for deposits", _LISTED
    ),
    "accounts.get": full(ACCOUNTS),
    "accounts.list": full(ACCOUNTS),
    "accounts.delete": unsupported(
        ACCOUNTS, "an account is closed: use accounts.close"
    ),
    # "Retrieve an Account Balance", a call of its own: an account does not have it.
    "accounts.balance": full(ACCOUNTS),
    # "Close an account" needs a balance of zero, and no call opens the account again.
    "accounts.close": full(ACCOUNTS, "the balance must be zero", NATURAL),
    # https://increase.com/documentation/api/account-numbers
    # inbound_ach.debit_status: "If you do not specify this field, the default is
    # `allowed`." The adapter does not choose for its caller, and says so.
    "account_numbers.create": partial(
        f"{ACCOUNT_NUMBERS}; {KEYS}",
        "a number that accepts ACH debits, as Increase's default is; use bank.request "
        "to block them",
        _LISTED,
    ),
    "account_numbers.*": full(ACCOUNT_NUMBERS),
    "account_numbers.update": partial(
        ACCOUNT_NUMBERS,
        "the name and the status; use bank.request for ACH debits and checks",
        NATURAL,
    ),
    # https://increase.com/documentation/api/external-accounts
    "external_accounts.*": full(EXTERNAL_ACCOUNTS),
    # https://increase.com/documentation/api/transactions
    "transactions.*": full(TRANSACTIONS),
    # The smallest list needs a valid key and reveals least.
    "credentials.check": partial(
        LIST, "Increase has no call for this; the adapter lists one entity"
    ),
    "credentials.create_temporary": unsupported(
        OPENAPI, "the API has no temporary credentials"
    ),
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
    features=feature_rules(FEATURES),
    fields=rules_of(*_WIRES),
    reads=read_rules_of(*_WIRES),
    errors=CODES,
    # https://increase.com/documentation/entity-validation
    create_verifies=True,
    extras=EXTRAS,
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
        for name, rule in declared.rules(NewCustomer).items()
    }
    return evolve(declared, fields={**declared.fields, NewCustomer: person})
