"""Where Bond's pages on KYC, credit and webhooks disagree (bond.md §13, row 35 on)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.bond.banks import body, bond, error
from tests.fakes import home, james, json_response

from anybank import (
    ApplicationStatus,
    Conflict,
    EventKind,
    Feature,
    InvalidInput,
    KycStatus,
    NewCreditApplication,
    NewCustomer,
    NewWebhookSubscription,
    StartKyc,
    UnexpectedResponse,
    WebhookRejected,
    webhooks,
)

ID = "931e2341-c3eb-4681-97d4-f6e09d90da14"
SECRET = "whsec_invented"
START = StartKyc(program_id="p", idempotency_key="k")


def kyc(word: str) -> httpx.Response:
    return httpx.Response(200, json={"customer_id": ID, "kyc_status": word})


def application(word: str) -> httpx.Response:
    body = {"application_id": "a", "application_status": word}
    return httpx.Response(201, json=body)


def event(**raw: Any) -> Any:
    headers, content = webhooks.sign("bond", raw, secret=SECRET, now=0)
    return webhooks.verify("bond", headers, content, secret=SECRET, now=0)


def test_row_35_a_submit_starts_kyc() -> None:
    """No KYC request precedes a submit."""
    bank, script = bond(application("kyc_started"))
    bank.credit_applications.submit("a")
    assert len(script.requests) == 1


def test_row_36_answer_and_event_of_a_submit() -> None:
    """`kyc_started` and `submitted` are one status."""
    bank, _ = bond(application("kyc_started"), application("submitted"))
    result = [bank.credit_applications.submit("a").status for _ in range(2)]
    assert result == [ApplicationStatus.SUBMITTED] * 2


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("denied", ApplicationStatus.DENIED),
        ("resubmit_required", ApplicationStatus.RESUBMIT_REQUIRED),
    ],
)
def test_row_37_after_a_failure(word: str, status: ApplicationStatus) -> None:
    """The status of the application decides, not the KYC event."""
    bank, _ = bond(application(word))
    assert bank.credit_applications.get("a").status is status


def test_an_application_that_is_a_customer() -> None:
    """A customer in place of an application is an unexpected response."""
    bank, _ = bond(json_response(201, customer_id=ID))
    with pytest.raises(UnexpectedResponse) as caught:
        bank.credit_applications.create(
            NewCreditApplication(program_id="p", customer_id=ID)
        )
    assert caught.value.path == "$.application_id"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("document required", KycStatus.DOCUMENTS_REQUIRED),
        ("under review", KycStatus.UNDER_REVIEW),
    ],
)
def test_row_39_words_with_spaces(word: str, status: KycStatus) -> None:
    """Spaces are underscores, and the odd event names are known."""
    bank, _ = bond(kyc(word))
    assert bank.kyc.get(ID, program_id="p").status is status
    assert event(event="kyc.verification.failed").kind is EventKind.KYC_FAILED


def test_rows_40_and_41_only_expired_counts() -> None:
    """Both reasons for a time-out are EXPIRED, without a window of our own."""
    customer = httpx.Response(
        200, json={"customer_id": ID, "kyc_requests_available": 2}
    )
    bank, _ = bond(kyc("expired"), customer)
    assert bank.kyc.get(ID, program_id="p").status is KycStatus.EXPIRED
    assert event(event="kyc.verification.timeout").kind is EventKind.KYC_EXPIRED


def test_row_42_a_start_while_documents_are_required() -> None:
    """After a conflict the status is read."""
    bank, _ = bond(
        error(409, "resource_conflict", "under way"), kyc("document_required")
    )
    assert bank.kyc.start(ID, START).status is KycStatus.DOCUMENTS_REQUIRED


def test_row_43_a_start_after_a_pass() -> None:
    """A refused start is a success after a pass, and an error otherwise."""
    bank, _ = bond(error(403, "whatever", "passed"), kyc("passed"))
    assert bank.kyc.start(ID, START).status is KycStatus.PASSED
    bank, _ = bond(error(403, "kyc_customer", "no"), kyc("failed"))
    with pytest.raises(Conflict):
        bank.kyc.start(ID, START)


def test_row_44_sent_time_and_the_outer_id() -> None:
    """The time has two names, and the outer application id counts."""
    data = {"application_id": "outer", "adverse_action": {"application_id": "inner"}}
    result = event(
        event="credit.application.adverse_action",
        sent_time="2024-03-01T12:00:00",
        details={"data": data},
    )
    assert result.application_id == "outer"
    assert result.occurred_at.utcoffset() is not None


def test_row_45_names_of_the_same_thing() -> None:
    """`dob` and `date_of_birth`, `street` and `street1`: each noun reads its own."""
    raw = {"application_id": "a", "applicant": {"date_of_birth": "1990-04-01"}}
    bank, _ = bond(httpx.Response(200, json=raw))
    assert bank.credit_applications.get("a").raw["applicant"] == raw["applicant"]


@pytest.mark.parametrize("name", ["card*", "card.*", "kyc.verification.success"])
def test_row_46_wildcards(name: str) -> None:
    """Names of events are sent unchanged; full names are preferable to wildcards."""
    bank, script = bond(json_response(201, webhook_subscription={"id": "w"}))
    new = NewWebhookSubscription(url="https://x.example.com", events=[name])
    bank.webhook_subscriptions.create(new)
    assert body(script)["events"] == [name]


def test_row_47_wrapped_or_flat() -> None:
    """Both responses give the same subscription."""
    flat = {"webhook_id": "w", "status": "enabled"}
    wrapped = {"webhook_subscription": {"id": "w", "status": "STATUS_ENABLED"}}
    bank, _ = bond(*(httpx.Response(201, json=item) for item in (flat, wrapped)))
    new = NewWebhookSubscription(url="https://x.example.com", events=["a"])
    created = [bank.webhook_subscriptions.create(new) for _ in range(2)]
    assert {(item.id, item.enabled) for item in created} == {("w", True)}


def test_row_48_equal_times_of_two_customers() -> None:
    """The subject keeps two events apart that share name and time."""
    at = {"event": "x", "occurred_at": "2024-03-01T12:00:00Z"}
    keys = {event(**at, customer_id=item).dedupe_key for item in "ab"}
    assert len(keys) == 2


@pytest.mark.parametrize("length", [37, 40])
def test_digests_of_impossible_length(length: int) -> None:
    """The digests that the page prints verify nothing."""
    headers = {"Bond-Signature": f"t=1,v1={'a' * length},v2={'b' * length}"}
    with pytest.raises(WebhookRejected):
        webhooks.verify("bond", headers, b"{}", secret=SECRET, tolerance=None)


def test_row_51_the_partial_openapi_file() -> None:
    """Its hyphens and its 255 characters are not the guides' rules."""
    bank, _ = bond()
    assert [item.rule for item in bank.check(james(first_name="A" * 51))] == [
        "length=2-50"
    ]


