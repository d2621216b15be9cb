"""How long a worker waits for the database of its journal, and when it tries again."""

from __future__ import annotations

from attrs import define, field

from ...._engine.timing import Timing
from ....errors import ConfigurationError
from .waits import WaitAnnouncer

PATIENCE = 300.0
"""For how many seconds a worker tries to reach the database of its journal."""
_LONGEST_PAUSE = 30.0
"""Pauses grow from one second, so that many workers do not storm a starting server."""
_REASON = "The connection to the journal's database was lost"


@define
class Reconnection:
    """The attempts of a worker to reach its journal again; the first one is immediate."""

    timing: Timing
    announcer: WaitAnnouncer
    _started: float = field(init=False)
    _attempts: int = field(init=False, default=0)

    @_started.default
    def _now(self) -> float:
        return self.timing.monotonic()

    async def wait(self, error: ConfigurationError) -> None:
        """Wait until the next attempt.

        Raises ConfigurationError, with the message of *error*, once the patience has run out.
        """
        waited = self.timing.monotonic() - self._started
        left = PATIENCE - waited
        if left <= 0:
            raise ConfigurationError(
                f"{error}. This worker has tried for {waited:.0f} s: start it again when the "
                "database is back",
                retryable=True,
            )
        pause = min(2.0 ** (self._attempts - 1), _LONGEST_PAUSE, left)
        if self._attempts:
            self.announcer.announce(self.timing, pause, _REASON)
            await self.timing.async_sleep(pause)
        self._attempts += 1
