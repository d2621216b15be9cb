"""What Increase takes and tells, each rule with where its API's document has it."""

from __future__ import annotations

from typing import Literal

from attrs import evolve, frozen

from anybank.adapter.options import credential, option
from anybank.declaration import (
    NATURAL,
    SAFE,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Implied,
    Limits,
    Support,
)
from anybank.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import NewCustomer
from anybank.model.phones import Phone
from anybank.sensitive import Sensitive

CREATE = "Increase API, create an entity"
UPDATE = "Increase API, update an entity"
ENTITY = "Increase API, the entity"
LIST = "Increase API, list entities"
ARCHIVE = "Increase API, archive an entity"
KEYS = "Increase documentation, idempotency keys"
VALIDATION = "Increase API, the entity's validation"
OPENAPI = "Increase API, OpenAPI document"


@frozen(kw_only=True)
class IncreaseOptions:
    """What a user of Increase configures: the key, and how a name is read."""

    api_key: Sensitive = credential("an API key of the environment")
    names: Literal["whole", "split"] = option(
        "whether a name is told whole, or split into guessed parts",
        "whole",
        values=("whole", "split"),
    )


_REFUSED = FieldRule(create="refused", read="never", update="never", source=CREATE)
# the name has 200 characters: three parts and two spaces
_PART = FieldRule(
    read="never",
    update="never",
    length=(1, 66),
    note="written into one name, which is told as full_name; the option names='split' "
    "guesses the parts",
    source=CREATE,
)

PERSON = {
    "first_name": evolve(_PART, create="required"),
    "middle_name": _PART,
    "last_name": evolve(_PART, create="required"),
    "preferred_name": _REFUSED,
    "full_name": FieldRule(
        create="refused", update="never", native="name", source=ENTITY
    ),
    "date_of_birth": FieldRule(create="required", update="never", source=CREATE),
    "ssn": FieldRule(
        create="required", read="masked", native="identification", source=CREATE
    ),
    "document_locator_number": _REFUSED,
    "emails": _REFUSED,
    "phones": _REFUSED,
    "addresses": FieldRule(
        create="required", native="address", items=(1, 1), source=CREATE
    ),
    "external_id": evolve(
        _REFUSED, note="a create is made safe by its idempotency key instead"
    ),
    "account_ids": _REFUSED,
    "created_at": FieldRule(create="refused", update="never", source=ENTITY),
}

_TEXT = FieldRule(length=(1, 200), source=CREATE)
_LINE = evolve(_TEXT, po_box="refused")
_SOMETIMES = evolve(
    _TEXT,
    when="required in some countries, the document does not say which",
    pattern_in={"US": "[A-Z]{2}"},
    pattern_note="two capital letters in the US",
)

ADDRESS = {
    "id": _REFUSED,
    "kind": evolve(
        _REFUSED,
        implied=AddressKind.PHYSICAL,
        values=dict.fromkeys(
            (AddressKind.PHYSICAL, AddressKind.HOME, AddressKind.WORK), "physical"
        ),
        note="places where mail is received are not taken",
    ),
    "line1": evolve(_LINE, create="required"),
    "line2": _LINE,
    "city": evolve(_TEXT, create="required"),
    "state": _SOMETIMES,
    "postal_code": evolve(_SOMETIMES, native="zip", pattern_in={}, pattern_note=""),
    "country": FieldRule(create="required", source=CREATE),
    "primary": evolve(_REFUSED, implied=Implied.FIRST),
}

PHONE = {"number": _REFUSED, "kind": _REFUSED}


def _not_yet(what: str) -> FeatureRule:
    return FeatureRule(
        support=Support.NOT_IMPLEMENTED,
        note=f"{what} through bank.request",
        source=OPENAPI,
    )


def _none(note: str, source: str = OPENAPI) -> FeatureRule:
    return FeatureRule(support=Support.UNSUPPORTED, note=note, source=source)


_ONE = _none("a person has one address: change the customer's", UPDATE)
_CREDIT = _none("the document has no credit applications")

