"""Fixtures for tests of a migration: a PostgreSQL server, and places for journals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anybank.migrate.journal.location import JournalLocation

from .postgres import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server, which is started once per process."""
    with running() as started:
        yield started


@pytest.fixture(autouse=True)
def _eager_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let idle workers ask for a batch often, because the tests' batches take a moment."""
    monkeypatch.setattr("anybank.migrate.commands.worker_lanes._POLL", 0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> JournalLocation:
    """Return the location of a new journal, on either engine."""
    if request.param == "sqlite":
        return tmp_path / "move.db"
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'move.db.key'}")
    server: Server = request.getfixturevalue("server")
    return server.new_url()


@pytest.fixture
def url(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a new journal, whose key is a file."""
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'key'}")
    return server.new_url()
