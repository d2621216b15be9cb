"""Deliveries are verified without a client and without a network."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from email.message import Message
from typing import Any

import httpx
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    AnybankError,
    ConfigurationError,
    EventKind,
    InvalidInput,
    Sensitive,
    Unsupported,
    WebhookRejected,
    webhooks,
)
from anybank.adapter import signatures
from anybank.adapter.signatures import SignatureScheme
from anybank_bond import Bond
from anybank_bond.webhooks import BondWebhooks

SECRET = "whsec_very_secret"
EVENT = {
    "event": "kyc.verification.success",
    "customer_id": "c1",
    "occurred_at": "2024-03-01T12:00:00+00:00",
}
NOW = 1_709_294_400.0
DAY = 86_400.0


def delivery(event: Any = EVENT) -> tuple[dict[str, str], bytes]:
    return webhooks.sign("bond", event, secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    "secret", [SECRET, Sensitive(SECRET), ["old", SECRET], (Sensitive(SECRET), "new")]
)
def test_a_signed_delivery_is_verified(secret: Any) -> None:
    """A delivery is verified with one secret or several, masked or not."""
    headers, body = delivery()
    event = webhooks.verify("bond", headers, body, secret=secret, now=NOW)
    assert (event.kind, event.customer_id) == (EventKind.KYC_PASSED, "c1")
    assert webhooks.verify(Bond, headers, body, secret=secret, now=NOW) == event


def test_header_names_may_be_in_any_case() -> None:
    """Header names are matched in any case."""
    headers, body = delivery()
    shouted = {name.upper(): text for name, text in headers.items()}
    webhooks.verify("bond", shouted, body, secret=SECRET, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{}", None])
def test_another_body_is_refused(body: bytes | None) -> None:
    """A body with one byte more or less is rejected."""
    headers, signed = delivery()
    with pytest.raises(WebhookRejected):
        webhooks.verify(
            "bond", headers, signed + b" " if body is None else body, secret=SECRET
        )


@pytest.mark.parametrize("body", ["{}", None, 5, {"event": 1}, [b"{}"]])
def test_a_text_is_not_the_raw_body(body: Any) -> None:
    """A body of text is invalid input, because decoding may have changed it."""
    headers, _ = delivery()
    with pytest.raises(InvalidInput, match="raw bytes"):
        webhooks.verify("bond", headers, body, secret=SECRET)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_any_kind_are_raw(kind: Any) -> None:
    """A bytearray or memoryview is accepted as the body."""
    headers, body = delivery()
    webhooks.verify("bond", headers, kind(body), secret=SECRET, now=NOW)


def _message(headers: dict[str, str]) -> Message:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


SHAPES: dict[str, Callable[[dict[str, str]], Any]] = {
    "pairs": lambda headers: list(headers.items()),
    "ASGI": lambda headers: [
        (k.lower().encode(), v.encode()) for k, v in headers.items()
    ],
    "bytes": lambda headers: {k.encode(): v.encode() for k, v in headers.items()},
    "lists": lambda headers: {k: [v] for k, v in headers.items()},
    "http.client": _message,
    "httpx": httpx.Headers,
    "repeated": lambda headers: [*headers.items(), *headers.items()],
    "with odd others": lambda headers: {**headers, "X-Other": "\udcff", "X-None": None},
    "a surrogate in a name": lambda headers: {**headers, "\ud800": "x"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_headers_come_as_frameworks_have_them(shape: str) -> None:
    """Headers may be a mapping or pairs, of text or bytes, with one value or several."""
    headers, body = delivery()
    webhooks.verify("bond", SHAPES[shape](headers), body, secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    "headers",
    [None, 5, "bond-signature: x", b"x", {5: "x"}, {"a": 5}, ["ab"], [("a",)]],
)
def test_invalid_headers_are_invalid_input(headers: Any) -> None:
    """Headers of another type are invalid input, and are not shown."""
    with pytest.raises(InvalidInput, match="headers: must be a mapping or pairs"):
        webhooks.verify("bond", headers, b"{}", secret=SECRET)


def signature(**parts: str) -> dict[str, str]:
    content = ",".join(f"{name}={value}" for name, value in parts.items())
    return {"Bond-Signature": f"t={int(NOW)},{content}"}


def two_times() -> list[tuple[str, str]]:
    headers, _ = delivery()
    return [*headers.items(), ("bond-signature", "t=1,v2=00")]


BODY = delivery()[1]
FORGED: dict[str, tuple[Any, bytes]] = {
    "half a character": (signature(v2="\ud800"), BODY),
    "half a character in the time": ({"Bond-Signature": "t=\udcff,v2=ab"}, BODY),
    "a None": ({"Bond-Signature": None}, BODY),
    "two times": (two_times(), BODY),
    "many digests": (
        {"Bond-Signature": f"t=1,{','.join(f'v2={index}' for index in range(11))}"},
        BODY,
    ),
    "many headers": ({f"x-{index}": "1" for index in range(300)}, BODY),
    "long headers": ({"Bond-Signature": "v2=0," * 100_000}, BODY),
    "a large body": (signature(v2="00"), b"x" * (2 * 1024 * 1024 + 1)),
    "v1 of half an emoji": (signature(v1="00"), b'{"name":"James","x":"\\ud83d"}'),
    "v1 of depth": (signature(v1="00"), b"[" * 100_000),
    "v1 of a huge number": (signature(v1="00"), b"9" * 5000),
    "v1 of NaN": (signature(v1="00"), b"NaN"),
    "v1 of no UTF-8": (signature(v1="00"), b"\xff"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_whatever_comes_from_outside_is_rejected(forged: str) -> None:
    """Any invalid delivery raises WebhookRejected and no other error."""
    headers, body = FORGED[forged]
    with pytest.raises(WebhookRejected) as caught:
        webhooks.verify("bond", headers, body, secret=SECRET, now=NOW)
    assert caught.value.__context__ is None


def test_a_duplicate_key_is_not_covered_by_v1() -> None:
    """Bond's v1 signature does not cover a duplicate key, so v2 is required."""
    headers, body = delivery()
    stamp, v1, _ = headers["Bond-Signature"].split(",")
    old = {"Bond-Signature": f"{stamp},{v1}"}
    webhooks.verify("bond", old, body, secret=SECRET, now=NOW)
    doubled = b'{"event":"kyc.verification.failure",' + body[1:]
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", old, doubled, secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"NaN", b"\xff", b'{"a":' + b"9" * 5000 + b"}", b'{"a":Infinity}'],
)
def test_a_signed_body_that_cannot_be_read_is_rejected(body: bytes) -> None:
    """A signed body that is nested too deeply, or is not JSON or UTF-8, is rejected."""
    headers, signed = delivery(body)
    with pytest.raises(WebhookRejected, match="cannot be read as an event"):
        webhooks.verify("bond", headers, signed, secret=SECRET, now=NOW)


