"""Checks of webhook subscriptions: their events, and the secret that verifies deliveries."""

from __future__ import annotations

from ...adapter.wire import Request
from ...declaration.preflight import prepare
from ...model.events import NewWebhookSubscription
from ...sensitive import Sensitive
from .recorder import require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

_SECRET = "anybank-secret-of-a-test-0123456789abcdef"  # noqa: S105  # invented


@check("webhook_subscriptions.create")
def subscriptions_are_sent_whole(subject: Subject) -> None:
    """A subscription is sent with every event and, where it is accepted, the secret."""
    scenario = Scenario.of(subject)
    new = prepare(subject.declared, scenario.subscription()).value
    scenario.bank.webhook_subscriptions.create(scenario.subscription())
    body = _bodies(scenario.recorder.writes)
    missing = [name for name in new.events if name not in body]
    require(
        not missing,
        f"webhook_subscriptions.create does not send the events {', '.join(missing)}. "
        "Write each event of the value, as the vendor's list or one by one.",
    )
    rule = subject.declared.rule(NewWebhookSubscription, "secret")
    if not rule.is_accepted:
        return
    scenario = Scenario.of(subject)
    with_secret = NewWebhookSubscription(
        url=new.url,
        events=scenario.subscription().events,
        secret=Sensitive(_SECRET),
    )
    scenario.bank.webhook_subscriptions.create(with_secret)
    require(
        _SECRET in _bodies(scenario.recorder.writes),
        "webhook_subscriptions.create accepts a secret and does not send it: the vendor "
        "would sign with another one. Write it, or declare it create='refused'.",
    )


@check("webhook_subscriptions.create", "webhooks.verify")
def secrets_of_subscriptions_are_returned(subject: Subject) -> None:
    """A new subscription has the secret that verifies its deliveries, masked."""
    scenario = Scenario.of(subject)
    created = scenario.bank.webhook_subscriptions.create(scenario.subscription())
    require(
        isinstance(created.secret, Sensitive),
        "webhook_subscriptions.create returns a subscription without its secret, or with "
        "a bare one. Return the vendor's secret, or the one that was sent, as Sensitive.",
    )


def _bodies(requests: list[Request]) -> str:
    return " ".join(
        (request.encoded() or b"").decode("utf-8", "replace") for request in requests
    )
