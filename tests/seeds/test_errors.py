"""The error answers that the pages show, in our errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from tests.seeds import pages, samples
from tests.seeds.pages import Repair

from anybank import Conflict, Outcome, Phone, Rejected, Ssn, StartKyc

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
KEY = {"identity": "YOUR-IDENTITY", "authorization": "YOUR-AUTHORIZATION"}

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
    """Return the fields from one text of a page to another as an object."""
    text = pages.after(pages.page(number), start)
    fields = start + text[: text.index(end)] + end
    said: dict[str, Any] = json.loads("{" + pages.repaired(fields, repairs) + "}")
    return said


def missing_last_name() -> dict[str, Any]:
    """Return the answer to a create with a missing field (seed 001)."""
    return envelope("001", "'Message': {'last", "'Request Error'", [QUOTES])


def missing_ssn() -> dict[str, Any]:
    """Return the answer to a KYC request with a missing field (seed 004)."""
    repairs = [UNQUOTED_SSN, QUOTES]
    return envelope("004", "'Message': {ssn", "'Request Error'", repairs)


def repeated_key() -> dict[str, Any]:
    """Return the answer to a KYC request whose key was used (seed 004)."""
    return envelope("004", '"type": "RESOURCE_CONFLICT"', 'hours",', [LAST_COMMA])


def start_kyc(bank: Any) -> Any:
    return bank.kyc.start(CUSTOMER, START)


def start_by_hand(bank: Any) -> Any:
    path = f"/customers/{CUSTOMER}/verification-kyc"
    return bank.request("POST", path, json={"program_id": START.program_id})


def refusal(kind: type, operation: Any, status: int, said: Any, *, sync: bool) -> Any:
    """Return the error that an operation ends in when a page's answer comes."""
    answer = httpx.Response(status, json=said)
    with pytest.raises(kind) as raised:
        samples.ask("bond", operation, answer, sync=sync, **KEY)
    return raised.value


@BOTH
def test_a_missing_field_is_named_by_ours(*, sync: bool) -> None:
    """`Message` is a map of fields: the vendor's text stands under our name."""
    said = missing_last_name()
    operation = samples.BOND_CREATE.operation
    error = refusal(Rejected, operation, said["Status"], said, sync=sync)
    assert error.field_errors == {"last_name": ("Missing data for required field.",)}
    assert (error.status, error.code) == (400, "create_customer_schema")
    assert (error.type, error.outcome) == ("Request Error", Outcome.REFUSED)


@BOTH
def test_a_missing_field_of_kyc_is_named_by_ours(*, sync: bool) -> None:
    """The KYC page's error, with its unquoted key, reads the same way."""
    said = missing_ssn()
    error = refusal(Rejected, start_kyc, said["Status"], said, sync=sync)
    assert error.field_errors == {"ssn": ("Missing data for required field.",)}
    assert (error.status, error.code) == (400, "kyc_post_schema")


@BOTH
def test_a_repeated_key_is_a_conflict(*, sync: bool) -> None:
    """The other envelope has its keys in lower case, and its message is a text."""
    error = refusal(Conflict, start_by_hand, 409, repeated_key(), sync=sync)
    assert (error.code, error.type) == ("idempotency_key_exists", "RESOURCE_CONFLICT")
    assert error.message.startswith("A request was made with this idempotency key")
