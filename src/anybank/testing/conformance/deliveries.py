"""Checks of webhooks: what is signed is verified, what is not is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import webhooks
from ...declaration.vocabulary import Feature
from ...errors import AnybankError, WebhookRejected
from ...model.events import Event, EventKind
from ...sandbox.webhook_deliveries import WebhookSender
from .operations import OPERATIONS
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .stages import Stage
from .subject import Subject

VERIFY = "webhooks.verify"
SUBSCRIBE = "webhook_subscriptions.create"
_SECRET = "anybank-webhook-secret"  # noqa: S105  # invented
_NOW = 1_700_000_000.0
_NEW: Mapping[str, Any] = {"event": "anybank.new.event", "type": "anybank.new.event"}
_ODD = (b"null", b"[]", b"7", b'"text"', b"{}", b"{", b"\xff", b'{"event": 7}')


def _signed(subject: Subject, body: Any, now: float = _NOW) -> Any:
    return webhooks.sign(subject.adapter, body, secret=_SECRET, now=now)


def _verified(
    subject: Subject,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: str = _SECRET,
    now: float = _NOW,
) -> Any:
    try:
        return webhooks.verify(subject.adapter, headers, body, secret=secret, now=now)
    except Exception as error:  # noqa: BLE001  # whatever an adapter does wrong
        return error


@check(VERIFY)
def what_is_signed_is_verified(subject: Subject) -> None:
    """A delivery that is signed as the vendor does is verified, by its headers' names."""
    headers, body = _signed(subject, _NEW)
    for given in (headers, {name.upper(): said for name, said in headers.items()}):
        said = _verified(subject, given, body)
        require(
            isinstance(said, Event),
            f"a delivery made by `sign` gave {type(said).__name__}: let `signed` read "
            "what `sign` writes, header names come in lower case; and let `event` read "
            f"an object that lacks what it knows, as the kit's {dict(_NEW)}.",
        )


@check(VERIFY)
def what_is_forged_is_rejected(subject: Subject) -> None:
    """A delivery with another body, secret, time or header is WebhookRejected."""
    headers, body = _signed(subject, _NEW)
    forged: dict[str, Any] = {
        "another body": _verified(subject, headers, body + b" "),
        "another secret": _verified(subject, headers, body, secret="other"),  # noqa: S106  # invented
        "no header": _verified(subject, {}, body),
        "empty headers": _verified(subject, dict.fromkeys(headers, ""), body),
        "headers of nonsense": _verified(
            subject, dict.fromkeys(headers, "t=x,\xff"), body
        ),
        "another time": _verified(subject, _moved(headers), body),
    }
    for what, said in forged.items():
        require(
            isinstance(said, WebhookRejected),
            f"a delivery with {what} gave {type(said).__name__}: sign time and raw body "
            "together, and raise WebhookRejected for what cannot be read.",
        )


def _moved(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers that claim a later time under the old signature."""
    old, new = str(int(_NOW)), str(int(_NOW) + 60)
    return {name: said.replace(old, new) for name, said in headers.items()}


@check(VERIFY)
def what_is_stale_is_rejected(subject: Subject) -> None:
    """A delivery that is older than the vendor's retries is WebhookRejected."""
    webhooks_of = subject.adapter.webhooks
    window = webhooks_of.window if webhooks_of else None
    if window is None:
        raise NotApplicable("the vendor's webhooks declare no window")
    headers, body = _signed(subject, _NEW)
    said = _verified(subject, headers, body, now=_NOW + window + 120)
    require(
        isinstance(said, WebhookRejected),
        "a delivery older than the declared window was taken: let `signed` return the "
        "time that is signed, as `Signed.timestamp`.",
    )


@check(VERIFY)
def new_events_are_unknown(subject: Subject) -> None:
    """An event that is new at the vendor is UNKNOWN, its body kept in raw."""
    said = _verified(subject, *_signed(subject, _NEW))
    require(
        isinstance(said, Event) and said.kind is EventKind.UNKNOWN and said.raw == _NEW,
        "an event of a new kind must be EventKind.UNKNOWN with the body as `raw`: look "
        "kinds up with `.get(word, UNKNOWN)`.",
    )


@check(VERIFY)
def odd_events_are_read_or_rejected(subject: Subject) -> None:
    """A body of any shape is an event or WebhookRejected, never another error."""
    for body in _ODD:
        said = _verified(subject, *_signed(subject, body))
        require(
            isinstance(said, (Event, WebhookRejected)),
            f"a signed body of an odd shape raised {type(said).__name__}: raise "
            "UnexpectedResponse with a path where a body cannot be read.",
        )


@check(VERIFY)
def one_event_has_one_key(subject: Subject) -> None:
    """Two deliveries of an event have one dedupe_key, another event has another."""
    first = _verified(subject, *_signed(subject, _NEW))
    again = _verified(subject, *_signed(subject, _NEW, _NOW + 60), now=_NOW + 60)
    other = _verified(subject, *_signed(subject, {**_NEW, "anybank": "other"}))
    keys = [getattr(each, "dedupe_key", None) for each in (first, again, other)]
    require(
        keys[0] and keys[0] == keys[1] != keys[2],
        "dedupe_key must come of the event alone, not of the delivery: take the "
        "vendor's event id, or a digest of the body.",
    )


@check(VERIFY, SUBSCRIBE)
def the_simulators_events_are_verified(subject: Subject) -> None:
    """What the simulator delivers to a subscription is verified with its secret."""
    stage = Stage.of(subject)
    if not isinstance(stage.recorder.simulator, WebhookSender):
        raise NotApplicable(
            "the simulator delivers no webhooks: it has no `due` and `settle`"
        )
    secret = stage.bank.webhook_subscriptions.create(stage.subscription()).secret
    if secret is None:
        raise NotApplicable("a subscription does not tell its secret")
    sent = _provoked(stage)
    if not sent:
        raise NotApplicable(
            "no operation made the simulator deliver anything: name the events in "
            "samples['NewWebhookSubscription.events']"
        )
    for each in sent:
        said = outcome_of(lambda: _delivered(subject, each, str(secret.reveal())))  # noqa: B023  # called at once
        require(
            isinstance(said, Event) and said.native_kind is not None,
            f"a delivery of the simulator gave {type(said).__name__}: let `signed` read "
            "what the vendor's page shows, and the simulator send that.",
        )


def _provoked(stage: Stage) -> list[Any]:
    """Do what the vendor tells of, and return what is to be delivered."""
    for feature in (Feature.KYC_START, Feature.CREDIT_APPLICATIONS_CREATE):
        if stage.subject.supports(feature):
            OPERATIONS[feature].outcome(stage)
    return list(stage.recorder.simulator.due())


def _delivered(subject: Subject, delivery: Any, secret: str) -> Any:
    try:
        return webhooks.verify(
            subject.adapter,
            delivery.headers,
            delivery.body,
            secret=secret,
            tolerance=None,
        )
    except AnybankError as error:
        return error
