"""Group commit: transitions that wait at the same time share one transaction.

Each caller continues only when its transition is on disk. With sixteen requests in flight
one sync of the disk serves up to sixteen of them. A group waits a few turns of the event
loop for others to join, and never for time to pass. The batches that a worker runs at the
same time share a queue, and so their transactions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from attrs import define, field, frozen

from ...errors import ConfigurationError
from .batch_journal import join_batches
from .journal import Journal
from .states import WITH_TARGET_ID, State
from .store import JournalUnreachable
from .tables import RECORDS
from .transitions import Transition

_OWNERS = sa.select(RECORDS.c.target_id, RECORDS.c.number).where(
    RECORDS.c.target_id.in_(sa.bindparam("target_ids", expanding=True))
)

_LOOP_TURNS = 8
"""How many turns of the event loop a group waits: a transaction costs more than the turns.

Tasks that a batch of responses has woken need some turns until each of them writes.
"""


@frozen
class _Waiting:
    """A transition of a journal, and the future of the task that waits for it."""

    journal: Journal
    transition: Transition
    done: asyncio.Future[None]


@define
class CommitQueue:
    """The transitions that wait to be written, of one journal or of batches of it."""

    _waiting: list[_Waiting] = field(init=False, factory=list)
    _writer: asyncio.Task[None] | None = field(init=False, default=None)

    async def write(self, journal: Journal, transition: Transition) -> None:
        """Write a transition to a journal; return when it is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(journal, transition, done))
        if self._writer is None or self._writer.done():
            # The loop refers to its tasks only weakly, so this object keeps the task.
            self._writer = asyncio.create_task(self._write_groups())
        await done

    async def _write_groups(self) -> None:
        while self._waiting:
            for _ in range(_LOOP_TURNS):
                await asyncio.sleep(0)
            group, self._waiting = self._waiting, []
            try:
                # In a thread, so that responses are read while the disk syncs. The next
                # group gathers meanwhile.
                failures = await asyncio.to_thread(_commit_group, group)
            except BaseException as error:  # noqa: BLE001  # the waiting tasks raise it
                failures = {id(waiting.journal): error for waiting in group}
            for waiting in group:
                _end(waiting, failures.get(id(waiting.journal)))


@frozen
class GroupCommit:
    """Writes the transitions of concurrent tasks to one journal, in groups."""

    journal: Journal
    queue: CommitQueue = field(factory=CommitQueue)
    """Where they wait; batches that share it share transactions."""

    async def write(self, transition: Transition) -> None:
        """Write a transition; return when it is durable."""
        await self.queue.write(self.journal, transition)


def _end(waiting: _Waiting, failure: BaseException | None) -> None:
    """Let a task continue, unless it was cancelled meanwhile."""
    if waiting.done.done():
        return
    if failure is None:
        waiting.done.set_result(None)
    else:
        waiting.done.set_exception(failure)


def _commit_group(group: Sequence[_Waiting]) -> dict[int, BaseException]:
    """Commit a group; return the failures by the identity of the journal."""
    parts: dict[int, list[_Waiting]] = {}
    for waiting in group:
        parts.setdefault(id(waiting.journal), []).append(waiting)
    try:
        _commit(_joined(parts), [waiting.transition for waiting in group])
    except JournalUnreachable:
        raise
    except ConfigurationError as error:
        # One batch may be lost to another worker, which is no fault of the other batches.
        return _commit_each(parts) if len(parts) > 1 else {next(iter(parts)): error}
    return {}


def _joined(parts: Mapping[int, Sequence[_Waiting]]) -> Journal:
    first, *others = (part[0].journal for part in parts.values())
    return join_batches([first, *others]) if others else first


def _commit_each(
    parts: Mapping[int, Sequence[_Waiting]],
) -> dict[int, BaseException]:
    failures: dict[int, BaseException] = {}
    for name, part in parts.items():
        try:
            _commit(part[0].journal, [waiting.transition for waiting in part])
        except ConfigurationError as error:
            failures[name] = error
    return failures


def _commit(journal: Journal, transitions: Sequence[Transition]) -> None:
    """Commit transitions. A target id that another record owns makes this one AMBIGUOUS.

    The unique index on target ids would reject the whole group, and with it the outcomes of
    other customers, so the owners are looked up before.
    """
    claims = {
        target_id
        for transition in transitions
        if (target_id := _claimed_id(transition))
    }
    owners = _owners(journal, claims)
    journal.write([_with_owner(transition, owners) for transition in transitions])


def _owners(journal: Journal, target_ids: Collection[str]) -> dict[str, int]:
    """Return the numbers of the records that own some of these target ids."""
    if not target_ids:
        return {}
    rows = journal.query(_OWNERS, {"target_ids": list(target_ids)})
    return {row.target_id: row.number for row in rows}


def _claimed_id(transition: Transition) -> str | None:
    """Return the target id that a create, or a decision of the target, returned."""
    has_id = transition.state in WITH_TARGET_ID
    return transition.known.get("target_id") if has_id else None


def _with_owner(transition: Transition, owners: dict[str, int]) -> Transition:
    """Add the record as the owner of its id, or make it AMBIGUOUS if the id has one."""
    target_id, number = _claimed_id(transition), transition.number
    if target_id is None or owners.setdefault(target_id, number) == number:
        return transition
    failure = {"class": "TargetIdTwice", "outcome": "done", "target_id": target_id}
    known = {"failure": failure, "target_id": None}  # it may have had an earlier id
    return Transition(number, State.AMBIGUOUS, known)
