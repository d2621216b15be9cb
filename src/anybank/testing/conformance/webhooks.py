"""Checks that genuine webhooks are verified and all others are rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from ... import webhooks
from ...adapter.signatures import WebhookFormat, require_signature
from ...errors import AnybankError, WebhookRejected
from ...model.events import Event, EventKind, NewWebhookSubscription
from ...model.features import Feature
from ...sandbox.webhook_deliveries import WebhookSender
from .operations import OPERATIONS
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

VERIFY = "webhooks.verify"
SUBSCRIBE = "webhook_subscriptions.create"
_SECRET = "anybank-webhook-secret"  # noqa: S105  # invented
# Fixed, so that no check depends on the clock.
_NOW = 1_700_000_000.0
_NEW_KIND = "anybank.new.event"
VECTORS = "webhooks.verify"
"""The key of `samples` for deliveries that the vendor's documentation prints."""
PRINTED_EVENTS = "webhooks.events"
"""The key of `samples` for bodies that the vendor's documentation prints."""
# Valid signatures over bodies that no vendor sends: JSON of every type, half an object,
# bytes that are not UTF-8, and a kind that is no text.
_MALFORMED = (b"null", b"[]", b"7", b'"text"', b"{}", b"{", b"\xff", b'{"event": 7}')


@frozen(kw_only=True)
class SignedDelivery:
    """A delivery whose signature the vendor's documentation shows, with its secret."""

    secret: str
    headers: Mapping[str, str]
    body: bytes


@frozen(kw_only=True)
class PrintedEvent:
    """The body of a delivery that the vendor's documentation shows, and its events."""

    body: Any
    events: Sequence[Event]


def _hooks(subject: Subject) -> WebhookFormat:
    hooks = subject.adapter.webhooks
    if hooks is None:
        raise NotApplicable("the adapter has no webhooks")
    return hooks


def _new_event(subject: Subject, number: int = 0) -> Any:
    """Return an event of a kind that no vendor has, in this vendor's envelope."""
    return _hooks(subject).example(_NEW_KIND, number)


def _sign(subject: Subject, body: Any, now: float = _NOW) -> Any:
    return webhooks.sign(subject.adapter, body, secret=_SECRET, now=now)


def _verify(
    subject: Subject,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: str = _SECRET,
    now: float = _NOW,
) -> Any:
    """Return the event, or whatever exception the adapter raises."""
    try:
        return webhooks.verify(subject.adapter, headers, body, secret=secret, now=now)
    except Exception as error:  # noqa: BLE001  # whatever an adapter does wrong
        return error


@check(VERIFY)
def signed_webhooks_are_verified(subject: Subject) -> None:
    """A delivery signed as the vendor signs it is verified, in any case of header names."""
    event = _new_event(subject)
    signed, body = _sign(subject, event)
    upper_case = {name.upper(): value for name, value in signed.items()}
    for headers in (signed, upper_case):
        outcome = _verify(subject, headers, body)
        require(
            isinstance(outcome, Event),
            f"A delivery signed by `sign` gave {type(outcome).__name__}. Let `signed` "
            "read what `sign` writes (header names arrive in lower case), and let "
            "`event` read an object without the fields that it knows, such as "
            f"{event}. Let `example` return the vendor's envelope.",
        )


@check(VERIFY)
def forged_webhooks_are_rejected(subject: Subject) -> None:
    """A delivery with a changed body, secret, time or header raises WebhookRejected."""
    headers, body = _sign(subject, _new_event(subject))
    forgeries: dict[str, Any] = {
        "a changed body": _verify(subject, headers, body + b" "),
        "another secret": _verify(subject, headers, body, secret="other"),  # noqa: S106  # invented
        "no header": _verify(subject, {}, body),
        "empty headers": _verify(subject, dict.fromkeys(headers, ""), body),
        "malformed headers": _verify(subject, dict.fromkeys(headers, "t=x,\xff"), body),
    }
    if _hooks(subject).scheme.has_time:
        later = _with_later_time(headers)
        forgeries["a changed time"] = _verify(subject, later, body)
    for forgery, outcome in forgeries.items():
        require(
            isinstance(outcome, WebhookRejected),
            f"A delivery with {forgery} gave {type(outcome).__name__}. Verify the "
            "signature over the time and the raw body together, and raise "
            "WebhookRejected for headers that cannot be read.",
        )


