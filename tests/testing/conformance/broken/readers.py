"""Adapters that read a response, a page or an event incorrectly."""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme import reading, writing
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.hooks import KINDS, AcmeWebhooks
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    catching_error,
    subject_of,
    with_fields,
    with_request,
    with_result,
    with_webhooks,
)

from anybank.adapter.signatures import Signed, digest
from anybank.adapter.wire import delete, get, post, segment
from anybank.errors import NotFound
from anybank.model.addresses import AddressKind
from anybank.model.customers import Customer
from anybank.model.kyc import KycStatus
from anybank.model.money import Money
from anybank.model.pages import Page

CASSETTES = Path(__file__).parent / "cassettes"
_COUNT = count()


def _coerced(self: Any, query: Any) -> Flow:
    response = yield get(f"/people/{query.id}")
    raw = response.json()
    return reading.customer({**raw, "family": str(raw["family"])})


def _income(self: Any, query: Any) -> Flow:
    response = yield get(f"/applications/{query.id}")
    raw = response.json()
    income = raw.pop("income", None)
    result = reading.application(raw)
    return evolve(result, total_annual_income=income and Money(int(income)), raw=raw)


def _unquoted(self: Any, query: Any) -> Flow:
    response = yield get(f"/people/{query.id}")
    return reading.customer(response.json())


def _status_by_index(self: Any, query: Any) -> Flow:
    check = yield from Acme.get_kyc(self, query)
    known = {"WAITING": KycStatus.SUBMITTED}
    return evolve(check, status=known.get(check.raw["state"], KycStatus.PASSED))


def _under_asyncio(self: Any, query: Any) -> Flow:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return (yield from Acme.get_customer(self, query))
    response = yield get(f"/people/{query.id}", query={"fast": 1})
    return reading.customer(response.json())


def _believing(_self: Any, query: Any) -> Flow:
    yield delete(f"/people/{segment(query.id)}")


def _as_asked(self: Any, query: Any) -> Flow:
    result = yield from Acme.get_customer(self, query)
    return evolve(result, id=query.id)


def _created_strictly(_self: Any, query: Any) -> Flow:
    response = yield post("/people", writing.person(query.new))
    return reading.customer(response.json())


def _listed_strictly(_self: Any, query: Any) -> Flow:
    page = {"after": query.token, "limit": query.page_size}
    raw = (yield get("/people", query=page)).json()
    return Page(list(map(reading.customer, raw["items"])), raw["next"])


def _unnamed(_self: Any, query: Any) -> Flow:
    page = {"after": query.token, "limit": query.page_size}
    raw = (yield get("/people", query=page)).json()
    return reading.page(raw, reading.WirePerson, reading.build_customer, {})


def _own_place(self: Any, query: Any) -> Flow:
    place = getattr(self, "place", None)
    response = yield get("/people", query={"after": place, "limit": query.page_size})
    page = reading.customers(response.json())
    self.place = page.next_token
    return page


def _all_in_one(_self: Any, query: Any) -> Flow:
    result: list[Customer] = []
    token = query.token
    while True:
        response = yield get("/people", query={"after": token, "limit": 2})
        page = reading.customers(response.json())
        result += page.items
        token = page.next_token
        if token is None:
            return Page(result)


def _by_position(self: Any, query: Any) -> Flow:
    raw = (yield get("/people", query={"limit": 10})).json()
    start = int(query.token or 0)
    end = start + (query.page_size or 2)
    page = reading.customers({**raw, "items": raw["items"][start:end]})
    return evolve(page, next_token=str(end) if end < len(raw["items"]) else None)


def _ended_by_a_short_page(self: Any, query: Any) -> Flow:
    page = yield from Acme.list_customers(self, query)
    is_short = len(page.items) < (query.page_size or 2)
    return evolve(page, next_token=None) if is_short else page


def _endless(_self: Any, query: Any) -> Flow:
    page = yield from Acme.list_customers(_self, query)
    return evolve(page, next_token=f"{query.token}x")


def _any_event(self: Any, raw: Any, body: bytes) -> Any:
    raw = {"event": raw["event"]}
    return AcmeWebhooks.event(self, raw, body)


def _known_event(self: Any, raw: Any, body: bytes) -> Any:
    result = AcmeWebhooks.event(self, raw, body)
    return evolve(result, kind=KINDS[str(result.native_kind)])


def _counted_event(self: Any, raw: Any, body: bytes) -> Any:
    result = AcmeWebhooks.event(self, raw, body)
    return evolve(result, dedupe_key=f"event-{next(_COUNT)}")


def _other_header(_self: Any, body: bytes, secret: str, timestamp: int) -> Any:
    return {"X-Signature": digest(secret, body)}


def _body_alone(self: Any, headers: Any, body: bytes) -> Signed:
    result = AcmeWebhooks.signed(self, headers, body)
    return evolve(result, messages=[body])


def _sign_alone(_self: Any, body: bytes, secret: str, timestamp: int) -> Any:
    return {"Acme-Signature": f"t={timestamp},s={digest(secret, body)}"}


def _an_hour_late(self: Any, headers: Any, body: bytes) -> Signed:
    result = AcmeWebhooks.signed(self, headers, body)
    return evolve(result, timestamp=(result.timestamp or 0) + 3600)


