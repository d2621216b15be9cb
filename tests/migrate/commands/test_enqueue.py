"""Jobs of Procrastinate run the batches of a journal, and the journal decides."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from tests.fakes import FakeTime
from tests.migrate.jobs import app_of, new_jobs_url
from tests.migrate.moving import Moving, people, sonder_to_bond
from tests.migrate.postgres import Server

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.batch_claims import BatchTask, claim_batch, open_batches
from anybank.migrate.journal.batch_leases import Lease, Span
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.workers import WorkerStatus

PEOPLE = 7


@pytest.fixture
def moving(tmp_path: Path, url: str) -> Moving:
    """Return a planned migration of seven in batches of two, in PostgreSQL."""
    moving = sonder_to_bond(tmp_path, PEOPLE)
    moving.place = url
    moving.plan(batch=2)
    return moving


@pytest.fixture
def app(server: Server, moving: Moving) -> procrastinate.App:
    """Return an app with the tasks of the migration, which is not open."""
    app = app_of(new_jobs_url(server))
    register(app, moving)
    return app


def register(app: procrastinate.App, moving: Moving) -> None:
    source, target = moving.sides()
    migrate.register_tasks(app, journal=moving.journal, source=source, target=target)


def enqueue(app: procrastinate.App, moving: Moving) -> list[str]:
    with app.open():
        return migrate.enqueue(app, journal=moving.journal)


def work_off(app: procrastinate.App) -> None:
    """Run a worker of Procrastinate until its queue is empty."""
    app.run_worker(
        wait=False, listen_notify=False, install_signal_handlers=False, concurrency=2
    )


def jobs(app: procrastinate.App, status: str) -> list[Any]:
    with app.open():
        listed = app.job_manager.list_jobs(task="anybank.run_batch", status=status)
        return list(listed)


def done(app: procrastinate.App) -> set[str]:
    """Return the batches of the jobs that succeeded; the sweep may have added some."""
    return {job.task_kwargs["ref"] for job in jobs(app, "succeeded")}


def everyone_once(moving: Moving) -> None:
    """Assert that nobody is lost or duplicated, and the journal is intact."""
    assert migrate.status(journal=moving.journal).open == 0
    walked, targets = moving.crosswalk(), people(moving.target)
    assert sorted(walked.values()) == sorted(targets)
    assert len(walked) == len(set(targets.values())) == PEOPLE
    assert migrate.check(journal=moving.journal).damages == ()


def test_each_open_batch_has_one_job(moving: Moving, app: procrastinate.App) -> None:
    """A repetition enqueues nothing, and the worker moves everyone once."""
    refs = migrate.batches(journal=moving.journal)
    assert enqueue(app, moving) == refs
    assert enqueue(app, moving) == []
    work_off(app)
    everyone_once(moving)
    assert done(app) == set(refs)
    assert enqueue(app, moving) == []


def test_a_job_has_no_personal_data_and_no_password(
    moving: Moving, app: procrastinate.App
) -> None:
    """It names a batch and a migration, as anyone may read a queue."""
    enqueue(app, moving)
    for job in jobs(app, "todo"):
        assert set(job.task_kwargs) == {"ref", "migration"}


def test_a_batch_with_a_worker_gets_no_job(
    moving: Moving, app: procrastinate.App
) -> None:
    """A job for it would only find that the other worker has it."""
    first, *others = migrate.batches(journal=moving.journal)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        Lease.acquire(journal, Span.of(first), timeout=30, clock=lambda: 0.0)
    assert enqueue(app, moving) == others
    work_off(app)
    assert len(people(moving.target)) == PEOPLE - 2


def test_a_job_of_a_batch_that_another_worker_has_does_nothing(
    moving: Moving, app: procrastinate.App
) -> None:
    """It ends without an error, and leaves the customers to that worker."""
    first, *_ = enqueue(app, moving)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        lease = Lease.acquire(journal, Span.of(first), timeout=30, clock=lambda: 0.0)
        work_off(app)
        assert len(people(moving.target)) == PEOPLE - 2
        assert jobs(app, "failed") == []
        lease.release(journal)
    enqueue(app, moving)
    work_off(app)
    everyone_once(moving)


def test_a_job_leaves_the_journal_to_a_command_that_has_it_alone(
    moving: Moving, app: procrastinate.App
) -> None:
    """It ends without an error, and its batch gets another job later."""
    enqueue(app, moving)
    with Journal.open_locked(moving.journal):
        work_off(app)
    assert people(moving.target) == {}
    assert jobs(app, "failed") == []
    enqueue(app, moving)
    work_off(app)
    everyone_once(moving)


def test_a_pause_holds_the_jobs_back(moving: Moving, app: procrastinate.App) -> None:
    """Waiting jobs do nothing and new ones are not enqueued, until workers resume."""
    enqueue(app, moving)
    migrate.pause(journal=moving.journal)
    work_off(app)
    assert people(moving.target) == {}
    assert enqueue(app, moving) == []
    migrate.resume(journal=moving.journal)
    enqueue(app, moving)
    work_off(app)
    everyone_once(moving)


def test_the_status_of_a_job_decides_nothing(
    moving: Moving, app: procrastinate.App
) -> None:
    """Jobs that ended without work are replaced, and a repeated job does no harm."""
    refs = enqueue(app, moving)
    waiting = jobs(app, "todo")
    with app.open():
        for job in waiting:
            app.job_manager.cancel_job_by_id(job.id)
    assert enqueue(app, moving) == refs
    with app.open():
        app.tasks["anybank.run_batch"].defer(**waiting[0].task_kwargs)
    work_off(app)
    everyone_once(moving)
    assert done(app) == set(refs)


def test_the_sweep_enqueues_what_a_dead_worker_left(
    moving: Moving, app: procrastinate.App
) -> None:
    """It closes the job that stayed unfinished, and its batch gets another one."""
    refs = enqueue(app, moving)

    async def die() -> None:
        async with app.open_async():
            manager = app.job_manager
            worker = await manager.register_worker()
            await manager.fetch_job(queues=["anybank"], worker_id=worker)
            await manager.prune_stalled_workers(0)

    asyncio.run(die())
    (stalled,) = jobs(app, "doing")
    with app.open():
        app.tasks["anybank.sweep"].defer(timestamp=0)
    work_off(app)
    everyone_once(moving)
    assert [job.id for job in jobs(app, "failed")] == [stalled.id]
    assert done(app) == set(refs)


def test_a_job_of_another_migration_is_refused(
    moving: Moving, app: procrastinate.App
) -> None:
    """Its reference would name other customers in this journal."""
    refs = migrate.batches(journal=moving.journal)
    with app.open():
        app.tasks["anybank.run_batch"].defer(ref=refs[0], migration="another")
    work_off(app)
    (failed,) = jobs(app, "failed")
    assert failed.task_kwargs["migration"] == "another"


def test_the_status_counts_the_batches_of_jobs(
    moving: Moving, app: procrastinate.App
) -> None:
    """It shows what is left, as with other workers."""
    enqueue(app, moving)
    status = migrate.status(journal=moving.journal)
    assert status.work is not None
    assert status.work.batches_left == 4
    work_off(app)
    status = migrate.status(journal=moving.journal)
    assert status.work is not None
    assert status.work.batches_left == 0


def test_no_job_moves_customers_while_workers_roll_back(
    moving: Moving, app: procrastinate.App
) -> None:
    """Jobs that wait do nothing, and the sweep enqueues none, until the rollback ends."""
    enqueue(app, moving)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        open_batches(journal, BatchTask.ROLLBACK, {State.READY})
        clock = FakeTime().read
        lease = claim_batch(journal, BatchTask.ROLLBACK, timeout=30, clock=clock)
        assert lease is not None
        work_off(app)
        assert people(moving.target) == {}
        assert jobs(app, "failed") == []
        with pytest.raises(ConfigurationError, match="workers roll back"):
            enqueue(app, moving)
        lease.finish(journal)
    enqueue(app, moving)
    work_off(app)
    everyone_once(moving)


def test_no_worker_rolls_back_while_a_job_runs(moving: Moving) -> None:
    """The batch of a job counts as one whose customers are moved."""
    first, *_ = migrate.batches(journal=moving.journal)
    source, target = moving.sides()
    sides: Any = {"source": source, "target": target}
    refusals: list[str] = []

    def roll_back(*_: object) -> None:
        try:
            migrate.work(
                journal=moving.journal,
                **sides,
                rollback=True,
                yes=True,
                allow="deletes",
            )
        except ConfigurationError as error:
            refusals.append(str(error))

    migrate.run_batch(first, journal=moving.journal, **sides, progress=roll_back)
    assert "workers move customers" in refusals[0]


def test_an_idle_process_closes_the_journal(
    moving: Moving, app: procrastinate.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waits for jobs, a command that needs the journal alone can run."""
    monkeypatch.setattr("anybank.migrate.commands.enqueue._IDLE", 0.01)
    enqueue(app, moving)

    def has_ended() -> bool:
        summary = migrate.status(journal=moving.journal)
        workers = summary.work.workers if summary.work else ()
        ended = [worker.status is WorkerStatus.ENDED for worker in workers]
        return summary.open == 0 and all(ended)

    async def is_idle() -> bool:
        listed = await app.job_manager.list_jobs_async(queue="anybank")
        if any(job.status in ("todo", "doing") for job in listed):
            return False
        return await asyncio.to_thread(has_ended)

    async def verify_meanwhile() -> None:
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    listen_notify=False,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=0.05,
                )
            )
            while not await is_idle():
                assert not working.done()
            assert (await asyncio.to_thread(moving.verify)).exit_code == 0
            working.cancel()
            await asyncio.wait([working])

    asyncio.run(verify_meanwhile())
    everyone_once(moving)


def test_an_app_has_the_tasks_of_one_journal(
    moving: Moving, app: procrastinate.App
) -> None:
    """A second registration is refused, with what to do."""
    with pytest.raises(ConfigurationError, match="once for each app, before enqueue"):
        register(app, moving)


def test_an_app_without_tasks_gets_them(moving: Moving, server: Server) -> None:
    """`enqueue` registers the tasks with the banks of the environment."""
    app = app_of(new_jobs_url(server))
    assert len(enqueue(app, moving)) == 4
    assert {"anybank.run_batch", "anybank.sweep"} <= set(app.tasks)


def test_an_app_that_is_not_open_is_named(
    moving: Moving, app: procrastinate.App
) -> None:
    """The error says what to do, instead of where the library failed."""
    with pytest.raises(ConfigurationError, match=r"with app\.open\(\)"):
        migrate.enqueue(app, journal=moving.journal)


def test_a_worker_without_jobs_closes_the_journal(
    moving: Moving, app: procrastinate.App
) -> None:
    """When the process of the jobs ends, plans and other commands are possible again."""
    enqueue(app, moving)
    work_off(app)
    moving.plan()
    assert moving.verify().exit_code == 0
