"""A circuit breaker: a bank that is down does not receive one customer after another.

After a few failures in a row that are not about a customer, no new request is sent. The
run then stops or, with `wait`, probes the bank from time to time. When the bank responds,
one record goes first as a trial; the other workers continue once it has its response.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import islice
from typing import Any, TypeVar

from attrs import define, field

from ...._engine.timing import Timing
from ....aio import AsyncBank
from ....errors import AnybankError, NotFound, ProviderError
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import WITH_TARGET_ID
from .outages import Outage, is_outage
from .worker_pool import WorkerPool

T = TypeVar("T")

FAILURES_IN_A_ROW = 5
"""How many failures in a row open the breaker: the run then stops or waits."""
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0
"""Pauses between probes, in seconds; each is twice the one before, up to the longest."""
_UNUSED_ID = "00000000-0000-4000-8000-000000000000"
"""An id that no customer has, for a probe before anybody was moved.

It has the format of most ids (UUID 4), so that a bank responds "not found" and not
"malformed".
"""


@define
class Breaker:
    """Lets the requests of a run pass as long as their bank responds.

    `probe` reads one customer at the bank and raises AnybankError where that fails.
    """

    title: str
    provider: str
    probe: Callable[[], Awaitable[Any]]
    timing: Timing
    pool: WorkerPool
    _failures_in_a_row: int = field(init=False, default=0)
    _error: AnybankError | None = field(init=False, default=None)
    _is_open: bool = field(init=False, default=False)
    _trial: asyncio.Event | None = field(init=False, default=None)
    _waited: float = field(init=False, default=0.0)
    _pauses: int = field(init=False, default=0)

    def note_answer(self) -> None:
        """Reset the count of failures: the bank responded about a record."""
        self._failures_in_a_row, self._pauses, self._waited = 0, 0, 0.0
        self._is_open = False

    def retry_later(self, error: AnybankError, record: Record) -> bool:
        """Count a failure and requeue the record; return whether this run retries it."""
        self.note_failure(error)
        return is_outage(error) and self.pool.requeue(record)

    def note_failure(self, error: AnybankError) -> None:
        """Count a failure; after FAILURES_IN_A_ROW of them the run stops or waits."""
        self._failures_in_a_row, self._error = self._failures_in_a_row + 1, error
        self.pool.bank_failures += 1
        if self._failures_in_a_row < FAILURES_IN_A_ROW:
            return
        self._is_open = True
        if not self.pool.wait:
            self._stop()

    def permission(self) -> AbstractAsyncContextManager[bool]:
        """Wait until a request may be sent; yield False where the run stops instead."""
        if self._is_open:
            return self._permission_after_outage()
        return nullcontext(not self.pool.is_stopping)

    @asynccontextmanager
    async def _permission_after_outage(self) -> AsyncIterator[bool]:
        trial = None
        while self._is_open and not self.pool.is_stopping:
            # No await between the test and the assignment, so one task gets the trial. The
            # others wait for its event and then look again: the trial may have failed.
            if self._trial is None:
                trial = self._trial = asyncio.Event()
                await self._wait_for_bank()
                break
            await self._trial.wait()
        try:
            yield not self.pool.is_stopping
        finally:
            # Also where the trial was cancelled: the others would wait forever.
            if trial is not None:
                self._trial = None
                trial.set()

    async def call(self, request: Callable[[], Awaitable[Any]]) -> None:
        """Await a request that precedes the records; repeat it while the bank is down."""
        while True:
            try:
                await request()
            except AnybankError as error:
                if not self.pool.wait or not is_outage(error):
                    raise
                self._failures_in_a_row, self._error, self._is_open = (
                    FAILURES_IN_A_ROW,
                    error,
                    True,
                )
                await self._wait_for_bank()
                if self.pool.is_stopping:
                    return
            else:
                self.note_answer()
                return

    async def read(self, request: Callable[[], Awaitable[T]]) -> T:
        """Return the result of a read; repeat it for `wait` while the bank is down."""
        while True:
            try:
                result = await request()
            except AnybankError as error:
                if not self.pool.wait or not is_outage(error):
                    raise
                self._error, self._failures_in_a_row = error, FAILURES_IN_A_ROW
                await self._wait_for_bank()
                if self.pool.is_stopping:
                    raise
            else:
                self.note_answer()
                return result

    async def _wait_for_bank(self) -> None:
        """Probe the bank until it responds, or stop the run after `wait` seconds."""
        while not self.pool.is_stopping:
            left = self.pool.wait - self._waited
            if left <= 0:
                self._stop()
                return
            pause = min(_FIRST_PAUSE * 2.0**self._pauses, _LONGEST_PAUSE, left)
            self._pauses = min(self._pauses + 1, 10)  # 2.0 ** 1024 would overflow
            self.pool.announcer.announce(self.timing, pause, self._reason)
            self._waited += pause
            await self.timing.async_sleep(pause)
            if await self._is_back():
                return

    async def _is_back(self) -> bool:
        try:
            await self.probe()
        except AnybankError as error:
            if self.pool.abort_if_fatal(error):
                return False
            self._error = error
            return not is_outage(error)
        return True

    @property
    def _reason(self) -> str:
        status = self._status
        error = f"{type(self._error).__name__}{f', HTTP {status}' if status else ''}"
        return f"{self.title} failed {self._failures_in_a_row} times in a row ({error})"

    @property
    def _status(self) -> int | None:
        return self._error.status if isinstance(self._error, ProviderError) else None

    def _stop(self) -> None:
        outage = Outage(
            provider=self.provider,
            error=type(self._error).__name__,
            status=self._status,
            failures=self._failures_in_a_row,
            waited=self._waited,
        )
        waited = (
            f" and did not recover within {self._waited:g} s" if self._waited else ""
        )
        self.pool.stop_for_outage(
            outage,
            f"{self._reason}{waited}, so nothing more was sent. Run the same command again "
            "when the bank is back, or add --wait 30m to wait for it.",
        )


def create_breaker(
    bank: AsyncBank, pool: WorkerPool, timing: Timing, customer_id: str | None
) -> Breaker:
    """Return the breaker of a bank; its probe reads a customer."""
    declared = bank.capabilities

    async def probe() -> None:
        try:
            await bank.customers.get(customer_id or _UNUSED_ID)
        except NotFound:
            return  # the bank responds

    return Breaker(declared.title, declared.provider, probe, timing, pool)


def last_moved_id(journal: Journal) -> str | None:
    """Return the target id of the customer who was moved last, or None."""
    newest = islice(journal.records(WITH_TARGET_ID, newest_first=True), 1)
    return next((record.target_id for record in newest), None)
