"""What Bond takes and tells, each rule with the page that has it."""

from __future__ import annotations

from typing import Literal

from attrs import evolve, frozen

from anybank.capabilities import (
    NATURAL,
    SAFE,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Idempotency,
    Limits,
    Support,
)
from anybank.model.addresses import Address, AddressKind
from anybank.model.customers import NewCustomer
from anybank.model.phones import Phone

from .codes import CODES

MANAGING = 'Bond docs, "Managing customers"'
CREATING = 'Bond docs, "Creating a customer"'
KYC = 'Bond docs, "Performing KYC"'
STATEMENTS = 'Bond docs, "Account statements"'
CREDIT = 'Bond docs, "Managing credit applications"'
WEBHOOKS = 'Bond docs, "Event subscriptions"'
OVERVIEW = 'Bond docs, "API reference"'

# Letters of any script: whether accents count is for the server to say.
_NAME = r"[^\W\d_](?:[^\W\d_]|[ '])*"
_NAME_NOTE = "letters, spaces and apostrophes, starting with a letter (no hyphens)"


@frozen(kw_only=True)
class BondExtras:
    """What Bond alone knows of a customer: its part in a multi-card programme.

    `primary_id` is the customer id of the primary holder, needed for "secondary".
    """

    account_holder_type: Literal["primary", "secondary"] | None = None
    primary_id: str | None = None


def _name(native: str) -> FieldRule:
    return FieldRule(
        create="required",
        update="before_kyc",
        native=native,
        length=(2, 50),
        pattern=_NAME,
        pattern_note=_NAME_NOTE,
        source=MANAGING,
    )


_REFUSED = FieldRule(create="refused", read="never", update="never", source=CREATING)

CUSTOMER = {
    "first_name": _name("first_name"),
    "middle_name": evolve(_name("middle_name"), create="optional", misfit="dropped"),
    "last_name": _name("last_name"),
    "preferred_name": _REFUSED,
    "date_of_birth": FieldRule(
        create="required", update="before_kyc", native="dob", source=MANAGING
    ),
    "ssn": FieldRule(read="masked", update="before_kyc", native="ssn", source=MANAGING),
    "document_locator_number": _REFUSED,
    "emails": FieldRule(native="email", items=(0, 1), source=MANAGING),
    "phones": FieldRule(native="phone", items=(0, 1), source=MANAGING),
    "addresses": FieldRule(
        create="required",
        update="before_kyc",
        when="secondary addresses: always",
        items=(1, None),
        native="addresses",
        source=MANAGING,
    ),
    "external_id": FieldRule(
        update="never",
        native="brand_person_id",
        note="Bond makes one up where none is given",
        source=CREATING,
    ),
    "account_ids": _REFUSED,
    "created_at": FieldRule(create="refused", update="never", native="date_created"),
}

ADDRESS = {
    "id": FieldRule(create="refused", update="never", native="address_id"),
    "kind": FieldRule(
        create="required",
        native="address_type",
        values={
            AddressKind.PHYSICAL: "PHYSICAL",
            AddressKind.MAILING: "MAILING",
            AddressKind.HOME: "PHYSICAL",
        },
        source=MANAGING,
    ),
    "line1": FieldRule(
        create="required",
        native="street",
        length=(1, 40),
        pattern=r"[\w .,#-]+",
        pattern_note="letters, digits, spaces and . , _ - #",
        source=MANAGING,
    ),
    "line2": FieldRule(native="street2", length=(1, 40), source=MANAGING),
    "city": FieldRule(create="required", length=(2, 40), source=MANAGING),
    "state": FieldRule(
        create="required",
        pattern=r".{1,20}",
        pattern_in={"US": r"[A-Z]{2}"},
        pattern_note="two capital letters in the US, elsewhere up to 20 characters",
        source=MANAGING,
    ),
    "postal_code": FieldRule(
        create="required",
        native="zip_code",
        pattern=r".{2,20}",
        pattern_in={"US": r"[0-9]{5}(-[0-9]{4})?"},
        pattern_note="NNNNN or NNNNN-NNNN in the US, elsewhere 2 to 20 characters",
        source=MANAGING,
    ),
    "country": FieldRule(create="required", source=MANAGING),
    "primary": FieldRule(create="required", native="is_primary", source=MANAGING),
}

