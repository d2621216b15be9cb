"""Operations that end a record: the state of the record decides."""

from __future__ import annotations

from typing import Any

import pytest

from anybank.adapter.settling import settle
from anybank.adapter.wire import Flow, Response, get, post
from anybank.errors import Conflict, ProviderUnavailable, UnexpectedResponse


def _ended(state: str) -> bool:
    return state == "closed"


def _flow(request: Any) -> Flow[str]:
    return (yield request).text


def _run(*answers: str | Exception) -> Any:
    """Run the close of an account with these answers; return the methods and the result."""
    flow = settle(_flow(post("/accounts/1/close")), _flow(get("/accounts/1")), _ended)
    request, methods = next(flow), []
    for answer in answers:
        methods.append(request.method)
        try:
            if isinstance(answer, Exception):
                request = flow.throw(answer)
            else:
                request = flow.send(Response(status=200, content=answer.encode()))
        except StopIteration as finished:
            return methods, finished.value
    raise AssertionError(request)


def test_a_success_that_shows_the_end_is_enough() -> None:
    """One request closes a record."""
    assert _run("closed") == (["POST"], "closed")


def test_a_refused_repeat_is_a_success_if_the_record_has_ended() -> None:
    """After a conflict the record is read back."""
    assert _run(Conflict("no", status=409), "closed") == (["POST", "GET"], "closed")


def test_a_refusal_of_an_open_record_is_raised() -> None:
    """The vendor's own error reaches the caller."""
    with pytest.raises(Conflict, match="has money"):
        _run(Conflict("has money", status=409), "open")


def test_a_success_that_shows_another_state_is_unexpected() -> None:
    """A status of 200 alone ends nothing."""
    with pytest.raises(UnexpectedResponse, match="state"):
        _run("open")


def test_another_error_is_not_settled() -> None:
    """An outage leaves the outcome unknown, and nothing is read back."""
    with pytest.raises(ProviderUnavailable):
        _run(ProviderUnavailable("down", status=503))
