"""Bond's webhooks: signatures byte for byte, events of every family, subscriptions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.bond.banks import body, bond
from tests.fakes import json_response

from anybank import (
    ConfigurationError,
    EventKind,
    InvalidInput,
    NewWebhookSubscription,
    Sensitive,
    UnexpectedResponse,
    WebhookRejected,
    WebhookSubscriptionChanges,
    webhooks,
)
from anybank_bond.webhooks import EVENTS, KINDS

SECRET = "whsec_factsheet_dummy_not_a_secret"
T = 1709294400
PASSED = (
    b'{"event":"kyc.verification.success",'
    b'"customer_id":"c0ffee00-0000-4000-8000-000000000001",'
    b'"occurred_at":"2024-03-01T12:00:00.000000+00:00"}'
)
PASSED_V1 = "2bf6bb7a050c569278234c02791873fe76ec38ad2c49d72a8576f64a4dfe176f"
PASSED_V2 = "3154eaac3c3e26655df9d5f69e7a18893bb830952027000fac6b8d22cd4a8d89"
RENAMED = (
    '{"event":"customer.updated","details":{"last_name":"Nuñez"},'
    '"occurred_at":"2024-03-01T12:00:00.000000+00:00"}'
).encode()
RENAMED_V1 = "20d14870d31b817845c506fd0f85e69cdb8e257b5f9c7f9fb935960371fd3091"
RENAMED_V1_UNICODE = "b98fb778f97f923e1b4173ecc9c0a4f2e3af9b7774ba00980ac1cf0327b29233"
RENAMED_V2 = "d6cf41f8219a093bf4bbce21d1bce02966bd128a77be0f028364594be8d0d80c"


def header(**parts: str) -> dict[str, str]:
    document = ",".join(f"{name}={digest}" for name, digest in parts.items())
    return {"Bond-Signature": f"t={T},{document}"}


def event(raw: Any, **more: Any) -> Any:
    headers, content = webhooks.sign("bond", raw, secret=SECRET, now=T)
    return webhooks.verify("bond", headers, content, secret=SECRET, now=T, **more)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (PASSED, {"v1": PASSED_V1, "v2": PASSED_V2}),
        (PASSED, {"v2": PASSED_V2}),
        (PASSED, {"v1": PASSED_V1}),
        (RENAMED, {"v2": RENAMED_V2}),
        (RENAMED, {"v1": RENAMED_V1}),
        (RENAMED, {"v1": RENAMED_V1_UNICODE}),
        (PASSED, {"v9": "new", "v2": PASSED_V2}),
    ],
)
def test_the_vectors_verify(content: bytes, parts: dict[str, str]) -> None:
    """The published construction gives these digests; unknown versions are passed over."""
    result = webhooks.verify("bond", header(**parts), content, secret=SECRET, now=T)
    assert result.kind in (EventKind.KYC_PASSED, EventKind.CUSTOMER_UPDATED)


@pytest.mark.parametrize(
    ("headers", "content", "secret"),
    [
        (header(v2=PASSED_V2), PASSED + b" ", SECRET),
        (header(v2=PASSED_V2), PASSED, "whsec_another"),
        (header(v2=PASSED_V2[:-1]), PASSED, SECRET),
        (header(v2=PASSED_V1, v1=PASSED_V1), PASSED, SECRET),
        (header(v2=PASSED_V2.upper()), PASSED, SECRET),
        (header(v2="ñ"), PASSED, SECRET),
        (header(v3=PASSED_V2), PASSED, SECRET),
        ({"Bond-Signature": f"v2={PASSED_V2}"}, PASSED, SECRET),
        ({"Bond-Signature": f"t={'9' * 5000},v2={PASSED_V2}"}, PASSED, SECRET),
        ({"Bond-Signature": f"t=-1,v2={PASSED_V2}"}, PASSED, SECRET),
        ({"Bond-Signature": ""}, PASSED, SECRET),
        ({}, PASSED, SECRET),
        (header(v1=PASSED_V1), b"{", SECRET),
    ],
)
def test_a_forged_delivery_is_rejected(
    headers: dict[str, str], content: bytes, secret: str
) -> None:
    """A changed byte, another secret or a malformed header is rejected."""
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", headers, content, secret=secret, now=T)


def test_several_secrets_while_one_is_replaced() -> None:
    """During rotation each of the secrets is good, masked or not."""
    secrets: list[str | Sensitive] = ["whsec_new", Sensitive(SECRET)]
    headers = header(v2=PASSED_V2)
    result = webhooks.verify("bond", headers, PASSED, secret=secrets, now=T)
    assert result.kind is EventKind.KYC_PASSED


@pytest.mark.parametrize(("age", "fresh"), [(3 * 86400, True), (3 * 86400 + 1, False)])
def test_the_window_is_that_of_the_retries(age: int, fresh: bool) -> None:
    """By default a delivery may be as old as the vendor's last retry: three days."""
    headers = header(v2=PASSED_V2)
    if fresh:
        webhooks.verify("bond", headers, PASSED, secret=SECRET, now=T + age)
        return
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", headers, PASSED, secret=SECRET, now=T + age)