FEATURES = {
    Feature.CUSTOMERS_CREATE: FeatureRule(
        support=Support.FULL,
        note="an entity of a natural person",
        source=f"{CREATE}; {KEYS}",
        idempotency=Idempotency(
            "replays", header="Idempotency-Key", listed_by_key=True
        ),
    ),
    Feature.CUSTOMERS_GET: FeatureRule(
        support=Support.FULL,
        note="an archived entity is not found",
        source=ENTITY,
        idempotency=SAFE,
    ),
    Feature.CUSTOMERS_LIST: FeatureRule(
        support=Support.FULL,
        note="entities that are no person are listed with an id and a name alone",
        source=LIST,
        idempotency=SAFE,
    ),
    Feature.CUSTOMERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="the address and the number of the person",
        source=UPDATE,
        idempotency=NATURAL,
    ),
    Feature.CUSTOMERS_DELETE: FeatureRule(
        support=Support.PARTIAL,
        note="it is archived: Increase keeps it, and it is not told any more; its "
        "accounts must be closed first",
        source=ARCHIVE,
        idempotency=NATURAL,
    ),
    Feature.KYC_START: _none(
        "an entity is validated by itself when it is made or changed", VALIDATION
    ),
    Feature.KYC_GET: FeatureRule(
        support=Support.FULL,
        note="the validation of what was submitted",
        source=VALIDATION,
        idempotency=SAFE,
    ),
    Feature.CREDIT_APPLICATIONS_CREATE: _CREDIT,
    Feature.CREDIT_APPLICATIONS_GET: _CREDIT,
    Feature.CREDIT_APPLICATIONS_LIST: _CREDIT,
    Feature.CREDIT_APPLICATIONS_UPDATE: _CREDIT,
    Feature.CREDIT_APPLICATIONS_SUBMIT: _CREDIT,
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _CREDIT,
    Feature.WEBHOOKS_VERIFY: _not_yet("events"),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _not_yet("event subscriptions"),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _not_yet("event subscriptions"),
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _not_yet("event subscriptions"),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _not_yet("event subscriptions"),
    Feature.CUSTOMER_ADDRESSES_CREATE: _ONE,
    Feature.CUSTOMER_ADDRESSES_LIST: _ONE,
    Feature.CUSTOMER_ADDRESSES_UPDATE: _ONE,
    Feature.CUSTOMER_ADDRESSES_DELETE: _ONE,
    Feature.ACCOUNTS_CREATE: _not_yet("accounts"),
    Feature.ACCOUNTS_GET: _not_yet("accounts"),
    Feature.ACCOUNTS_LIST: _not_yet("accounts"),
    Feature.ACCOUNTS_DELETE: _not_yet("accounts"),
    Feature.TRANSACTIONS_GET: _not_yet("transactions"),
    Feature.TRANSACTIONS_LIST: _not_yet("transactions"),
    Feature.CREDENTIALS_CHECK: FeatureRule(
        support=Support.PARTIAL,
        note="no call is for this: a list of one entity is asked for",
        source=LIST,
        idempotency=SAFE,
    ),
    Feature.CREDENTIALS_CREATE_TEMPORARY: _none("the document has no such credentials"),
}

ERRORS = {
    "api_method_not_found_error": UnexpectedResponse,
    "environment_mismatch_error": AuthenticationFailed,
    "idempotency_key_already_used_error": AlreadyExists,
    "insufficient_permissions_error": AuthenticationFailed,
    "internal_server_error": ProviderUnavailable,
    "invalid_api_key_error": AuthenticationFailed,
    "invalid_operation_error": Conflict,
    "invalid_parameters_error": Rejected,
    "malformed_request_error": Rejected,
    "object_not_found_error": NotFound,
    "private_feature_error": AuthenticationFailed,
    "rate_limited_error": RateLimited,
}
"""The class of each `type` of a problem: the document's twelve."""

CAPABILITIES = Capabilities(
    provider="increase",
    title="Increase",
    hosts={
        "sandbox": "https://sandbox.increase.com",
        "production": "https://api.increase.com",
    },
    features=FEATURES,
    fields={NewCustomer: PERSON, Address: ADDRESS, Phone: PHONE},
    errors=ERRORS,
    limits=Limits(
        calls_per_minute=600,
        calls_source="none is published: a modest pace of ours",
        page_sizes=tuple(range(1, 101)),
        page_source=LIST,
    ),
)


def with_policies(declared: Capabilities, options: IncreaseOptions) -> Capabilities:
    """Return the declaration as the options make it."""
    if options.names == "whole":
        return declared
    guessed = "a guess: the first word, the last, and what is between them"
    person = {
        name: evolve(rule, read="returned", note=guessed)
        if name in ("first_name", "middle_name", "last_name")
        else rule
        for name, rule in PERSON.items()
    }
    return evolve(declared, fields={**declared.fields, NewCustomer: person})
