"""Each line of a worker's log names the worker, also those of its calls to the banks."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.migrate.moving import Moving, sonder_to_bond

from anybank import migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.workers import list_workers


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    moving = sonder_to_bond(tmp_path, 5)
    moving.plan()
    migrate.batches(journal=moving.journal, size=2)
    return moving


def test_each_line_names_its_worker(
    moving: Moving, caplog: pytest.LogCaptureFixture
) -> None:
    """Batches, calls, start and end of a worker are logged by the name in `status`."""
    source, target = moving.sides()
    with caplog.at_level(logging.DEBUG, logger="anybank"):
        migrate.work(journal=moving.journal, source=source, target=target)
    with Journal.open(moving.journal) as journal:
        (worker,) = list_workers(journal)
    records = [record for record in caplog.records if record.name == "anybank"]
    assert {record.__dict__["worker"] for record in records} == {worker.name}
    texts = [record.getMessage() for record in records]
    assert texts[-1] == "worker: ended"
    assert "batch 1-2: apply begins" in texts
    ended = next(item for item in records if "ended after" in item.getMessage())
    assert ended.__dict__["batch"] in {"1-2", "3-4", "5-5"}
    assert ended.__dict__["seconds"] >= 0
    assert any("customers.create" in text for text in texts)


def test_other_commands_name_no_worker(
    moving: Moving, caplog: pytest.LogCaptureFixture
) -> None:
    """The lines of an apply have the attribute too, without a name."""
    with caplog.at_level(logging.DEBUG, logger="anybank"):
        moving.apply()
    assert {record.__dict__["worker"] for record in caplog.records} == {None}


def test_a_pause_is_logged(moving: Moving, caplog: pytest.LogCaptureFixture) -> None:
    """A worker says when it is paused, and when it continues."""
    source, target = moving.sides()
    texts: list[str] = []

    class Resuming(logging.Handler):
        """Resumes the workers as soon as one of them has written that it is paused."""

        def emit(self, record: logging.LogRecord) -> None:
            # Before the workers are resumed: the other lane would write first otherwise.
            texts.append(record.getMessage())
            if record.getMessage() == "worker: paused":
                migrate.resume(journal=moving.journal)

    handler, logger = Resuming(), logging.getLogger("anybank")
    logger.addHandler(handler)
    try:
        migrate.pause(journal=moving.journal)
        with caplog.at_level(logging.INFO, logger="anybank"):
            migrate.work(journal=moving.journal, source=source, target=target)
    finally:
        logger.removeHandler(handler)
    resumed = texts.index("worker: resumed")
    assert (
        texts.index("worker: paused") < resumed < texts.index("batch 1-2: apply begins")
    )
