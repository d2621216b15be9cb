"""Durable changes in groups: whoever comes while one is being written shares the next.

Each caller goes on only when its change is on the disk. With sixteen at work one sync of
the disk serves up to sixteen. A group waits for those who are about to come, some turns of
the loop, and never for time to pass.
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

_TURNS = 8
"""How often others may come first: a transaction costs more than these turns."""

Waiting = tuple[Transition, "asyncio.Future[None]"]


@define
class GroupCommit:
    """Writes changes of state to one journal."""

    journal: Journal
    _waiting: list[Waiting] = field(init=False, factory=list)
    _writer: asyncio.Task[None] | None = field(init=False, default=None)

    async def move(self, move: Transition) -> None:
        """Change a state; return when that is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((move, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            group, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._commit, [move for move, _ in group])
            except BaseException as error:  # noqa: BLE001  # told to whoever waits
                for done in _waited_for(group):
                    done.set_exception(error)
            else:
                for done in _waited_for(group):
                    done.set_result(None)

    def _commit(self, moves: Sequence[Transition]) -> None:
        """Write a group; an id at the target that another record has is no answer."""
        owners = self._owners({each for move in moves if (each := _claim(move))})
        self.journal.move([_settled(move, owners) for move in moves])

    def _owners(self, target_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of the records that have some ids already."""
        if not target_ids:
            return {}
        rows = self.journal.query(_OWNERS, {"target_ids": list(target_ids)})
        return {row.target_id: row.number for row in rows}


def _waited_for(group: Collection[Waiting]) -> Iterator[asyncio.Future[None]]:
    """Yield the futures of those who were not cancelled meanwhile."""
    return (done for _, done in group if not done.done())


def _claim(move: Transition) -> str | None:
    """Return the id at the target that a create was answered with."""
    return move.known.get("target_id") if move.state is State.CREATED else None


def _settled(move: Transition, owners: dict[str, int]) -> Transition:
    """Note the owner of an id; the answer that names another's is ambiguous."""
    target_id = _claim(move)
    if target_id is None or owners.setdefault(target_id, move.number) == move.number:
        return move
    failure = {"class": "TargetIdTwice", "outcome": "done", "target_id": target_id}
    return Transition(move.number, State.AMBIGUOUS, {"failure": failure})
