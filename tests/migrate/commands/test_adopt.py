"""A journal that is not the latest is refused, or adopted, and nobody is created twice.

The data of the simulated banks decide: each customer is at the target once and in the
journal in the end, or waits for a person.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.migrate.moving import (
    STRIDE,
    Crash,
    Moving,
    Steps,
    bond_to_sonder,
    people,
    settle,
    sonder_to_bond,
)
from tests.migrate.postgres import PASSWORD, Server

from anybank import ConfigurationError, migrate
from anybank.migrate.journal import high_water_mark
from anybank_increase.simulator import IncreaseSimulator


def to_increase(directory: Path) -> Moving:
    """Return a migration to a bank that replays creates by their key."""
    bond = bond_to_sonder(directory)
    return Moving(directory, bond.source, IncreaseSimulator(), bond.supplement)


EVERY = 3 if os.environ.get("HYPOTHESIS_PROFILE") == "short" else STRIDE
"""The pairs are many: `make proof` tries them all, CI one in nine, `make test` fewer."""

KINDS: dict[str, Callable[[Path], Moving]] = {
    "a reference": sonder_to_bond,
    "neither": bond_to_sonder,
    "a key": to_increase,
}


@pytest.fixture(params=KINDS)
def moving(request: pytest.FixtureRequest, tmp_path: Path) -> Moving:
    """Return a planned migration to each kind of target."""
    moving = KINDS[request.param](tmp_path)
    assert moving.plan().counts["ready"] == 4
    return moving


def saved(moving: Moving, *tails: str) -> dict[str, bytes]:
    """Return the present files of a journal."""
    names = [f"move.db{tail}" for tail in tails]
    paths = [moving.directory / name for name in names]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


def restore(moving: Moving, files: dict[str, bytes]) -> None:
    """Write files over the present ones, as `cp` does, without the log."""
    for tail in ("-wal", "-shm"):
        (moving.directory / f"move.db{tail}").unlink(missing_ok=True)
    for name, content in files.items():
        (moving.directory / name).write_bytes(content)


def ledger(moving: Moving) -> list[str]:
    """Return the first names of all customers at the target."""
    return sorted(people(moving.target).values())


def refuses(moving: Moving, *texts: str) -> None:
    """Assert that every command that writes refuses the journal, and says why."""
    before = ledger(moving)
    source, target = moving.sides()
    both = {"journal": moving.journal, "source": source, "target": target}
    one = {"journal": moving.journal, "target": target}
    commands: list[Callable[[], Any]] = [
        moving.apply,
        moving.plan,
        moving.verify,
        lambda: migrate.run_batch("1-4", **both),
        lambda: migrate.rollback(**one, yes=True),
        lambda: migrate.overwrite(**both, yes=True),
        lambda: migrate.retry(journal=moving.journal),
    ]
    for command in commands:
        with pytest.raises(ConfigurationError) as caught:
            command()
        for text in ("may not be the latest", *texts, "`anybank migrate adopt`"):
            assert text in str(caught.value)
    status = migrate.status(journal=moving.journal)
    assert status.exit_code == 1
    assert "may not be the latest" in (status.stopped or "")
    assert any("may not be" in x.problem for x in check(moving).damages)
    assert ledger(moving) == before


def check(moving: Moving) -> migrate.Integrity:
    return migrate.check(journal=moving.journal)


def adopt(moving: Moving, **more: Any) -> migrate.Summary:
    source, target = moving.sides()
    return migrate.adopt(journal=moving.journal, source=source, target=target, **more)


def goes_on(moving: Moving) -> None:
    """Adopt, do a person's tasks, apply and verify: everybody is there once."""
    before = ledger(moving)
    adopt(moving)
    assert ledger(moving) == before  # nobody is sent by it
    moving.apply()
    settle(moving)
    moving.apply()
    assert max(Counter(ledger(moving)).values()) == 1
    assert ledger(moving) == sorted(people(moving.source).values())
    assert sorted(moving.crosswalk().values()) == sorted(people(moving.target))
    assert moving.verify().counts["quarantined"] == 0
    assert check(moving).damages == ()


def test_a_copy_of_before_apply_is_refused_and_adopted(moving: Moving) -> None:
    """The mark that stays shows that the restored journal is older."""
    copy = saved(moving, "")
    moving.apply()
    restore(moving, copy)
    refuses(moving, "it is older than its mark", "move.db.mark")
    goes_on(moving)


