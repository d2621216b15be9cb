"""Limit how many calls start per minute, in one process or in several together.

A throttle has no clock: the current time is an argument, in seconds.

The processes of a shared throttle use one row of a database: the moment of the next free
slot. A process reserves a slice of evenly spaced slots with one statement, of about a
second of the limit, and no more slots than it has calls waiting. The clock of the database
counts, so the clocks of the processes may differ. A call starts at its slot or up to half a
second later; a slot that is reached later is lost, so that lateness does not add up to a
burst.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import TypeAlias

from attrs import define, field, frozen

from ..adapter.wire import Wait
from ..errors import ConfigurationError
from .per_process import PerProcess, fork_safe_lock
from .rate_store import RateStore
from .slot_queue import SlotQueue

_SUSTAINED = 0.98
_BURST = 0.015

_SHARED = 0.981
"""The share of a shared limit that is handed out.

The calls of any 60 seconds have slots within 60.5 seconds: 98.1 % times 60.5 / 60 is 98.9 %
of the limit.
"""
_LEAD = 0.25
"""How many seconds before the last slot of a slice the next slice is reserved."""
_CHECK_EVERY = 1.0
"""After how many seconds a process asks again whether another one has to pause."""

_lock = fork_safe_lock()
"""Held while a slot is reserved: threads may share a throttle."""


@frozen
class Blocking:
    """A step that waits for a database: next to an event loop, a thread runs it."""

    call: Callable[[], None]


ThrottleSteps: TypeAlias = Generator["Wait | Blocking", None, float]
"""What a caller does until its call may start; returns the call's slot."""


@define
class Throttle:
    """A limit of calls per minute.

    No window of one minute contains more calls than the limit: 98 % of it is spread
    evenly and 1.5 % may start in a burst. The remaining 0.5 % is headroom for requests
    that reach the vendor closer together than they left.
    """

    per_minute: int
    _next_slot: float = field(init=False, default=0.0)

    @staticmethod
    def shared(url: str, key: str, *, per_minute: int | None = None) -> SharedThrottle:
        """Return a limit that all processes with the same database and key share.

        *url* is a PostgreSQL database, or a reference to it (`env:NAME`, `file:PATH`),
        in which the table `anybank_rates` is created; *key* names the account at the bank.
        Without *per_minute* the bank's documented limit applies. Raises
        ConfigurationError without `anybank[postgres]`.
        """
        from .postgres_rates import PostgresRates  # noqa: PLC0415  # needs psycopg

        return SharedThrottle(per_minute or 0, PostgresRates(url), key)

    def with_documented_limit(self, per_minute: int | None) -> Throttle:  # noqa: ARG002  # a shared limit needs it
        """Return the throttle for a bank with a documented limit; its own limit applies."""
        return self

    def reserve(self, now: float) -> float:
        """Reserve the next slot and return the seconds until it starts."""
        # The generic cell rate algorithm of ITU-T I.371: `_next_slot` is the
        # theoretical arrival time, and a burst may run ahead of it by `burst - 1`
        # intervals.
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        wait = max(0.0, self._next_slot - (burst - 1) * interval - now)
        self._next_slot = max(self._next_slot, now) + interval
        return wait

    def hold(self, until: float) -> None:
        """Delay all calls until a moment, because the vendor requested a pause."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        # `reserve` lets a burst run ahead, which would end the pause too early.
        self._next_slot = max(self._next_slot, until + (burst - 1) * interval)

    def acquire(self, clock: Callable[[], float]) -> ThrottleSteps:
        """Yield the steps until a call may start; return the call's slot."""
        with _lock:
            wait = self.reserve(clock())
        if wait:
            yield Wait(wait)
        return clock()

    def hold_all(self, clock: Callable[[], float], seconds: float) -> ThrottleSteps:
        """Yield the steps after which no call starts for a while, in any process."""
        with _lock:
            self.hold(clock() + seconds)
        yield from ()
        return clock()

    def is_expired(self, slot: float, now: float) -> bool:  # noqa: ARG002  # a shared limit needs them
        """Return whether a call is too late for its slot; in one process it never is."""
        return False


