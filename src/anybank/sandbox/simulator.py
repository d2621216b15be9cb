"""The base class of the vendors' simulators: stateful, without I/O, with a clock to set.

A simulator is called with a Request and returns a Response. It opens no connection and
reads no system clock, so the same simulator runs inside a test, behind an httpx transport
and behind a server.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias
from urllib.parse import parse_qsl, unquote

from attrs import define, field, frozen

from ..adapter.wire import Request, Response
from ..errors import ConfigurationError
from ..model.credit import ApplicationStatus
from ..model.kyc import KycStatus
from ..model.money import Money

Handler: TypeAlias = Callable[..., Response]


@define
class Clock:
    """A clock that stands still until it is advanced."""

    now: datetime = field(default=datetime(2024, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """Return the current time."""
        return self.now

    def advance(self, **delta: float) -> None:
        """Advance the clock by the arguments of a timedelta."""
        self.now += timedelta(**delta)


@frozen
class Route:
    """An HTTP method and a path template (`/customers/{id}`), with their handler.

    `handler` is the path of attributes from the simulator: `customers.create`.
    """

    method: str
    template: str
    handler: str

    def match(self, path: str) -> dict[str, str] | None:
        """Return the unquoted parameters of a path, or None if it does not match."""
        # A parameter is one segment of the path and is unquoted after the match, so an
        # id with an encoded slash stays one parameter.
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        match = re.fullmatch(pattern, path)
        return match and {
            name: unquote(text) for name, text in match.groupdict().items()
        }


class Simulator:
    """A vendor's API in memory, called with a Request and returning a Response.

    A subclass sets `base_path` (the part of the path before the resources) and `routes`,
    and implements `admit`, `no_route` and the handlers. A handler is called with the
    request and the parameters of its path.
    """

    base_path: str = ""
    routes: ClassVar[tuple[Route, ...]] = ()
    credentials: ClassVar[Mapping[str, Any]] = {}
    """The options with which a new simulator admits a Bank."""

    def __init__(
        self, *, seed: int = 0, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.random: random.Random = random.Random(seed)  # noqa: S311  # ids, not secrets
        self.clock: Callable[[], datetime] = clock or Clock()

    def __call__(self, request: Request) -> Response:
        """Return the response to one request."""
        if refusal := self.admit(request):
            return refusal
        path = request.path.removeprefix(self.base_path)
        known = False
        for route in self.routes if request.path.startswith(self.base_path) else ():
            parameters = route.match(path)
            if parameters is not None and route.method == request.method:
                handler: Handler = attrgetter(route.handler)(self)
                return handler(request, **parameters)
            # Vendors answer an unknown method of a known path otherwise than an unknown
            # path.
            known = known or parameters is not None
        return self.no_route(request, known=known)

    def admit(self, request: Request) -> Response | None:
        """Return the response to invalid credentials, or None if they are valid."""
        raise NotImplementedError

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Return the response to an unknown path or, if `known`, to another method."""
        raise NotImplementedError

    def choose_kyc(self, status: KycStatus) -> None:  # noqa: ARG002  # for a subclass
        """Choose the outcome of every verification that starts from now on."""
        raise self._lacks("verifications")

    def choose_credit(self, status: ApplicationStatus) -> None:  # noqa: ARG002  # as above
        """Choose the decision about every credit application from now on."""
        raise self._lacks("credit applications")

    def subscribe(self, url: str) -> str:  # noqa: ARG002  # as above
        """Subscribe a URL to all events, and return the secret of its signatures."""
        raise self._lacks("webhooks")

    def simulate_payment(self, account_id: str, amount: Money) -> str:  # noqa: ARG002  # the same
        """Move money from another bank into an account, and return the transaction's id.

        A negative amount moves money out. Raises ConfigurationError for an account that is
        unknown or not open, and for more money than the account has.
        """
        raise self._lacks("payments")

    def _lacks(self, subject: str) -> ConfigurationError:
        return ConfigurationError(f"{type(self).__name__} does not simulate {subject}")

    def uuid(self) -> str:
        """Return a random UUID of version 4."""
        # From the simulator's own random numbers: `uuid.uuid4` would differ in every
        # run.
        digits = f"{self.random.getrandbits(128):032x}"
        variant = "89ab"[self.random.getrandbits(2)]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-"
            f"{digits[20:]}"
        )


def no_open_account(account_id: str) -> ConfigurationError:
    """Return the error for a simulated payment of an account that cannot have one."""
    return ConfigurationError(f"{account_id} is not the id of an open account")


def require_funds(amount: Money, available: int) -> None:
    """Raise ConfigurationError unless an amount in USD can be paid from what is available."""
    if amount.currency != "USD":
        raise ConfigurationError("a simulated payment is an amount in USD")
    if available + min(amount.minor_units, 0) < 0:
        raise ConfigurationError(
            f"the account has less than {-amount}: {Money(available)} is available"
        )


class NotJson(Exception):
    """The body of a request is not JSON."""


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a URL-encoded form in the body of a request."""
    return dict(parse_qsl((request.encoded() or b"").decode()))


def json_of(request: Request) -> Any:
    """Return the JSON body of a request, or None without a body."""
    content = request.encoded()
    if not content:
        return None
    try:
        return json.loads(content)
    # Deeply nested JSON exhausts the stack of the parser.
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
