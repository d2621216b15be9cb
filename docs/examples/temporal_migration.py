r"""Workers of Temporal that run the batches of a migration.

TEMPORAL_ADDRESS is the server of Temporal and JOURNAL_URL the journal. The credentials of
both banks and the key of the journal come from the environment.

    python temporal_migration.py        # as many workers as you like
    temporal workflow execute --workflow-id anybank-migration \
        --type anybank.migration --task-queue anybank       # after the plan

Temporal stores references of batches and sentences about them, and no customer.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from anybank import ConfigurationError, migrate

JOURNAL = "env:JOURNAL_URL"
QUEUE = "anybank"
AT_A_TIME = 200
"""How many batches one run of the workflow has: its history must not grow without end."""
HEARTBEAT = 10.0
RETRY_IN = timedelta(seconds=float(os.environ.get("RETRY", "60")))


class Batches:
    """The activities of one process, which share a worker of anybank."""

    def __init__(self, worker: migrate.Worker) -> None:
        self.worker = worker

    @activity.defn(name="anybank.open_batches")
    async def open_batches(self) -> list[str]:
        """Return the next batches that have something left to do."""
        refs = await asyncio.to_thread(migrate.batches, journal=JOURNAL)
        return refs[:AT_A_TIME]

    @activity.defn(name="anybank.run_batch")
    async def run_batch(self, ref: str) -> None:
        """Apply a batch; Temporal repeats it later where something is left."""
        try:
            async with heartbeats():
                batch = await self.worker.run(ref)
        except ConfigurationError as error:
            # Retryable: another worker has the batch, or the workers are paused.
            raise ApplicationError(
                str(error),
                non_retryable=not error.retryable,
                next_retry_delay=RETRY_IN,
            ) from None
        if batch.stopped:
            raise ApplicationError(batch.stopped, next_retry_delay=RETRY_IN)


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Tell Temporal every ten seconds that the activity is alive."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()


@workflow.defn(name="anybank.migration")
class Migration:
    """Runs all batches of a journal, however many workers there are."""

    @workflow.run
    async def run(self) -> None:
        """Run the open batches, and begin again until none is open."""
        refs = await workflow.execute_activity(
            Batches.open_batches, start_to_close_timeout=timedelta(minutes=5)
        )
        if not refs:
            return
        await asyncio.gather(*map(self._run_batch, refs))
        workflow.continue_as_new()

    async def _run_batch(self, ref: str) -> None:
        await workflow.execute_activity(
            Batches.run_batch,
            ref,
            start_to_close_timeout=timedelta(hours=12),
            heartbeat_timeout=timedelta(seconds=3 * HEARTBEAT),
            retry_policy=RetryPolicy(maximum_interval=RETRY_IN),
        )


async def main() -> None:
    """Run a worker until SIGTERM, which lets the requests in flight finish."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    own = migrate.Worker(
        journal=JOURNAL,
        concurrency=int(os.environ.get("CONCURRENCY", "16")),
        lease=float(os.environ.get("LEASE", "180")),
    )
    async with own:
        batches = Batches(own)
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Migration],
            activities=[batches.open_batches, batches.run_batch],
            max_concurrent_activities=1,  # batches of one worker take turns anyway
            graceful_shutdown_timeout=timedelta(minutes=2),
        ):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
