"""Fixtures of the router's tests: a directory of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.migrate.postgres import Server, running
from tests.router.banks import Kind

from anybank import Directory, InMemoryDirectory, SqlDirectory


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def both_kinds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with a Router, and with an AsyncRouter whose calls are awaited."""
    monkeypatch.setattr(Kind, "is_async", request.param)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server, which is started once per process."""
    with running() as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def open_directory(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], Directory]:
    """Return a function that opens one and the same directory, as each process does."""
    if request.param == "memory":
        directory = InMemoryDirectory()
        return lambda: directory
    if request.param == "sqlite":
        return lambda: SqlDirectory(f"sqlite:///{tmp_path}/where.db")
    server: Server = request.getfixturevalue("server")
    server.sql("DROP TABLE IF EXISTS anybank_directory")
    url = server.url("unused").partition("?")[0]
    return lambda: SqlDirectory(url)


@pytest.fixture
def directory(open_directory: Callable[[], Directory]) -> Iterator[Directory]:
    """Return an empty directory."""
    opened = open_directory()
    yield opened
    if isinstance(opened, SqlDirectory):
        opened.close()
