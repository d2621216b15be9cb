"""The rules of each field at Bond, with the page that states the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import evolve, frozen

from anybank.declaration import (
    FieldRule,
    Source,
    field_rules,
    optional,
    read_only,
    required,
)
from anybank.model.accounts import AccountKind
from anybank.model.addresses import AddressKind
from anybank.model.credit import EmploymentStatus
from anybank.model.events import EventKind

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

# "Managing customers" says "letters". Whether that includes accented letters is not
# stated, so letters of any script are sent and Bond decides.
_NAME = r"[^\W\d_](?:[^\W\d_]|[ '])*"
_NAME_NOTE = "letters, spaces and apostrophes, starting with a letter (no hyphens)"


@frozen(kw_only=True)
class BondExtras:
    """Fields of a customer that only Bond has: the role in a multi-card program.

    `account_holder_type` "secondary" needs `primary_id`, the customer id of the primary
    holder. Source: Atelio docs, "Multi-card".
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

CUSTOMER = field_rules(
    MANAGING,
    {
        "first_name": _name("first_name"),
        # The table of "Managing customers" says 2 to 50 characters; its sample has "J".
        "middle_name": evolve(
            _name("middle_name"), create="optional", misfit="dropped", length=(1, 50)
        ),
        "last_name": _name("last_name"),
        # No page has a name by which the customer wants to be called.
        "preferred_name": _REFUSED,
        "date_of_birth": required(update="before_kyc", native="dob"),
        # Returned as XXX-XX-NNNN. "Creating a customer" calls it optional and unique.
        "ssn": optional(read="masked", update="before_kyc", native="ssn"),
        # No page has a field for another id: where Bond wants one, the person uploads it to
        # Bond during the verification ("KYC").
        "government_ids": evolve(
            _REFUSED, note="Bond collects other ids itself, during the verification"
        ),
        # Only Sonder Labs asks for this number.
        "document_locator_number": _REFUSED,
        # Bond verifies a person itself ("KYC").
        "kyc_evidence": _REFUSED,
        # "Managing customers" has one `email` and one `phone`, both optional. A second
        # value would be lost, so it is refused.
        "emails": optional(native="email", items=(0, 1)),
        "phones": optional(native="phone", items=(0, 1)),
        # "Managing customers": at least one address, of which one is primary. After KYC
        # only the secondary ones may change; "Performing KYC" allows no change at all.
        "addresses": required(
            update="before_kyc",
            when="secondary addresses: always",
            items=(1, None),
            native="addresses",
            note="after KYC pass kyc_passed=True to change secondary addresses alone",
        ),
        # "Creating a customer": an id in use is rejected, so one id never names two
        # customers.
        "external_id": optional(
            update="never",
            native="brand_person_id",
            note="Bond assigns one if you send none",
            source=CREATING,
        ),
        # Accounts name their customer, not the other way round.
        "account_ids": _REFUSED,
        # No page shows a status of a customer: a verification belongs to a program.
        "status": _REFUSED,
        "created_at": read_only(native="date_created"),
    },
)

# Bond has two types of address: a home is written as PHYSICAL and read back as such.
ADDRESS_TYPES: Mapping[AddressKind, str] = {
    AddressKind.PHYSICAL: "PHYSICAL",
    AddressKind.MAILING: "MAILING",
    AddressKind.HOME: "PHYSICAL",
}

ADDRESS = field_rules(
    MANAGING,
    {
        "id": read_only(native="address_id"),
        "kind": required(native="address_type", values=ADDRESS_TYPES),
        "line1": required(
            native="street",
            length=(1, 40),
            pattern=r"[\w .,#-]+",
            pattern_note="letters, digits, spaces and . , _ - #",
        ),
        # An empty `street2` occurs in the samples and means that there is none.
        "line2": optional(native="street2", length=(1, 40)),
        "city": required(length=(2, 40)),
        # "Managing customers" allows 20 characters outside the US, "Managing customer
        # addresses" 40. The shorter limit is safe on both endpoints.
        "state": required(
            pattern=r".{1,20}",
            pattern_in={"US": r"[A-Z]{2}"},
            pattern_note="two capital letters in the US, elsewhere up to 20 characters",
        ),
        "postal_code": required(
            native="zip_code",
            pattern=r".{2,20}",
            pattern_in={"US": r"[0-9]{5}(-[0-9]{4})?"},
            pattern_note="NNNNN or NNNNN-NNNN in the US, elsewhere 2 to 20 characters",
        ),
        "country": required(),
        # The samples of "Managing customers" have deliverable, undeliverable and
        # deliverable_missing_unit; some addresses have none.
        "deliverability": read_only(),
        # The later edition calls is_primary deprecated. This edition requires it.
        "primary": required(native="is_primary"),
    },
)

