"""Settles pending records: reads again the people about whom the target had not decided.

A read changes nothing at the target, and each decision is one transition of the journal.
A run that is killed between the two reads the person again.
"""

from __future__ import annotations

from attrs import frozen

from ...aio import AsyncBank
from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.customers import Customer
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.states import State
from ..journal.transitions import Transition
from .summaries.reasons import ABSENT, DENIED
from .target.decisions import state_at
from .workers.breakers import Breaker
from .workers.outages import is_about_customer
from .workers.worker_pool import WorkerPool


@frozen
class Settlement:
    """Reads the pending people of a journal, or of one batch of it, and records decisions."""

    journal: Journal
    target: AsyncBank
    pool: WorkerPool
    commits: GroupCommit
    breaker: Breaker

    async def settle_all(self) -> None:
        """Read every pending person once."""
        if total := self.journal.counts()[State.PENDING]:
            pending = self.journal.records({State.PENDING})
            await self.pool.process(
                pending, self._settle, total=total, action="read for a decision"
            )

    async def _settle(self, record: Record) -> None:
        async with self.breaker.permission() as may_read:
            if may_read:
                await self._read(record)

    async def _read(self, record: Record) -> None:
        try:
            customer = await self.target.customers.get(record.target_id or "")
        except NotFound:  # somebody has canceled the application
            transition: Transition | None = denied(record, ABSENT)
        except AnybankError as error:
            self._defer(record, error)
            return
        else:
            transition = self._decision(record, customer)
        self.breaker.note_answer()
        if transition is not None:
            await self.commits.write(transition)

    def _decision(self, record: Record, customer: Customer) -> Transition | None:
        """Return the transition for the target's decision; None while there is none."""
        state = state_at(self.target.capabilities, customer)
        if state is State.DENIED:
            return denied(record, DENIED, customer.id)
        if state is State.PENDING and customer.id == record.target_id:
            return None
        # `verify` compares the fields, as those of every customer.
        return Transition(record.number, state, {"target_id": customer.id})

    def _defer(self, record: Record, error: AnybankError) -> None:
        """Leave a person pending; stop where the bank is at fault."""
        if isinstance(error, UnexpectedResponse) and is_about_customer(error):
            self.breaker.note_answer()
        elif not self.pool.abort_if_fatal(error):
            self.breaker.retry_later(error, record)


def denied(
    record: Record, reason: tuple[str, ...], target_id: str | None = None
) -> Transition:
    """Return the transition of a record whose person the target has not accepted."""
    known = {"mismatches": reason, "target_id": target_id or record.target_id}
    return Transition(record.number, State.DENIED, known)
