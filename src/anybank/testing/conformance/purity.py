"""Checks that a flow depends on nothing but its query and the responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...adapter.base import Adapter
from ...adapter.wire import Request, Response
from ...errors import AnybankError
from .isolation import ForbiddenCall, forbid_side_effects
from .operations import Operation, capture_query, declared_operations
from .recorder import NotApplicable, require
from .registry import check
from .subject import Subject

Captured = tuple[Operation, Any, list[Response]]


def _captured_queries(subject: Subject) -> Iterator[Captured]:
    """Yield each declared operation with its query and the responses to it."""
    examined = False
    for operation, scenario in declared_operations(subject):
        query, recorder = capture_query(operation, scenario)
        if query is not None:
            examined = True
            responses = [exchange.response for exchange in recorder.exchanges]
            yield operation, query, responses
    if not examined:
        raise NotApplicable("no declared operation calls the adapter")


def requests_of(
    adapter: Adapter, method: str, query: Any, responses: Sequence[Response]
) -> list[Request]:
    """Run a flow with prepared responses, and return its requests."""
    requests: list[Request] = []
    try:
        flow = getattr(adapter, method)(query)
        requests.append(next(flow))
        for response in responses:
            problem = adapter.problem(response)
            if problem is None:
                requests.append(flow.send(response))
            else:
                # The driver throws an error into the flow at its yield; so does this.
                requests.append(flow.throw(problem.kind(problem.message)))
    except (StopIteration, AnybankError):
        return requests
    flow.close()
    return requests


@check()
def same_query_builds_same_request(subject: Subject) -> None:
    """The same query always builds the same requests, with a new adapter too."""
    for operation, query, responses in _captured_queries(subject):
        adapter = subject.instance()
        first, *others = (
            requests_of(instance, operation.method, query, responses)
            # Three runs of one adapter show state that a run leaves behind; another
            # instance shows state that a run depends on.
            for instance in (adapter, adapter, adapter, subject.instance())
        )
        require(
            all(requests == first for requests in others),
            f"{operation.method} builds different requests for the same query. Keep no "
            "state in the adapter, and take random or timed values from the query.",
        )


@check()
def flows_perform_no_io(subject: Subject) -> None:
    """A flow opens no socket or file, reads no clock, uses no randomness and prints nothing."""
    for operation, query, responses in _captured_queries(subject):
        adapter = subject.instance()
        requests_of(
            adapter, operation.method, query, responses
        )  # triggers lazy imports
        calls = _forbidden_calls(adapter, operation.method, query, responses)
        require(
            not calls,
            f"{operation.method} calls {', '.join(sorted(calls))}. Take random and timed "
            "values from the query, and leave all I/O to the library.",
        )


def _forbidden_calls(
    adapter: Adapter, method: str, query: Any, responses: Sequence[Response]
) -> set[str]:
    with forbid_side_effects() as calls:
        try:
            requests_of(adapter, method, query, responses)
        except (ForbiddenCall, Exception):  # noqa: BLE001  # the calls are already noted
            return calls
    return calls