def test_a_directory_that_was_restored_whole_is_refused(moving: Moving) -> None:
    """Journal, key and mark agree with each other, but not with the file system."""
    copy = {path.name: path.read_bytes() for path in moving.directory.glob("move.db*")}
    moving.apply()
    restore(moving, copy)
    refuses(moving, "its mark", "was copied or restored")
    goes_on(moving)


def test_a_restored_mark_without_its_token_is_refused(moving: Moving) -> None:
    """A restore of the files by name leaves the token of a later command."""
    copy = saved(moving, "", ".key", ".mark")
    moving.apply()
    restore(moving, copy)
    refuses(moving, "was copied or restored")
    goes_on(moving)


def test_a_copy_without_a_mark_is_refused(moving: Moving) -> None:
    """Without a mark nobody can tell how old the journal is."""
    moving.apply()
    (moving.directory / "move.db.mark").unlink()
    refuses(moving, "its mark", "move.db.mark is missing")
    goes_on(moving)


def test_a_copy_at_another_path_is_refused(moving: Moving) -> None:
    """The second copy does not contain what the first one sends."""
    other = moving.directory / "other"
    shutil.copytree(
        moving.directory,
        other,
        ignore=shutil.ignore_patterns("other", "*.txt", "*.csv"),
    )
    moving.apply()
    moving.directory = other
    refuses(moving, "it was last written as", "its file is not the one")
    goes_on(moving)


def test_a_directory_that_was_renamed_is_taken_on_as_it_is(moving: Moving) -> None:
    """The mark proves that it is the same file, so nobody is quarantined."""
    other = moving.directory.with_name(f"{moving.directory.name}-renamed")
    moving.directory.rename(other)
    moving.directory = other
    for name in ("supplement", "ids"):
        if path := getattr(moving, name):
            setattr(moving, name, other / path.name)
    refuses_only_the_place(moving)
    summary = adopt(moving)
    assert summary.counts["ready"] == 4
    assert summary.counts["quarantined"] == 0


def refuses_only_the_place(moving: Moving) -> None:
    with pytest.raises(ConfigurationError, match="it was last written as") as caught:
        moving.apply()
    assert "copy" not in str(caught.value)


