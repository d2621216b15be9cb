"""Runs the batches of a journal as jobs of Procrastinate, a queue in PostgreSQL.

::

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=...))
    migrate.register_tasks(app, journal="env:JOURNAL_URL")   # in each worker process
    migrate.enqueue(app, journal="env:JOURNAL_URL")          # once, after the plan

The journal decides which batches are done; the status of a job decides nothing. The job of
a worker that died stays unfinished. Once the lease of its batch has ended, the periodic
sweep enqueues the batch again. A job contains the reference of its batch and the id of the
migration, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from ..._engine.error_boundary import guarded, guarded_async
from ...errors import ConfigurationError
from ..journal.batch_claims import (
    OPEN_STATES,
    BatchTask,
    is_free,
    open_batches,
    require_direction,
)
from ..journal.batch_leases import LeaseLost
from ..journal.journal import Journal
from ..journal.states import State
from ..journal.store import JournalUnreachable
from ..journal.tables import BATCHES
from ..migration import SideLike
from .arguments import AnyPath, require_positive
from .work import OPEN, SIZE, divide_records, open_refs
from .worker import Worker

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import JobDeferrer

RUN_BATCH = "anybank.run_batch"
SWEEP = "anybank.sweep"
_TO_APPLY = OPEN_STATES[BatchTask.APPLY]
_EVERY_MINUTE = "* * * * *"
_QUEUE = "anybank"
_IDLE = 30.0
"""After how many seconds without a job a process closes its worker."""


@guarded
def register_tasks(
    app: App,
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    concurrency: int | None = None,
    lease: float | None = None,
) -> None:
    """Add the tasks of a journal to an app of Procrastinate, in the queue `anybank`.

    `anybank.run_batch` runs one batch with a `Worker`, which gets the other arguments. A
    process opens it for its first job, and closes it after 30 seconds without one, so that
    commands such as `verify` can run then. Every minute `anybank.sweep` enqueues the
    batches that are left without a worker, and closes the jobs of dead workers. An app has
    the tasks of one journal. Raises ConfigurationError for an app that has them already.
    """
    _require_procrastinate()
    if RUN_BATCH in app.tasks:
        raise ConfigurationError(
            f"the app has the task {RUN_BATCH} already: call register_tasks once for each "
            "app, before enqueue, and create an app for each journal"
        )
    create = partial(
        Worker,
        journal=journal,
        source=source,
        target=target,
        concurrency=concurrency,
        lease=lease,
    )
    create()  # refuses arguments that no worker accepts before a job does
    tasks = _Tasks(app, journal, _ProcessWorker(create))
    app.task(name=RUN_BATCH, queue=_QUEUE)(tasks.run_batch)
    # before the batches that wait, or a long queue would delay the sweep
    task = app.task(name=SWEEP, queue=_QUEUE, queueing_lock=SWEEP, priority=1)
    app.periodic(cron=_EVERY_MINUTE)(task(tasks.sweep))


@guarded
def enqueue(app: App, *, journal: AnyPath, size: int = SIZE) -> list[str]:
    """Enqueue a job for each open batch, and return the references of the new jobs.

    A batch with people about whom the target has not decided is open, too: its job reads
    them again. The sweep does not, so call this once a day for example while some wait.
    A batch gets none while a worker has it or its job waits, so a repetition is harmless.
    Records that are in no batch yet go into batches of `size`. An app without tasks gets
    those of `register_tasks`. While the workers are paused nothing is enqueued: the sweep
    does so when they resume. In an event loop in which the app is open, await
    `enqueue_async` instead.
    """
    jobs, enqueued = _prepare(app, journal, size, _TO_APPLY), []
    for job in jobs:
        with _queue_errors(), suppress(_already_enqueued()):
            job.deferrer(app).defer()
            enqueued.append(job.ref)
    return enqueued


@guarded_async
async def enqueue_async(app: App, *, journal: AnyPath, size: int = SIZE) -> list[str]:
    """Enqueue as `enqueue` does, in an event loop in which the app is open."""
    return await _enqueue(app, journal, size, _TO_APPLY)


async def _enqueue(
    app: App, journal: AnyPath, size: int, states: Collection[State]
) -> list[str]:
    jobs = await asyncio.to_thread(_prepare, app, journal, size, states)
    enqueued = []
    for job in jobs:
        with _queue_errors(), suppress(_already_enqueued()):
            await job.deferrer(app).defer_async()
            enqueued.append(job.ref)
    return enqueued


@frozen
class _BatchJob:
    """The job of a batch, which is about to be enqueued."""

    migration: str
    ref: str

    def deferrer(self, app: App) -> JobDeferrer:
        """Return what enqueues the job; its lock lets only one wait in the queue."""
        lock = f"{RUN_BATCH}:{self.migration}:{self.ref}"
        task = app.tasks[RUN_BATCH]
        return task.configure(
            queueing_lock=lock,
            task_kwargs={"ref": self.ref, "migration": self.migration},
        )


def _prepare(
    app: App, journal: AnyPath, size: int, states: Collection[State]
) -> Sequence[_BatchJob]:
    """Return the jobs of the batches with records in *states* that have no worker."""
    _require_procrastinate()
    require_positive("size", size)
    if RUN_BATCH not in app.tasks:
        register_tasks(app, journal=journal)
    with Journal.open(journal) as opened:
        divide_records(opened, size)
        _open_for_apply(opened, states)
        migration = _migration_id(opened)
        refs = list(open_refs(opened, is_free(opened), states=states))
    return [_BatchJob(migration, ref) for ref in refs]


def _open_for_apply(journal: Journal, states: Collection[State]) -> None:
    """Open the batches for workers, so that `status` counts them."""
    require_direction(journal, BatchTask.APPLY)
    has_other_task = BATCHES.c.task.is_distinct_from(BatchTask.APPLY)
    if any(open_refs(journal, is_free(journal), has_other_task, states=states)):
        with journal.locked(shared=True):
            open_batches(journal, BatchTask.APPLY, states)


def _migration_id(journal: Journal) -> str:
    return journal.metadata()["migration_id"]


@define(eq=False)
class _ProcessWorker:
    """The worker of a process, which its jobs share."""

    create: Callable[[], Worker]
    _keeper: asyncio.Task[None] | None = field(init=False, default=None)
    _opened: asyncio.Future[Worker] = field(init=False)
    _running: int = field(init=False, default=0)
    _started: int = field(init=False, default=0)

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Worker]:
        """Return the worker, which stays open in this context; open it if necessary."""
        # A task of its own holds the worker: it is cancelled, and so closes the worker,
        # when the event loop of the process ends.
        if self._keeper is None or self._keeper.done():
            self._opened = asyncio.get_running_loop().create_future()
            self._keeper = asyncio.create_task(self._keep(self._opened))
        self._started += 1
        self._running += 1
        try:
            yield await asyncio.shield(self._opened)
        finally:
            self._running -= 1

    async def _keep(self, opened: asyncio.Future[Worker]) -> None:
        try:
            async with self.create() as worker:
                opened.set_result(worker)
                await self._wait_until_idle()
                self._keeper = None  # from now on a job opens another worker
        except Exception as error:
            if opened.done():
                raise
            opened.set_exception(error)

    async def _wait_until_idle(self) -> None:
        started = -1
        while self._running or self._started != started:
            started = self._started
            await asyncio.sleep(_IDLE)


@define(eq=False)
class _Tasks:
    """The tasks of a journal in one process."""

    app: App
    journal: AnyPath
    worker: _ProcessWorker
    _migration: str | None = field(init=False, default=None)

    async def run_batch(self, ref: str, migration: str) -> str:
        """Apply a batch, and return how far it has come, for the log of the queue."""
        return await self._run_batch(ref, migration)

    async def sweep(self, timestamp: int) -> str:
        """Enqueue the batches that no worker has, and close the jobs of dead workers."""
        del timestamp  # that of the schedule: the journal has its own clock
        return await self._sweep()

    @guarded_async
    async def _run_batch(self, ref: str, migration: str) -> str:
        if migration != await asyncio.to_thread(self._own_migration):
            raise ConfigurationError(
                f"the batch {ref} belongs to another migration: give each journal an app "
                "and a schema of Procrastinate of its own"
            )
        try:
            async with self.worker.use() as worker:
                batch = await worker.run(ref)
        except ConfigurationError as error:
            # Another worker has the batch, or a command writes to the journal alone: once
            # the batch is free, the sweep enqueues it again.
            is_busy = error.retryable or isinstance(error, LeaseLost)
            if not is_busy or isinstance(error, JournalUnreachable):
                raise
            return str(error)
        return batch.stopped or "nothing is left to do"

    @guarded_async
    async def _sweep(self) -> str:
        for name in (RUN_BATCH, SWEEP):
            await self._close_stalled_jobs(name)
        try:
            # Not the people about whom the target decides: each job would read them again.
            enqueued = await _enqueue(self.app, self.journal, SIZE, OPEN)
        except ConfigurationError as error:
            # such as a command that writes to the journal alone, until it ends
            if not error.retryable:
                raise
            return str(error)
        return f"{len(enqueued)} batches were enqueued"

    async def _close_stalled_jobs(self, task: str) -> None:
        from procrastinate.jobs import Status  # noqa: PLC0415  # an extra

        manager = self.app.job_manager
        for job in await manager.get_stalled_jobs(queue=_QUEUE, task_name=task):
            await manager.finish_job(job, Status.FAILED, delete_job=False)

    def _own_migration(self) -> str:
        if self._migration is None:
            with Journal.open(self.journal) as journal:
                self._migration = _migration_id(journal)
        return self._migration


def _require_procrastinate() -> None:
    try:
        import procrastinate  # noqa: F401, PLC0415  # an extra
    except ModuleNotFoundError:
        pass
    else:
        return
    raise ConfigurationError(
        "jobs of batches need procrastinate: pip install 'anybank[workers]'"
    )


def _already_enqueued() -> type[Exception]:
    """Return the error of a batch whose job waits in the queue already."""
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415  # an extra

    error: type[Exception] = AlreadyEnqueued
    return error


@contextmanager
def _queue_errors() -> Iterator[None]:
    """Raise ConfigurationError for an app that is not open or has no database."""
    from procrastinate import exceptions  # noqa: PLC0415  # an extra

    try:
        yield
    except exceptions.AppNotOpen:
        error = ConfigurationError(
            "the app of Procrastinate is not open: use `with app.open()`, or `async with "
            "app.open_async()`"
        )
    except exceptions.ConnectorException:  # its text may contain the database's URL
        error = ConfigurationError(
            "the app of Procrastinate cannot write to its database: check that the server "
            "runs, and that `procrastinate schema --apply` has created the tables",
            retryable=True,
        )
    else:
        return
    raise error
