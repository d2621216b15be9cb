"""Adapters that mishandle errors and retries, perform I/O, or leak personal data."""

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
    broken_acme,
    catching_error,
    doing_while_writing,
    with_body,
    with_capabilities,
    with_idempotency,
    with_request,
)

from anybank.adapter.problems import Problem, by_status
from anybank.declaration import Feature
from anybank.errors import AnybankError, Conflict, RateLimited, Rejected
from anybank.model.customers import Customer

_COUNT = count()
_LOG = logging.getLogger("broken")
_INVENTED = Customer(id="invented", provider="acme")


@frozen(kw_only=True)
class Talkative:
    """A customer whose repr shows the name."""

    id: str
    first_name: str | None
    last_name: str | None

    def __repr__(self) -> str:
        return f"<{self.first_name} {self.last_name}>"


def _talkative(self: Any, query: Any) -> Flow:
    customer = yield from Acme.get_customer(self, query)
    return Talkative(
        id=customer.id,
        first_name=customer.first_name,
        last_name=customer.last_name,
    )


def _error_with_name(query: Any) -> Any:
    raise Rejected(f"cannot take {query.new.last_name}")


def _error_with_attribute(self: Any, query: Any) -> Flow:
    try:
        return (yield from Acme.create_customer(self, query))
    except AnybankError as error:
        error.query = [query.new.last_name]  # type: ignore[attr-defined] # the mistake
        raise


def _always_rejected(_self: Any, status: int, code: str | None) -> type[Any]:
    return Rejected


def _as_written(self: Any, response: Any) -> Problem | None:
    if response.ok:
        return None
    error = response.json()["error"]
    return Problem(kind=self.problem_kind(response.status, error["code"]))


def _asks_for_the_body(self: Any, response: Any, request: Any = None) -> Any:
    problem = Acme.problem(self, response, request)
    if problem is None or request is None:
        return problem
    return evolve(problem, message=f"about {sorted(request.body)}")


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


