"""Transitions that wait at the same time share a transaction, also those of two batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from tests.fakes import FakeTime

from anybank import ConfigurationError
from anybank.migrate.journal.batch_claims import (
    BatchTask,
    claim_batch,
    divide_into_batches,
    open_batches,
)
from anybank.migrate.journal.batch_journal import BatchJournal
from anybank.migrate.journal.group_commit import CommitQueue, GroupCommit
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import BATCHES
from anybank.migrate.journal.transitions import Transition

_SIZE = 5


@pytest.fixture
def journal(place: JournalLocation) -> Iterator[Journal]:
    """Return a journal with two batches of five ready records, held by workers."""
    with Journal.create(place, plan=0) as created:
        records = created.add_records([f"id-{at}" for at in range(2 * _SIZE)], 1)
        ready = [Transition(record.number, State.READY) for record in records.values()]
        created.write(ready)
    with Journal.open_locked(place, shared=True) as opened:
        divide_into_batches(opened, _SIZE)
        open_batches(opened, BatchTask.APPLY)
        yield opened


def _batch(journal: Journal) -> BatchJournal:
    clock = FakeTime().read
    lease = claim_batch(journal, BatchTask.APPLY, timeout=30, clock=clock)
    assert lease is not None
    return BatchJournal(journal, lease)


@contextmanager
def _counted_commits() -> Iterator[list[object]]:
    commits: list[object] = []

    def note(connection: sa.Connection) -> None:
        commits.append(connection)

    sa.event.listen(sa.Engine, "commit", note)
    yield commits
    sa.event.remove(sa.Engine, "commit", note)


def _intents(commits: GroupCommit) -> list[asyncio.Task[None]]:
    """Start to write an intent of each record of a batch."""
    ready = list(commits.journal.records({State.READY}))
    intents = [Transition(record.number, State.IN_FLIGHT) for record in ready]
    return [asyncio.create_task(commits.write(intent)) for intent in intents]


def test_two_batches_share_a_transaction(journal: Journal) -> None:
    """Ten intents of two batches are one commit, which renews both leases."""

    async def write() -> None:
        queue = CommitQueue()
        batches = [GroupCommit(_batch(journal), queue) for _ in range(2)]
        with _counted_commits() as commits:
            tasks = [task for batch in batches for task in _intents(batch)]
            await asyncio.gather(*tasks)
        assert len(commits) == 1

    asyncio.run(write())
    assert journal.counts()[State.IN_FLIGHT] == 2 * _SIZE


def test_a_lost_batch_takes_no_other_with_it(journal: Journal) -> None:
    """Where one batch was taken over, the transitions of the other one are written."""

    async def write() -> list[None | BaseException]:
        queue = CommitQueue()
        lost, kept = (GroupCommit(_batch(journal), queue) for _ in range(2))
        with journal.transaction() as connection:
            first = sa.update(BATCHES).where(BATCHES.c.first == 1)
            connection.execute(first.values(token=BATCHES.c.token + 1))
        return await asyncio.gather(
            *_intents(lost), *_intents(kept), return_exceptions=True
        )

    failed, written = (results := asyncio.run(write()))[:_SIZE], results[_SIZE:]
    assert all(isinstance(error, ConfigurationError) for error in failed)
    assert written == [None] * _SIZE
    assert journal.counts()[State.IN_FLIGHT] == _SIZE


def test_a_change_of_another_process_fails_only_its_batch(journal: Journal) -> None:
    """A transition that its state does not allow is refused with the rest of its batch."""

    async def write() -> list[None | BaseException]:
        queue = CommitQueue()
        wrong, right = (GroupCommit(_batch(journal), queue) for _ in range(2))
        (record, *_) = wrong.journal.records({State.READY})
        refused = wrong.write(Transition(record.number, State.VERIFIED))
        return await asyncio.gather(refused, *_intents(right), return_exceptions=True)

    refused, *written = asyncio.run(write())
    assert isinstance(refused, ConfigurationError)
    assert written == [None] * _SIZE
