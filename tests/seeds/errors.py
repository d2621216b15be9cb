"""The error responses on Bond's pages, and the operations that receive them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from tests.seeds import pages, samples
from tests.seeds.pages import Repair

from anybank import Phone, Ssn, StartKyc

# bond.md §13 row 8: the pages print Python's form of the JSON that is on the wire.
QUOTES: Repair = ("'", '"')
UNQUOTED_SSN: Repair = ("{ssn:", "{'ssn':")
# Row 14: the pages' KYC fragments lack their braces.
LAST_COMMA: Repair = ('hours",', 'hours"')

START = StartKyc(
    program_id="b50063df-0b39-43f7-9458-25b08a75d42a",
    idempotency_key="one-key",
    ssn=Ssn("000-00-0000"),
    phone=Phone("+15555555555"),
    email="james@example.com",
)
CUSTOMER = "2df10ec1-130f-41bb-b0cf-f3af48350eb7"


def envelope(
    number: str, start: str, end: str, repairs: Sequence[Repair] = ()
) -> dict[str, Any]:
    """Return the fields between two texts of a page as an object."""
    text = pages.after(pages.page(number), start)
    fields = start + text[: text.index(end)] + end
    body: dict[str, Any] = json.loads("{" + pages.repaired(fields, repairs) + "}")
    return body


def missing_last_name() -> dict[str, Any]:
    """Return the response to a create with a missing field (seed 001)."""
    return envelope("001", "'Message': {'last", "'Request Error'", [QUOTES])


def missing_ssn() -> dict[str, Any]:
    """Return the response to a KYC request with a missing field (seed 004)."""
    repairs = [UNQUOTED_SSN, QUOTES]
    return envelope("004", "'Message': {ssn", "'Request Error'", repairs)


def repeated_key() -> dict[str, Any]:
    """Return the response to a KYC request whose key was used before (seed 004)."""
    return envelope("004", '"type": "RESOURCE_CONFLICT"', 'hours",', [LAST_COMMA])


def start_kyc(bank: Any) -> Any:
    return bank.kyc.start(CUSTOMER, START)


def start_by_hand(bank: Any) -> Any:
    path = f"/customers/{CUSTOMER}/verification-kyc"
    return bank.request(
        "POST",
        path,
        headers={"Idempotency-Key": START.idempotency_key},
        json={"program_id": START.program_id},
    )


@frozen(kw_only=True)
class Refusal:
    """An operation, and the page's error response to it."""

    operation: Callable[[Any], Any]
    status: int
    body: Callable[[], dict[str, Any]]


REFUSALS: Mapping[str, Refusal] = {
    "customers-create-rejected": Refusal(
        operation=samples.BOND_CREATE.operation, status=400, body=missing_last_name
    ),
    "kyc-start-rejected": Refusal(operation=start_kyc, status=400, body=missing_ssn),
    "kyc-start-repeated-key": Refusal(
        operation=start_by_hand, status=409, body=repeated_key
    ),
}
"""The error responses by the names of their cassettes."""
