"""The base of every vendor's simulator: stateful, without I/O, its clock handed in."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias
from urllib.parse import unquote

from attrs import define, field, frozen

from ..adapter.wire import Request, Response

Handler: TypeAlias = Callable[..., Response]


@define
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=datetime(2024, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **delta: float) -> None:
        """Move the clock on, by the arguments of a timedelta."""
        self.now += timedelta(**delta)


@frozen
class Route:
    """A method and a path template (`/customers/{id}`), and the method that answers.

    `handler` names it from the simulator on, with dots: `customers.create`.
    """

    method: str
    template: str
    handler: str

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parameters in a path, unquoted, or None where it is another."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        found = re.fullmatch(pattern, path)
        return found and {
            name: unquote(text) for name, text in found.groupdict().items()
        }


class Simulator:
    """A vendor in memory: called with a Request whose path is whole, answers a Response.

    A subclass sets `base_path` (the part of the path before the resources) and `routes`,
    and writes `admit`, `no_route` and the handlers: each is called with the request and
    the parameters of its path.
    """

    base_path: ClassVar[str] = ""
    routes: ClassVar[tuple[Route, ...]] = ()
    credentials: ClassVar[Mapping[str, Any]] = {}
    """The options with which a Bank is let in by a new simulator."""

    def __init__(
        self, *, seed: int = 0, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311  # ids, not secrets
        self.clock = clock or Clock()

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if refusal := self.admit(request):
            return refusal
        path = request.path.removeprefix(self.base_path)
        known = False
        for route in self.routes if request.path.startswith(self.base_path) else ():
            parameters = route.match(path)
            if parameters is not None and route.method == request.method:
                handler: Handler = attrgetter(route.handler)(self)
                return handler(request, **parameters)
            known = known or parameters is not None
        return self.no_route(request, known=known)

    def admit(self, request: Request) -> Response | None:
        """Return the refusal of a request without good credentials, else None."""
        raise NotImplementedError

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Answer a path that is not there, or (`known`) not with this method."""
        raise NotImplementedError

    def uuid(self) -> str:
        """Return a random UUID of version 4."""
        digits = f"{self.random.getrandbits(128):032x}"
        variant = "89ab"[self.random.getrandbits(2)]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-"
            f"{digits[20:]}"
        )


class NotJson(Exception):
    """The body of a request is not JSON."""


def json_of(request: Request) -> Any:
    """Return the body of a request as JSON, None where there is none."""
    content = request.encoded()
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise NotJson from None


def answer_json(status: int, body: Any, **headers: str) -> Response:
    """Return a response whose body is JSON."""
    return Response(
        status=status,
        headers={"content-type": "application/json", **headers},
        content=json.dumps(body).encode(),
    )


def answer_text(status: int, body: str, content_type: str = "text/plain") -> Response:
    """Return a response whose body is text."""
    return Response(
        status=status, headers={"content-type": content_type}, content=body.encode()
    )
