"""The example tasks that move a migration's batches, run by a worker of Celery."""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import Moving, people, sonder_to_bond

from anybank import migrate
from anybank.migrate.journal.batch_leases import Lease, Span
from anybank.migrate.journal.journal import Journal

celery = pytest.importorskip("celery", reason="the group `dev` installs Celery")

EXAMPLE = Path(__file__).parents[2] / "docs/examples/celery_migration.py"
PATIENCE = 60.0


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Moving:
    """Return a planned migration of seven in batches of two."""
    moving = sonder_to_bond(tmp_path, 7)
    moving.plan(batch=2)
    monkeypatch.setenv("JOURNAL_URL", str(moving.journal))
    return moving


@pytest.fixture
def example(moving: Moving) -> Iterator[Any]:
    """Import the example and run a worker in a thread, with the broker in memory."""
    spec = importlib.util.spec_from_file_location("celery_migration", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.RETRY_IN = 0
    source, target = moving.sides()
    own = migrate.Worker(journal=moving.journal, source=source, target=target)
    module.worker = lambda: own
    module.app.conf.broker_transport_options = {"polling_interval": 0.02}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Celery's own
        testing = importlib.import_module("celery.contrib.testing.worker")
        with testing.start_worker(
            module.app, pool="solo", perform_ping_check=False, loglevel="error"
        ):
            yield module
    module.runner().run(own.close())
    module.runner().close()


def wait_until_open(moving: Moving, refs: Sequence[str]) -> None:
    """Wait until only these batches have something left to do."""
    end = time.monotonic() + PATIENCE
    while migrate.batches(journal=moving.journal) != refs:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_tasks_move_everyone_once(moving: Moving, example: Any) -> None:
    """A batch that is on the queue twice, or that another worker has, moves nobody twice."""
    first, *_ = migrate.batches(journal=moving.journal)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        lease = Lease.acquire(journal, Span.of(first), timeout=30, clock=lambda: 0.0)
        example.main()
        example.main()
        wait_until_open(moving, [first])
        lease.release(journal)
    wait_until_open(moving, [])
    walked, targets = moving.crosswalk(), people(moving.target)
    assert sorted(walked.values()) == sorted(targets)
    assert len(walked) == len(set(targets.values())) == 7
    assert migrate.check(journal=moving.journal).damages == ()
