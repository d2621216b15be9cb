"""A journal in PostgreSQL: lost connections, settings, locks, URLs and secrets."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, evolve
from tests.migrate.moving import Moving, bond_to_sonder, people, sonder_to_bond
from tests.migrate.postgres import PASSWORD, Server

from anybank import ConfigurationError, migrate
from anybank.adapter.wire import Request, Response
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import store_for
from anybank.migrate.journal.states import State
from anybank_bond.simulator import BondSimulator

LOST = "the connection to its database was lost, so nothing more is sent"


@define
class Meddling:
    """A bank during whose create something happens to the journal's server."""

    bank: Any
    at: int
    meddle: Any
    creates: int = 0

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        self.creates += request.method == "POST"
        if request.method == "POST" and self.creates == self.at:
            self.meddle()
        return self.bank(request)  # type: ignore[no-any-return] # a simulator


def meddled(directory: Path, url: str, meddle: Any, *, at: int = 3) -> Moving:
    """Return a migration of eight during whose third create something happens."""
    moving = sonder_to_bond(
        directory, 8, target=Meddling(BondSimulator(seed=1), at, meddle)
    )
    moving.place = url
    moving.plan()
    return moving


@pytest.mark.parametrize("concurrency", [1, 4])
def test_who_has_lost_the_lock_sends_nothing_more(
    tmp_path: Path, url: str, server: Server, concurrency: int
) -> None:
    """No further request is sent, and the next run finishes."""
    moving = meddled(tmp_path, url, server.end_sessions)
    with pytest.raises(ConfigurationError, match=LOST):
        moving.apply(concurrency=concurrency)
    assert 3 <= moving.target.creates <= 2 + concurrency
    assert moving.apply().open == 0
    assert sorted(moving.crosswalk().values()) == sorted(people(moving.target.bank))


def test_a_server_whose_plug_is_pulled_is_taken_up(
    tmp_path: Path, url: str, server: Server
) -> None:
    """The run ends with one clear error, and continues once the server is back."""
    moving = meddled(tmp_path, url, server.stop)
    try:
        with pytest.raises(ConfigurationError, match=LOST):
            moving.apply(concurrency=2)
        with pytest.raises(ConfigurationError, match="cannot be reached"):
            migrate.status(journal=url)
    finally:
        server.start()
    assert moving.apply().open == 0
    assert sorted(moving.crosswalk().values()) == sorted(people(moving.target.bank))


@pytest.mark.parametrize("commit", range(2, 18, 3))
def test_a_commit_that_nobody_answered_is_looked_for(
    tmp_path: Path, url: str, server: Server, commit: int
) -> None:
    """A connection that ends during a commit loses and duplicates nobody."""
    moving = meddled(tmp_path, url, server.end_sessions, at=99)
    commits: list[int] = []

    def on_commit(_: sa.Connection) -> None:
        commits.append(1)
        if len(commits) == commit:
            server.end_sessions()

    sa.event.listen(sa.Engine, "commit", on_commit)
    try:
        with pytest.raises(ConfigurationError, match=LOST):
            moving.apply(concurrency=1)
    finally:
        sa.event.remove(sa.Engine, "commit", on_commit)
    assert moving.apply().open == 0
    assert sorted(moving.crosswalk().values()) == sorted(people(moving.target.bank))


def test_a_lost_lock_is_not_taken_again_in_silence(url: str, server: Server) -> None:
    """A writer that lost its session may not write, even if nobody else did."""
    Journal.create(url).close()
    with Journal.open_locked(url) as journal:
        server.end_sessions()
        for _ in range(2):
            with pytest.raises(ConfigurationError, match=LOST):
                journal.set_metadata(plan=1)
    with Journal.open_locked(url) as journal:
        journal.set_metadata(plan=1)


def test_a_writer_without_the_lock_is_kept_out(url: str) -> None:
    """Nothing is written while another session holds the lock."""
    Journal.create(url).close()
    with (
        Journal.open_locked(url),
        Journal.open(url) as other,
        pytest.raises(ConfigurationError, match=r"is being written by anybank \d+@"),
    ):
        other.set_metadata(plan=1)


def test_two_migrations_share_a_database(
    tmp_path: Path, server: Server, url: str
) -> None:
    """Each migration has its own schema and no access to the other one."""
    for name, place in (("a", url), ("b", server.new_url())):
        (tmp_path / name).mkdir()
        moving = bond_to_sonder(tmp_path / name, 2 if name == "a" else 3)
        moving.place = place
        moving.plan()
    assert migrate.status(journal=url).counts["ready"] == 2
    assert migrate.status(journal=place).counts["ready"] == 3


def test_commits_are_durable_whatever_the_database_says(
    url: str, server: Server
) -> None:
    """A database with synchronous_commit off does not lose an intent."""
    server.sql("ALTER DATABASE postgres SET synchronous_commit = off")
    try:
        with Journal.create(url) as journal, journal.locked():
            names = ("synchronous_commit", "idle_session_timeout", "search_path")
            settings = sa.select(*(sa.func.current_setting(name) for name in names))
            (row,) = journal.query(settings)
    finally:
        server.sql("ALTER DATABASE postgres RESET synchronous_commit")
    assert tuple(row) == ("on", "0", store_for(url).schema)


