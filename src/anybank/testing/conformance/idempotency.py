"""Checks of declared idempotency: what repeating a write does at the vendor."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from ...declaration.idempotency import Idempotency
from ...errors import AnybankError
from .operations import Operation, capture_query, declared_operations
from .purity import requests_of
from .recorder import NotApplicable, body_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject
from .token_grants import grant

_KEYED = ("replays", "rejects_duplicate")
_NO_KEYED_WRITE = "no write is declared `replays` or `rejects_duplicate`"


def idempotency_of(subject: Subject, operation: Operation) -> Idempotency:
    """Return the declared idempotency of an operation."""
    return subject.declared.feature(operation.feature).idempotency


@check()
def natural_writes_have_one_effect(subject: Subject) -> None:
    """Repeating a write that is declared natural gives the same result."""
    examined = 0
    for operation, _ in declared_operations(subject, Operation.is_write):
        if idempotency_of(subject, operation).kind != "natural":
            continue
        examined += 1
        scenario = Scenario.of(subject)
        operation.prepare(scenario)
        first, second = operation.outcome(scenario), operation.outcome(scenario)
        # The repeat of a deletion may answer 404, which the client counts as success.
        is_same = _is_same(first, second) or operation.verb == "delete"
        require(
            not isinstance(first, AnybankError) and is_same,
            f"{operation.name} is declared natural, but repeating it gave another "
            "result. Declare what the vendor's page says about repeating it, or `none` "
            "where it says nothing.",
        )
    if not examined:
        raise NotApplicable("no write is declared natural")


def _is_same(first: Any, second: Any) -> bool:
    """Return True if two values are equal apart from the time of their last update."""
    if getattr(first, "updated_at", None):
        # A vendor may stamp each update, although nothing changed.
        first, second = (evolve(value, updated_at=None) for value in (first, second))
    return bool(first == second)


@check()
def idempotency_key_is_sent(subject: Subject) -> None:
    """A write that is declared idempotent by key sends the query's key where declared."""
    examined = 0
    for operation, scenario in declared_operations(subject, Operation.is_write):
        idempotency = idempotency_of(subject, operation)
        if idempotency.kind not in _KEYED and idempotency.header is None:
            continue
        require(
            idempotency.kind in _KEYED,
            f"{operation.name} is declared {idempotency.kind!r} with the header "
            f"{idempotency.header}, so a caller's key is refused. Declare `replays` or "
            "`rejects_duplicate`, or remove the header.",
        )
        examined += 1
        query, recorder = capture_query(operation, scenario)
        key = _key_of(query)
        require(
            key is not None,
            f"{operation.name} is declared {idempotency.kind!r}, but its query has no "
            "key. Declare `natural` or `none`.",
        )
        request = recorder.requests[recorder.reads_before_write]
        header = idempotency.header
        place = f"the header {header}" if header else "the body"
        sent = request.headers.get(header.lower()) if header else body_of(request)
        require(
            str(key) in str(sent or ""),
            f"{operation.name} is declared {idempotency.kind!r}, but does not send the "
            f"query's key. Put query.idempotency_key into {place}.",
        )
    if not examined:
        raise NotApplicable(_NO_KEYED_WRITE)


def _key_of(query: Any) -> str | None:
    start = getattr(query, "start", None)
    key: str | None = getattr(query, "idempotency_key", None)
    return key or getattr(start, "idempotency_key", None)


@check()
def repeated_keys_have_one_effect(subject: Subject) -> None:
    """The same request sent twice is replayed or rejected as declared, with one effect."""
    examined = 0
    for operation, scenario in declared_operations(subject, Operation.is_write):
        idempotency = idempotency_of(subject, operation)
        if idempotency.kind not in _KEYED:
            continue
        examined += 1
        query, recorder = capture_query(operation, scenario)
        # The second request goes directly to the simulator, since the client repeats a
        # request only after a failure.
        before = recorder.effects
        adapter = subject.instance()
        request = requests_of(adapter, operation.method, query, [])[0]
        response = recorder(as_sent(scenario, adapter, request))
        is_rejected = not response.ok
        require(
            recorder.effects == before
            and is_rejected == (idempotency.kind == "rejects_duplicate"),
            f"{operation.name} is declared {idempotency.kind!r}, but its request sent "
            f"twice was {'rejected' if is_rejected else 'accepted'}, with "
            f"{recorder.effects} effects in all. Declare what the vendor's page says "
            "about a repeated key.",
        )
    if not examined:
        raise NotApplicable(_NO_KEYED_WRITE)


def as_sent(scenario: Scenario, adapter: Any, request: Any) -> Any:
    """Return a request as the library sends it: authenticated and with the base path."""
    authenticated = adapter.authenticate(request, adapter.options)
    if adapter.uses_tokens:
        token = grant(adapter, scenario.recorder.simulator).value
        authenticated = adapter.authorize(authenticated, token)
    authenticated = authenticated.prepared()
    headers = {
        name: str(value.reveal()) if hasattr(value, "reveal") else value
        for name, value in authenticated.headers.items()
    }
    return evolve(
        authenticated,
        path=scenario.recorder.base_path + authenticated.path,
        query=dict(authenticated.query),
        headers=headers,
        body=authenticated.body,
    )
