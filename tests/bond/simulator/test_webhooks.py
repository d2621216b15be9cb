"""Webhooks: subscriptions, and deliveries that are signed and repeated."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from anybank_bond.simulator.outbox import sign

from .conftest import App

URL = "https://hooks.example.com/bond"
SECRET = "whsec_factsheet_dummy_not_a_secret"
TIME = "2024-03-01T12:00:00.000000+00:00"
BODY_A = (
    '{"event":"kyc.verification.success",'
    '"customer_id":"c0ffee00-0000-4000-8000-000000000001",'
    f'"occurred_at":"{TIME}"}}'
)
BODY_B = (
    '{"event":"customer.updated","details":{"last_name":"Nuñez"},'
    f'"occurred_at":"{TIME}"}}'
)
VECTORS = [
    (
        BODY_A,
        "2bf6bb7a050c569278234c02791873fe76ec38ad2c49d72a8576f64a4dfe176f",
        "3154eaac3c3e26655df9d5f69e7a18893bb830952027000fac6b8d22cd4a8d89",
    ),
    (
        BODY_B,
        "20d14870d31b817845c506fd0f85e69cdb8e257b5f9c7f9fb935960371fd3091",
        "d6cf41f8219a093bf4bbce21d1bce02966bd128a77be0f028364594be8d0d80c",
    ),
]


@pytest.mark.parametrize(("body", "v1", "v2"), VECTORS)
def test_row_49_signatures_are_byte_exact(body: str, v1: str, v2: str) -> None:
    """A signature equals the computed vector, also for text that is not ASCII."""
    signature = sign(SECRET, 1709294400, body.encode())
    assert signature == f"t=1709294400,v1={v1},v2={v2}"


def _change_email(app: App) -> None:
    customer_id = app.bond.seed_customer(last_name="Núñez")
    path = f"/customers/{customer_id}"
    app.call("PATCH", path, {"email": "new@example.com"})


def test_a_delivery_is_signed_with_the_secret(app: App) -> None:
    """The v2 digest covers the time and the bytes of the body."""
    secret = app.subscribe("customer.updated")["secret"]
    _change_email(app)
    (delivery,) = app.bond.due()
    signature = delivery.headers["Bond-Signature"]
    moment, _, digest = (part.split("=")[1] for part in signature.split(","))
    message = moment.encode() + b"." + delivery.body
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    assert digest == expected
    assert int(moment) == app.clock.now.timestamp()


def test_a_changed_customer_has_an_event(app: App) -> None:
    """`customer.updated` has the whole customer, with the SSN masked."""
    app.subscribe("customer.*")
    created = app.customer()
    path = f"/customers/{created['customer_id']}"
    app.call("PATCH", path, {"email": "new@example.com"})
    app.call("PATCH", path, {"email": "new@example.com"})
    (event,) = app.events()
    assert event["occurred_at"] == TIME
    assert event["details"]["email"] == "new@example.com"
    assert (event["details"]["ssn"], event["details"]["business_id"]) == (
        "XXXXX6789",
        None,
    )


def test_only_selected_events_are_delivered(app: App) -> None:
    """An event goes to the enabled subscriptions of its brand that name it."""
    app.subscribe("kyc.*")
    disabled = app.subscribe("customer.*")
    body = {"status": "STATUS_DISABLED"}
    app.call("PATCH", f"/webhooks/{disabled['id']}", body)
    own = app.credentials
    app.credentials = app.bond.seed_brand()
    app.subscribe("customer.*")
    app.credentials = own
    _change_email(app)
    assert app.bond.due() == []


@pytest.mark.parametrize("status", [200, 201])
def test_a_success_ends_a_delivery(app: App, status: int) -> None:
    """200 and 201 settle a delivery for good."""
    app.subscribe("customer.*")
    _change_email(app)
    (delivery,) = app.bond.due()
    app.bond.settle(delivery, status)
    app.clock.advance(days=4)
    assert app.bond.due() == []


@pytest.mark.parametrize("status", [202, 204, 302, 404, 500, None])
def test_anything_else_is_repeated(app: App, status: int | None) -> None:
    """Another status, or no response, repeats a delivery with a new signature."""
    app.subscribe("customer.*")
    _change_email(app)
    (first,) = app.bond.due()
    app.bond.settle(first, status)
    app.clock.advance(seconds=59)
    assert app.bond.due() == []
    app.clock.advance(seconds=1)
    (second,) = app.bond.due()
    assert (second.attempt, second.body) == (2, first.body)
    assert second.headers["Bond-Signature"] != first.headers["Bond-Signature"]


def test_eight_repeats_are_made_within_three_days(app: App) -> None:
    """A delivery that never succeeds is dropped after its ninth attempt."""
    app.subscribe("customer.*")
    _change_email(app)
    minutes = []
    start = app.clock.now
    while deliveries := app.bond.due():
        minutes.append((app.clock.now - start) // timedelta(minutes=1))
        app.bond.settle(deliveries[0], 500)
        app.clock.advance(minutes=3 ** (len(minutes) - 1))
    assert minutes == [0, 1, 4, 13, 40, 121, 364, 1093, 3280]


def test_the_schedule_is_a_switch() -> None:
    """The delays between repeats are set by a switch."""
    app = App(switches={"retry_schedule": (timedelta(0),)})
    app.subscribe("customer.*")
    _change_email(app)
    app.bond.settle(app.bond.due()[0], 500)
    app.bond.settle(app.bond.due()[0], 500)
    assert app.bond.due() == []


def test_settling_twice_does_nothing(app: App) -> None:
    """An attempt that was settled cannot be settled again."""
    app.subscribe("customer.*")
    _change_email(app)
    (delivery,) = app.bond.due()
    app.bond.settle(delivery, 500)
    app.bond.settle(delivery, 200)
    app.clock.advance(minutes=1)
    assert len(app.bond.due()) == 1


def test_duplicates_by_the_switch() -> None:
    """With the switch every event is delivered twice, with equal bytes."""
    app = App(switches={"duplicate_deliveries": True})
    app.subscribe("customer.*")
    _change_email(app)
    first, second = app.bond.due()
    assert first.body == second.body


def test_a_delivery_shows_no_data(app: App) -> None:
    """The repr of a delivery has neither its body nor its signature."""
    app.subscribe("customer.*")
    _change_email(app)
    shown = repr(app.bond.due())
    assert "example.com/bond" in shown
    assert "Sample" not in shown
    assert "v2=" not in shown


def test_a_subscription_is_returned_in_a_wrapper(app: App) -> None:
    """A subscription has an id, a secret and times that end in Z."""
    created = app.subscribe("customer.updated")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", created["secret"])
    assert (created["status"], created["version"]) == ("STATUS_ENABLED", "0.1")
    assert created["created_time"] == "2024-03-01T12:00:00.000000Z"
    assert app.call("GET", "/webhooks").json() == {"webhook_subscriptions": [created]}


def test_the_older_name_of_the_url_is_accepted(app: App) -> None:
    """`callback_url` is the name of the URL in the older API."""
    body = {"callback_url": URL, "events": ["transactions"], "description": "old"}
    created = app.call("POST", "/webhooks", body).json()["webhook_subscription"]
    assert (created["url"], created["description"]) == (URL, "old")


def test_new_events_replace_the_old(app: App) -> None:
    """A PATCH of the events removes the old ones."""
    created = app.subscribe("customer.updated")
    app.clock.advance(hours=1)
    path = f"/webhooks/{created['id']}"
    body = {"events": ["card.created"]}
    changed = app.call("PATCH", path, body).json()["webhook_subscription"]
    assert (changed["events"], changed["url"]) == (["card.created"], URL)
    assert changed["updated_time"] > created["updated_time"]


def test_a_deleted_subscription_is_returned(app: App) -> None:
    """A delete returns the subscription, and drops only its own pending deliveries."""
    first, created = (
        app.subscribe("customer.updated"),
        app.subscribe("customer.updated"),
    )
    _change_email(app)
    answer = app.call("DELETE", f"/webhooks/{created['id']}")
    assert answer.json() == {"webhook_subscription": created}
    assert app.call("GET", "/webhooks").json()["webhook_subscriptions"] == [first]
    assert len(app.bond.due()) == 1
    refusal = app.call("DELETE", f"/webhooks/{created['id']}")
    assert (refusal.status, refusal.json()["Code"]) == (404, "webhooks_err")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"events": ["transactions"]}, "url"),
        ({"url": URL}, "events"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": "transactions"}, "events"),
        ({"url": URL, "events": ["customer.eaten"]}, "events"),
        ({"url": URL, "events": ["cust*"]}, "events"),
        ({"url": "ftp://hooks.example.com", "events": ["transactions"]}, "url"),
    ],
)
def test_a_bad_subscription_is_refused(
    app: App, body: dict[str, Any], name: str
) -> None:
    """A subscription needs a URL and existing events."""
    refusal = app.call("POST", "/webhooks", body)
    assert (refusal.status, refusal.json()["Code"]) == (400, "webhooks_err")
    assert list(refusal.json()["Message"]) == [name]


def test_no_event_contains_an_ssn(app: App) -> None:
    """No delivery contains more of an SSN than its last four digits."""
    app.subscribe("*")
    customer_id = app.customer(ssn="987-65-4321")["customer_id"]
    app.start_kyc(customer_id, ssn="555-66-4321")
    app.call("PATCH", f"/customers/{customer_id}", {"email": "new@example.com"})
    events = json.dumps(app.events())
    assert not re.search(r"\d{3}-?\d{2}-?4321", events)