def _codeless(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and evolve(problem, code=None)


def _repeating(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    return problem and evolve(problem, message=response.text)


def _written_out(self: Any, response: Any) -> Problem | None:
    problem = Acme.problem(self, response)
    if problem is None or b'"message"' not in response.content:
        return problem
    body = response.json()
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return evolve(problem, message=str(message))


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
    return evolve(page, items=[evolve(item, external_id=None) for item in page.items])


def _ownerless(self: Any, query: Any) -> Flow:
    page = yield from Acme.list_accounts(self, query)
    return evolve(page, items=[evolve(item, customer_ids=()) for item in page.items])


def _in_the_path(query: Any, request: Any) -> Any:
    return evolve(request, path=f"/people/{query.new.last_name}", query={})


BROKEN: Table = {
    "uses the random module": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: random.random()),  # noqa: S311
    ),
    "reads the clock": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: time.time()),
    ),
    "reads today's date": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: datetime.now()),  # noqa: DTZ005
    ),
    "opens a socket": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: socket.socket().close()),
    ),
    "reads a file": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: Path(__file__).read_text("utf-8")),
    ),
    "reads random bytes from the system": (
        "flows_perform_no_io",
        lambda: doing_while_writing(lambda _: os.urandom(4)),
    ),
    "keeps state between calls": (
        "same_query_builds_same_request",
        lambda: with_body("create_customer", lambda body: {**body, "n": next(_COUNT)}),
    ),
    "puts a name into the URL": (
        "urls_hold_no_personal_data",
        lambda: with_request("create_customer", _in_the_path),
    ),
    "puts an e-mail address into a header": (
        "headers_hold_no_personal_data",
        lambda: with_request(
            "start_kyc",
            lambda query, request: request.with_headers(x_mail=query.start.email or ""),
        ),
    ),
    "logs a body": (
        "logs_hold_no_personal_data",
        lambda: doing_while_writing(
            lambda query: _LOG.debug("%s", query.new.last_name)
        ),
    ),
    "prints a name": (
        "nothing_is_printed",
        lambda: doing_while_writing(lambda query: print(query.new.last_name)),  # noqa: T201
    ),
    "returns a value whose repr shows a name": (
        "reprs_hold_no_personal_data",
        lambda: broken_acme(get_customer=_talkative),
    ),
    "writes the SSN as plain text": (
        "requests_are_masked",
        lambda: with_body(
            "create_customer", lambda body: {**body, "ssn": body["ssn"].reveal()}
        ),
    ),
    "leaks a name in an error": (
        "errors_hold_no_personal_data",
        lambda: doing_while_writing(_error_with_name),
    ),
    "attaches a name to an error as an attribute": (
        "errors_hold_no_personal_data",
        lambda: broken_acme(create_customer=_error_with_attribute),
    ),
    "maps every status to Rejected": (
        "error_codes_map_to_error_classes",
        lambda: broken_acme(problem_kind=_always_rejected),
    ),
    "maps a code to a class that is not a ProviderError": (
        "error_codes_map_to_error_classes",
        lambda: with_capabilities(errors={"bad_person": ValueError}),
    ),
    "expects a body in every request whose error it reads": (
        "error_statuses_become_provider_errors",
        lambda: broken_acme(problem=_asks_for_the_body),
    ),
    "expects every error to be in the vendor's format": (
        "error_statuses_become_provider_errors",
        lambda: broken_acme(problem=_as_written),
    ),
    "treats a proxy's page as the vendor's response": (
        "html_404_pages_are_unexpected",
        lambda: broken_acme(problem=_html_is_mine),
    ),
    "copies the response body into its message": (
        "errors_never_quote_records",
        lambda: broken_acme(problem=_repeating),
    ),
    "uses a JSON object as its message": (
        "errors_never_quote_records",
        lambda: broken_acme(problem=_written_out),
    ),
    "classifies a server error as a rejection": (
        "server_errors_have_an_unknown_outcome",
        lambda: broken_acme(problem=_never_unavailable),
    ),
    "ignores error codes": (
        "declared_codes_become_their_class",
        lambda: broken_acme(problem=_status_alone),
    ),
    "loses an unknown code": (
        "unknown_codes_follow_the_status",
        lambda: broken_acme(problem=_known_codes),
    ),
    "loses the vendor's message": (
        "simulator_rejections_are_explained",
        lambda: broken_acme(problem=_wordless),
    ),
    "loses the code of an error": (
        "simulator_rejections_are_explained",
        lambda: broken_acme(problem=_codeless),
    ),
    "retries a create itself": (
        "unknown_outcomes_are_not_retried",
        lambda: catching_error(
            "create_customer", AnybankError, lambda request: request
        ),
    ),
    "invents a customer when the outcome is unknown": (
        "unknown_outcomes_are_reported",
        lambda: catching_error("create_customer", AnybankError, lambda _: _INVENTED),
    ),
    "swallows 409": (
        "rejections_raise_errors",
        lambda: catching_error("create_customer", Conflict, lambda _: _INVENTED),
    ),
    "classifies 429 as a conflict": (
        "rate_limited_calls_are_retried",
        lambda: broken_acme(problem=_impatient),
    ),
    "swallows a long Retry-After": (
        "long_retry_after_reaches_the_caller",
        lambda: catching_error("create_customer", RateLimited, lambda _: _INVENTED),
    ),
    "declares a read not repeatable": (
        "lost_reads_are_retried",
        lambda: with_idempotency(Feature.CUSTOMERS_GET, "none"),
    ),
    "declares `replays` for a vendor that does not replay": (
        "repeatable_writes_are_retried",
        lambda: with_idempotency(
            Feature.CREDIT_APPLICATIONS_CREATE, "replays", header=KEY
        ),
    ),
    "declares a create `natural`": (
        "natural_writes_have_one_effect",
        lambda: with_idempotency(Feature.CREDIT_APPLICATIONS_CREATE, "natural"),
    ),
    "does not send the idempotency key": (
        "idempotency_key_is_sent",
        lambda: with_request("create_account", _keyless),
    ),
    "declares `rejects_duplicate` for a vendor that replays": (
        "repeated_keys_have_one_effect",
        lambda: with_idempotency(
            Feature.ACCOUNTS_CREATE, "rejects_duplicate", header=KEY
        ),
    ),
    "declares `replays` for customers and sends no key": (
        "lost_creates_are_replayed_by_key",
        lambda: with_idempotency(Feature.CUSTOMERS_CREATE, "replays", header=KEY),
    ),
    "declares a header for a write without keys": (
        "idempotency_key_is_sent",
        lambda: with_idempotency(
            Feature.CREDIT_APPLICATIONS_CREATE, "none", header=KEY
        ),
    ),
    "declares a header and sends no key in it": (
        "idempotency_key_is_sent",
        lambda: with_idempotency(
            Feature.CREDIT_APPLICATIONS_CREATE, "rejects_duplicate", header=KEY
        ),
    ),
    "lists accounts without their customers": (
        "resolve_finds_lost_creates_by_content",
        lambda: broken_acme(list_accounts=_ownerless),
    ),
    "ignores the idempotency key in a listing": (
        "resolve_finds_lost_creates_by_key",
        lambda: with_idempotency(
            Feature.CUSTOMERS_CREATE, "replays", header=KEY, listed_by_key=True
        ),
    ),
    "lists customers without their reference": (
        "resolve_finds_lost_creates_by_reference",
        lambda: broken_acme(list_customers=_without_references),
    ),
    "ignores the reference in a listing": (
        "resolve_finds_lost_creates_by_reference",
        lambda: with_request(
            "list_customers",
            lambda _, request: evolve(
                request,
                query={
                    name: value
                    for name, value in dict(request.query).items()
                    if name != "reference"
                },
            ),
        ),
    ),
    "declares a reference by which nothing can be listed": (
        "resolve_finds_lost_creates_by_reference",
        lambda: with_capabilities(
            features={
                feature: rule
                for feature, rule in ACME.features.items()
                if feature is not Feature.CUSTOMERS_LIST
            }
        ),
    ),
}
