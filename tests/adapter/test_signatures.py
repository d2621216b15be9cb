"""Signatures: made right, and fresh."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import WebhookRejected
from anybank.adapter.signatures import (
    Signed,
    WebhookFormat,
    digest,
    require_fresh,
    require_signature,
)

BODY = (
    b'{"event":"kyc.verification.success",'
    b'"customer_id":"c0ffee00-0000-4000-8000-000000000001",'
    b'"occurred_at":"2024-03-01T12:00:00.000000+00:00"}'
)
SECRET = "whsec_factsheet_dummy_not_a_secret"
DIGEST = "3154eaac3c3e26655df9d5f69e7a18893bb830952027000fac6b8d22cd4a8d89"


def test_a_digest_is_that_of_the_fact_sheet() -> None:
    """HMAC-SHA256 of time, dot and raw body, in lower-case hex (bond.md §7.2)."""
    assert digest(SECRET, b"1709294400." + BODY) == DIGEST


@given(st.text(min_size=1), st.binary(), st.text(min_size=1))
def test_a_signature_is_good_for_its_secret_alone(
    secret: str, message: bytes, other: str
) -> None:
    """Another secret never made it."""
    try:
        signed = Signed(0, [digest(secret, message)], [message])
        made = digest(other, message)
    except UnicodeEncodeError:
        return
    require_signature(signed, [secret])
    require_signature(signed, [other, secret])
    if made != signed.digests[0]:
        with pytest.raises(WebhookRejected):
            require_signature(signed, [other])


@pytest.mark.parametrize(
    "signed",
    [
        Signed(0, [], [b"x"]),
        Signed(0, ["0" * 64], []),
        Signed(0, ["é"], [b"x"]),
        Signed(0, [""], [b"x"]),
        Signed(0, [digest("s", b"x").upper()], [b"x"]),
        Signed(0, [digest("s", b"x")[:-1]], [b"x"]),
    ],
)
def test_what_is_no_signature_is_refused(signed: Signed) -> None:
    """Nothing, another case, a part of one, other letters."""
    with pytest.raises(WebhookRejected, match="not created with this secret"):
        require_signature(signed, ["s"])


@pytest.mark.parametrize("age", [-300, -1, 0, 299, 300])
def test_a_signature_is_fresh_within_its_tolerance(age: int) -> None:
    """On either side of now."""
    require_fresh(Signed(1000, [], []), 1000 + age, 300)


@pytest.mark.parametrize("age", [-301, 301, 10**9])
def test_a_stale_signature_is_refused(age: int) -> None:
    """A replay, or a clock that is wrong."""
    with pytest.raises(WebhookRejected, match="more than 300 seconds"):
        require_fresh(Signed(1000, [], []), 1000 + age, 300)


def test_without_a_tolerance_any_age_is_fresh() -> None:
    """None is no limit."""
    require_fresh(Signed(0, [], []), 10**9, None)


@pytest.mark.parametrize(
    ("method", "given"),
    [("signed", ({}, b"")), ("sign", (b"", "s", 0)), ("event", ({}, b""))],
)
def test_a_format_is_written_by_its_vendor(method: str, given: Any) -> None:
    """The base has none of it."""
    with pytest.raises(NotImplementedError):
        getattr(WebhookFormat(), method)(*given)