def test_an_event_of_half_characters_can_be_stored() -> None:
    """The kind and key of an event can be encoded, and `raw` is what was sent."""
    text = '{"event":"\\ud800","customer_id":"\\ud800","occurred_at":"\\ud800"}'
    headers, body = delivery(text.encode())
    event = webhooks.verify("bond", headers, body, secret=SECRET, now=NOW)
    f"{event.native_kind}{event.customer_id}{event.dedupe_key}".encode()
    assert event.kind is EventKind.UNKNOWN


SECRETS = [
    None,
    b"whsec",
    5,
    "\ud800",
    " ",
    f"{SECRET}\n",
    [SECRET, None],
    [SECRET, " "],
]


@pytest.mark.parametrize("secret", [*SECRETS, [SECRET] * 11, {"a": 1}.values()])
def test_an_invalid_secret_is_a_configuration_error(secret: Any) -> None:
    """The error for an invalid secret does not show it."""
    headers, body = delivery()
    with pytest.raises(ConfigurationError, match="secret: not the") as caught:
        webhooks.verify("bond", headers, body, secret=secret, now=NOW)
    assert "whsec" not in str(caught.value)


@pytest.mark.parametrize("option", ["tolerance", "now"])
@pytest.mark.parametrize("value", [float("nan"), "5", True, -1])
def test_an_option_that_is_no_number_is_refused(option: str, value: Any) -> None:
    """NaN and other values are rejected as tolerance and time."""
    if (option, value) == ("now", -1):
        return
    headers, body = delivery()
    arguments: dict[str, Any] = {"secret": SECRET, "now": NOW, option: value}
    with pytest.raises(ConfigurationError, match=option):
        webhooks.verify("bond", headers, body, **arguments)


