"""A recording simulator, and the exceptions with which a check ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from traceback import walk_tb
from typing import Any, TypeAlias

import attrs
from attrs import define, field, frozen

from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...sandbox.faults import Faults, FaultyBank

Observe: TypeAlias = Callable[[Request, Response], None]
"""A function that is called with each request and the simulator's own response."""

MAX_REQUESTS = 200
"""The number of requests in one check after which the adapter counts as looping."""


class CheckFailed(Exception):
    """The adapter breaks the rule of a check; the text holds no personal data."""


class SeedFailed(CheckFailed):
    """The author's `seed_expected` fails, which many checks call."""


class NotApplicable(Exception):
    """The adapter declares nothing that the check could examine; the text says why."""


def require(condition: object, message: str) -> None:
    """Raise CheckFailed with *message* unless *condition* holds."""
    if not condition:
        raise CheckFailed(message)


@frozen
class RecordedExchange:
    """A request and its response."""

    request: Request
    response: Response


@define(eq=False)
class _Inner:
    """The simulator behind the injected faults; it records what reached it."""

    simulator: Any
    observe: Observe | None = None
    exchanges: list[RecordedExchange] = field(factory=list)
    crash: str | None = None

    @property
    def base_path(self) -> str:
        return str(self.simulator.base_path)

    def __call__(self, request: Request) -> Response:
        try:
            response: Response = self.simulator(request)
        # The crash is a fault of the simulator and would be reported as one of the
        # adapter, so its place is noted for the message.
        except Exception as error:
            self.crash = place_of(error)
            raise
        self.exchanges.append(RecordedExchange(request, response))
        if self.observe:
            self.observe(request, response)
        return response


@frozen
class Fault:
    """A fault to inject, its description, and the seed that decides its random part."""

    name: str
    description: str
    seed: int = 0

    def __str__(self) -> str:
        return self.description


@define(eq=False)
class Recorder:
    """A simulator that records its exchanges and can be told to respond differently.

    `rewrite` is applied to each response. The responses in `scripted` are returned first,
    without reaching the simulator.
    """

    simulator: Any
    seed: int = 0
    rewrite: Callable[[Request, Response], Response] | None = None
    scripted: list[Response] = field(factory=list)
    requests: list[Request] = field(factory=list)
    exchanges: list[RecordedExchange] = field(factory=list)
    observe: Observe | None = None
    _inner: _Inner = field(init=False)
    _faulty: FaultyBank = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._inner = _Inner(self.simulator, self.observe)
        self._faulty = Faults(seed=self.seed).around(self._inner)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return self._inner.base_path

    def schedule(self, *faults: str | None) -> None:
        """Schedule a fault for each of the next requests, and reset the random seed."""
        # The dice decide whether a 503 comes before or after the effect. Each schedule
        # starts from the same seed, so a fault happens as it is described.
        self._faulty.dice.seed(self.seed)
        self._faulty.schedule(*faults)

    def __call__(self, request: Request) -> Response:
        """Respond to a request and record the exchange."""
        self.requests.append(request)
        if len(self.requests) > MAX_REQUESTS:
            raise CheckFailed(
                f"The adapter sent more than {MAX_REQUESTS} requests. Let every flow "
                "end after a few requests; the library follows the pages."
            )
        response = self.scripted.pop(0) if self.scripted else self._faulty(request)
        returned = self.rewrite(request, response) if self.rewrite else response
        self.exchanges.append(RecordedExchange(request, returned))
        return returned

    def forget(self) -> None:
        """Clear the record, so that it starts after the prerequisites were created."""
        self.requests.clear()
        self.exchanges.clear()
        self._inner.exchanges.clear()

    @property
    def crash(self) -> str | None:
        """The exception that the simulator raised and its place; None without one."""
        return self._inner.crash

    @property
    def writes(self) -> list[Request]:
        """The requests that are not reads."""
        return [request for request in self.requests if request.method != "GET"]

    @property
    def times_sent(self) -> int:
        """How often the first request was sent."""
        return self.times_sent_at(0)

    def times_sent_at(self, index: int) -> int:
        """Return how often the request at an index of the record was sent."""
        # Compared by their content and not by their number: a flow may send several
        # requests, and a repeat of this one is what a check looks for.
        chosen = [body_of(request) for request in self.requests[index : index + 1]]
        sent = [body_of(request) for request in self.requests[index:]]
        return sum(body in chosen for body in sent)

    @property
    def reads_before_write(self) -> int:
        """How many requests precede the first write; 0 where nothing is written.

        A create may read its owner first, and a fault must hit the create.
        """
        return next(
            (at for at, it in enumerate(self.requests) if it.method != "GET"), 0
        )

    @property
    def effects(self) -> int:
        """How many writes took effect at the simulator.

        Successes are counted by their content: a replayed response counts once.
        """
        return len(
            {exchange.response.content for exchange in self._successful_writes()}
        )

    def _successful_writes(self) -> list[RecordedExchange]:
        return [
            exchange
            for exchange in self._inner.exchanges
            if exchange.request.method != "GET" and exchange.response.ok
        ]


def body_of(request: Request) -> str:
    """Return everything that a request carries besides its headers, as text."""
    body = (request.encoded() or b"").decode("utf-8", "replace")
    return f"{request.method} {request.path} {request.query} {body}"


def outcome_of(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or the AnybankError that it raises."""
    try:
        return call()
    except AnybankError as error:
        return error


def edit_json(response: Response, change: Callable[[Any], Any]) -> Response:
    """Return a response with its JSON changed; other content is left unchanged."""
    try:
        changed = change(json.loads(response.content))
    except ValueError:
        return response
    return attrs.evolve(response, content=json.dumps(changed).encode())


def place_of(error: Exception) -> str:
    """Return the class and the place of an exception, without its text.

    The place is the innermost one outside of anybank and of code that was generated: the
    mistake of an author shows there, and not in a helper that it called.
    """
    steps = [
        (str(frame.f_globals.get("__name__") or ""), frame.f_code.co_name, line)
        for frame, line in walk_tb(error.__traceback__)
    ]
    places = [step for step in steps if step[0]] or [("?", "?", 0)]
    theirs = [step for step in places if step[0].partition(".")[0] != "anybank"]
    module, function, line = (theirs or places)[-1]
    return f"{type(error).__name__} in {module}:{function}:{line}"
