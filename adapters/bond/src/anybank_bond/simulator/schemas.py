"""The schemas of Bond's bodies (bond.md §3.2, §3.3; "Managing customers")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anybank.model.countries import COUNTRIES

from .switches import BondSwitches
from .validation import (
    BOOLEAN,
    CENTS,
    DATE,
    EMAIL,
    IPV4,
    PATTERN,
    REQUIRED,
    UUID_TEXT,
    Rule,
    Schema,
    items,
    length,
    nested,
    one_of,
    optional,
    pattern,
    required,
    text,
)

# https://docs.bond.tech/docs/creating-a-customer-resource
_LETTERS = pattern(r"[^\W\d_](?:[^\W\d_]|[ '])*")  # row 21
_NAME = text(length(2, 50), _LETTERS)
_MIDDLE_NAME = text(length(1, 50), _LETTERS)  # row 20: the page's sample has "J"
# With or without dashes: the page of customers shows dashes, "Performing KYC" nine
# digits.
SSN = text(pattern(r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{9}"))
PHONE = text(pattern(r"[0-9]+(-[0-9]+)*"))
PHONE_COUNTRY_CODE = text(pattern(r"[0-9]{1,3}"))

_US_STATE = pattern(r"[A-Z]{2}")  # row 63
_US_ZIP = pattern(r"[0-9]{5}(-[0-9]{4})?")
_FOREIGN_STATE = length(0, 20)
_FOREIGN_ZIP = length(2, 20)  # row 25: the table says "state code"


def _by_country(address: Mapping[str, Any]) -> dict[str, Any]:
    """Check the fields with other rules in the US than elsewhere ("Managing customers")."""
    domestic = address.get("country") == "US"
    checks = {
        "state": _US_STATE if domestic else _FOREIGN_STATE,
        "zip_code": _US_ZIP if domestic else _FOREIGN_ZIP,
    }
    return {
        name: [wrong]
        for name, check in checks.items()
        if name in address and (wrong := check(address[name]))
    }


def _country(value: str) -> str | None:
    return None if value in COUNTRIES else PATTERN


ADDRESS = Schema(
    {
        "address_type": required(one_of(("MAILING", "PHYSICAL"))),
        "street": required(text(length(1, 40), pattern(r"[\w .,#-]*"))),
        "street2": optional(text(length(0, 40))),
        "city": required(text(length(2, 40))),
        # The patterns depend on the country, so they are checked in `_by_country`.
        "state": required(text()),
        "zip_code": required(text()),
        "country": required(text(_country)),  # row 64
        "is_primary": required(BOOLEAN),
    },
    together=_by_country,
)


def _customer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Check for a primary address, and for a secondary holder's primary one (§3.2)."""
    addresses = body.get("addresses")
    if addresses is not None and not any(item["is_primary"] for item in addresses):
        return {"addresses": ["At least one primary address is required."]}
    if body.get("account_holder_type") == "secondary" and "primary_id" not in body:
        return {"primary_id": [REQUIRED]}
    return {}


def customer(switches: BondSwitches) -> Schema:
    """Return the schema of a customer, complete for a create and partial for an update."""
    strict = switches.refuse_unknown_fields
    return Schema(
        {
            "dob": required(DATE),
            "first_name": required(_NAME),
            "middle_name": optional(_MIDDLE_NAME),
            "last_name": required(_NAME),  # row 24: the table forgets the mark
            "ssn": optional(SSN),
            "phone": Rule(PHONE, required=switches.require_phone),  # row 23
            "phone_country_code": optional(PHONE_COUNTRY_CODE),
            "email": optional(EMAIL),
            "addresses": required(items(ADDRESS, strict=strict)),
            "brand_person_id": optional(text(length(1, 255))),
            "account_holder_type": optional(one_of(("primary", "secondary"))),
            "primary_id": optional(UUID_TEXT),
        },
        together=_customer,
    )