@pytest.mark.parametrize("event", [{"a": float("nan")}, {"a": {1, 2}}, object()])
def test_an_invalid_event_is_not_signed(event: Any) -> None:
    """`sign` rejects a value that is not JSON, and does not show it."""
    with pytest.raises(InvalidInput, match="event: must be"):
        webhooks.sign("bond", event, secret=SECRET)


class Clumsy(BondWebhooks):
    """A webhook format whose exceptions contain the body."""

    def event(self, raw: Any, body: bytes) -> Any:
        raise KeyError(body)


class ClumsyBond(Bond):
    """Bond with that webhook format."""

    webhooks = Clumsy()


def test_a_bug_in_a_format_is_reported_by_location() -> None:
    """The error for a bug in a format has its location and not its text."""
    headers, body = delivery({**EVENT, "name": "very-personal"})
    with pytest.raises(AnybankError, match="KeyError in") as slip:
        webhooks.verify(ClumsyBond, headers, body, secret=SECRET, now=NOW)
    assert "very-personal" not in f"{slip.value!r} {slip.value.__context__!r}"


@given(
    st.dictionaries(
        st.text(max_size=20) | st.just("Bond-Signature"),
        st.text(max_size=50) | st.none() | st.binary(max_size=20),
    ),
    st.binary(max_size=100) | st.sampled_from([b'{"a":"\\ud800"}', b"[[[["]),
)
def test_any_delivery_is_an_event_or_rejected(headers: Any, body: bytes) -> None:
    """Any delivery returns an event or raises WebhookRejected."""
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", headers, body, secret=SECRET, now=NOW)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_digests_are_computed_once_per_secret(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of digests does not grow with the signatures in the header."""
    built = []
    real = signatures.digest

    def counted(key: bytes, message: bytes, scheme: SignatureScheme) -> str:
        built.append(len(message))
        return real(key, message, scheme)

    monkeypatch.setattr(signatures, "digest", counted)
    claims = ",".join(f"{version}={index:064}" for index in range(10))
    with pytest.raises(WebhookRejected):
        webhooks.verify(
            "bond", {"Bond-Signature": f"t=1,{claims}"}, BODY, secret=[SECRET, "two"]
        )
    assert len(built) <= 4


@pytest.mark.parametrize(
    ("age", "tolerance", "fresh"),
    [
        (DAY, "default", True),
        (4 * DAY, "default", False),
        (4 * DAY, None, True),
        (301, 300, False),
    ],
)
def test_the_vendors_tolerance_is_the_default(
    age: float, tolerance: Any, *, fresh: bool
) -> None:
    """The default tolerance is the time for which the vendor retries."""
    headers, body = delivery()
    options = {} if tolerance == "default" else {"tolerance": tolerance}
    arguments: dict[str, Any] = {"secret": SECRET, "now": NOW + age, **options}
    if fresh:
        webhooks.verify("bond", headers, body, **arguments)
        return
    with pytest.raises(WebhookRejected, match="seconds from now"):
        webhooks.verify("bond", headers, body, **arguments)


