"""A circuit breaker: a bank that fails for everybody is not sent one customer after another.

After a few failures in a row that say nothing of any one customer, no new request is sent.
Then the run ends, or it waits: the bank is read from time to time, and once it answers one
record goes first; only when that has been answered do the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from attrs import define, field

from ...._engine.timing import Timing
from ....aio import AsyncBank
from ....errors import AnybankError, NotFound, ProviderError
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import MOVED
from .outages import Outage, is_outage
from .worker_pool import WorkerPool

IN_A_ROW = 5
"""So many failures of a bank in a row end a run, or let it wait."""
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0
_NOBODY = "00000000-0000-4000-8000-000000000000"


@define
class Breaker:
    """Lets requests of a run pass while their bank answers.

    `probe` reads something at the bank, and raises what it answers.
    """

    title: str
    provider: str
    probe: Callable[[], Awaitable[Any]]
    timing: Timing
    pool: WorkerPool
    _in_a_row: int = field(init=False, default=0)
    _error: AnybankError | None = field(init=False, default=None)
    _is_open: bool = field(init=False, default=False)
    _trial: asyncio.Event | None = field(init=False, default=None)
    _waited: float = field(init=False, default=0.0)
    _pauses: int = field(init=False, default=0)

    def answered(self) -> None:
        """Note that the bank answered about a record, whatever it said."""
        self._in_a_row, self._pauses, self._waited = 0, 0, 0.0
        self._is_open = False

    def set_back(self, error: AnybankError, record: Record) -> bool:
        """Leave a record for later; return whether this run tries it again."""
        self.failed(error)
        return is_outage(error) and self.pool.try_later(record)

    def failed(self, error: AnybankError) -> None:
        """Note that the bank failed; the run stops, or waits, when it fails for all."""
        self._in_a_row, self._error = self._in_a_row + 1, error
        self.pool.bank_failures += 1
        if self._in_a_row < IN_A_ROW:
            return
        self._is_open = True
        if not self.pool.wait:
            self._stop()

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[bool]:
        """Wait until a request may be sent; gives False where the run has to stop."""
        trial = None
        while self._is_open and not self.pool.is_stopping:
            if self._trial is None:
                trial = self._trial = asyncio.Event()
                await self._wait_for_bank()
                break
            await self._trial.wait()
        try:
            yield not self.pool.is_stopping
        finally:
            if trial is not None:
                self._trial = None
                trial.set()

    async def read(self, ask: Callable[[], Awaitable[Any]]) -> None:
        """Ask something before the work begins, again and again while the bank fails."""
        while True:
            try:
                await ask()
            except AnybankError as error:
                if not self.pool.wait or not is_outage(error):
                    raise
                self._in_a_row, self._error, self._is_open = IN_A_ROW, error, True
                await self._wait_for_bank()
                if self.pool.is_stopping:
                    return
            else:
                self.answered()
                return

    async def _wait_for_bank(self) -> None:
        """Read at the bank until it answers, or the time is over and the run stops."""
        while not self.pool.is_stopping:
            left = self.pool.wait - self._waited
            if left <= 0:
                self._stop()
                return
            pause = min(_FIRST_PAUSE * 2.0**self._pauses, _LONGEST_PAUSE, left)
            self._pauses = min(self._pauses + 1, 10)
            self.pool.waits.announce(self.timing, pause, self._reason)
            self._waited += pause
            await self.timing.async_sleep(pause)
            if await self._is_back():
                return

    async def _is_back(self) -> bool:
        try:
            await self.probe()
        except AnybankError as error:
            if self.pool.ends(error):
                return False
            self._error = error
            return not is_outage(error)
        return True

    @property
    def _reason(self) -> str:
        status = self._status
        shown = f"{type(self._error).__name__}{f', HTTP {status}' if status else ''}"
        return f"{self.title} failed {self._in_a_row} times in a row ({shown})"

    @property
    def _status(self) -> int | None:
        return self._error.status if isinstance(self._error, ProviderError) else None

    def _stop(self) -> None:
        outage = Outage(
            provider=self.provider,
            error=type(self._error).__name__,
            status=self._status,
            failures=self._in_a_row,
            waited=self._waited,
        )
        waited = (
            f" and did not come back within {self._waited:g} s" if self._waited else ""
        )
        self.pool.stop_for(
            outage,
            f"{self._reason}{waited}, so nothing more was sent: run the same command again "
            "when it is back, or with --wait 30m to let it wait for the bank",
        )


def create_breaker(
    bank: AsyncBank, pool: WorkerPool, timing: Timing, customer_id: str | None
) -> Breaker:
    """Return the breaker of a bank, which is probed by reading a customer."""
    declared = bank.capabilities

    async def probe() -> None:
        try:
            await bank.customers.get(customer_id or _NOBODY)
        except NotFound:
            return  # an answer

    return Breaker(declared.title, declared.provider, probe, timing, pool)


def last_moved_id(journal: Journal) -> str | None:
    """Return the id at the target of somebody who was moved, None where nobody was."""
    newest = islice(journal.records(MOVED, newest_first=True), 1)
    return next((each.target_id for each in newest), None)
