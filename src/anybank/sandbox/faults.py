"""Faults between an app and a simulated bank: by chance, by schedule, or a rate limit.

A wrapper is called like the simulator that it wraps. Faults that a Response cannot express
(a broken connection, a late response) are raised as NetworkFault, which SimulatorTransport
and the server turn into the behaviour of a network.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Literal, Protocol, Self, TypeAlias

from attrs import evolve, field, frozen

from ..adapter.wire import Request, Response
from ..errors import ConfigurationError
from .simulator import answer_json, answer_text


class SimulatedBank(Protocol):
    """A simulator, or a wrapper around one."""

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        ...

    def __call__(self, request: Request, /) -> Response:
        """Return the response to one request."""
        ...


TooMany: TypeAlias = Callable[[int | None], Response]
"""Builds the response to a request over the limit; the number is for `Retry-After`."""
End: TypeAlias = Literal["timeout", "reset", "closed"]
"""How an app notices that no response arrives."""


class NetworkFault(Exception):
    """A fault that a Response cannot express."""


class ConnectionRefused(NetworkFault):
    """The request did not reach the bank, so nothing happened."""


class AnswerLost(NetworkFault):
    """The bank executed the request, but its response does not arrive."""

    def __init__(self, end: End) -> None:
        super().__init__(end)
        self.end = end


class _Late(NetworkFault):
    """A response that arrives incompletely or late."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class AnswerTruncated(_Late):
    """The connection breaks in the middle of the response's body."""

    @property
    def arrived(self) -> bytes:
        """The first half of the body, which arrives."""
        content = self.response.content
        return content[: len(content) // 2]


class AnswerDelayed(_Late):
    """The complete response arrives `seconds` late."""

    def __init__(self, response: Response, seconds: float) -> None:
        super().__init__(response)
        self.seconds = seconds


def too_many(retry_after: int | None) -> Response:
    """Return a response with status 429 and a message in JSON."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return answer_json(429, {"message": "Too many requests."}, **headers)


def _server_error(status: int) -> Callable[[FaultyBank, Request], Response]:
    def answer(faulty: FaultyBank, request: Request) -> Response:
        faulty.perhaps(request)
        return answer_json(status, {"message": "Something went wrong."})

    return answer


def _lost(faulty: FaultyBank, request: Request) -> Response:
    faulty.bank(request)
    raise AnswerLost(faulty.dice.choice(("timeout", "reset", "closed")))


def _refused(_faulty: FaultyBank, _request: Request) -> Response:
    raise ConnectionRefused


def _too_many(faulty: FaultyBank, _request: Request) -> Response:
    """Return 429 with or without Retry-After, as real vendors do."""
    return faulty.faults.too_many(faulty.dice.choice((1, None)))


def _truncated(faulty: FaultyBank, request: Request) -> Response:
    raise AnswerTruncated(faulty.bank(request))


def _malformed(faulty: FaultyBank, request: Request) -> Response:
    answer = faulty.bank(request)
    # The effect has happened, and the response has status 200: only the body shows that
    # something is wrong.
    return evolve(answer, content=b'{"data": ' + answer.content[:-1])


def _html(faulty: FaultyBank, request: Request) -> Response:
    faulty.perhaps(request)
    page = "<!doctype html><title>502</title><h1>Bad gateway</h1>"
    return answer_text(502, page, "text/html")


def _slow(faulty: FaultyBank, request: Request) -> Response:
    raise AnswerDelayed(faulty.bank(request), faulty.faults.slow_seconds)


FAULTS: Mapping[str, Callable[[FaultyBank, Request], Response]] = {
    "lost": _lost,
    "refused": _refused,
    "429": _too_many,
    "500": _server_error(500),
    "503": _server_error(503),
    "truncated": _truncated,
    "malformed": _malformed,
    "html": _html,
    "slow": _slow,
}
"""Every fault by its name in a specification.

With lost, truncated, malformed and slow, the bank has executed the request. With refused
and 429 it has not. With 500, 503 and html chance decides, because an app cannot know.
"""


def _copied(chances: Mapping[str, float]) -> Mapping[str, float]:
    return dict(chances)


def _known(_: object, __: object, names: Iterable[str]) -> None:
    for name in names:
        if name not in FAULTS:
            raise ConfigurationError(
                f"there is no fault named {name}. The names are {', '.join(FAULTS)}"
            )


def _possible(_: object, __: object, chances: Mapping[str, float]) -> None:
    for name, chance in chances.items():
        if not 0 <= chance <= 1:
            raise ConfigurationError(f"{name}: the chance must be from 0 to 1")
    # Room for the rounding of floats: ten times 0.1 is a little less or more than 1.
    if sum(chances.values()) > 1 + 1e-9:
        raise ConfigurationError("the chances of all faults must add up to at most 1")


@frozen
class Faults:
    """The faults to simulate, each with its chance.

    >>> faulty = Faults({"lost": 0.3}, seed=7).around(simulator)  # doctest: +SKIP
    """

    chances: Mapping[str, float] = field(
        factory=dict, converter=_copied, validator=[_known, _possible]
    )
    seed: int = field(default=0, kw_only=True)
    slow_seconds: float = field(default=2.0, kw_only=True)
    too_many: TooMany = field(default=too_many, kw_only=True)

    @classmethod
    def parse(cls, text: str, *, seed: int = 0) -> Self:
        """Return the faults of a specification such as `lost=0.3,429=0.05`."""
        words = filter(None, map(str.strip, text.split(",")))
        return cls(dict(map(_chance, words)), seed=seed)

    def around(self, bank: SimulatedBank) -> FaultyBank:
        """Wrap a simulator, with its own random numbers."""
        return FaultyBank(bank, self)


def _chance(word: str) -> tuple[str, float]:
    name, _, number = (part.strip() for part in word.partition("="))
    try:
        return name, float(number)
    except ValueError:
        raise ConfigurationError(
            f"faults: {word!r} is not name=chance, as in lost=0.3; "
            f"the names are {', '.join(FAULTS)}"
        ) from None


@frozen(eq=False)
class FaultyBank:
    """A simulator behind a faulty network."""

    bank: SimulatedBank
    faults: Faults
    dice: random.Random = field(init=False, repr=False)
    _scheduled: deque[str | None] = field(factory=deque, init=False)

    @dice.default
    def _dice(self) -> random.Random:
        return random.Random(self.faults.seed)  # noqa: S311  # a dice, not a secret

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return self.bank.base_path

    def schedule(self, *names: str | None) -> None:
        """Schedule a fault for each of the next requests; None lets a request pass."""
        _known(None, None, filter(None, names))
        self._scheduled.extend(names)

    def __call__(self, request: Request) -> Response:
        """Return the response to a request, or simulate a fault."""
        # A scheduled fault draws no random number, so a schedule does not change the
        # faults that chance brings afterwards.
        name = self._scheduled.popleft() if self._scheduled else self._drawn()
        return FAULTS[name](self, request) if name else self.bank(request)

    def perhaps(self, request: Request) -> None:
        """Execute the request or not, by chance, because an app cannot know."""
        if self.dice.random() < 0.5:
            self.bank(request)

    def _drawn(self) -> str | None:
        rest = self.dice.random()
        for name, chance in self.faults.chances.items():
            rest -= chance
            if rest < 0:
                return name
        return None


_WINDOW = timedelta(minutes=1)


def _some(_: object, __: object, calls: int) -> None:
    if calls < 1:
        raise ConfigurationError("the rate limit must be at least 1 call a minute")


@frozen(eq=False)
class RateLimitedBank:
    """A simulator that accepts a number of calls in any minute, and rejects more with 429.

    Rejected calls do not count.
    """

    bank: SimulatedBank
    calls_per_minute: int = field(validator=_some)
    clock: Callable[[], datetime]
    too_many: TooMany = too_many
    _admitted: deque[datetime] = field(factory=deque, init=False, repr=False)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        """Return the response to a request, or 429 if the last minute is full."""
        now = self.clock()
        # A sliding window, the stricter reading of "calls a minute": a fixed window
        # would admit twice the number around its end.
        while self._admitted and self._admitted[0] <= now - _WINDOW:
            self._admitted.popleft()
        if len(self._admitted) < self.calls_per_minute:
            self._admitted.append(now)
            return self.bank(request)
        room = self._admitted[0] + _WINDOW - now
        return self.too_many(ceil(room.total_seconds()))
