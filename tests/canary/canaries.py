"""Personal values that must not appear in any output, and the customers who have them."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import attrs

from anybank import (
    AccountKind,
    Address,
    AddressKind,
    CustomerChanges,
    GovernmentId,
    GovernmentIdKind,
    KycEvidence,
    NewAccount,
    NewCustomer,
    NewKycDocument,
    Phone,
    Ssn,
    StartKyc,
)
from anybank_increase import IncreaseExtras
from anybank_unit import UnitChangesExtras, UnitExtras

SSN = "219-09-9942"
BORN = date(1913, 7, 29)
LOCATOR = 73190462855183
FIRST, MIDDLE, LAST = "Canaryfirst", "Canary'middle", "Canarylást"
EMAIL = "canary.mail@example.com"
PHONE = "+12125550187"
STREET, SECOND_LINE, CITY = "7131 Canarystreet", "Flat Canaryline", "Canaryville"
IP = "203.0.113.237"
ZIP = "90417-2213"
INCOME = 7316402955
ACCOUNT_NUMBER = "804173551962"
ROUTING_NUMBER = "719043628"
COUNTERPARTY = "Canarycorp Payroll"
DESCRIPTION = "Canaryrent of July"
HOOK_SECRET = "hook-secret-canary-7d20c4"
PASSPORT = "CNRY7731904"
DOCUMENT = "Canarycard"
EVIDENCE = "canary-inquiry-90417"
CONTENT = "Canary-scan-of-a-passport-55731"
TOKEN = "token-canary-5c1e07d2"
IDENTITY = "identity-canary-91b7f3"
AUTHORIZATION = "authorization/canary+0d4c88=="

_PLAIN = (
    *(SSN, SSN.replace("-", ""), SSN.replace("-", " ")),
    *(BORN.isoformat(), BORN.strftime("%m/%d/%Y"), repr(BORN)),
    *(str(LOCATOR), str(INCOME), ACCOUNT_NUMBER, ROUTING_NUMBER),
    *(PASSPORT, DOCUMENT, CONTENT, EVIDENCE),
    *(COUNTERPARTY, DESCRIPTION, HOOK_SECRET),
    *(FIRST, MIDDLE, LAST, EMAIL),
    *("2125550187", "212-555-0187", "212) 555-0187"),
    *(STREET, SECOND_LINE, CITY, ZIP, IP),
    *(TOKEN, IDENTITY, AUTHORIZATION),
)


def _written(text: str) -> set[str]:
    """Return the spellings of a text by a vendor or by Python."""
    escaped = json.dumps(text)[1:-1]
    return {text, escaped, quote(text), quote(text, safe=""), html.escape(text)}


CANARIES = frozenset(item.lower() for text in _PLAIN for item in _written(text))
"""Every spelling of every canary, in lower case."""


def canaries_in(text: str) -> list[str]:
    """Return the canaries that a text contains."""
    lowered = text.lower()
    return sorted(item for item in CANARIES if item in lowered)


CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "bond": {"identity": IDENTITY, "authorization": AUTHORIZATION},
    "sonder": {"token": TOKEN, "second_line": "join"},
    "increase": {"api_key": TOKEN},
    "unit": {"token": TOKEN},
    "acme": {"api_key": TOKEN},
}

ADDRESS = Address(
    kind=AddressKind.PHYSICAL,
    line1=STREET,
    line2=SECOND_LINE,
    city=CITY,
    state="CA",
    postal_code=ZIP,
    country="US",
    primary=True,
)
SECONDARY = Address(
    id="address-2",
    kind=AddressKind.MAILING,
    line1=STREET,
    line2=SECOND_LINE,
    city=CITY,
    state="CA",
    postal_code=ZIP,
    country="US",
    primary=False,
)
_PERSON: Mapping[str, Any] = {
    "first_name": FIRST,
    "middle_name": MIDDLE,
    "last_name": LAST,
    "date_of_birth": BORN,
    "ssn": Ssn(SSN),
    "emails": [EMAIL],
    "phones": [Phone(PHONE)],
    "addresses": [ADDRESS],
}
_SONDERS: Mapping[str, Any] = {
    "document_locator_number": LOCATOR,
    "preferred_name": FIRST,
}

_INCREASES: Mapping[str, Any] = {
    **{name: _PERSON[name] for name in _PERSON if name not in ("emails", "phones")},
    "addresses": [attrs.evolve(ADDRESS, kind=AddressKind.UNKNOWN)],
}

_UNITS: Mapping[str, Any] = {
    **{name: _PERSON[name] for name in _PERSON if name != "middle_name"},
    "addresses": [attrs.evolve(ADDRESS, kind=AddressKind.HOME)],
    "extras": {
        "unit": UnitExtras(
            ip=IP, device_fingerprint=f"box-{EVIDENCE}", jwt_subject=EVIDENCE
        )
    },
}

PEOPLE: Mapping[str, NewCustomer] = {
    "bond": NewCustomer(**_PERSON, external_id="reference-1"),
    "sonder": NewCustomer(**_PERSON, **_SONDERS),
    "increase": NewCustomer(**_INCREASES),
    "unit": NewCustomer(**_UNITS, external_id="reference-1"),
}
BY_DOCUMENT: Mapping[str, NewCustomer] = {
    provider: attrs.evolve(
        new,
        ssn=None,
        government_ids=[
            GovernmentId(
                kind=GovernmentIdKind.OTHER,
                number=PASSPORT,
                country="GB",
                description=DOCUMENT,
                document_id="file_1",
            )
        ],
        kyc_evidence=[KycEvidence(verifier="persona", reference=EVIDENCE)],
        extras={"increase": IncreaseExtras(confirmed_no_us_tax_id=True)},
    )
    for provider, new in PEOPLE.items()
}
"""The same people, identified by a document, which Increase alone accepts."""
EVERYTHING: Mapping[str, CustomerChanges] = {
    "bond": CustomerChanges(**_PERSON),
    "sonder": CustomerChanges(**_PERSON, **_SONDERS),
}
"""Changes of every field that the vendor has."""
CHANGES: Mapping[str, CustomerChanges] = {
    "bond": EVERYTHING["bond"],
    "sonder": CustomerChanges(
        preferred_name=FIRST,
        emails=[EMAIL],
        phones=[Phone(PHONE)],
        addresses=[ADDRESS],
    ),
    "increase": CustomerChanges(first_name=FIRST, last_name=LAST),
    "unit": CustomerChanges(
        emails=[EMAIL],
        phones=[Phone(PHONE)],
        addresses=_UNITS["addresses"],
        extras={"unit": UnitChangesExtras(jwt_subject=EVIDENCE)},
    ),
}
"""Changes that the vendor accepts."""

ACCOUNTS: Mapping[str, NewAccount] = {
    "bond": NewAccount(
        customer_ids=["customer-1"],
        kind=AccountKind.DEPOSIT,
        name=LAST,
        program_id="program-1",
    ),
    "sonder": NewAccount(
        customer_ids=["customer-1"], native_kind="CHECKING", name=LAST, currency="USD"
    ),
}

SCAN = NewKycDocument(kind="passport", content=CONTENT.encode(), media_type="image/png")

KYC = StartKyc(
    program_id="program-1",
    idempotency_key="key-1",
    ssn=Ssn(SSN),
    phone=Phone(PHONE),
    email=EMAIL,
)

BY_HAND: Mapping[str, Any] = {
    "socialSecurityNumber": SSN,
    "documentLocatorNumber": LOCATOR,
    "born": BORN,
    "names": {"first": FIRST, "middle": MIDDLE, "last": LAST},
    "emails": [EMAIL],
    "phone": "212-555-0187",
    "address": [{"street": STREET, "line": SECOND_LINE, "city": CITY, "zip": ZIP}],
}
"""A body for a raw request, without any Sensitive value."""


def vendors_customer(provider: str) -> dict[str, Any]:
    """Return a customer with every canary, in the vendor's format, with a plain SSN (row 19)."""
    return {
        "bond": _AS_BOND,
        "sonder": _AS_SONDER,
        "increase": _AS_INCREASE,
        "unit": _AS_UNIT,
    }[provider]


