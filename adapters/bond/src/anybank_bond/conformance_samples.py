"""What the pages of Bond print or describe, and what it must read as."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from anybank.adapter.problems import Problem
from anybank.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderUnavailable,
    Rejected,
)
from anybank.model.customers import Customer
from anybank.model.events import Event, EventKind
from anybank.testing import PrintedError, PrintedEvent, SignedDelivery

# The customer that "Managing customers" prints, with the names that the page explains.
# https://docs.bond.tech/docs/managing-customers
CUSTOMER = Customer(
    provider="bond",
    id="931e2341-c3eb-4681-97d4-f6e09d90da14",
    external_id="7b18da9e-0217-4ecb-8454-8c0ab8bedc14",
    first_name="James",
    middle_name="Herbert",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    emails=["james@example.com"],
)


# The shapes of "Creating a customer", "Performing KYC", "Error examples" and the credit
# service, with the codes of "Error code dictionary" and the statuses of "Error statuses".
# https://docs.bond.tech/docs/error-examples, https://docs.bond.tech/docs/error-statuses
_MISSING = ("Missing data for required field.",)
ERRORS = (
    PrintedError(
        status=400,
        body={
            "Message": {"last_name": [*_MISSING], "phone_country_code": ["a", "b"]},
            "Status": 400,
            "Code": "create_customer_schema",
            "Type": "Request Error",
        },
        problem=Problem(
            kind=Rejected,
            code="create_customer_schema",
            type="Request Error",
            field_errors={"last_name": _MISSING, "phones[0]": ("a", "b")},
        ),
    ),
    PrintedError(
        status=400,
        body={"dob": ["Not a valid date."], "names": {"first_name": ["short"]}},
        problem=Problem(
            kind=Rejected,
            field_errors={
                "date_of_birth": ("Not a valid date.",),
                "first_name": ("short",),
            },
        ),
    ),
    # The error for a brand_person_id in use is "similar to" the one for a missing field.
    PrintedError(
        status=400,
        body={"Message": {"brand_person_id": ["exists"]}, "Status": 400},
        problem=Problem(kind=AlreadyExists, field_errors={"external_id": ("exists",)}),
    ),
    PrintedError(
        status=409,
        body={
            "type": "RESOURCE_CONFLICT",
            "code": "idempotency_key_exists",
            "message": "used",
        },
        problem=Problem(
            kind=Conflict,
            code="idempotency_key_exists",
            type="RESOURCE_CONFLICT",
            message="used",
        ),
    ),
    PrintedError(
        status=400,
        body={"Message": {"description": ["long"]}, "Code": "create_account_schema"},
        problem=Problem(
            kind=Rejected,
            code="create_account_schema",
            field_errors={"name": ("long",)},
        ),
        feature="accounts.create",
    ),
    *(
        PrintedError(
            status=status,
            body={"Message": "no", "Status": status, "Code": code},
            problem=Problem(kind=kind, code=code, message="no"),
        )
        for status, code, kind in (
            (400, "person_id_dup", AlreadyExists),
            (400, "customer_dne", NotFound),
            (401, "create_customer_schema", AuthenticationFailed),
            (403, "auth_err", AuthenticationFailed),
            (403, "kyc_retries", Conflict),
            (404, "webhooks_err", NotFound),
            (424, "service_disabled", ProviderUnavailable),
            (500, "create_customer_schema", ProviderUnavailable),
        )
    ),
)


# "Signatures" prints digests that are too short to be any. This delivery was signed by
# hand as the page describes it: HMAC-SHA256 over the time, a dot and the body, with the
# whole text of the secret. https://docs.bond.tech/docs/signatures
DELIVERY = SignedDelivery(
    secret="whsec_factsheet_dummy_not_a_secret",  # noqa: S106  # invented
    headers={
        "Bond-Signature": "t=1709294400,"
        "v2=3154eaac3c3e26655df9d5f69e7a18893bb830952027000fac6b8d22cd4a8d89"
    },
    body=b'{"event":"kyc.verification.success",'
    b'"customer_id":"c0ffee00-0000-4000-8000-000000000001",'
    b'"occurred_at":"2024-03-01T12:00:00.000000+00:00"}',
)
_OCCURRED = datetime(2024, 3, 1, 12, tzinfo=UTC)
# The families of "Webhook payloads": the words are those of "Webhook events". An adverse
# action has `sent_time`, and a second application id that does not count.
_KYC_EVENTS = {
    "success": EventKind.KYC_PASSED,
    "failure": EventKind.KYC_FAILED,
    "error": EventKind.KYC_ERROR,
    "timeout": EventKind.KYC_EXPIRED,
    "document_required": EventKind.KYC_DOCUMENTS_REQUIRED,
    "under_review": EventKind.KYC_UNDER_REVIEW,
    "reenter_information": EventKind.KYC_INFORMATION_REQUIRED,
}
_CREDIT_EVENTS = {
    "created": EventKind.CREDIT_CREATED,
    "submitted": EventKind.CREDIT_SUBMITTED,
    "approved": EventKind.CREDIT_APPROVED,
    "adverse_action": EventKind.CREDIT_DENIED,
    "resubmit_required": EventKind.CREDIT_RESUBMIT_REQUIRED,
}


def _printed_event(kind: EventKind, body: dict[str, Any], **ids: str) -> PrintedEvent:
    event = Event(
        provider="bond",
        kind=kind,
        native_kind=body["event"],
        occurred_at=_OCCURRED,
        dedupe_key="",  # the kit does not compare it
        **ids,  # type: ignore[arg-type] # the ids are texts
    )
    return PrintedEvent(body=body, events=[event])


EVENTS = (
    *(
        _printed_event(
            kind,
            {
                "event": f"kyc.verification.{word}",
                "customer_id": "c-1",
                "occurred_at": "2024-03-01T12:00:00.000000+00:00",
            },
            object_id="c-1",
            customer_id="c-1",
        )
        for word, kind in _KYC_EVENTS.items()
    ),
    *(
        _printed_event(
            kind,
            {
                "event": "transactions",
                "occurred_at": "2024-03-01T12:00:00.000000+00:00",
                "transaction": {
                    "transaction_id": "t-1",
                    "account_id": "b-1",
                    "customer_id": "c-1",
                    "state": state,
                },
            },
            object_id="t-1",
            customer_id="c-1",
            account_id="b-1",
            transaction_id="t-1",
        )
        for state, kind in (
            ("completed", EventKind.TRANSACTION_CREATED),
            ("returned", EventKind.TRANSACTION_UPDATED),
        )
    ),
    *(
        _printed_event(
            kind,
            {
                "event": f"credit.application.{word}",
                "sent_time"
                if word == "adverse_action"
                else "occurred_at": "2024-03-01T12:00:00",
                "details": {
                    "resource": "credit.application",
                    "data": {
                        "application_id": "a-1",
                        "applicant": {"customer_id": "c-1"},
                        "adverse_action": {"application_id": "a-2"},
                    },
                },
            },
            object_id="a-1",
            customer_id="c-1",
            application_id="a-1",
        )
        for word, kind in _CREDIT_EVENTS.items()
    ),
)