def test_row_52_transfers_are_not_in_the_vocabulary() -> None:
    """Amounts of transfers contradict each other: nothing here sends one."""
    assert not [feature for feature in Feature if "transfer" in feature]


def test_row_54_an_unknown_ip() -> None:
    """It is left out, and an empty one is refused."""
    bank, script = bond(kyc("submitted"))
    bank.kyc.start(ID, START)
    assert "ip" not in body(script)
    with pytest.raises(InvalidInput):
        StartKyc(program_id="p", ip="")


def test_row_55_the_scrapers_placeholder() -> None:
    """What stands for an e-mail address in the stored pages is none."""
    with pytest.raises(InvalidInput):
        NewCustomer(emails=["[email protected]"])


def test_row_56_neither_email_nor_ssn_is_a_key() -> None:
    """A lost create is looked for by the caller's own reference alone."""
    create = bond()[0].capabilities.feature("customers.create").idempotency
    assert create.reference == "external_id"


def test_row_57_the_plural_path() -> None:
    """KYC lies below `/customers/`."""
    bank, script = bond(kyc("passed"))
    bank.kyc.get(ID, program_id="p")
    assert script.request_lines == [f"GET /api/v0.1/customers/{ID}/verification-kyc"]


def test_addresses_are_written_alike_everywhere() -> None:
    """A customer's address and a single one have the same body."""
    answers = [
        httpx.Response(201, json={"customer_id": ID}),
        json_response(201, address_id="x"),
    ]
    bank, script = bond(*answers)
    bank.customers.create(james())
    bank.customer_addresses.create(ID, home())
    assert body(script)["addresses"] == [body(script, 1)]