def test_the_tolerance_may_be_set_or_removed() -> None:
    """A tolerance in seconds applies in both directions; None is no limit."""
    headers = header(v2=PASSED_V2)
    for now in (T - 301, T + 301):
        with pytest.raises(WebhookRejected):
            webhooks.verify(
                "bond", headers, PASSED, secret=SECRET, tolerance=300, now=now
            )
    webhooks.verify("bond", headers, PASSED, secret=SECRET, tolerance=None, now=0)


def test_an_invalid_tolerance_is_refused() -> None:
    """A tolerance that is not a number raises."""
    with pytest.raises(ConfigurationError, match="tolerance"):
        webhooks.verify(
            "bond",
            header(v2=PASSED_V2),
            PASSED,
            secret=SECRET,
            tolerance=float("nan"),
            now=T,
        )


@pytest.mark.parametrize(
    ("native", "kind"),
    [
        ("kyc.verification.success", EventKind.KYC_PASSED),
        ("kyc.verification.failure", EventKind.KYC_FAILED),
        ("kyc.verification.error", EventKind.KYC_ERROR),
        ("kyc.verification.timeout", EventKind.KYC_EXPIRED),
        ("kyc.verification.document_required", EventKind.KYC_DOCUMENTS_REQUIRED),
        ("kyc.verification.documents_required", EventKind.KYC_DOCUMENTS_REQUIRED),
        ("kyc.verification.under_review", EventKind.KYC_UNDER_REVIEW),
        ("kyc.verification.under review", EventKind.KYC_UNDER_REVIEW),
        ("kyc.verification.reenter_information", EventKind.KYC_INFORMATION_REQUIRED),
        ("credit.application.created", EventKind.CREDIT_CREATED),
        ("credit.application.submitted", EventKind.CREDIT_SUBMITTED),
        ("credit.application.approved", EventKind.CREDIT_APPROVED),
        ("credit.application.adverse_action", EventKind.CREDIT_DENIED),
        ("credit.application.resubmit_required", EventKind.CREDIT_RESUBMIT_REQUIRED),
        ("customer.updated", EventKind.CUSTOMER_UPDATED),
        ("card.wallet.add", EventKind.UNKNOWN),
        (None, EventKind.UNKNOWN),
        (7, EventKind.UNKNOWN),
    ],
)
def test_kinds(native: Any, kind: EventKind) -> None:
    """Each event of the families has its kind; any other is delivered as UNKNOWN."""
    assert event({"event": native}).kind is kind


def test_the_start_of_a_check_is_an_event_without_a_name() -> None:
    """The KYC page's step 3 posts `submitted` to the callback URL, without an event."""
    result = event({"customer_id": "c1", "kyc_status": "submitted"})
    assert (result.kind, result.native_kind) == (EventKind.KYC_SUBMITTED, "submitted")
    assert (result.customer_id, result.occurred_at) == ("c1", None)


@pytest.mark.parametrize(
    "raw",
    [
        {"customer_id": "c1", "kyc_status": "dancing"},
        {"customer_id": "c1", "kyc_status": 7},
        {"event": "x.y", "customer_id": "c1", "kyc_status": "submitted"},
        {"event": None, "customer_id": "c1", "kyc_status": "submitted"},
    ],
)
def test_another_event_with_a_status_is_unknown(raw: dict[str, Any]) -> None:
    """Only where there is no event does the status count, and only a known one."""
    assert event(raw).kind is EventKind.UNKNOWN


