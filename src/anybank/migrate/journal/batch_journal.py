"""A view of the journal that is limited to the records of one batch, or of a look-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from ...errors import ConfigurationError
from .batch_leases import Lease
from .journal import Journal
from .lookup_leases import LookupLease
from .store import BeginTransaction

_RENEWALS = 4
"""How often a lease is renewed within its duration."""


class BatchJournal(Journal):
    """Reads only the records of a lease, and renews the lease with each write."""

    def __init__(self, journal: Journal, lease: Lease | LookupLease) -> None:
        # Not a second connection: in PostgreSQL the one that holds the lock has to write.
        # The caches are shared too, such as the key and the ids of reasons.
        self.__dict__.update(vars(journal))
        self.lease: Lease | LookupLease = lease
        self.begin_unleased: BeginTransaction = self._begin
        self._begin = partial(lease.begin, self._begin)
        self._conditions = (lease.records,)


def join_batches(journals: Sequence[Journal]) -> Journal:
    """Return a journal that writes for several batches, and renews all their leases.

    It fails where any of the leases is lost.
    """
    return _JoinedJournal([one for one in journals if isinstance(one, BatchJournal)])


class _JoinedJournal(Journal):
    """Writes the records of several batches of one journal in one transaction."""

    def __init__(self, batches: Sequence[BatchJournal]) -> None:
        first = batches[0]
        self.__dict__.update(vars(first))
        self._begin = first.begin_unleased
        for batch in batches:
            self._begin = partial(batch.lease.begin, self._begin)
        self._conditions = ()


@asynccontextmanager
async def renewed(
    lease: Lease | LookupLease,
    journal: Journal,
    sleep: Callable[[float], Awaitable[None]],
) -> AsyncIterator[None]:
    """Renew a lease in this context, also while its worker waits for the rate limit.

    *journal* is that of all batches. A lease that is lost is not renewed; the next write
    of its worker raises ConfigurationError.
    """
    renewing = asyncio.create_task(_renew(lease, journal, sleep))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing


async def _renew(
    lease: Lease | LookupLease,
    journal: Journal,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    with suppress(ConfigurationError):
        while True:
            await sleep(lease.duration / _RENEWALS)
            await asyncio.to_thread(lease.renew, journal)  # does not block the loop
