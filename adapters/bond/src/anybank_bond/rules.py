"""What Bond takes and tells of each field, with the page that has the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import evolve, frozen

from anybank.declaration import FieldRule
from anybank.model.addresses import AddressKind
from anybank.model.credit import EmploymentStatus

MANAGING = 'Bond docs, "Managing customers"'
CREATING = 'Bond docs, "Creating a customer"'
KYC = 'Bond docs, "Performing KYC"'
STATEMENTS = 'Bond docs, "Account statements"'
KYC_DOCS = 'Bond docs, "KYC state machine"'
ADDRESSES = 'Bond docs, "Managing customer addresses"'
CREDIT = 'Bond docs, "Creating a credit application"'
APPLICATIONS = 'Bond docs, "Managing credit applications"'
ACCOUNTS = 'Bond docs, "Accounts overview"'
KEYS = 'Bond docs, "Getting your API key"'
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
    # The table says 2 to 50 characters, and the same page's sample has "J".
    "middle_name": evolve(
        _name("middle_name"), create="optional", misfit="dropped", length=(1, 50)
    ),
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


KYC_START = {
    "program_id": FieldRule(create="required", source=KYC),
    "idempotency_key": FieldRule(source=KYC),
    "ssn": FieldRule(note="needed unless the customer has one stored", source=KYC),
    "phone": FieldRule(source=KYC),
    "email": FieldRule(source=KYC),
    "ip": FieldRule(
        pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}", pattern_note="IPv4", source=KYC
    ),
}

DOLLARS = "USD"

EMPLOYMENT: Mapping[EmploymentStatus, str] = {
    EmploymentStatus.EMPLOYED: "employed",
    EmploymentStatus.SELF_EMPLOYED: "self_employed",
    EmploymentStatus.UNEMPLOYED: "unemployed",
    EmploymentStatus.RETIRED: "retired",
    EmploymentStatus.STUDENT: "student",
    EmploymentStatus.OTHER: "other",
}

APPLICATION = {
    "program_id": FieldRule(create="required", update="never", source=APPLICATIONS),
    "customer_id": FieldRule(create="required", update="never", source=APPLICATIONS),
    "employment_status": FieldRule(
        values=EMPLOYMENT, submit="required", source=APPLICATIONS
    ),
    "total_annual_income": FieldRule(
        submit="required", note="whole cents", source=APPLICATIONS
    ),
    "monthly_housing_payment": FieldRule(
        submit="required", note="whole cents", source=APPLICATIONS
    ),
}
MONEY = {
    "minor_units": FieldRule(create="required", source=APPLICATIONS),
    "currency": FieldRule(create="refused", implied=DOLLARS, source=APPLICATIONS),
}

ACCOUNT = {
    "customer_ids": FieldRule(
        create="required", native="customer_id", items=(1, 1), source=ACCOUNTS
    ),
    "program_id": FieldRule(create="required", source=ACCOUNTS),
    "kind": FieldRule(
        create="required",
        native="type",
        pattern=r"deposit|security_deposit",
        pattern_note="deposit or security_deposit",
        source=ACCOUNTS,
    ),
    "name": FieldRule(create="refused", read="never", update="never", source=ACCOUNTS),
    "currency": FieldRule(create="refused", implied="USD", source=ACCOUNTS),
}