BROKEN: Table = {
    'reads null as the text "None"': (
        "null_fields_read_as_none",
        lambda: with_fields(
            "get_customer", first_name=lambda raw: str(raw.get("given"))
        ),
    ),
    "raises KeyError on a missing optional": (
        "absent_fields_read_as_none",
        lambda: with_fields("get_customer", first_name=lambda raw: raw["given"]),
    ),
    "discards the raw object": (
        "unknown_fields_stay_in_raw",
        lambda: with_fields("get_customer", raw=lambda raw: {}),
    ),
    "converts numbers to text": (
        "numbers_are_not_read_as_text",
        lambda: broken_acme(get_customer=_coerced),
    ),
    "converts text to numbers": (
        "text_is_not_read_as_a_number",
        lambda: broken_acme(get_credit_application=_income),
    ),
    "reads an unknown kind of address as HOME": (
        "unknown_enum_values_read_as_unknown",
        lambda: with_result(
            "get_customer",
            lambda result: evolve(
                result,
                addresses=[
                    evolve(item, kind=AddressKind.HOME)
                    if item.kind is AddressKind.UNKNOWN
                    else item
                    for item in result.addresses
                ],
            ),
        ),
    ),
    "reads an unknown status as passed": (
        "unknown_statuses_read_as_unknown",
        lambda: broken_acme(get_kyc=_status_by_index),
    ),
    "has no word of the vendor in its table of statuses": (
        "unknown_statuses_read_as_unknown",
        lambda: with_fields("get_kyc", status=lambda _: KycStatus.UNKNOWN),
    ),
    "returns naive times": (
        "times_have_a_time_zone",
        lambda: with_fields(
            "get_customer",
            created_at=lambda raw: datetime(2024, 3, 1),  # noqa: DTZ001
        ),
    ),
    "invents a missing customer": (
        "unknown_ids_raise_not_found",
        lambda: catching_error(
            "get_customer", NotFound, lambda _: Customer(id="made-up", provider="acme")
        ),
    ),
    "treats the deletion of a missing customer as success": (
        "unknown_ids_raise_not_found",
        lambda: catching_error("delete_customer", NotFound, lambda _: None),
    ),
    "accepts any response to a deletion": (
        "foreign_responses_are_unexpected",
        lambda: broken_acme(delete_customer=_believing),
    ),
    "copies the requested id into the result": (
        "responses_with_another_id_are_unexpected",
        lambda: broken_acme(get_customer=_as_asked),
    ),
    "rejects a page with one unreadable record": (
        "unreadable_records_do_not_hide_others",
        lambda: broken_acme(list_customers=_listed_strictly),
    ),
    "names unreadable fields by the vendor's names": (
        "unreadable_records_do_not_hide_others",
        lambda: broken_acme(list_customers=_unnamed),
    ),
    "rejects a create response with an unreadable field": (
        "created_ids_are_never_lost",
        lambda: broken_acme(create_customer=_created_strictly),
    ),
    "does not quote ids": (
        "ids_are_quoted_in_paths",
        lambda: broken_acme(get_customer=_unquoted),
    ),
    "sends another request under asyncio": (
        "async_bank_matches_bank",
        lambda: broken_acme(get_customer=_under_asyncio),
    ),
    "ends a listing early": (
        "listings_are_complete_and_end",
        lambda: with_result(
            "list_customers", lambda page: evolve(page, next_token=None)
        ),
    ),
    "lists pages for ever": (
        "listings_are_complete_and_end",
        lambda: broken_acme(list_customers=_endless),
    ),
    "lists the first of each page twice": (
        "listings_are_complete_and_end",
        lambda: with_result(
            "list_accounts", lambda page: evolve(page, items=page.items[:1] * 2)
        ),
    ),
    "lists by position although it declares a stable listing": (
        "stable_listings_lose_no_records",
        lambda: broken_acme(list_customers=_by_position),
    ),
    "ends at a short page": (
        "short_pages_lose_no_records",
        lambda: broken_acme(list_customers=_ended_by_a_short_page),
    ),
    "ignores the page size": (
        "page_size_is_respected",
        lambda: with_request(
            "list_accounts",
            lambda query, request: evolve(request, query={"after": query.token}),
        ),
    ),
    "keeps the position of a listing in the adapter": (
        "next_token_resumes_the_listing",
        lambda: broken_acme(list_customers=_own_place),
    ),
    "collects all pages in one flow": (
        "repeated_pages_end_the_listing",
        lambda: broken_acme(list_customers=_all_in_one),
    ),
    "signs with another header than it reads": (
        "signed_webhooks_are_verified",
        lambda: with_webhooks(sign=_other_header),
    ),
    "signs the body without the time": (
        "forged_webhooks_are_rejected",
        lambda: with_webhooks(signed=_body_alone, sign=_sign_alone),
    ),
    "dates a delivery an hour late": (
        "stale_webhooks_are_rejected",
        lambda: with_webhooks(signed=_an_hour_late),
    ),
    "raises KeyError for an unknown kind of event": (
        "unknown_event_kinds_read_as_unknown",
        lambda: with_webhooks(event=_known_event),
    ),
    "expects every webhook body to be an object": (
        "malformed_webhooks_are_read_or_rejected",
        lambda: with_webhooks(event=_any_event),
    ),
    "derives the dedupe key from the delivery": (
        "dedupe_keys_identify_events",
        lambda: with_webhooks(event=_counted_event),
    ),
    "verifies another signature than its simulator sends": (
        "simulator_webhooks_are_verified",
        lambda: with_webhooks(signed=_body_alone, sign=_sign_alone),
    ),
    "has personal data in a cassette": (
        "cassettes_hold_no_personal_data",
        lambda: subject_of(cassettes=CASSETTES / "unmasked"),
    ),
    "has a simulator whose responses differ in shape from its cassettes": (
        "simulator_matches_cassettes",
        lambda: subject_of(cassettes=CASSETTES / "another"),
    ),
}
