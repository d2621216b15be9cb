"""Reading back what was moved, and comparing it with what was promised."""

from __future__ import annotations

from attrs import define, field

from ...aio import AsyncBank
from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.customers import Customer
from ..certify.certificate import Certifier
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.states import MOVED, State
from ..journal.transitions import Transition
from .breakers import Breaker
from .lookup import mismatches
from .outages import WHOLE_ANSWER
from .summary import GONE, UNREADABLE
from .worker_pool import Crew

_TRIES = 3
"""How often a customer is read whose answer is bad: the bank itself repeats the rest."""


@define
class ReadBack:
    """Verifies the records that have an id at the target."""

    journal: Journal
    target: AsyncBank
    certifier: Certifier
    crew: Crew
    commits: GroupCommit
    breaker: Breaker
    put_off: int = field(init=False, default=0)
    """How many could not be read back this time."""

    async def verify_all(self) -> None:
        """Read every moved record back; what was verified before is read again."""
        counts = self.journal.counts()
        total = sum(counts[state] for state in MOVED)
        moved = self.journal.records(MOVED)
        await self.crew.work(moved, self._verify, total=total, what="read back")

    async def _verify(self, record: Record) -> None:
        async with self.breaker.passing() as may_read:
            if may_read:
                await self._read_back(record)
            else:
                self.put_off += 1

    async def _read_back(self, record: Record) -> None:
        try:
            customer = await self._read(record.target_id or "")
        except NotFound:
            self.breaker.answered()
            await self._settle(record, GONE)
        except UnexpectedResponse as error:
            await self._unreadable(record, error)
        except AnybankError as error:
            self._put_off(record, error)
        else:
            self.breaker.answered()
            wrong = mismatches(self.certifier, record, customer)
            await self._settle(record, tuple(wrong))

    async def _read(self, target_id: str) -> Customer:
        """Read a customer, again where the answer is bad: another may well be good."""
        for left in reversed(range(_TRIES)):
            try:
                return await self.target.customers.get(target_id)
            except UnexpectedResponse:
                if not left:
                    raise
        raise TypeError

    async def _unreadable(self, record: Record, error: UnexpectedResponse) -> None:
        """Note who is there with a value that cannot be read; leave others for later."""
        if error.path in WHOLE_ANSWER:
            self._put_off(record, error)
        else:
            self.breaker.answered()
            await self._settle(record, UNREADABLE)

    def _put_off(self, record: Record, error: AnybankError) -> None:
        if not self.crew.ends(error):
            self.put_off += not self.breaker.set_back(error, record)

    async def _settle(self, record: Record, wrong: tuple[str, ...]) -> None:
        state = State.MISMATCHED if wrong else State.VERIFIED
        await self.commits.move(Transition(record.number, state, {"mismatches": wrong}))
