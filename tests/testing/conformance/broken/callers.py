"""Adapters that handle errors and repeats otherwise, are not pure, or are not discreet."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME, KEY
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    acme,
    aside,
    asking,
    catching,
    declaring,
    repeating,
    sending,
)

from anybank.adapter.problems import Problem, by_status
from anybank.declaration import Feature
from anybank.errors import AnybankError, Conflict, RateLimited, Rejected
from anybank.model.customers import Customer

_COUNT = count()
_LOG = logging.getLogger("broken")
_MADE_UP = Customer(id="made-up", provider="acme")


@frozen(kw_only=True)
class Talkative:
    """A customer that shows who it is."""

    id: str
    first_name: str | None
    last_name: str | None

    def __repr__(self) -> str:
        return f"<{self.first_name} {self.last_name}>"


def _talkative(self: Any, query: Any) -> Flow:
    found = yield from Acme.get_customer(self, query)
    return Talkative(
        id=found.id, first_name=found.first_name, last_name=found.last_name
    )


def _told_off(query: Any) -> Any:
    raise Rejected(f"cannot take {query.new.last_name}")


def _kept(self: Any, query: Any) -> Flow:
    try:
        return (yield from Acme.create_customer(self, query))
    except AnybankError as error:
        error.query = [query.new.last_name]  # type: ignore[attr-defined] # that is the slip
        raise


def _always_rejected(_self: Any, status: int, code: str | None) -> type[Any]:
    return Rejected


def _as_written(self: Any, response: Any) -> Problem | None:
    if response.ok:
        return None
    said = response.json()["error"]
    return Problem(kind=self.problem_kind(response.status, said["code"]))


def _status_alone(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and evolve(problem, kind=by_status(response.status))


def _known_codes(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    known = problem and problem.code in ACME.errors
    return problem if known or not problem else evolve(problem, code=None)


def _wordless(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and Problem(kind=problem.kind)


def _repeating(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and evolve(problem, message=response.text)


def _written_out(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    if problem is None or b'"message"' not in response.content:
        return problem
    said = response.json()
    inside = said.get("error") if isinstance(said, dict) else None
    words = inside.get("message") if isinstance(inside, dict) else None
    return evolve(problem, message=str(words))


def _html_is_mine(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and evolve(problem, kind=by_status(response.status))


def _never_unavailable(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    failed = problem and response.status >= 500
    return evolve(problem, kind=Rejected) if failed and problem else problem


def _impatient(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    many = problem and response.status == 429
    return evolve(problem, kind=Conflict) if many and problem else problem


def _keyless(_query: Any, request: Any) -> Any:
    return evolve(request, query={}, headers={})


def _without_references(self: Any, query: Any) -> Flow:
    page = yield from Acme.list_customers(self, query)
    return evolve(page, items=[evolve(each, external_id=None) for each in page.items])


def _ownerless(self: Any, query: Any) -> Flow:
    page = yield from Acme.list_accounts(self, query)
    return evolve(page, items=[evolve(each, customer_ids=()) for each in page.items])


def _in_the_path(query: Any, request: Any) -> Any:
    return evolve(request, path=f"/people/{query.new.last_name}", query={})


BROKEN: Table = {
    "uses random": ("flows_perform_no_io", lambda: aside(lambda _: random.random())),  # noqa: S311
    "uses the clock": ("flows_perform_no_io", lambda: aside(lambda _: time.time())),
    "asks what day it is": (
        "flows_perform_no_io",
        lambda: aside(lambda _: datetime.now()),  # noqa: DTZ005
    ),
    "opens a socket": (
        "flows_perform_no_io",
        lambda: aside(lambda _: socket.socket().close()),
    ),
    "reads a file": (
        "flows_perform_no_io",
        lambda: aside(lambda _: Path(__file__).read_text("utf-8")),
    ),
    "draws bytes from the system": (
        "flows_perform_no_io",
        lambda: aside(lambda _: os.urandom(4)),
    ),
    "keeps state between calls": (
        "same_query_builds_same_request",
        lambda: sending("create_customer", lambda body: {**body, "n": next(_COUNT)}),
    ),
    "puts a name into the URL": (
        "urls_hold_no_personal_data",
        lambda: asking("create_customer", _in_the_path),
    ),
    "puts an e-mail address into a header": (
        "headers_hold_no_personal_data",
        lambda: asking(
            "start_kyc",
            lambda query, request: request.with_headers(x_mail=query.start.email or ""),
        ),
    ),
    "logs a body": (
        "logs_hold_no_personal_data",
        lambda: aside(lambda query: _LOG.debug("%s", query.new.last_name)),
    ),
    "prints a name": (
        "nothing_is_printed",
        lambda: aside(lambda query: print(query.new.last_name)),  # noqa: T201
    ),
    "returns a value that shows a name": (
        "reprs_hold_no_personal_data",
        lambda: acme(get_customer=_talkative),
    ),
    "writes the SSN as a plain text": (
        "requests_are_masked",
        lambda: sending(
            "create_customer", lambda body: {**body, "ssn": body["ssn"].reveal()}
        ),
    ),
    "leaks a name in an error": (
        "errors_hold_no_personal_data",
        lambda: aside(_told_off),
    ),
    "keeps a name beside an error": (
        "errors_hold_no_personal_data",
        lambda: acme(create_customer=_kept),
    ),
    "takes every status for a rejection": (
        "error_codes_map_to_error_classes",
        lambda: acme(problem_kind=_always_rejected),
    ),
    "gives a code a class that is no ProviderError": (
        "error_codes_map_to_error_classes",
        lambda: declaring(errors={"bad_person": ValueError}),
    ),
    "expects every error to be the vendor's own": (
        "error_statuses_become_provider_errors",
        lambda: acme(problem=_as_written),
    ),
    "takes a proxy's page for the vendor's answer": (
        "html_404_pages_are_unexpected",
        lambda: acme(problem=_html_is_mine),
    ),
    "copies the body into its message": (
        "errors_never_quote_records",
        lambda: acme(problem=_repeating),
    ),
    "writes an object out as its message": (
        "errors_never_quote_records",
        lambda: acme(problem=_written_out),
    ),
    "takes a failure for a refusal": (
        "server_errors_have_an_unknown_outcome",
        lambda: acme(problem=_never_unavailable),
    ),
    "does not look at codes": (
        "declared_codes_become_their_class",
        lambda: acme(problem=_status_alone),
    ),
    "loses a code that is new": (
        "unknown_codes_follow_the_status",
        lambda: acme(problem=_known_codes),
    ),
    "loses the vendor's words": (
        "simulator_rejections_are_explained",
        lambda: acme(problem=_wordless),
    ),
    "retries a create itself": (
        "unknown_outcomes_are_not_retried",
        lambda: catching("create_customer", AnybankError, lambda request: request),
    ),
    "makes a customer up when the outcome is unknown": (
        "unknown_outcomes_are_reported",
        lambda: catching("create_customer", AnybankError, lambda _: _MADE_UP),
    ),
    "swallows 409": (
        "rejections_raise_errors",
        lambda: catching("create_customer", Conflict, lambda _: _MADE_UP),
    ),
    "takes 429 for a conflict": (
        "rate_limited_calls_are_retried",
        lambda: acme(problem=_impatient),
    ),
    "swallows a long wait": (
        "long_retry_after_reaches_the_caller",
        lambda: catching("create_customer", RateLimited, lambda _: _MADE_UP),
    ),
    "declares a read that may not be repeated": (
        "lost_reads_are_retried",
        lambda: repeating(Feature.CUSTOMERS_GET, "none"),
    ),
    "declares replays where there are none": (
        "repeatable_writes_are_retried",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "replays", header=KEY),
    ),
    "declares a create natural": (
        "natural_writes_have_one_effect",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "natural"),
    ),
    "leaves the key out": (
        "idempotency_key_is_sent",
        lambda: asking("create_account", _keyless),
    ),
    "declares a refusal where it is answered again": (
        "repeated_keys_have_one_effect",
        lambda: repeating(Feature.ACCOUNTS_CREATE, "rejects_duplicate", header=KEY),
    ),
    "declares replays and sends no key": (
        "lost_creates_are_replayed_by_key",
        lambda: repeating(Feature.CUSTOMERS_CREATE, "replays", header=KEY),
    ),
    "declares a header and no keys": (
        "idempotency_key_is_sent",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "none", header=KEY),
    ),
    "declares a header and sends no key": (
        "idempotency_key_is_sent",
        lambda: repeating(
            Feature.CREDIT_APPLICATIONS_CREATE, "rejects_duplicate", header=KEY
        ),
    ),
    "lists accounts without their customers": (
        "resolve_finds_lost_creates_by_content",
        lambda: acme(list_accounts=_ownerless),
    ),
    "lists whoever there is for a key": (
        "resolve_finds_lost_creates_by_key",
        lambda: repeating(
            Feature.CUSTOMERS_CREATE, "replays", header=KEY, listed_by_key=True
        ),
    ),
    "lists nobody's reference": (
        "resolve_finds_lost_creates_by_reference",
        lambda: acme(list_customers=_without_references),
    ),
}
