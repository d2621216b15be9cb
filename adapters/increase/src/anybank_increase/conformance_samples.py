"""What the OpenAPI document of Increase prints, and what it must read as."""

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
    RateLimited,
    Rejected,
)
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountNumber,
    AccountNumberStatus,
    AccountStatus,
)
from anybank.model.customers import Customer, CustomerStatus
from anybank.model.events import Event, EventKind
from anybank.testing import PrintedError, PrintedEvent

# What the OpenAPI document prints as examples, with the names that it explains.
# https://increase.com/documentation/api
EXAMPLES = {
    "customers-get": Customer(
        provider="increase",
        id="entity_n8y8tnk2p9339ti393yi",
        date_of_birth=date(1970, 1, 31),
        status=CustomerStatus.ACTIVE,
        native_status="active",
        created_at=datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC),
    ),
    "accounts-get": Account(
        id="account_in71c4amph0vgo2qllky",
        customer_ids=["entity_n8y8tnk2p9339ti393yi"],
        kind=AccountKind.DEPOSIT,
        native_kind="deposits",
        status=AccountStatus.OPEN,
        native_status="open",
        name="My first account!",
        currency="USD",
        program_id="program_i2v2os4mwza1oetokh9i",
        opened_at=datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC),
    ),
    "account-numbers-get": AccountNumber(
        id="account_number_v18nkfqm6afpsrvy82b2",
        account_id="account_in71c4amph0vgo2qllky",
        name="ACH",
        status=AccountNumberStatus.ACTIVE,
        native_status="active",
    ),
}


# The types of the schema `error` in the OpenAPI document, each with its status, and the
# members that some of them have. https://increase.com/documentation/api
def _error(status: int, type: str, **members: Any) -> dict[str, Any]:
    title = {"title": "No.", "detail": "Not so.", "status": status}
    return {"type": type, **title, **members}


_FIELDS = [
    {"field": "natural_person.address.zip", "message": "is odd"},
    {"field": "natural_person.identification.number", "message": "is short"},
    {"field": "natural_person.identification.passport.country", "message": "is new"},
]
ERRORS = (
    *(
        PrintedError(
            status=status,
            body=_error(status, type),
            headers={"x-request-id": "r-1"},
            problem=Problem(kind=kind, code=type, message="Not so.", request_id="r-1"),
        )
        for status, type, kind in (
            (401, "invalid_api_key_error", AuthenticationFailed),
            (403, "environment_mismatch_error", AuthenticationFailed),
            (403, "insufficient_permissions_error", AuthenticationFailed),
            (403, "private_feature_error", AuthenticationFailed),
            (404, "object_not_found_error", NotFound),
            (409, "idempotency_key_already_used_error", AlreadyExists),
            (409, "invalid_operation_error", Conflict),
            (400, "malformed_request_error", Rejected),
            (500, "internal_server_error", ProviderUnavailable),
        )
    ),
    PrintedError(
        status=429,
        body=_error(429, "rate_limited_error", retry_after=7),
        problem=Problem(kind=RateLimited, code="rate_limited_error", retry_after=7.0),
    ),
    PrintedError(
        status=400,
        body=_error(400, "invalid_parameters_error", errors=_FIELDS),
        problem=Problem(
            kind=Rejected,
            code="invalid_parameters_error",
            field_errors={
                "addresses[0].postal_code": ("is odd",),
                "ssn": ("is short",),
                "government_ids[0].country": ("is new",),
            },
        ),
    ),
    PrintedError(
        status=400,
        body=_error(
            400,
            "invalid_parameters_error",
            errors=[{"field": "name", "message": "is long"}],
        ),
        problem=Problem(kind=Rejected, field_errors={"name": ("is long",)}),
        feature="accounts.create",
    ),
)


# The schema `event`: its category, and the type and id of what it is about.
_KINDS = {
    "entity.created": EventKind.CUSTOMER_CREATED,
    "entity.updated": EventKind.CUSTOMER_UPDATED,
    "account.created": EventKind.ACCOUNT_OPENED,
    "account.updated": EventKind.ACCOUNT_UPDATED,
    "transaction.created": EventKind.TRANSACTION_CREATED,
    "pending_transaction.created": EventKind.TRANSACTION_CREATED,
    "pending_transaction.updated": EventKind.TRANSACTION_UPDATED,
    "card.created": EventKind.UNKNOWN,
}
_IDS = {
    "entity": "customer_id",
    "account": "account_id",
    "transaction": "transaction_id",
    "pending_transaction": "transaction_id",
}


def _printed_event(category: str, kind: EventKind) -> PrintedEvent:
    thing = category.partition(".")[0]
    about = f"{thing}_in71c4amph0vgo2qllky"
    ids = {_IDS[thing]: about} if thing in _IDS else {}
    return PrintedEvent(
        body={
            "associated_object_id": about,
            "associated_object_type": thing,
            "category": category,
            "created_at": "2020-01-31T23:59:59Z",
            "id": "event_001dzz0r20rzr4zrhrr1364hy80",
            "type": "event",
        },
        events=[
            Event(
                provider="increase",
                id="event_001dzz0r20rzr4zrhrr1364hy80",
                kind=kind,
                native_kind=category,
                object_id=about,
                occurred_at=datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC),
                dedupe_key="",  # the kit does not compare it
                **ids,  # type: ignore[arg-type] # the ids are texts
            )
        ],
    )


EVENTS = tuple(_printed_event(category, kind) for category, kind in _KINDS.items())
