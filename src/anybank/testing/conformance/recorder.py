"""A simulator that is listened to, and what a check says of what it heard."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
from attrs import define, field, frozen

from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...sandbox.faults import Faults, FaultyBank

MOST_REQUESTS = 200
"""How many requests one examination may make before it is taken to be endless."""


class Broken(Exception):
    """A check that failed; its text tells the author what to do, and holds no value."""


class NotApplicable(Exception):
    """A check that has nothing to examine, and why."""


def require(holds: object, remedy: str) -> None:
    """Raise Broken with what to do, where something does not hold."""
    if not holds:
        raise Broken(remedy)


@frozen
class Heard:
    """One request, and how it was answered."""

    request: Request
    response: Response


@define(eq=False)
class _Inner:
    """The simulator itself, behind the faults: it keeps what it acted on."""

    simulator: Any
    heard: list[Heard] = field(factory=list)
    failed: str | None = None

    @property
    def base_path(self) -> str:
        return str(self.simulator.base_path)

    def __call__(self, request: Request) -> Response:
        try:
            response: Response = self.simulator(request)
        except Exception as error:
            self.failed = place_of(error)
            raise
        self.heard.append(Heard(request, response))
        return response


@frozen
class Fault:
    """What befalls a request, and how the dice lie where they decide."""

    name: str
    says: str
    seed: int = 0

    def __str__(self) -> str:
        return self.says


@define(eq=False)
class Recorder:
    """A simulator that keeps what it was asked and may answer otherwise.

    `rewrite` is applied to each answer; `scripted` answers go before the simulator's.
    """

    simulator: Any
    seed: int = 0
    rewrite: Callable[[Request, Response], Response] | None = None
    scripted: list[Response] = field(factory=list)
    requests: list[Request] = field(factory=list)
    heard: list[Heard] = field(factory=list)
    _inner: _Inner = field(init=False)
    _faulty: FaultyBank = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._inner = _Inner(self.simulator)
        self._faulty = Faults(seed=self.seed).around(self._inner)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return self._inner.base_path

    def schedule(self, *faults: str | None) -> None:
        """Say what befalls the next requests, one each; the dice lie as they were."""
        self._faulty.dice.seed(self.seed)
        self._faulty.schedule(*faults)

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        if len(self.requests) > MOST_REQUESTS:
            raise Broken("The adapter asks without end: let each flow ask a few times.")
        answer = self.scripted.pop(0) if self.scripted else self._faulty(request)
        told = self.rewrite(request, answer) if self.rewrite else answer
        self.heard.append(Heard(request, told))
        return told

    def forget(self) -> None:
        """Forget what was asked until now: it set the stage."""
        self.requests.clear()
        self.heard.clear()
        self._inner.heard.clear()

    @property
    def failed(self) -> str | None:
        """What the simulator raised and where; None where it has answered."""
        return self._inner.failed

    @property
    def writes(self) -> list[Request]:
        """The requests that are no reads."""
        return [each for each in self.requests if each.method != "GET"]

    @property
    def first_sent(self) -> int:
        """How often the first request was sent."""
        first = body_of(self.requests[0]) if self.requests else None
        return sum(body_of(each) == first for each in self.requests)

    @property
    def effects(self) -> int:
        """How many different successes the simulator itself had for its writes.

        An answer that is replayed is the same answer, so it counts once.
        """
        return len({each.response.content for each in self._done()})

    def _done(self) -> list[Heard]:
        return [
            each
            for each in self._inner.heard
            if each.request.method != "GET" and each.response.ok
        ]


def body_of(request: Request) -> str:
    """Return what a request carries beside its headers, as text."""
    body = (request.encoded() or b"").decode("utf-8", "replace")
    return f"{request.method} {request.path} {request.query} {body}"


def outcome_of(call: Callable[[], Any]) -> Any:
    """Return what a call gives, or the error that it raises."""
    try:
        return call()
    except AnybankError as error:
        return error


def json_answer(response: Response, change: Callable[[Any], Any]) -> Response:
    """Return an answer whose JSON is changed; one that is not JSON as it was."""
    try:
        changed = change(json.loads(response.content))
    except ValueError:
        return response
    return attrs.evolve(response, content=json.dumps(changed).encode())


def place_of(error: Exception) -> str:
    """Name an error and where it arose, without its text."""
    step = error.__traceback__
    place = "?"
    while step is not None:
        code = step.tb_frame.f_code
        place = f"{step.tb_frame.f_globals.get('__name__')}:{code.co_name}"
        step = step.tb_next
    return f"{type(error).__name__} in {place}"