KYC = Schema(
    {
        "program_id": required(UUID_TEXT),
        "ssn": optional(SSN),
        "phone": optional(PHONE),
        "phone_country_code": optional(PHONE_COUNTRY_CODE),
        "email": optional(EMAIL),
        # The page's own sample sends an empty text.
        "ip": optional(lambda value: [] if value == "" else IPV4(value)),  # row 54
    }
)
KYC_QUERY = Schema({"program_id": required(UUID_TEXT)})
SIMULATION = Schema(
    {"customer_id": required(text()), "program_id": required(UUID_TEXT)}
)

_IMAGE = {"file_name": required(text()), "image": required(text())}
# https://docs.bond.tech/v0/reference/post_verification_kyc_documents prints one of the
# kinds with a misprint, so both spellings are accepted.
_ID_TYPES = (
    "drivers_license",
    "passport",
    "state_id",
    "passport_card",
    "permanant_resident_card",  # the vendor's spelling
    "permanent_resident_card",
    "work_permit",
    "visa",
)
DOCUMENTS = Schema(
    {
        "government_id": optional(
            nested(
                {
                    "type": required(one_of(_ID_TYPES)),
                    "country": required(text()),
                    "front_image": required(nested(_IMAGE)),
                    "back_image": optional(nested(_IMAGE)),
                }
            )
        ),
        "proof_of_address": optional(
            nested(
                {
                    "type": required(one_of(("utility_bill", "property_tax_bill"))),
                    **_IMAGE,
                }
            )
        ),
        "social_security_card": optional(nested(_IMAGE)),
    }
)

_FINANCES = {
    "employment_status": optional(
        one_of(  # the back-tick in the table of the page is a misprint
            ("employed", "self_employed", "unemployed", "retired", "student", "other")
        )
    ),
    "total_annual_income": optional(CENTS),
    "monthly_housing_payment": optional(CENTS),
}
APPLICATION = Schema({"applicant": required(nested(_FINANCES))})
NEW_APPLICATION = Schema(
    {
        "program_id": required(UUID_TEXT),
        "applicant": required(nested({"customer_id": required(text()), **_FINANCES})),
    }
)


def _one_cursor(query: Mapping[str, Any]) -> dict[str, Any]:
    """Check that a query has one cursor only ("Managing credit applications")."""
    if {"starting_after", "ending_before"} <= query.keys():
        return {"ending_before": ["Not allowed together with starting_after."]}
    return {}


def _credit_page(most: str) -> Schema:
    # A limit above 50 is clamped by default, because all samples of the page send 100.
    limit = text(pattern(most, "Not a valid limit."))
    return Schema({"limit": optional(limit)}, together=_one_cursor)


def _page_number(value: str) -> str | None:
    """Check for an int32, as the page's table says, from 1 on."""
    # The length is compared before `int`, which refuses numbers of thousands of digits.
    digits = value.lstrip("0")
    is_number = value.isascii() and digits.isdecimal() and len(digits) <= _INT32_DIGITS
    return None if is_number and int(digits) <= _INT32 else PATTERN


_INT32 = 2**31 - 1
_INT32_DIGITS = len(str(_INT32))
CREDIT_PAGE = _credit_page(r"0*[1-9][0-9]{0,8}")
STRICT_CREDIT_PAGE = _credit_page(r"0*([1-9]|[1-4][0-9]|50)")

_PAGE_SIZES = ("1", "2", "5", "10", "20", "50")

CUSTOMER_PAGE = Schema(
    {
        "page": optional(text(_page_number)),
        "per_page": optional(one_of(_PAGE_SIZES)),
    }
)

# The page sizes of the first edition of "Retrieving transactions"; a later one has larger
# ones, which the limit of 250 contradicts.
TRANSACTION_PAGE = Schema(
    {
        "page": optional(text(_page_number)),
        "count": optional(one_of(_PAGE_SIZES)),
        "order_by": optional(one_of(("asc", "desc"))),
        "payment_type": optional(one_of(("ach", "card", "account"))),
        "start_date": optional(DATE),
        "end_date": optional(DATE),
        "transaction_state": optional(
            one_of(
                (
                    "failed",
                    "declined",
                    "pending",
                    "cancelled",
                    "completed",
                    "returned",
                )
            )
        ),
    }
)
