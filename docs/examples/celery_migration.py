"""Tasks of Celery that run the batches of a migration.

CELERY_BROKER_URL is the broker and JOURNAL_URL the journal. The credentials of both banks
and the key of the journal come from the environment.

    celery -A celery_migration worker --pool prefork --concurrency 2
    python -m celery_migration              # after the plan, and again at any time

A message has the reference of a batch, and no customer.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_shutdown

from anybank import ConfigurationError, migrate

JOURNAL = "env:JOURNAL_URL"
RETRY_IN = 60
"""After how many seconds a batch runs again that another worker has, or that is not done."""

app = Celery("migration", broker=os.environ.get("CELERY_BROKER_URL", "memory://"))
app.conf.task_acks_late = True  # a batch whose worker was killed runs again
app.conf.task_reject_on_worker_lost = True
app.conf.worker_prefetch_multiplier = 1  # a process takes a batch when it is free


@cache
def runner() -> asyncio.Runner:
    """Return the event loop of this process: the worker's connections belong to it."""
    return asyncio.Runner()


@cache
def worker() -> migrate.Worker:
    """Return the worker of this process, which opens the journal and the banks once."""
    return migrate.Worker(journal=JOURNAL)


@app.task(name="anybank.run_batch", bind=True, max_retries=None)
def run_batch(self: Task, ref: str) -> None:
    """Apply a batch; run it again later where something is left."""
    try:
        batch = runner().run(worker().run(ref))
    except ConfigurationError as error:
        # Retryable: another worker has the batch, or the workers are paused.
        if not error.retryable:
            raise
        raise self.retry(countdown=RETRY_IN) from None
    if batch.stopped:
        raise self.retry(countdown=RETRY_IN)


@worker_process_shutdown.connect
def close(**_: Any) -> None:
    """Close the journal and the banks when a process of Celery ends."""
    if worker.cache_info().currsize:
        runner().run(worker().close())
        runner().close()


def main() -> None:
    """Put the batches that are open on the queue; the journal ignores a repetition."""
    for ref in migrate.batches(journal=JOURNAL):
        run_batch.delay(ref)


if __name__ == "__main__":
    main()
