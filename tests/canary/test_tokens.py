"""No call with an access token exposes the token, or the secret that it was issued for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.canary import canaries as c
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.tracker import reported
from tests.testing.conformance.acme.tokens import TokenAcme

from anybank import AnybankError

ISSUED = {"access_token": c.IDENTITY, "expires_in": 3600}
Respond = Callable[[httpx.Request], httpx.Response]


def is_token_request(request: httpx.Request) -> bool:
    return request.url.path.endswith("/token")


def quoted(status: int, request: httpx.Request) -> httpx.Response:
    """Return an error whose text repeats the credentials of the request."""
    text = f"{request.headers.get('authorization')} {request.content.decode()} refused"
    return httpx.Response(status, json={"error": {"code": "no", "message": text}})


def issuing(then: Respond) -> Respond:
    """Issue a token, and respond to the operation."""

    def answer(request: httpx.Request) -> httpx.Response:
        if is_token_request(request):
            return httpx.Response(200, json=ISSUED)
        return then(request)

    return answer


ANSWERS: dict[str, Respond] = {
    "success": issuing(lambda _: httpx.Response(200, json={"id": "p-1"})),
    "a refused operation": issuing(lambda request: quoted(400, request)),
    "a refused token": issuing(lambda request: quoted(401, request)),
    "refused credentials": lambda request: quoted(401, request),
    "a token that cannot be read": lambda _: httpx.Response(200, json=[c.IDENTITY]),
    "a failing token endpoint": lambda request: quoted(503, request),
}


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_nothing_escapes(
    answer: str, *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs, reprs, URLs, exceptions and observers show neither token nor secret."""
    observed: list[Any] = []
    exposure = perform(
        TokenAcme,
        lambda bank: bank.customers.get("p-1"),
        sync=sync,
        answer=ANSWERS[answer],
        observers=[observed.append],
    )
    assert_nothing_escaped(exposure, caplog)
    assert not c.canaries_in(repr(observed))
    assert (exposure.error is None) == (answer == "success")
    if isinstance(exposure.error, AnybankError):
        assert not c.canaries_in(reported(exposure.error))


def test_the_requests_hold_the_canaries() -> None:
    """What the search above searches for was sent."""
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(
            f"{request.headers.get('authorization')} {request.content.decode()}"
        )
        return ANSWERS["success"](request)

    perform(TokenAcme, lambda bank: bank.customers.get("p-1"), sync=True, answer=answer)
    assert len(sent) == 2
    assert all(c.canaries_in(text) for text in sent)