PHONE = field_rules(
    MANAGING,
    {
        "number": required(note="read with country code 1 where Bond returns none"),
        # Bond has no types of phone.
        "kind": FieldRule(create="refused", read="never"),
    },
)

KYC_START = field_rules(
    KYC,
    {
        "program_id": required(),
        "idempotency_key": optional(),
        # The table calls it optional, the error sample required.
        "ssn": optional(note="required unless the customer has one stored"),
        "phone": optional(),
        "email": optional(),
        "ip": optional(pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}", pattern_note="IPv4"),
    },
)

# All amounts of "Managing credit applications" are in cents and in US dollars.
DOLLARS = "USD"

EMPLOYMENT: Mapping[EmploymentStatus, str] = {
    EmploymentStatus.EMPLOYED: "employed",
    EmploymentStatus.SELF_EMPLOYED: "self_employed",
    EmploymentStatus.UNEMPLOYED: "unemployed",
    EmploymentStatus.RETIRED: "retired",
    EmploymentStatus.STUDENT: "student",
    EmploymentStatus.OTHER: "other",
}

_AMOUNT_NOTE = "whole cents; Bond may reject an application that is created without it"

APPLICATION = field_rules(
    APPLICATIONS,
    {
        # "Creating a credit application": a program and a customer are fixed from the
        # start.
        "program_id": required(update="never"),
        "customer_id": required(update="never"),
        "employment_status": optional(values=EMPLOYMENT, submit="required"),
        # "Creating a credit application" calls both amounts optional until the submit. The
        # schema credit-application-write of the API reference requires them on create.
        "total_annual_income": optional(submit="required", note=_AMOUNT_NOTE),
        "monthly_housing_payment": optional(submit="required", note=_AMOUNT_NOTE),
    },
)

MONEY = field_rules(
    APPLICATIONS,
    {
        "minor_units": required(),
        "currency": FieldRule(create="refused", implied=DOLLARS),
    },
)

# The schema account-write: type is deposit or security_deposit.
ACCOUNT_KINDS: Mapping[AccountKind, str] = {
    AccountKind.DEPOSIT: "deposit",
    AccountKind.SECURITY_DEPOSIT: "security_deposit",
}

ACCOUNT = field_rules(
    ACCOUNTS,
    {
        "customer_ids": required(native="customer_id", items=(1, 1)),
        "program_id": required(),
        "kind": required(native="type", values=ACCOUNT_KINDS, update="never"),
        # The schema account-write has no name; its `description` is the "label for
        # account".
        "name": optional(native="description", update="never", source=OVERVIEW),
        "currency": FieldRule(create="refused", implied=DOLLARS),
    },
)

# "Event subscriptions": the names of the events that have a neutral kind. One event reports
# every change of a transaction.
EVENTS: Mapping[EventKind, str] = {
    EventKind.KYC_PASSED: "kyc.verification.success",
    EventKind.KYC_FAILED: "kyc.verification.failure",
    EventKind.KYC_ERROR: "kyc.verification.error",
    EventKind.KYC_EXPIRED: "kyc.verification.timeout",
    EventKind.KYC_DOCUMENTS_REQUIRED: "kyc.verification.document_required",
    EventKind.KYC_UNDER_REVIEW: "kyc.verification.under_review",
    EventKind.KYC_INFORMATION_REQUIRED: "kyc.verification.reenter_information",
    EventKind.CREDIT_CREATED: "credit.application.created",
    EventKind.CREDIT_SUBMITTED: "credit.application.submitted",
    EventKind.CREDIT_APPROVED: "credit.application.approved",
    EventKind.CREDIT_DENIED: "credit.application.adverse_action",
    EventKind.CREDIT_RESUBMIT_REQUIRED: "credit.application.resubmit_required",
    EventKind.CUSTOMER_UPDATED: "customer.updated",
    EventKind.TRANSACTION_CREATED: "transactions",
    EventKind.TRANSACTION_UPDATED: "transactions",
}

# Atelio docs, "Webhook subscriptions": Bond draws the secret, and returns it.
SUBSCRIPTION = field_rules(
    WEBHOOKS,
    {
        "url": required(),
        "events": required(
            values=EVENTS,
            changed="a wildcard is stored as the events that it stands for",
        ),
        "description": optional(),
        "secret": FieldRule(
            create="refused", note="Bond draws the secret and returns it"
        ),
    },
)
