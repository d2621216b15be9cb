"""Banks for the tests of the sandbox, which count their calls."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json


@define
class Counter:
    """A bank that returns the request that it received, and the number of requests so far."""

    base_path: ClassVar[str] = "/v1"
    count: int = 0
    requests: list[Request] = field(factory=list, repr=False)

    def __call__(self, request: Request) -> Response:
        self.count += 1
        self.requests.append(request)
        return answer_json(200, {"count": self.count, "path": request.path})


class Broken(Counter):
    """A bank with a bug."""

    def __call__(self, request: Request) -> Response:
        raise LookupError("900-55-0142")


ASK = Request(method="GET", path="/v1/things")


def body(request: Request) -> Any:
    """Return the bytes of a request."""
    return request.encoded() or b""


@pytest.fixture
def bank() -> Counter:
    """Return a counting bank."""
    return Counter()