def test_another_machine_is_refused(
    moving: Moving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk in another machine may be a copy."""
    (tmp_path / "machine-id").write_text("another\n")
    monkeypatch.setattr(high_water_mark, "MACHINE_IDS", (tmp_path / "machine-id",))
    refuses(moving, "it was last written on another machine")
    goes_on(moving)


def died(moving: Moving, step: int) -> None:
    """Apply and crash, and leave the last changes in the log."""
    moving.steps = Steps(step)
    with suppress(Crash), moving.steps.counted():
        moving.apply(concurrency=1)
    moving.steps = Steps()


def test_a_journal_without_its_log_is_refused(moving: Moving, tmp_path: Path) -> None:
    """After kill -9 the log has the last intents, and may be left behind."""
    copy = saved(moving, "")
    died(moving, 16)
    restore(moving, copy)
    refuses(moving, "it is older than its mark", "move.db-wal, which may contain them")
    goes_on(moving)


def test_a_killed_run_goes_on_in_place_without_a_word(moving: Moving) -> None:
    """After a crash at any step the journal is the latest one."""
    for step in range(1, 40, 3):
        died(moving, step)
        assert migrate.check(journal=moving.journal).damages == ()
    moving.apply()
    settle(moving)
    moving.apply()
    assert ledger(moving) == sorted(people(moving.source).values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_at_every_commit_restored_at_every_later_one(
    kind: str, tmp_path: Path
) -> None:
    """Whenever a copy is made and restored, nobody is created twice."""
    copies = online_copies(KINDS[kind], tmp_path)
    assert len(copies) > 4
    for at in range(0, len(copies), EVERY):
        for later in range(at + 1, len(copies) + 1, EVERY):
            directory = tmp_path / f"{at}-{later}"
            directory.mkdir()
            moving = KINDS[kind](directory)
            moving.plan()
            run_with_a_copy(moving, at, later)
            refuses_apply(moving)
            goes_on(moving)


def online_copies(begin: Callable[[Path], Moving], tmp_path: Path) -> list[int]:
    """Return the commits of an apply."""
    directory = tmp_path / "counted"
    directory.mkdir()
    moving = begin(directory)
    moving.plan()
    commits: list[int] = []

    def on_commit(_: sa.Connection) -> None:
        commits.append(len(commits))

    sa.event.listen(sa.Engine, "commit", on_commit)
    try:
        moving.apply(concurrency=1)
    finally:
        sa.event.remove(sa.Engine, "commit", on_commit)
    return commits


def run_with_a_copy(moving: Moving, at: int, later: int) -> None:
    """Copy the journal at a commit, crash before a later one, and restore."""
    commits, copy = 0, moving.directory / "copy.db"

    def on_commit(_: sa.Connection) -> None:
        nonlocal commits
        if commits == at:
            with (
                closing(sqlite3.connect(moving.directory / "move.db")) as there,
                closing(sqlite3.connect(copy)) as here,
            ):
                there.backup(here)
        if commits == later:
            raise Crash
        commits += 1

    sa.event.listen(sa.Engine, "commit", on_commit)
    try:
        with suppress(Crash):
            moving.apply(concurrency=1)
    finally:
        sa.event.remove(sa.Engine, "commit", on_commit)
    restore(moving, {"move.db": copy.read_bytes()})


def refuses_apply(moving: Moving) -> None:
    """Assert that an older journal is refused, unless nothing was sent since."""
    before = ledger(moving)
    try:
        moving.apply()
    except ConfigurationError as error:
        assert "may not be the latest" in str(error)  # noqa: PT017  # it may be the latest
        assert ledger(moving) == before


def test_a_backup_is_marked_as_a_copy(moving: Moving) -> None:
    """A backup is consistent, private, and refused until it is adopted."""
    copy = moving.directory / "copy.db"
    done = migrate.backup(journal=moving.journal, to=copy)
    assert (done.records, copy.stat().st_mode & 0o077) == (4, 0)
    with pytest.raises(ConfigurationError, match="name a new file"):
        migrate.backup(journal=moving.journal, to=copy)
    moving.apply()
    for tail in ("-wal", "-shm"):
        assert not moving.journal.with_name(f"move.db{tail}").exists()
    os.replace(copy, moving.journal)  # noqa: PTH105  # as mv does
    refuses(moving, "it is a copy that `anybank migrate backup` made at")
    goes_on(moving)


def test_a_journal_with_later_entries_is_another_copy(moving: Moving) -> None:
    """A wrong time or a wrong copy is detected."""
    with pytest.raises(ConfigurationError, match="it is not the copy of that time"):
        adopt(moving, restored_from="2001-01-01T00:00:00Z")
    with pytest.raises(ConfigurationError, match="a time with a zone"):
        adopt(moving, restored_from="yesterday")
    assert adopt(moving, restored_from="2999-01-01T00:00:00Z").counts["ready"] == 4


def test_adopting_counts_what_becomes_of_everybody(tmp_path: Path) -> None:
    """Each kind of target has its own method, and the summary has the counts."""
    expected = {
        "a reference": ("adopted_matched", 4),
        "a key": ("adopted_by_key", 4),
        "neither": ("adopted_quarantined", 4),
    }
    for number, (kind, (name, count)) in enumerate(expected.items()):
        directory = tmp_path / str(number)
        directory.mkdir()
        moving = KINDS[kind](directory)
        moving.plan()
        copy = saved(moving, "")
        moving.apply()
        restore(moving, copy)
        summary = adopt(moving)
        assert summary.totals[name] == count
        assert summary.exit_code == (2 if kind == "neither" else 0)


def test_who_came_to_the_source_since_is_put_aside(tmp_path: Path) -> None:
    """A customer whom the copy lacks may have been planned and sent later."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    copy = saved(moving, "")
    moving.source.seed_customer(first_name="Zoe", ssn="912-45-7777")
    moving.plan()
    restore(moving, copy)
    summary = adopt(moving)
    assert summary.totals["adopted_quarantined"] == 5


def test_a_second_journal_finds_whom_the_first_has_sent(tmp_path: Path) -> None:
    """A target with references gets nobody twice, whichever journal sends."""
    first = sonder_to_bond(tmp_path)
    first.plan()
    first.apply()
    second = Moving(tmp_path, first.source, first.target, ids=first.ids)
    second.place = tmp_path / "second.db"
    summary = second.plan()
    assert (summary.totals["matched"], summary.counts["ready"]) == (4, 0)
    assert summary.totals["match_calls"] > 0
    second.apply()
    assert len(people(first.target)) == 4


def test_a_journal_that_was_removed_leaves_its_mark(tmp_path: Path) -> None:
    """A new journal in its place would send everybody again."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    moving.journal.unlink()
    with pytest.raises(ConfigurationError, match="would send everybody again"):
        moving.plan()


@pytest.fixture
def at_a_server(url: str, tmp_path: Path) -> Moving:
    """Return a planned migration whose journal is in PostgreSQL."""
    moving = bond_to_sonder(tmp_path)
    moving.place = url
    moving.plan()
    return moving


TABLES = "openings records meta throughput reasons findings"


def test_an_older_state_of_a_schema_is_refused(
    at_a_server: Moving, server: Server
) -> None:
    """A dump that is restored in place is behind the mark next to the key."""
    name = at_a_server.place.rpartition("journal=")[2]
    for table in TABLES.split():
        server.sql(f"CREATE TABLE {name}.old_{table} AS TABLE {name}.{table}")
    at_a_server.apply()
    server.sql(
        f"TRUNCATE {', '.join(f'{name}.{table}' for table in TABLES.split())} CASCADE"
    )
    for table in ("records", "meta", "openings", "throughput", "reasons", "findings"):
        server.sql(f"INSERT INTO {name}.{table} TABLE {name}.old_{table}")
    refuses(at_a_server, "it is older than its mark")
    goes_on(at_a_server)


def test_a_key_that_is_no_file_has_its_mark_in_the_state_directory(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark is never in the database, and only its owner can read it."""
    monkeypatch.setenv("KEY_OF_THE_TEST", "0f" * 32)
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", "env:KEY_OF_THE_TEST")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    moving = bond_to_sonder(tmp_path)
    moving.place = server.new_url()
    moving.plan()
    (mark,) = (tmp_path / "state" / "anybank").iterdir()
    assert mark.suffix == ".mark"
    assert mark.stat().st_mode & 0o077 == 0
    assert moving.apply().counts["created"] == 4


def test_a_dump_in_a_new_schema_is_refused(at_a_server: Moving, server: Server) -> None:
    """A schema that was dropped and restored has another id."""
    name = at_a_server.place.rpartition("journal=")[2]
    text = dumped(server, name)
    at_a_server.apply()
    server.sql(f"DROP SCHEMA {name} CASCADE")
    loaded(server, text)
    refuses(at_a_server, "its schema is not the one that was last written, but a copy")
    goes_on(at_a_server)


def test_a_dump_in_another_database_is_refused(
    at_a_server: Moving, server: Server
) -> None:
    """A second database may be in use at the same time."""
    name = at_a_server.place.rpartition("journal=")[2]
    text = dumped(server, name)
    at_a_server.apply()
    url = _with_password(server, "postgres")
    server.run("psql", *url, "-q", "-c", f"CREATE DATABASE other_{name}")
    loaded(server, text, f"other_{name}")
    at_a_server.place = at_a_server.place.replace("/postgres?", f"/other_{name}?")
    refuses(at_a_server, "it was last written in another database")
    goes_on(at_a_server)


def _with_password(server: Server, database: str) -> tuple[str, ...]:
    """Return the arguments that name a database to PostgreSQL's programs."""
    return (f"postgresql://anybank:{PASSWORD}@127.0.0.1:{server.port}/{database}",)


def dumped(server: Server, name: str) -> Path:
    """Return the output of pg_dump for a schema."""
    path = server.directory / f"{name}.sql"
    url = _with_password(server, "postgres")
    server.run("pg_dump", *url, f"--schema={name}", "-f", str(path))
    return path


def loaded(server: Server, path: Path, database: str = "postgres") -> None:
    """Restore a dump."""
    server.run("psql", *_with_password(server, database), "-q", "-f", str(path))


def test_a_journal_in_postgresql_is_copied_by_its_own_means(
    at_a_server: Moving, tmp_path: Path
) -> None:
    """The error names pg_dump and adopt."""
    with pytest.raises(ConfigurationError, match="copy it with pg_dump --schema="):
        migrate.backup(journal=at_a_server.journal, to=tmp_path / "copy.db")