def test_a_credit_event_has_application_and_customer() -> None:
    """A credit event has its ids at the top; the outer application id is used."""
    data = {"application_id": "app", "applicant": {"customer_id": "cus"}}
    adverse = {**data, "adverse_action": {"application_id": "other"}}
    result = event(
        {
            "event": "credit.application.adverse_action",
            "sent_time": "2024-03-01T12:00:00.5",
            "details": {"resource": "credit.application", "data": adverse},
        }
    )
    assert (result.application_id, result.customer_id) == ("app", "cus")
    assert result.occurred_at == datetime(2024, 3, 1, 12, 0, 0, 500000, UTC)


def test_the_dash_form_of_a_time_is_read() -> None:
    """The KYC page's own sample prints a dash between date and time."""
    result = event({"event": "x", "occurred_at": "2021-02-02-00:50:58.484840+00:00"})
    assert result.occurred_at == datetime(2021, 2, 2, 0, 50, 58, 484840, UTC)


@pytest.mark.parametrize("time", ["yesterday", "", None, 5])
def test_a_time_that_cannot_be_read_refuses_nothing(time: Any) -> None:
    """An event with an unreadable time is delivered without it."""
    assert event({"event": "x", "occurred_at": time}).occurred_at is None


def test_dedupe_key_is_the_same_for_a_retry_and_differs_by_subject() -> None:
    """Two deliveries of one event share a key; two customers' events do not."""
    at = {"event": "customer.updated", "occurred_at": "2024-03-01T12:00:00Z"}
    first = event({**at, "customer_id": "a"})
    again = event({"customer_id": "a", **at, "more": 1})
    other = event({**at, "details": {"customer_id": "b"}})
    assert first.dedupe_key == again.dedupe_key != other.dedupe_key


def test_dedupe_key_without_a_time_is_a_digest_of_the_body() -> None:
    """An event without a time or a subject is identified by its body."""
    raw = {"event": "kyc.verification.reenter_information", "customer_id": "a"}
    assert event(raw).dedupe_key == event(raw).dedupe_key
    assert event(raw).dedupe_key != event({**raw, "fields": ["ssn"]}).dedupe_key


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'"x"', b"{", b"\xff"])
def test_a_signed_body_that_is_not_an_event_is_rejected(content: bytes) -> None:
    """A signed body that is not an event is rejected as malformed, without a quote."""
    headers, content = webhooks.sign("bond", content, secret=SECRET, now=T)
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", headers, content, secret=SECRET, now=T)


SUBSCRIPTION = {
    "id": "w1",
    "url": "https://hooks.example.com/bond",
    "events": ["kyc.verification.success"],
    "description": "mine",
    "status": "STATUS_ENABLED",
    "secret": SECRET,
    "created_time": "2024-03-01T12:00:00.000000Z",
}


def test_a_subscription_is_created() -> None:
    """The wrapped response is unwrapped, and its secret is masked."""
    bank, script = bond(json_response(201, webhook_subscription=SUBSCRIPTION))
    created = bank.webhook_subscriptions.create(
        NewWebhookSubscription(
            url="https://hooks.example.com/bond", events=["kyc.verification.success"]
        )
    )
    assert created.enabled is True
    assert created.secret is not None
    assert created.secret.reveal() == SECRET
    assert SECRET not in repr(created)
    assert body(script)["events"] == ["kyc.verification.success"]


def test_the_older_flat_response_is_read() -> None:
    """`webhook_id`, `callback_url` and `enabled` are read as the newer names."""
    flat = {"webhook_id": "w2", "callback_url": "https://x.example.com"}
    listed = [SUBSCRIPTION, {**flat, "status": "enabled"}]
    bank, _ = bond(json_response(webhook_subscriptions=listed))
    result = list(bank.webhook_subscriptions.list())
    assert [(item.id, item.url, item.enabled) for item in result] == [
        ("w1", "https://hooks.example.com/bond", True),
        ("w2", "https://x.example.com", True),
    ]


