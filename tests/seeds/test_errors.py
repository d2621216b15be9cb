"""The error responses on the vendors' pages become our errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.seeds import samples
from tests.seeds.errors import REFUSALS

from anybank import Conflict, Outcome, Rejected

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
KEY = {"identity": "YOUR-IDENTITY", "authorization": "YOUR-AUTHORIZATION"}


def refused(kind: type, name: str, *, sync: bool) -> Any:
    """Return the error that an operation raises for a page's response."""
    refusal = REFUSALS[name]
    answer = httpx.Response(refusal.status, json=refusal.body())
    with pytest.raises(kind) as raised:
        samples.ask("bond", refusal.operation, answer, sync=sync, **KEY)
    return raised.value


@BOTH
def test_a_missing_field_is_named_by_ours(*, sync: bool) -> None:
    """`Message` maps fields to texts, and the error has them under our field names."""
    error = refused(Rejected, "customers-create-rejected", sync=sync)
    assert error.field_errors == {"last_name": ("Missing data for required field.",)}
    assert (error.status, error.code) == (400, "create_customer_schema")
    assert (error.type, error.outcome) == ("Request Error", Outcome.REFUSED)


@BOTH
def test_a_missing_field_of_kyc_is_named_by_ours(*, sync: bool) -> None:
    """The KYC page's error, with an unquoted key, reads the same way."""
    error = refused(Rejected, "kyc-start-rejected", sync=sync)
    assert error.field_errors == {"ssn": ("Missing data for required field.",)}
    assert (error.status, error.code) == (400, "kyc_post_schema")


@BOTH
def test_a_repeated_key_is_a_conflict(*, sync: bool) -> None:
    """The other envelope has lower-case keys, and its message is a text."""
    error = refused(Conflict, "kyc-start-repeated-key", sync=sync)
    assert (error.code, error.type) == ("idempotency_key_exists", "RESOURCE_CONFLICT")
    assert error.message.startswith("A request was made with this idempotency key")


def test_the_envelopes_repeat_the_status() -> None:
    """`Status` equals the HTTP status where the body has one."""
    reported = {
        name: refusal.body().get("Status") for name, refusal in REFUSALS.items()
    }
    assert reported == {
        "customers-create-rejected": 400,
        "kyc-start-rejected": 400,
        "kyc-start-repeated-key": None,
    }