@define(eq=False)
class SharedThrottle(Throttle):
    """A limit that all processes with the same database and key share."""

    per_minute: int
    """Calls per minute; 0 until the limit that the bank documents is known."""
    _store: RateStore = field(repr=False)
    _key: str = field(repr=False)
    _queues: PerProcess[SlotQueue] = field(init=False, repr=False)

    @_queues.default
    def _queue_per_process(self) -> PerProcess[SlotQueue]:
        # A forked child must not use the slots that its parent has reserved.
        return PerProcess(SlotQueue)

    @property
    def _interval(self) -> float:
        return 60.0 / (self.per_minute * _SHARED)

    def with_documented_limit(self, per_minute: int | None) -> SharedThrottle:
        """Return this throttle, with the bank's documented limit if it has none yet."""
        self.per_minute = self.per_minute or per_minute or 0
        if not self.per_minute:
            raise ConfigurationError(
                "the bank documents no rate limit: pass per_minute= to Throttle.shared"
            )
        return self

    def acquire(self, clock: Callable[[], float]) -> ThrottleSteps:
        """Yield the steps until a call may start; return the call's slot."""
        queue = self._queues.value()
        while True:
            slot = yield from self._next_slot_of(queue, clock)
            is_over = False
            # A call may be cancelled at any of these `yield`s. A slot that it does not
            # use goes to the next caller, or it would be lost to the whole account. An
            # expired slot is lost in any case.
            try:
                if (wait := slot - clock()) > 0:
                    yield Wait(wait)
                if clock() - queue.checked_at >= _CHECK_EVERY:
                    yield Blocking(partial(self._check, queue, clock))
                is_over = True
                if not queue.is_expired(slot, clock()):
                    return slot
            finally:
                if not is_over:
                    queue.give_back(slot)

    def _next_slot_of(
        self, queue: SlotQueue, clock: Callable[[], float]
    ) -> ThrottleSteps:
        queue.count_waiting(1)
        try:
            while (slot := queue.pop(clock())) is None:
                if (early := queue.last - _LEAD - clock()) > 0:
                    yield Wait(early)
                else:
                    yield Blocking(partial(self._refill, queue, clock))
            return slot
        finally:
            queue.count_waiting(-1)

    def _refill(self, queue: SlotQueue, clock: Callable[[], float]) -> None:
        """Reserve a slice, unless another caller has just done so."""
        with queue.refilling:
            if queue:
                return
            # About a second of the limit, which keeps the database out of most calls.
            # More slots than waiting calls would be lost, since a slot expires unused.
            count = max(1, min(self.per_minute // 60, queue.needed))
            reservation = self._store.reserve(self._key, count, self._interval)
            # Read after the statement: its duration delays the slots instead of adding
            # calls to the minute.
            now = clock()
            queue.extend(now + reservation.starts_in, count, self._interval)
            queue.note_hold(now, reservation.held_for)

    def _check(self, queue: SlotQueue, clock: Callable[[], float]) -> None:
        """Ask the database whether another process has to pause."""
        # Set before the query, so that the other waiting calls do not ask as well.
        queue.checked_at = clock()
        queue.note_hold(clock(), self._store.held_for(self._key))

    def hold(self, until: float) -> None:
        """Let no call of this process start before a moment."""
        queue = self._queues.value()
        queue.held_until = max(queue.held_until, until)

    def hold_all(self, clock: Callable[[], float], seconds: float) -> ThrottleSteps:
        """Yield the steps after which no call starts for a while, in any process."""
        self.hold(clock() + seconds)
        yield Blocking(partial(self._store.hold, self._key, seconds))
        return clock()

    def is_expired(self, slot: float, now: float) -> bool:
        """Return whether a call is too late for its slot, or the slot is in a pause."""
        return self._queues.value().is_expired(slot, now)

    def reserve(self, now: float) -> float:
        """Refuse: a slot of a shared limit comes from the database, in steps."""
        raise NotImplementedError
