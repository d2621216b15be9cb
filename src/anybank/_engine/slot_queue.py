"""The slots that one process has reserved and not used yet."""

from __future__ import annotations

import math
from collections import deque
from threading import Lock

from attrs import define, field

LATEST = 0.5
"""How many seconds after its slot a call may still start.

`throttle` derives its share of the limit from it: the calls of 60 seconds have slots within
60.5 seconds.
"""


@define(eq=False)
class SlotQueue:
    """Reserved slots in the order of time; threads may share the queue."""

    last: float = field(init=False, default=-math.inf)
    """The last slot that was reserved, used or not."""
    held_until: float = field(init=False, default=-math.inf)
    checked_at: float = field(init=False, default=-math.inf)
    """When the database was last asked for a pause."""
    needed: int = field(init=False, default=0)
    """How many calls wait without a slot."""
    refilling: Lock = field(init=False, factory=Lock, repr=False)
    _slots: deque[float] = field(init=False, factory=deque)
    _lock: Lock = field(init=False, factory=Lock, repr=False)

    def __len__(self) -> int:
        return len(self._slots)

    def pop(self, now: float) -> float | None:
        """Remove and return the earliest usable slot, or None; expired ones are lost."""
        with self._lock:
            while self._slots:
                slot = self._slots.popleft()
                if not self.is_expired(slot, now):
                    return slot
        return None

    def is_expired(self, slot: float, now: float) -> bool:
        """Return whether a slot was reached too late, or falls into a pause."""
        return now - slot > LATEST or slot < self.held_until

    def give_back(self, slot: float) -> None:
        """Return a slot that its caller does not use, for the next caller."""
        with self._lock:
            self._slots.appendleft(slot)

    def extend(self, first: float, count: int, interval: float) -> None:
        """Add reserved slots."""
        with self._lock:
            self._slots.extend(first + at * interval for at in range(count))
            self.last = self._slots[-1]

    def note_hold(self, now: float, seconds: float) -> None:
        """Record the pause that the database reports."""
        self.checked_at = now
        if seconds > 0:
            self.held_until = max(self.held_until, now + seconds)

    def count_waiting(self, change: int) -> None:
        """Add to the number of calls that wait without a slot."""
        with self._lock:
            self.needed += change
