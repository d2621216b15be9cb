"""Unit's events, webhooks and subscriptions."""

from __future__ import annotations

import json

import pytest

from anybank import (
    Bank,
    EventKind,
    InvalidInput,
    KycStatus,
    Money,
    NewWebhookSubscription,
    Ssn,
    Unsupported,
    WebhookRejected,
    WebhookSubscriptionChanges,
    webhooks,
)
from anybank_unit import UnitSubscriptionExtras
from anybank_unit.simulator import UnitSimulator

from .banks import ada

URL = "https://app.example.com/events"


def test_a_delivery_holds_several_events(bank: Bank, simulator: UnitSimulator) -> None:
    """All events that wait are delivered together, and verified as one body."""
    created = bank.webhook_subscriptions.create(
        NewWebhookSubscription(url=URL, events=[])
    )
    assert created.secret is not None
    person = bank.customers.create(ada(ssn=Ssn("000000004"))).id
    simulator.decide(person, KycStatus.PASSED)
    (delivery,) = simulator.due()
    events = webhooks.verify_all(
        "unit", delivery.headers, delivery.body, secret=created.secret
    )
    assert [event.kind for event in events] == [
        EventKind.KYC_SUBMITTED,
        EventKind.KYC_UNDER_REVIEW,
        EventKind.KYC_PASSED,
        EventKind.CUSTOMER_CREATED,
    ]
    customer = bank.customers.get(person).id
    assert [event.customer_id for event in events] == [person] * 2 + [customer] * 2
    assert [event.object_id for event in events] == [person] * 3 + [customer]
    simulator.settle(delivery, 200)
    assert not simulator.due()
    with pytest.raises(WebhookRejected, match="verify_all"):
        webhooks.verify("unit", delivery.headers, delivery.body, secret=created.secret)


@pytest.mark.parametrize("body", [b'{"data": []}', b"{}"])
def test_a_changed_body_is_rejected(simulator: UnitSimulator, body: bytes) -> None:
    """The signature covers every byte of the body."""
    secret = simulator.subscribe(URL)
    simulator.seed_application()
    (delivery,) = simulator.due()
    with pytest.raises(WebhookRejected):
        webhooks.verify_all("unit", delivery.headers, body, secret=secret)


def test_a_failed_delivery_is_repeated(simulator: UnitSimulator) -> None:
    """A delivery without success is due again later, with the same events."""
    simulator.subscribe(URL)
    simulator.seed_application()
    (first,) = simulator.due()
    simulator.settle(first, None)
    assert not simulator.due()
    simulator.clock.advance(minutes=2)  # type: ignore[attr-defined]  # a Clock
    (second,) = simulator.due()
    assert (second.attempt, second.body) == (2, first.body)


def test_a_webhook_of_single_events_gets_each_once(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """AtMostOnce delivers one event at a time, with its resource, and repeats none."""
    extras = UnitSubscriptionExtras(delivery_mode="AtMostOnce", include_resources=True)
    new = NewWebhookSubscription(url=URL, events=[], extras={"unit": extras})
    secret = bank.webhook_subscriptions.create(new).secret
    assert secret is not None
    person = bank.customers.create(ada(first_name="Zoë")).id
    kinds = []
    while due := simulator.due():
        (delivery,) = due
        event = webhooks.verify("unit", delivery.headers, delivery.body, secret=secret)
        kinds.append(event.kind)
        simulator.settle(delivery, None)
    assert kinds == [
        EventKind.KYC_SUBMITTED,
        EventKind.KYC_PASSED,
        EventKind.CUSTOMER_CREATED,
    ]
    (included,) = json.loads(delivery.body)["included"]
    assert (included["type"], included["id"]) == ("individualCustomer", person)
    assert "Zoë".encode() in delivery.body


def test_events_are_listed_and_read(bank: Bank, simulator: UnitSimulator) -> None:
    """A listing has all events of all pages, with the ids of accounts and transactions."""
    account = simulator.seed_account(simulator.seed_application())
    transaction = simulator.simulate_payment(account, Money(100))
    events = list(bank.events.list(page_size=2))
    assert [event.kind for event in events][-2:] == [
        EventKind.ACCOUNT_OPENED,
        EventKind.TRANSACTION_CREATED,
    ]
    assert (events[-1].account_id, events[-1].object_id) == (account, transaction)
    assert bank.events.get(str(events[-1].id)) == events[-1]
    with pytest.raises(InvalidInput, match="object"):
        list(bank.events.list(object_id=transaction))


def test_a_webhook_is_disabled_and_enabled(bank: Bank) -> None:
    """A webhook receives all events; it can be disabled, and not deleted."""
    new = NewWebhookSubscription(
        url=URL, events=[EventKind.CUSTOMER_CREATED], description="App"
    )
    created = bank.webhook_subscriptions.create(new)
    for enabled in (False, True):
        changes = WebhookSubscriptionChanges(enabled=enabled)
        changed = bank.webhook_subscriptions.update(created.id, changes)
        assert (changed.enabled, changed.description) == (enabled, "App")
    assert [item.id for item in bank.webhook_subscriptions.list()] == [created.id]
    with pytest.raises(Unsupported, match="disable"):
        bank.webhook_subscriptions.delete(created.id)