def test_somebody_elses_schema_is_left_alone(url: str, server: Server) -> None:
    """No journal is created in a schema that has other tables."""
    schema = store_for(url).schema
    server.sql(f"CREATE SCHEMA {schema}")
    server.sql(f"CREATE TABLE {schema}.meta (name text, value text, other text)")
    with pytest.raises(ConfigurationError, match=r"name another with \?journal=NAME"):
        migrate.status(journal=url)


def test_a_prepared_schema_is_used(url: str, server: Server) -> None:
    """A user without the right to create schemas can use an empty one."""
    schema = store_for(url).schema
    with pytest.raises(ConfigurationError, match="there is no journal"):
        migrate.status(journal=url)
    server.sql(f"CREATE SCHEMA {schema}")
    with Journal.create(url) as journal:
        assert journal.counts()[State.READY] == 0


def test_rights_that_are_missing_are_named(url: str, server: Server) -> None:
    """The error names the right that the user needs."""
    server.sql("CREATE USER guest PASSWORD 'guest'")
    url = url.replace(f"anybank:{PASSWORD}", "guest:guest")
    with pytest.raises(ConfigurationError, match="grant it CREATE"):
        Journal.create(url)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (PASSWORD, "wrong", "refuses the user or the password"),
        ("anybank:", "nobody:", "refuses the user or the password"),
        ("/postgres", "/nowhere", "its database or user does not exist"),
        ("?", "?nonsense=1&", "a parameter that libpq does not know"),
        ("127.0.0.1:", "127.0.0.1:1", "cannot be"),
    ],
)
def test_a_server_that_does_not_let_us_in(
    url: str, old: str, new: str, message: str
) -> None:
    """Each cause has one clear error, without the password."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        migrate.status(journal=url.replace(old, new, 1))
    trace = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in trace


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://user:secret@host/db", "has another scheme"),
        ("sqlite:///move.db", "has another scheme"),
        ("postgresql+asyncpg://user:secret@host/db", "has another scheme"),
        ("postgresql://user:secret@host:port/db", "cannot be read"),
        ("postgresql://user:secret@host/db?journal=a;b", "name of a journal"),
        ("postgresql://user:secret@host/db?journal=pg_x", "name of a journal"),
        ("postgresql://user:env:NOWHERE@host/db", "refers to NOWHERE"),
    ],
)
def test_a_url_that_makes_no_sense(url: str, message: str) -> None:
    """The URL is refused before any connection, and is not repeated."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        migrate.status(journal=url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_password_is_never_shown(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages show asterisks, wherever the password came from."""
    monkeypatch.setenv("PW", "secret")
    for authority in ("u:secret@h/d?", "u:env:PW@h/d?", "u@h/d?password=env:PW&"):
        store = store_for(
            f"{scheme}://{authority}journal=one&key=/k&sslpassword=secret"
        )
        assert store.display_name == "postgresql://u:***@h/d?journal=one"
        assert "secret" not in repr(store) + repr(store.engine())


def test_the_password_reaches_the_server_by_reference(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Password and URL may each be in a file or in a variable."""
    Journal.create(url).close()
    (tmp_path / "password").write_text(PASSWORD)
    with_file = url.replace(PASSWORD, f"file:{tmp_path / 'password'}")
    monkeypatch.setenv("JOURNAL_URL", with_file)
    for place in (with_file, "env:JOURNAL_URL"):
        with Journal.open(place) as journal:
            assert journal.counts()[State.READY] == 0


def test_no_secret_is_in_the_journal(tmp_path: Path, url: str, server: Server) -> None:
    """The database has neither the key of the fingerprints nor the password."""
    moving = evolve(bond_to_sonder(tmp_path, 2), place=url)
    moving.plan()
    moving.apply()
    schema = store_for(url).schema
    (rows,) = server.sql(f"SELECT schema_to_xml('{schema}', true, true, '')::text")
    assert "created" in str(rows[0])
    assert (tmp_path / "key").read_text().strip() not in str(rows[0])
    assert PASSWORD not in str(rows[0])
    assert "Ada" not in str(rows[0])


def test_a_key_must_be_somewhere(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is planned without a key, and the error says what to do."""
    monkeypatch.delenv("ANYBANK_JOURNAL_KEY")
    moving = evolve(bond_to_sonder(tmp_path, 2), place=url)
    with pytest.raises(ConfigurationError, match="ANYBANK_JOURNAL_KEY=file:PATH"):
        moving.plan()
    moving.place = f"{url}&key={tmp_path / 'named'}"
    moving.plan()
    moving.place = url
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", (tmp_path / "named").read_text().strip())
    assert moving.apply().exit_code == 0
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", "0" * 64)
    with pytest.raises(ConfigurationError, match="the key belongs to another journal"):
        moving.verify()


def test_a_key_may_be_the_secret_of_another_variable(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key from a secret store needs no file."""
    monkeypatch.setenv("VAULT", "ab" * 32)
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", "env:VAULT")
    moving = evolve(bond_to_sonder(tmp_path, 2), place=url)
    moving.plan()
    assert moving.apply().exit_code == 0
    assert migrate.check(journal=url).damages == ()
    assert not list(tmp_path.glob("*key*"))


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error contains the pip command to run."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'anybank\[postgres\]'"):
        migrate.status(journal="postgresql://user@host/db")