@pytest.mark.parametrize("secret", ["", [], [""], Sensitive(""), [SECRET, ""]])
def test_an_empty_secret_is_a_mistake(secret: Any) -> None:
    """An empty secret is rejected, because anybody could sign with it."""
    headers, body = delivery()
    with pytest.raises(ConfigurationError, match="secret"):
        webhooks.verify("bond", headers, body, secret=secret, now=NOW)


def test_a_vendor_without_webhooks_says_so() -> None:
    """A vendor without webhooks raises Unsupported with the declared reason."""
    with pytest.raises(Unsupported, match=r"sonder webhooks\.verify"):
        webhooks.verify("sonder", {}, b"", secret=SECRET)


@pytest.mark.parametrize("body", [b"[]", b"not json", b"5"])
def test_a_signed_body_without_an_event_is_rejected(body: bytes) -> None:
    """The error for a signed body without an event has the path and not the body."""
    headers, signed = delivery(body)
    with pytest.raises(WebhookRejected, match=r"cannot be read as an event \(\$\)"):
        webhooks.verify("bond", headers, signed, secret=SECRET, now=NOW)


def test_an_event_of_an_unknown_kind_is_no_error() -> None:
    """An event of an unknown kind is returned as UNKNOWN."""
    headers, body = delivery({**EVENT, "event": "cards.flew"})
    event = webhooks.verify("bond", headers, body, secret=SECRET, now=NOW)
    assert (event.kind, event.native_kind) == (EventKind.UNKNOWN, "cards.flew")


def test_a_rejection_holds_no_secret() -> None:
    """The frames of a rejection contain neither secret nor body."""
    headers, body = delivery({**EVENT, "customer_id": "very-personal"})
    with pytest.raises(WebhookRejected) as caught:
        webhooks.verify("bond", headers, body + b" ", secret=[SECRET], now=NOW)
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    inside = "".join(str(item.locals) for item in list(report.stack)[1:])
    assert SECRET not in inside
    assert "very-personal" not in inside


class Named(BondWebhooks):
    """Bond's webhooks, if the id of an event stood in a signed header."""

    def signed(self, headers: Any, body: bytes) -> signatures.Signed:
        """Read the id and the signature from their headers."""
        id, digest = headers["event-id"], headers["event-signature"]
        messages = [f"{id}.".encode() + body]
        return signatures.Signed(int(NOW), [digest], messages, delivery_id=id)

    def events(self, raw: Any, body: bytes) -> Any:
        """Read each event of a delivery."""
        several = raw if isinstance(raw, list) else [raw]
        return [evolve(self.event(it, body), id=None) for it in several]


class NamedBond(Bond):
    webhooks = Named()


def named(body: bytes) -> tuple[Any, ...]:
    """Return the events of a delivery with an id."""
    digest = signatures.digest("s3", b"msg-1." + body)
    headers = {"event-id": "msg-1", "event-signature": digest}
    return webhooks.verify_all(NamedBond, headers, body, secret="s3", now=NOW)


def test_the_id_of_a_delivery_identifies_its_event() -> None:
    """Two deliveries of one event have one key, even if their bodies differ."""
    events = [*named(b'{"event": "x"}'), *named(b'{"event":"x"}')]
    assert {(it.id, it.dedupe_key) for it in events} == {("msg-1", "msg-1")}


def test_each_event_of_a_delivery_has_a_key_of_its_own() -> None:
    """A delivery with an id may hold several events."""
    events = named(b'[{"event": "x"}, {"event": "x"}]')
    assert [event.dedupe_key for event in events] == ["msg-1:0", "msg-1:1"]


def test_an_id_that_is_not_signed_identifies_nothing() -> None:
    """Anybody could change it, and have an event processed twice."""
    with pytest.raises(ValueError, match="part of each signed message"):
        signatures.Signed(0, ["digest"], [b"body"], delivery_id="msg-1")
