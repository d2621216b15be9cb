"""Signatures of webhooks: their digests and their age."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import ConfigurationError, Event, WebhookRejected, webhooks
from anybank.adapter import Adapter
from anybank.adapter.signatures import (
    SignatureScheme,
    Signed,
    WebhookFormat,
    digest,
    require_fresh,
    require_signature,
)
from anybank.declaration import Capabilities

BODY = (
    b'{"event":"kyc.verification.success",'
    b'"customer_id":"c0ffee00-0000-4000-8000-000000000001",'
    b'"occurred_at":"2024-03-01T12:00:00.000000+00:00"}'
)
SECRET = "whsec_factsheet_dummy_not_a_secret"
DIGEST = "3154eaac3c3e26655df9d5f69e7a18893bb830952027000fac6b8d22cd4a8d89"


def test_a_digest_is_that_of_bonds_documentation() -> None:
    """Bond's digest is HMAC-SHA256 of time, dot and raw body, in lower-case hex."""
    assert digest(SECRET, b"1709294400." + BODY) == DIGEST


@given(st.text(min_size=1), st.binary(), st.text(min_size=1))
def test_a_signature_is_good_for_its_secret_alone(
    secret: str, message: bytes, other: str
) -> None:
    """A signature is rejected with another secret."""
    try:
        signed = Signed(0, [digest(secret, message)], [message])
        created = digest(other, message)
    except UnicodeEncodeError:
        return
    require_signature(signed, [secret])
    require_signature(signed, [other, secret])
    if created != signed.digests[0]:
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
def test_an_invalid_signature_is_refused(signed: Signed) -> None:
    """An absent, cut, upper-case or non-ASCII signature is rejected."""
    with pytest.raises(WebhookRejected, match="not created with this secret"):
        require_signature(signed, ["s"])


@pytest.mark.parametrize("age", [-300, -1, 0, 299, 300])
def test_a_signature_is_fresh_within_its_tolerance(age: int) -> None:
    """A signature is fresh within the tolerance before and after now."""
    require_fresh(Signed(1000, [], []), 1000 + age, 300)


@pytest.mark.parametrize("age", [-301, 301, 10**9])
def test_a_stale_signature_is_refused(age: int) -> None:
    """A signature outside the tolerance is rejected."""
    with pytest.raises(WebhookRejected, match="more than 300 seconds"):
        require_fresh(Signed(1000, [], []), 1000 + age, 300)


def test_without_a_tolerance_any_age_is_fresh() -> None:
    """With the tolerance None any age is accepted."""
    require_fresh(Signed(0, [], []), 10**9, None)


@pytest.mark.parametrize(
    ("method", "given"),
    [("signed", ({}, b"")), ("sign", (b"", "s", 0)), ("event", ({}, b""))],
)
def test_a_format_is_written_by_its_vendor(method: str, given: Any) -> None:
    """The base class implements none of a vendor's format."""
    with pytest.raises(NotImplementedError):
        getattr(WebhookFormat(), method)(*given)


class _Several(WebhookFormat):
    """A format with HMAC-SHA1 in base64, no time, and several events per delivery."""

    scheme = SignatureScheme(algorithm="sha1", encoding="base64", has_time=False)

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        return Signed(None, [headers.get("x-unit-signature", "")], [body])

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        return {"X-Unit-Signature": self.digest(secret, body)}

    def events(self, raw: Any, body: bytes) -> Sequence[Event]:
        return [
            Event(provider="unit", native_kind=item["type"], dedupe_key=item["id"])
            for item in raw["data"]
        ]


class _Unit(Adapter):
    capabilities = Capabilities(provider="unit", title="Unit", hosts={}, features={})
    webhooks = _Several()


_THREE = {"data": [{"id": f"e{number}", "type": "x"} for number in range(3)]}


def test_a_signature_may_be_sha1_in_base64_without_a_time() -> None:
    """The digest equals that of any other implementation of HMAC-SHA1."""
    headers, body = webhooks.sign(_Unit, _THREE, secret=SECRET, now=0)
    expected = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha1")).decode()
    assert headers["X-Unit-Signature"] == expected
    events = webhooks.verify_all(_Unit, headers, body, secret=SECRET, now=10**9)
    assert [event.dedupe_key for event in events] == ["e0", "e1", "e2"]
    with pytest.raises(WebhookRejected):
        webhooks.verify_all(_Unit, headers, body + b" ", secret=SECRET)


def test_verify_refuses_a_delivery_of_several_events() -> None:
    """`verify` rejects a delivery without exactly one event."""
    headers, body = webhooks.sign(_Unit, _THREE, secret=SECRET)
    with pytest.raises(WebhookRejected, match="3 events, not one"):
        webhooks.verify(_Unit, headers, body, secret=SECRET)
    headers, body = webhooks.sign(_Unit, {"data": []}, secret=SECRET)
    assert webhooks.verify_all(_Unit, headers, body, secret=SECRET) == ()
    with pytest.raises(WebhookRejected, match="0 events"):
        webhooks.verify(_Unit, headers, body, secret=SECRET)


def test_a_tolerance_needs_a_signed_time() -> None:
    """A tolerance is rejected for a vendor that signs no time."""
    headers, body = webhooks.sign(_Unit, _THREE, secret=SECRET)
    with pytest.raises(ConfigurationError, match="have no time"):
        webhooks.verify_all(_Unit, headers, body, secret=SECRET, tolerance=60)
    webhooks.verify_all(_Unit, headers, body, secret=SECRET, tolerance=None)


def test_an_absent_time_is_never_fresh() -> None:
    """A signature without the time that its scheme requires is rejected."""
    with pytest.raises(WebhookRejected, match="no time"):
        require_fresh(Signed(None, [], []), 1000, 300)


@pytest.mark.parametrize("parts", [{"algorithm": "md5"}, {"encoding": "base32"}])
def test_a_scheme_is_one_that_exists(parts: Any) -> None:
    """A misspelt algorithm or encoding is rejected when it is declared."""
    with pytest.raises(ValueError, match="must be in"):
        SignatureScheme(**parts)
