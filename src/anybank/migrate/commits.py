"""Durable changes in groups: whoever comes while one is being written shares the next.

Each caller goes on only when its change is on the disk. With sixteen at work one sync of
the disk serves up to sixteen, and no change waits for a group to fill.
"""

from __future__ import annotations

import asyncio

from attrs import define, field

from .journal import Journal, Move

Waiting = tuple[Move, "asyncio.Future[None]"]


@define
class Commits:
    """Writes changes of state to one journal."""

    journal: Journal
    _waiting: list[Waiting] = field(init=False, factory=list)
    _writer: asyncio.Task[None] | None = field(init=False, default=None)

    async def move(self, move: Move) -> None:
        """Change a state; return when that is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((move, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self.journal.move, [move for move, _ in group])
            except BaseException as error:  # noqa: BLE001  # told to whoever waits
                for _, done in group:
                    done.set_exception(error)
            else:
                for _, done in group:
                    done.set_result(None)
