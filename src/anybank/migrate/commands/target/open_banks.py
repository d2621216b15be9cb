"""Opens both banks of a migration, once for all of its records or batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from ...._engine.timing import Timing
from ....aio import AsyncBank
from ...migration import Migration
from ...rate_limiter import RateLimiter
from ..workers.breakers import Breaker, create_breaker, last_moved_id
from ..workers.worker_pool import WorkerPool, announced_timing
from .target_check import require_known


@frozen
class OpenBanks:
    """The banks of a migration, open; one worker uses them for all of its batches."""

    source: AsyncBank
    target: AsyncBank
    """The target for creates, whose errors the caller sees at the first attempt."""
    reader: AsyncBank
    """The target for reads."""
    limiter: RateLimiter | None
    timing: Timing
    """The timing of the target, with long waits announced."""


@asynccontextmanager
async def open_banks(
    migration: Migration, pool: WorkerPool
) -> AsyncIterator[OpenBanks]:
    """Open both banks; the announcer of *pool* announces their long waits."""
    source_side, target_side = migration.source, migration.target
    source_side.require_other(target_side)
    throttle = migration.throttle_of(target_side)
    limiter = RateLimiter(throttle) if throttle else None
    timing = announced_timing(target_side, pool)
    async with (
        # Two clients for the target: a create must not be repeated behind the back of the
        # journal, and a read is retried as usual. They share connections and rate limit.
        source_side.open(
            timing=announced_timing(source_side, pool),
            throttle=migration.throttle_of(source_side),
        ) as source,
        target_side.open(throttle=limiter, timing=timing) as reader,
        target_side.open_for_creates(reader) as target,
    ):
        yield OpenBanks(source, target, reader, limiter, timing)


async def check_target(
    migration: Migration, banks: OpenBanks, breaker: Breaker
) -> None:
    """Raise ConfigurationError unless the target is the bank of the journal."""
    await breaker.call(lambda: require_known(migration.journal, banks.reader))


def breaker_of_target(
    migration: Migration, banks: OpenBanks, pool: WorkerPool
) -> Breaker:
    """Return the circuit breaker of the target for one pool of workers."""
    known = last_moved_id(migration.journal)
    return create_breaker(banks.reader, pool, migration.target.timing, known)