def test_a_subscription_is_changed_and_deleted() -> None:
    """Only the changed fields are sent, and events replace the list."""
    disabled = {**SUBSCRIPTION, "status": "STATUS_DISABLED"}
    bank, script = bond(*[json_response(webhook_subscription=disabled)] * 2)
    changes = WebhookSubscriptionChanges(events=["card.*"], enabled=False)
    assert bank.webhook_subscriptions.update("w1", changes).enabled is False
    bank.webhook_subscriptions.delete("w1")
    assert body(script) == {"events": ["card.*"], "status": "STATUS_DISABLED"}
    assert script.request_lines[1] == "DELETE /api/v0.1/webhooks/w1"


@pytest.mark.parametrize("answer", [{"webhook_subscription": {}}, {"url": "x"}])
def test_a_subscription_without_an_id_is_unexpected(answer: dict[str, Any]) -> None:
    """A subscription without an id is an unexpected response."""
    bank, _ = bond(json_response(201, **answer))
    new = NewWebhookSubscription(url="https://x.example.com", events=["a"])
    with pytest.raises(UnexpectedResponse):
        bank.webhook_subscriptions.create(new)


def test_a_response_without_a_list_is_unexpected() -> None:
    """A response without a list raises with the path."""
    bank, _ = bond(json_response(webhook_subscriptions=json.loads("null")))
    with pytest.raises(UnexpectedResponse) as caught:
        list(bank.webhook_subscriptions.list())
    assert caught.value.path == "$.webhook_subscriptions"


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("pending", EventKind.TRANSACTION_CREATED),
        ("completed", EventKind.TRANSACTION_CREATED),
        ("returned", EventKind.TRANSACTION_UPDATED),
        ("Cancelled", EventKind.TRANSACTION_UPDATED),
        (None, EventKind.TRANSACTION_CREATED),
    ],
)
def test_a_transaction_is_an_event(state: str | None, kind: EventKind) -> None:
    """Bond has one event name for all transactions; the state tells them apart."""
    transaction = {
        "transaction_id": "t1",
        "account_id": "a1",
        "customer_id": "c1",
        "state": state,
    }
    raw = {
        "event": "transactions",
        "occurred_at": "2024-03-01T12:00:00+00:00",
        "transaction": transaction,
    }
    headers, body = webhooks.sign("bond", raw, secret=SECRET)
    event = webhooks.verify("bond", headers, body, secret=SECRET)
    assert event.kind is kind
    ids = (event.object_id, event.transaction_id, event.account_id, event.customer_id)
    assert ids == ("t1", "t1", "a1", "c1")


def test_each_kind_is_subscribed_to_by_the_name_of_its_events() -> None:
    """An event of that name reads as the kind, and one name covers all transactions."""
    named = {kind: word for kind, word in EVENTS.items() if word != "transactions"}
    assert {word: KINDS[word] for word in named.values()} == {
        word: kind for kind, word in named.items()
    }
    bank, script = bond(json_response(201, id="w1", secret="whsec_x"))
    kinds = [EventKind.TRANSACTION_CREATED, EventKind.TRANSACTION_UPDATED]
    created = bank.webhook_subscriptions.create(
        NewWebhookSubscription(url="https://x.example.com", events=[*kinds, "card.*"])
    )
    assert body(script)["events"] == ["transactions", "card.*"]
    assert "secret" not in body(script)
    assert created.secret == Sensitive("whsec_x")


def test_a_change_translates_kinds_as_a_create_does() -> None:
    """An event that Bond does not have is refused before a request."""
    bank, script = bond(json_response(id="w1"))
    changes = WebhookSubscriptionChanges(events=[EventKind.KYC_PASSED])
    bank.webhook_subscriptions.update("w1", changes)
    assert body(script)["events"] == ["kyc.verification.success"]
    opened = WebhookSubscriptionChanges(events=[EventKind.ACCOUNT_OPENED])
    with pytest.raises(InvalidInput, match="ACCOUNT_OPENED"):
        bank.webhook_subscriptions.update("w1", opened)
    assert len(script.requests) == 1
