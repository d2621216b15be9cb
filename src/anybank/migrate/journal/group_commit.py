"""Group commit: transitions that wait at the same time share one transaction.

Each caller continues only when its transition is on disk. With sixteen requests in flight
one sync of the disk serves up to sixteen of them. A group waits a few turns of the event
loop for others to join, and never for time to pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from attrs import define, field

from .journal import Journal
from .states import State
from .tables import RECORDS
from .transitions import Transition

_OWNERS = sa.select(RECORDS.c.target_id, RECORDS.c.number).where(
    RECORDS.c.target_id.in_(sa.bindparam("target_ids", expanding=True))
)

_LOOP_TURNS = 8
"""How many turns of the event loop a group waits: a transaction costs more than the turns.

Tasks that a batch of responses has woken need some turns until each of them writes.
"""

Waiting = tuple[Transition, "asyncio.Future[None]"]


@define
class GroupCommit:
    """Writes the transitions of concurrent tasks to one journal, in groups."""

    journal: Journal
    _waiting: list[Waiting] = field(init=False, factory=list)
    _writer: asyncio.Task[None] | None = field(init=False, default=None)

    async def write(self, transition: Transition) -> None:
        """Write a transition; return when it is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((transition, done))
        if self._writer is None or self._writer.done():
            # The loop refers to its tasks only weakly, so this object keeps the task.
            self._writer = asyncio.create_task(self._write_groups())
        await done

    async def _write_groups(self) -> None:
        while self._waiting:
            for _ in range(_LOOP_TURNS):
                await asyncio.sleep(0)
            group, self._waiting = self._waiting, []
            transitions = [transition for transition, _ in group]
            try:
                # In a thread, so that responses are read while the disk syncs. The next
                # group gathers meanwhile.
                await asyncio.to_thread(self._commit, transitions)
            except BaseException as error:  # noqa: BLE001  # the waiting tasks raise it
                for done in _pending(group):
                    done.set_exception(error)
            else:
                for done in _pending(group):
                    done.set_result(None)

    def _commit(self, transitions: Sequence[Transition]) -> None:
        """Commit a group. A target id that another record owns makes this one AMBIGUOUS.

        The unique index on target ids would reject the whole group, and with it the
        outcomes of other customers, so the owners are looked up before.
        """
        claims = {
            target_id
            for transition in transitions
            if (target_id := _claimed_id(transition))
        }
        owners = self._owners(claims)
        self.journal.write(
            [_with_owner(transition, owners) for transition in transitions]
        )

    def _owners(self, target_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of the records that own some of these target ids."""
        if not target_ids:
            return {}
        rows = self.journal.query(_OWNERS, {"target_ids": list(target_ids)})
        return {row.target_id: row.number for row in rows}


def _pending(group: Collection[Waiting]) -> Iterator[asyncio.Future[None]]:
    """Yield the futures of the tasks that were not cancelled meanwhile."""
    return (done for _, done in group if not done.done())


def _claimed_id(transition: Transition) -> str | None:
    """Return the target id that a successful create returned."""
    is_created = transition.state is State.CREATED
    return transition.known.get("target_id") if is_created else None


def _with_owner(transition: Transition, owners: dict[str, int]) -> Transition:
    """Add the record as the owner of its id, or make it AMBIGUOUS if the id has one."""
    target_id, number = _claimed_id(transition), transition.number
    if target_id is None or owners.setdefault(target_id, number) == number:
        return transition
    failure = {"class": "TargetIdTwice", "outcome": "done", "target_id": target_id}
    return Transition(number, State.AMBIGUOUS, {"failure": failure})