_AS_BOND: dict[str, Any] = {
    "customer_id": "customer-1",
    "brand_person_id": "reference-1",
    "dob": BORN.isoformat(),
    "first_name": FIRST,
    "middle_name": MIDDLE,
    "last_name": LAST,
    "ssn": SSN,
    "phone": "212-555-0187",
    "phone_country_code": "1",
    "email": EMAIL,
    "addresses": [
        {
            "address_id": "address-1",
            "address_type": "PHYSICAL",
            "street": STREET,
            "street2": SECOND_LINE,
            "city": CITY,
            "state": "CA",
            "zip_code": ZIP,
            "country": "US",
            "is_primary": True,
        }
    ],
    "address_id": "address-1",
    "street": STREET,
    "street2": SECOND_LINE,
    "kyc_status": "submitted",
    "application_id": "application-1",
    "account_id": "account-1",
    "account_number": ACCOUNT_NUMBER,
    "description": LAST,
    "balance": {"current_balance": INCOME, "currency": "USD"},
    "applicant": {
        "total_annual_income": INCOME,
        "first_name": FIRST,
        "middle_name": MIDDLE,
        "last_name": LAST,
        "date_of_birth": BORN.isoformat(),
        "ssn": SSN,
        "email": EMAIL,
        "street": STREET,
        "street2": SECOND_LINE,
        "city": CITY,
        "zip_code": ZIP,
    },
    "note": f"{TOKEN} {IDENTITY} {AUTHORIZATION} {LOCATOR}",
}
_AS_SONDER: dict[str, Any] = {
    "customerId": "customer-1",
    "accountIds": [],
    "accountId": "account-1",
    "name": LAST,
    "amount": INCOME,
    "dateOfBirth": BORN.isoformat(),
    "socialSecurityNumber": SSN,
    "documentLocatorNumber": LOCATOR,
    "firstName": FIRST,
    "middleName": MIDDLE,
    "lastName": LAST,
    "preferredName": FIRST,
    "emails": [EMAIL],
    "phoneNumbers": [{"type": "MOBILE", "number": "212-555-0187"}],
    "addresses": [
        {
            "type": "HOME",
            "street": f"{STREET}, {SECOND_LINE}",
            "city": CITY,
            "state": "CA",
            "zip": ZIP,
        }
    ],
    "note": f"{TOKEN} {IDENTITY} {AUTHORIZATION}",
}
_AS_INCREASE: dict[str, Any] = {
    "type": "entity",
    "id": "customer-1",
    "status": "active",
    "structure": "natural_person",
    "natural_person": {
        "name": f"{FIRST} {MIDDLE} {LAST}",
        "date_of_birth": BORN.isoformat(),
        "address": {
            "line1": STREET,
            "line2": SECOND_LINE,
            "city": CITY,
            "state": "CA",
            "zip": ZIP,
            "country": "US",
        },
        "identification": {"method": "social_security_number", "number": SSN},
    },
    "description": f"{EMAIL} {TOKEN}",
}
_AS_UNIT: dict[str, Any] = {
    "data": {
        "type": "individualCustomer",
        "id": "7",
        "attributes": {
            "fullName": {"first": FIRST, "last": LAST},
            "dateOfBirth": BORN.isoformat(),
            "ssn": SSN,
            "email": EMAIL,
            "phone": {"countryCode": "1", "number": "2125550187"},
            "address": {
                "street": STREET,
                "street2": SECOND_LINE,
                "city": CITY,
                "state": "CA",
                "postalCode": ZIP,
                "country": "US",
            },
            "status": "Active",
            "tags": {"note": f"{TOKEN} {MIDDLE}"},
        },
    }
}