def _with_later_time(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers that claim a later time under the old signature."""
    old, new = str(int(_NOW)), str(int(_NOW) + 60)
    # Replaced in the text of all headers, since each vendor writes the time in its own.
    return {name: value.replace(old, new) for name, value in headers.items()}


@check(VERIFY)
def stale_webhooks_are_rejected(subject: Subject) -> None:
    """A delivery older than the vendor's retry window raises WebhookRejected."""
    window = _hooks(subject).window
    if window is None:
        raise NotApplicable("the adapter's webhooks declare no window")
    headers, body = _sign(subject, _new_event(subject))
    # Well beyond the window, whose exact end no page promises.
    outcome = _verify(subject, headers, body, now=_NOW + window + 120)
    require(
        isinstance(outcome, WebhookRejected),
        "A delivery older than the declared window was accepted. Let `signed` return "
        "the signed time as `Signed.timestamp`, and declare a window only where the "
        "`scheme` has a time.",
    )


@check(VERIFY)
def unknown_event_kinds_read_as_unknown(subject: Subject) -> None:
    """An event of an unknown kind has EventKind.UNKNOWN and its body in `raw`."""
    event = _new_event(subject)
    outcome = _verify(subject, *_sign(subject, event))
    require(
        isinstance(outcome, Event)
        and outcome.kind is EventKind.UNKNOWN
        and outcome.native_kind == _NEW_KIND
        and _holds(event, outcome.raw),
        "An event of an unknown kind did not read as EventKind.UNKNOWN with its body "
        "as `raw` and its own word as `native_kind`. Look the kind up with "
        "`.get(word, EventKind.UNKNOWN)`, and let `example` write the kind where the "
        "vendor does.",
    )


def _holds(body: Any, raw: Any) -> bool:
    """Return True if *raw* is a body, or one of the events in its lists."""
    lists = body.values() if isinstance(body, dict) else ()
    return bool(raw == body or any(isinstance(it, list) and raw in it for it in lists))


@check(VERIFY, SUBSCRIBE)
def subscribed_kinds_are_read(subject: Subject) -> None:
    """An event whose name is declared for a kind of subscription reads as that kind."""
    rule = subject.declared.rule(NewWebhookSubscription, "events")
    if not rule.values:
        raise NotApplicable("the rule of NewWebhookSubscription.events has no `values`")
    kinds_by_name: dict[str, set[Any]] = {}
    for kind, names in rule.words:
        for name in names.split():
            kinds_by_name.setdefault(name, set()).add(kind)
    for name, kinds in kinds_by_name.items():
        event = _hooks(subject).example(name)
        outcome = _verify(subject, *_sign(subject, event))
        require(
            isinstance(outcome, Event) and outcome.kind in kinds,
            f"`values` declares {name} for {', '.join(sorted(kinds))}, and an event of "
            f"that name reads as {getattr(outcome, 'kind', type(outcome).__name__)}: an "
            "app would wait for an event that never comes. Declare the name for the kind "
            "as which `event` reads it.",
        )


@check(VERIFY)
def malformed_webhooks_are_read_or_rejected(subject: Subject) -> None:
    """A signed body of any shape gives an event or WebhookRejected, no other error."""
    for body in _MALFORMED:
        outcome = _verify(subject, *_sign(subject, body))
        require(
            isinstance(outcome, (Event, WebhookRejected)),
            f"A signed body of an unexpected shape raised {type(outcome).__name__}. "
            "Raise UnexpectedResponse with the path where a body cannot be read.",
        )


@check(VERIFY)
def dedupe_keys_identify_events(subject: Subject) -> None:
    """Two deliveries of one event have the same dedupe_key; other events have others."""
    event = _new_event(subject)
    first = _verify(subject, *_sign(subject, event))
    again = _verify(subject, *_sign(subject, event, _NOW + 60), now=_NOW + 60)
    other = _verify(subject, *_sign(subject, _new_event(subject, 1)))
    keys = [getattr(event, "dedupe_key", None) for event in (first, again, other)]
    require(
        keys[0] and keys[0] == keys[1] != keys[2],
        "dedupe_key differs between two deliveries of one event, or is the same for two "
        "events. Take the vendor's event id, or a digest of the body.",
    )


@check(VERIFY)
def several_events_are_all_read(subject: Subject) -> None:
    """A delivery of several events gives them all, in their order."""
    numbers = range(3)
    body = _hooks(subject).body([_new_event(subject, number) for number in numbers])
    if body is None:
        raise NotApplicable("the vendor delivers each event alone: `body` returns None")
    headers, content = _sign(subject, body)
    together = outcome_of(
        lambda: webhooks.verify_all(
            subject.adapter, headers, content, secret=_SECRET, now=_NOW
        )
    )
    alone = [
        webhooks.verify(
            subject.adapter,
            *_sign(subject, _hooks(subject).body([_new_event(subject, number)])),
            secret=_SECRET,
            now=_NOW,
        )
        for number in numbers
    ]
    keys = [event.dedupe_key for event in alone]
    require(
        isinstance(together, tuple)
        and [event.dedupe_key for event in together] == keys
        and len(set(keys)) == len(keys),
        "A delivery of three events did not give three events with the same dedupe_keys "
        "that they have alone. Let `events` read each of them, and take dedupe_key from "
        "the event, not from the whole body.",
    )


@check(VERIFY)
def printed_signatures_are_verified(subject: Subject) -> None:
    """The deliveries that the vendor's documentation prints are verified, as printed."""
    printed: Sequence[SignedDelivery] = subject.samples.get(VECTORS, ())
    if not printed:
        raise NotApplicable(
            f"set samples[{VECTORS!r}] to SignedDelivery values that the vendor's "
            "documentation prints: a format that only reads its own signatures may be wrong"
        )
    for delivery in printed:
        is_verified = _accepts(_hooks(subject), delivery, delivery.secret)
        require(
            is_verified and not _accepts(_hooks(subject), delivery, "other"),
            "A delivery that the vendor's documentation prints is not verified with its "
            "secret alone. Compare `scheme` (algorithm, encoding) and the messages of "
            "`signed` with the page.",
        )


def _accepts(hooks: WebhookFormat, delivery: SignedDelivery, secret: str) -> bool:
    """Return whether a delivery's signature was created with a secret."""
    # `signed` receives lower-case names, as `webhooks.verify` passes them. The time of
    # a printed delivery is old, so the window is not applied.
    headers = {name.lower(): text for name, text in delivery.headers.items()}
    try:
        signed = hooks.signed(headers, delivery.body)
        require_signature(signed, hooks.keys(secret), hooks.scheme)
    except WebhookRejected:
        return False
    return True


@check(VERIFY)
def printed_events_are_read(subject: Subject) -> None:
    """The events that the vendor's documentation prints read as they must."""
    printed: Sequence[PrintedEvent] = subject.samples.get(PRINTED_EVENTS, ())
    if not printed:
        raise NotApplicable(
            f"set samples[{PRINTED_EVENTS!r}] to PrintedEvent values with the bodies that "
            "the vendor's documentation prints, and the events that they must read as: a "
            "denial may read as a success"
        )
    for delivery in printed:
        headers, body = _sign(subject, delivery.body)
        events = webhooks.verify_all(
            subject.adapter, headers, body, secret=_SECRET, now=_NOW
        )
        require(
            len(events) == len(delivery.events),
            f"A printed delivery has {len(delivery.events)} events, and reads as "
            f"{len(events)}. Let `events` return each of them.",
        )
        for event, expected in zip(events, delivery.events, strict=True):
            wrong = _differing_fields(event, expected)
            require(
                not wrong,
                f"A printed event of the kind {expected.native_kind} reads "
                f"{', '.join(wrong)} differently. Put each id into the field of its "
                "type, and read as a success only what the page calls one.",
            )


def _differing_fields(event: Any, expected: Event) -> list[str]:
    """Return the names of the fields that differ; ids that are not set must be None."""
    return [
        field.name
        for field in attrs.fields(Event)
        if field.name not in ("raw", "dedupe_key", "unreadable", "never_returned")
        and (
            field.name.endswith("_id") or getattr(expected, field.name) != field.default
        )
        and getattr(event, field.name, None) != getattr(expected, field.name)
    ]


@check(VERIFY, SUBSCRIBE)
def simulator_webhooks_are_verified(subject: Subject) -> None:
    """The simulator's deliveries are verified with the secret of their subscription."""
    scenario = Scenario.of(subject)
    secret = subscribed_secret(scenario)
    deliveries = _trigger_deliveries(scenario)
    if not deliveries:
        raise NotApplicable(
            "no operation made the simulator deliver an event: set the events in "
            "samples['NewWebhookSubscription.events']"
        )
    for delivery in deliveries:
        events = verified_events(subject, delivery, secret)
        require(
            events and all(event.native_kind is not None for event in events),
            "A delivery of the simulator was rejected, or has an event without a kind. Let "
            "`signed` read what the vendor's page shows, and let the simulator send that.",
        )


def subscribed_secret(scenario: Scenario) -> str:
    """Subscribe to the simulator's deliveries, and return the secret that verifies them."""
    if not isinstance(scenario.recorder.simulator, WebhookSender):
        raise NotApplicable(
            "the simulator delivers no webhooks: it has no `due` and `settle`"
        )
    new = scenario.subscription()
    created = scenario.bank.webhook_subscriptions.create(new)
    require(
        created.secret is not None or new.secret is None,
        "Creating a subscription returns no secret, although one was passed. Return the "
        "secret of the query, without which its deliveries cannot be verified.",
    )
    if created.secret is None:
        raise NotApplicable("creating a subscription returns no secret")
    return str(created.secret.reveal())


def verified_events(subject: Subject, delivery: Any, secret: str) -> tuple[Event, ...]:
    """Return the events of a delivery; none if it is not verified."""
    try:
        return webhooks.verify_all(
            subject.adapter,
            delivery.headers,
            delivery.body,
            secret=secret,
            tolerance=None,
        )
    except AnybankError:
        return ()


def _trigger_deliveries(scenario: Scenario) -> list[Any]:
    """Run operations that cause events, and return the deliveries that are due."""
    for feature in (Feature.KYC_START, Feature.CREDIT_APPLICATIONS_CREATE):
        if scenario.subject.supports(feature):
            OPERATIONS[feature].outcome(scenario)
    return list(scenario.recorder.simulator.due())
