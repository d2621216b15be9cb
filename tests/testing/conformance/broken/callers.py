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
    "uses random": ("flows_are_pure", lambda: aside(lambda _: random.random())),  # noqa: S311
    "uses the clock": ("flows_are_pure", lambda: aside(lambda _: time.time())),
    "asks what day it is": (
        "flows_are_pure",
        lambda: aside(lambda _: datetime.now()),  # noqa: DTZ005
    ),
    "opens a socket": (
        "flows_are_pure",
        lambda: aside(lambda _: socket.socket().close()),
    ),
    "reads a file": (
        "flows_are_pure",
        lambda: aside(lambda _: Path(__file__).read_text("utf-8")),
    ),
    "draws bytes from the system": (
        "flows_are_pure",
        lambda: aside(lambda _: os.urandom(4)),
    ),
    "keeps state between calls": (
        "the_same_question_is_the_same_request",
        lambda: sending("create_customer", lambda body: {**body, "n": next(_COUNT)}),
    ),
    "puts a name into the URL": (
        "nothing_personal_is_in_a_url",
        lambda: asking("create_customer", _in_the_path),
    ),
    "puts an e-mail address into a header": (
        "nothing_personal_is_in_a_header",
        lambda: asking(
            "start_kyc",
            lambda query, request: request.with_headers(x_mail=query.start.email or ""),
        ),
    ),
    "logs a body": (
        "nothing_personal_is_logged",
        lambda: aside(lambda query: _LOG.debug("%s", query.new.last_name)),
    ),
    "prints a name": (
        "nothing_personal_is_printed",
        lambda: aside(lambda query: print(query.new.last_name)),  # noqa: T201
    ),
    "returns a value that shows a name": (
        "nothing_personal_is_in_a_repr",
        lambda: acme(get_customer=_talkative),
    ),
    "writes the SSN as a plain text": (
        "questions_and_requests_are_masked",
        lambda: sending(
            "create_customer", lambda body: {**body, "ssn": body["ssn"].reveal()}
        ),
    ),
    "leaks a name in an error": (
        "nothing_personal_is_in_an_error",
        lambda: aside(_told_off),
    ),
    "keeps a name beside an error": (
        "nothing_personal_is_in_an_error",
        lambda: acme(create_customer=_kept),
    ),
    "takes every status for a rejection": (
        "error_codes_have_classes",
        lambda: acme(problem_kind=_always_rejected),
    ),
    "gives a code a class that is no ProviderError": (
        "error_codes_have_classes",
        lambda: declaring(errors={"bad_person": ValueError}),
    ),
    "expects every error to be the vendor's own": (
        "every_refusal_is_an_error",
        lambda: acme(problem=_as_written),
    ),
    "takes a proxy's page for the vendor's answer": (
        "a_page_of_html_is_not_the_vendors",
        lambda: acme(problem=_html_is_mine),
    ),
    "copies the body into its message": (
        "a_record_is_not_an_error",
        lambda: acme(problem=_repeating),
    ),
    "writes an object out as its message": (
        "a_record_is_not_an_error",
        lambda: acme(problem=_written_out),
    ),
    "takes a failure for a refusal": (
        "a_failure_of_the_vendor_is_unclear",
        lambda: acme(problem=_never_unavailable),
    ),
    "does not look at codes": (
        "every_code_becomes_its_class",
        lambda: acme(problem=_status_alone),
    ),
    "loses a code that is new": (
        "new_codes_go_by_their_status",
        lambda: acme(problem=_known_codes),
    ),
    "loses the vendor's words": (
        "what_the_simulator_refuses_is_told",
        lambda: acme(problem=_wordless),
    ),
    "retries a create itself": (
        "a_create_is_never_sent_twice",
        lambda: catching("create_customer", AnybankError, lambda request: request),
    ),
    "makes a customer up when the outcome is unknown": (
        "an_unclear_create_is_told",
        lambda: catching("create_customer", AnybankError, lambda _: _MADE_UP),
    ),
    "swallows 409": (
        "refusals_are_told",
        lambda: catching("create_customer", Conflict, lambda _: _MADE_UP),
    ),
    "takes 429 for a conflict": (
        "too_many_calls_are_waited_for",
        lambda: acme(problem=_impatient),
    ),
    "swallows a long wait": (
        "a_long_wait_is_the_callers",
        lambda: catching("create_customer", RateLimited, lambda _: _MADE_UP),
    ),
    "declares a read that may not be repeated": (
        "reads_are_repeated",
        lambda: repeating(Feature.CUSTOMERS_GET, "none"),
    ),
    "declares replays where there are none": (
        "what_is_repeatable_is_repeated",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "replays", header=KEY),
    ),
    "declares a create natural": (
        "what_is_natural_has_the_same_effect",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "natural"),
    ),
    "leaves the key out": (
        "the_idempotency_key_is_sent",
        lambda: asking("create_account", _keyless),
    ),
    "declares a refusal where it is answered again": (
        "a_used_key_has_no_second_effect",
        lambda: repeating(Feature.ACCOUNTS_CREATE, "rejects_duplicate", header=KEY),
    ),
    "declares replays and sends no key": (
        "a_lost_create_is_answered_by_its_key",
        lambda: repeating(Feature.CUSTOMERS_CREATE, "replays", header=KEY),
    ),
    "declares a header and no keys": (
        "the_idempotency_key_is_sent",
        lambda: repeating(Feature.CREDIT_APPLICATIONS_CREATE, "none", header=KEY),
    ),
    "declares a header and sends no key": (
        "the_idempotency_key_is_sent",
        lambda: repeating(
            Feature.CREDIT_APPLICATIONS_CREATE, "rejects_duplicate", header=KEY
        ),
    ),
    "lists accounts without their customers": (
        "a_lost_create_is_found_by_its_content",
        lambda: acme(list_accounts=_ownerless),
    ),
    "lists whoever there is for a key": (
        "a_lost_create_is_found_by_its_key",
        lambda: repeating(
            Feature.CUSTOMERS_CREATE, "replays", header=KEY, listed_by_key=True
        ),
    ),
    "lists nobody's reference": (
        "a_lost_create_is_found_by_its_reference",
        lambda: acme(list_customers=_without_references),
    ),
}