PHONE = {
    "number": FieldRule(
        create="required", note="country code 1 where none is told", source=MANAGING
    ),
    "kind": FieldRule(create="refused", read="never", source=MANAGING),
}


def _works(source: str, idempotency: Idempotency) -> FeatureRule:
    return FeatureRule(support=Support.FULL, source=source, idempotency=idempotency)


def _later(source: str) -> FeatureRule:
    return FeatureRule(support=Support.NOT_IMPLEMENTED, source=source)


FEATURES = {
    Feature.CUSTOMERS_CREATE: _works(
        CREATING,
        Idempotency("client_reference", scope="brand", reference="external_id"),
    ),
    Feature.CUSTOMERS_GET: _works(MANAGING, SAFE),
    Feature.CUSTOMERS_LIST: _works(MANAGING, SAFE),
    Feature.CUSTOMERS_UPDATE: FeatureRule(
        support=Support.PARTIAL,
        note="after KYC only e-mail, phone and secondary addresses",
        source=MANAGING,
        idempotency=NATURAL,
    ),
    Feature.CUSTOMERS_DELETE: _works(MANAGING, NATURAL),
    Feature.KYC_START: _later(KYC),
    Feature.KYC_GET: _later(KYC),
    Feature.CREDIT_APPLICATIONS_CREATE: _later(CREDIT),
    Feature.CREDIT_APPLICATIONS_GET: _later(CREDIT),
    Feature.CREDIT_APPLICATIONS_LIST: _later(CREDIT),
    Feature.CREDIT_APPLICATIONS_UPDATE: _later(CREDIT),
    Feature.CREDIT_APPLICATIONS_SUBMIT: _later(CREDIT),
    Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION: _later(CREDIT),
    Feature.WEBHOOKS_VERIFY: _later(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_CREATE: _later(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_LIST: _later(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE: _later(WEBHOOKS),
    Feature.WEBHOOK_SUBSCRIPTIONS_DELETE: _later(WEBHOOKS),
    Feature.ACCOUNTS_CREATE: _later(OVERVIEW),
    Feature.ACCOUNTS_GET: _later(OVERVIEW),
    Feature.ACCOUNTS_LIST: _later(OVERVIEW),
    Feature.ACCOUNTS_DELETE: _later(OVERVIEW),
    Feature.TRANSACTIONS_GET: _later(OVERVIEW),
    Feature.TRANSACTIONS_LIST: _later(OVERVIEW),
}

CAPABILITIES = Capabilities(
    provider="bond",
    title="Bond",
    hosts={
        "sandbox": "https://sandbox.bond.tech/api/v0.1",
        "production": "https://api.bond.tech/api/v0.1",
    },
    features=FEATURES,
    fields={NewCustomer: CUSTOMER, Address: ADDRESS, Phone: PHONE},
    limits=Limits(
        calls_per_minute=1000,
        calls_source=STATEMENTS,
        page_sizes=(1, 2, 5, 10, 20, 50),
        page_source=MANAGING,
    ),
    errors=CODES,
    extras=BondExtras,
)


def strict_after_kyc(declared: Capabilities) -> Capabilities:
    """Return the declaration by which nothing changes after KYC (the KYC page)."""
    fixed = {
        name: evolve(rule, update="before_kyc", when="", source=KYC)
        if rule.update != "never"
        else rule
        for name, rule in declared.fields[NewCustomer].items()
    }
    return evolve(declared, fields={**declared.fields, NewCustomer: fixed})
