"""Authentication, and the injected failures."""

from __future__ import annotations

from typing import Any

import pytest

from anybank.adapter.wire import Request
from anybank.errors import UnexpectedResponse
from anybank.sensitive import Sensitive

from .conftest import PERSON, App, refusal


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": App().sonder.credentials["token"]},
    ],
)
def test_a_token_is_required(app: App, headers: dict[str, str]) -> None:
    """Without the bearer token every path gets 401, unknown ones too."""
    app.headers = headers
    for path in ("/customer/nobody", "/nothing"):
        assert refusal(app.call("GET", path))[0] == 401


def test_a_masked_token_is_read(app: App) -> None:
    """A token that is a Sensitive value is accepted."""
    app.headers = {"authorization": Sensitive(app.headers["authorization"])}
    assert app.customer()


@pytest.mark.parametrize("path", ["/production/customer/x", "/customer/x", "/"])
def test_an_unknown_environment_is_refused(app: App, path: str) -> None:
    """Another first segment gets 404 (row 29)."""
    answer = app.sonder(Request(method="GET", path=path, headers=app.headers))
    assert refusal(answer) == (404, "no such path")


@pytest.mark.parametrize(
    ("shape", "status", "says"),
    [
        ("enveloped", 500, {"data", "success", "error", "requestId", "log_ref_id"}),
        ("flat", 500, {"type", "message", "documentation_url"}),
        ("text", 500, {"data", "success", "error", "requestId", "log_ref_id"}),
        ("success_false", 200, {"data", "success", "error", "requestId", "log_ref_id"}),
        ("error_set", 200, {"data", "success", "error", "requestId", "log_ref_id"}),
        ("bare", 200, set()),
    ],
)
def test_row_21_failures_have_every_shape(
    app: App, shape: str, status: int, says: set[str]
) -> None:
    """The next request fails in the chosen shape, and the one after it does not."""
    path = app.customer()
    app.sonder.fail_next(shape)
    answer = app.call("GET", path)
    assert (answer.status, answer.json().keys()) == (status, says)
    assert app.call("GET", path).json()["success"] is True


@pytest.mark.parametrize(
    ("shape", "error", "success"),
    [
        ("enveloped", "object", False),
        ("text", "api_error", False),
        ("success_false", "object", False),
        ("error_set", "object", True),
    ],
)
def test_row_21_an_error_may_be_a_text(
    app: App, shape: str, error: str, *, success: bool
) -> None:
    """The member `error` is an object with its type, or the type alone."""
    app.sonder.fail_next(shape)
    body = app.call("GET", "/").json()
    kind = body["error"] if error == "api_error" else body["error"]["type"]
    assert (kind, body["success"]) == ("api_error", success)


@pytest.mark.parametrize("shape", ["html", "plain", "malformed"])
def test_a_response_may_not_be_json(app: App, shape: str) -> None:
    """A proxy's page, a text and the sample without its colon (row 9) are not JSON."""
    app.sonder.fail_next(shape, status=502)
    answer = app.call("GET", "/")
    assert answer.status == (200 if shape == "malformed" else 502)
    with pytest.raises(UnexpectedResponse):
        answer.json()


@pytest.mark.parametrize(("committed", "count"), [(False, 0), (True, 1)])
def test_a_failed_create_may_have_happened(
    app: App, count: int, *, committed: bool
) -> None:
    """A 500 does not show whether the customer was stored."""
    app.sonder.fail_next(status=503, committed=committed)
    assert app.call("POST", "/customer", PERSON).status == 503
    assert len(app.sonder.customer_ids) == count


def test_failures_are_scheduled_in_order(app: App) -> None:
    """Several failures happen one after the other."""
    app.sonder.fail_next("flat", status=500)
    app.sonder.fail_next("html", status=502)
    answers: list[Any] = [app.call("GET", "/").status for _ in range(3)]
    assert answers == [500, 502, 404]


def test_an_unknown_shape_is_refused(app: App) -> None:
    """The error names the misspelt shape and the known ones."""
    with pytest.raises(ValueError, match=r"no such fault: flatt; .*flat"):
        app.sonder.fail_next("flatt")
