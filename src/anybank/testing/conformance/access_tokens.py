"""Checks of access tokens: requested once, sent in a header, and renewed when refused."""

from __future__ import annotations

from typing import Any

from ...adapter.wire import Request, Response
from ...errors import AnybankError
from .operations import Operation, declared_operations
from .recorder import CheckFailed, NotApplicable, Recorder, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject


@check()
def access_tokens_are_sent_and_renewed(subject: Subject) -> None:
    """A token is requested once, sent in a header, and replaced when it is refused."""
    if not subject.instance().uses_tokens:
        raise NotApplicable("the adapter requests no access tokens")
    operation, scenario = next(
        declared_operations(subject, lambda operation: operation.is_read())
    )
    recorder = scenario.recorder
    with subject.bank(recorder, retries=0, with_token=False) as bank:
        _require_success(operation, scenario, bank)
        token_request, *requests = recorder.requests
        _require_used(token_request, requests)
        _require_success(operation, scenario, bank)
        require(
            recorder.requests.count(token_request) == 1,
            "A token is requested for every call. Return an AccessToken from "
            "`request_token`, with `expires_in` in seconds.",
        )
        _refuse_once(recorder, token_request)
        _require_success(operation, scenario, bank)
        require(
            recorder.requests.count(token_request) > 1,
            "A refused token is not replaced. Keep no token in the adapter: the library "
            "requests another one after a response with status 401.",
        )
        first, last = requests[0], recorder.requests[-1]
        require(
            dict(first.headers) != dict(last.headers),
            "After a response with status 401 the refused token is sent again. Send the "
            "token that `authorize` receives, and keep none in the adapter.",
        )


def _require_success(operation: Operation, scenario: Scenario, bank: Any) -> None:
    try:
        operation.run(bank, scenario)
    except AnybankError as error:
        raise CheckFailed(
            f"{operation.name} gave {type(error).__name__} with an access token. Compare "
            "the requests of `request_token` and `authorize` with the simulator's `admit`."
        ) from None


def _require_used(token_request: Request, requests: list[Request]) -> None:
    require(
        requests and token_request.path != requests[0].path,
        "No access token was requested before the first request.",
    )
    require(
        not token_request.query,
        "The request for a token has a query, and URLs are logged. Send the credentials "
        "in its body (`UrlForm`) or as HTTP Basic.",
    )


def _refuse_once(recorder: Recorder, token_request: Request) -> None:
    """Answer the next request of an operation with 401, as if the token were revoked."""
    refused = False

    def rewrite(request: Request, response: Response) -> Response:
        nonlocal refused
        if refused or request.path == token_request.path:
            return response
        refused = True
        return Response(status=401)

    recorder.rewrite = rewrite
