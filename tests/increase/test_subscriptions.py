"""Event subscriptions and polled events at Increase."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anybank import (
    Bank,
    EventKind,
    InvalidInput,
    NewWebhookSubscription,
    NotFound,
    Sensitive,
    WebhookSubscriptionChanges,
    webhooks,
)
from anybank_increase.simulator import IncreaseSimulator

from .banks import increase
from .document import Watched

SECRET = "a shared secret of the test"
URL = "https://app.example.com/events"


def subscription(**fields: Any) -> NewWebhookSubscription:
    defaults = {"url": URL, "events": ["entity.created"], "secret": SECRET}
    return NewWebhookSubscription(**{**defaults, **fields})


def test_a_delivery_is_verified_with_the_secret_of_its_subscription(
    bank: Bank, simulator: IncreaseSimulator
) -> None:
    """The created subscription has the secret, and its deliveries are polled events."""
    created = bank.webhook_subscriptions.create(subscription())
    assert created.secret == Sensitive(SECRET)
    entity = simulator.seed_entity()
    (delivery,) = simulator.due()
    event = webhooks.verify(
        "increase", delivery.headers, delivery.body, secret=SECRET, tolerance=None
    )
    assert (event.kind, event.customer_id) == (EventKind.CUSTOMER_CREATED, entity)
    assert bank.events.get(str(event.id)) == event
    assert list(bank.events.list(object_id=entity)) == [event]


def test_a_secret_is_drawn_where_none_is_passed(
    bank: Bank, simulator: IncreaseSimulator
) -> None:
    """The created subscription returns it, as at a bank that draws the secret itself."""
    created = bank.webhook_subscriptions.create(subscription(secret=None))
    assert created.secret is not None
    simulator.seed_entity()
    (delivery,) = simulator.due()
    event = webhooks.verify(
        "increase",
        delivery.headers,
        delivery.body,
        secret=created.secret,
        tolerance=None,
    )
    assert event.kind is EventKind.CUSTOMER_CREATED
    another = bank.webhook_subscriptions.create(subscription(secret=None))
    assert another.secret not in (None, created.secret)


def test_a_repeated_key_has_the_secret_of_the_first(bank: Bank) -> None:
    """None is drawn under a key of the caller's: a repeated create would have another."""
    new = subscription(secret=None)
    first = bank.webhook_subscriptions.create(new, idempotency_key="once")
    again = bank.webhook_subscriptions.create(new, idempotency_key="once")
    assert (again.id, again.secret, first.secret) == (first.id, None, None)


def test_kinds_of_events_are_sent_as_categories(bank: Bank) -> None:
    """A kind may be two categories, and names of the vendor's stay as they are."""
    kinds = [EventKind.TRANSACTION_CREATED, "account_updated", "group.heartbeat"]
    created = bank.webhook_subscriptions.create(subscription(events=kinds))
    assert list(created.events) == [
        "transaction.created",
        "pending_transaction.created",
        "account.updated",
        "group.heartbeat",
    ]


def test_a_kind_without_an_event_is_refused(bank: Bank) -> None:
    """The error and the check name the kind and those that there are."""
    new = subscription(events=["entity.created", EventKind.CREDIT_APPROVED])
    with pytest.raises(InvalidInput) as refused:
        bank.webhook_subscriptions.create(new)
    (issue,) = refused.value.issues
    assert issue.field == "events[1]"
    assert "CREDIT_APPROVED" in issue.message
    assert "TRANSACTION_CREATED" in issue.message
    (found,) = bank.check(new)
    assert (found.field, found.rule) == ("events[1]", "values")


def test_no_repr_shows_the_secret() -> None:
    """A secret is masked in the value that creates a subscription."""
    new = subscription()
    assert SECRET not in repr(new)
    assert new.secret is not None
    assert new.secret.reveal() == SECRET


@pytest.mark.parametrize("secret", ["", " padded ", 7, b"bytes"])
def test_an_unusable_secret_is_refused(secret: Any) -> None:
    """The error names the field and does not show the secret."""
    with pytest.raises(InvalidInput, match="secret: must be a text"):
        subscription(secret=secret)


def test_a_subscription_is_disabled_and_deleted(bank: Bank) -> None:
    """A deleted subscription is listed no more, and deleting it again succeeds."""
    created = bank.webhook_subscriptions.create(subscription())
    changes = WebhookSubscriptionChanges(enabled=False)
    assert bank.webhook_subscriptions.update(created.id, changes).enabled is False
    (listed,) = bank.webhook_subscriptions.list()
    assert (listed.id, listed.url, listed.events) == (
        created.id,
        URL,
        ("entity.created",),
    )
    bank.webhook_subscriptions.delete(created.id)
    bank.webhook_subscriptions.delete(created.id)
    assert list(bank.webhook_subscriptions.list()) == []


@pytest.mark.parametrize(
    "changes", [{"url": "https://other.example.com"}, {"events": ["account.created"]}]
)
def test_a_change_that_increase_cannot_make_is_refused(changes: Any) -> None:
    """Only the status changes; nothing is sent for the rest."""

    def unreachable(_: Any) -> Any:
        raise AssertionError

    with increase(unreachable) as bank, pytest.raises(InvalidInput):
        bank.webhook_subscriptions.update("s1", WebhookSubscriptionChanges(**changes))


def test_bond_refuses_a_secret_of_the_caller() -> None:
    """Bond draws the secret: one of the caller's would be ignored."""
    bond = Bank("bond", identity="i", authorization="a")
    with bond, pytest.raises(InvalidInput, match="secret"):
        bond.webhook_subscriptions.create(subscription(events=["kyc.*"]))


def test_events_are_listed_by_time() -> None:
    """`since` includes its time, `until` excludes it, and both reach the vendor."""
    watched = Watched(IncreaseSimulator())
    simulator = watched.bank
    first = simulator.seed_entity()
    start = simulator.clock()
    simulator.clock.advance(hours=1)
    second = simulator.seed_entity()
    later = start + timedelta(minutes=30)
    with increase(watched) as bank:
        since = [event.customer_id for event in bank.events.list(since=later)]
        until = [event.customer_id for event in bank.events.list(until=later)]
        paged = [event.customer_id for event in bank.events.list(page_size=1)]
    assert (since, until) == ([second], [first])
    assert paged == [second, first]


@pytest.mark.parametrize(
    "period",
    [
        {"since": datetime(2026, 1, 1)},  # noqa: DTZ001  # without a zone on purpose
        {"until": datetime(2026, 1, 1)},  # noqa: DTZ001  # without a zone on purpose
        {"since": "2026-01-01"},
        {
            "since": datetime(2026, 1, 2, tzinfo=UTC),
            "until": datetime(2026, 1, 1, tzinfo=UTC),
        },
    ],
)
def test_a_period_without_a_meaning_is_refused(bank: Bank, period: Any) -> None:
    """A time without a zone, a text, and a period that ends before it starts."""
    with pytest.raises(InvalidInput):
        list(bank.events.list(**period))


def test_an_unknown_event_is_not_found(bank: Bank) -> None:
    """An id that no event has raises NotFound."""
    with pytest.raises(NotFound):
        bank.events.get("event_nobody")
