"""What a journal keeps, whom it lets in, and how it fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anybank import ConfigurationError, migrate
from anybank.migrate.journal import Journal, Move
from anybank.migrate.keys import Key
from anybank.migrate.locks import Lock
from anybank.migrate.states import TRANSITIONS, State, before
from anybank_bond.simulator import BondSimulator

from .moving import Moving, bond_to_sonder, people, side


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "move.db"


def planned(tmp_path: Path) -> Moving:
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    return moving


def test_every_state_can_be_reached_and_none_out_of_nothing() -> None:
    """Each state follows another, and what is made at the target stays known."""
    assert all(before(state) for state in State)
    made = {State.CREATED, State.VERIFIED, State.MISMATCHED}
    assert all(TRANSITIONS[state] <= made for state in made)


def test_a_state_that_may_not_follow_is_refused(path: Path) -> None:
    """A record that is only ready cannot be created: no intent was written."""
    with Journal.make(path) as journal:
        record = journal.add(["a"], 1)["a"]
        with pytest.raises(ConfigurationError, match="cannot become created"):
            journal.move([Move(record.number, State.CREATED)])


def test_a_group_is_written_whole_or_not(path: Path) -> None:
    """One bad change in a group leaves all of it undone."""
    with Journal.make(path) as journal:
        one, two = journal.add(["a", "b"], 1).values()
        with pytest.raises(ConfigurationError):
            journal.move(
                [Move(one.number, State.READY), Move(two.number, State.CREATED)]
            )
        assert journal.counts()[State.BLOCKED] == 2


def test_no_target_id_belongs_to_two(path: Path) -> None:
    """The database itself refuses the second."""
    with Journal.make(path) as journal:
        found = journal.add(["a", "b"], 1)
        for each in found.values():
            journal.move([Move(each.number, State.READY)])
            journal.move([Move(each.number, State.IN_FLIGHT)])
        made = {"target_id": "t"}
        journal.move([Move(found["a"].number, State.CREATED, made)])
        with pytest.raises(ConfigurationError, match="would have one target id"):
            journal.move([Move(found["b"].number, State.CREATED, made)])
        assert journal.owner_of("t") == "a"


def test_records_are_read_in_batches_in_their_order(path: Path) -> None:
    """However many there are, each comes once."""
    ids = [f"id-{at}" for at in range(1200)]
    with Journal.make(path) as journal:
        for start in range(0, len(ids), 500):
            journal.add(ids[start : start + 500], 1)
        found = [each.source_id for each in journal.records({State.BLOCKED})]
    assert found == ids


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Journal, key and lock are not for others to read."""
    planned(tmp_path)
    for name in ("move.db", "move.db.key", "move.db.lock"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_journal_that_is_not_there_is_named(path: Path) -> None:
    """A reader makes no file."""
    with pytest.raises(ConfigurationError, match="there is no journal"):
        migrate.status(journal=path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"hello, I am a text\n" * 100, b""])
def test_a_foreign_file_is_left_alone(path: Path, content: bytes) -> None:
    """A file that is no journal is refused and not written to."""
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not a journal of anybank"):
        migrate.status(journal=path)
    with pytest.raises(ConfigurationError, match="is not a journal of anybank"):
        bond_to_sonder(path.parent).plan()
    assert path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    """A database of another program is refused."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table meta (name, value)")
    content = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is not a journal of anybank"):
        migrate.status(journal=path)
    assert path.read_bytes() == content


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """A journal of a later version says what to do."""
    moving = planned(tmp_path)
    with Journal.open(moving.journal) as journal:
        journal.set_meta(schema=99)
    with pytest.raises(ConfigurationError, match="upgrade anybank"):
        migrate.status(journal=moving.journal)


def test_a_journal_of_another_pair_is_refused(tmp_path: Path) -> None:
    """Another target, or the same at another place, needs another journal."""
    moving = planned(tmp_path)
    moving.options = {"base_url": "https://bank.example.com/sandbox"}
    with pytest.raises(ConfigurationError, match="is of another migration: its target"):
        moving.plan()
    with pytest.raises(ConfigurationError, match="is of another migration: its target"):
        moving.apply()
    with pytest.raises(ConfigurationError, match="its source is bond"):
        migrate.apply(journal=moving.journal, source="sonder")


def test_the_pair_is_remembered_without_credentials(tmp_path: Path) -> None:
    """Policies are recorded; tokens are not, and are asked for again."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.options = {"middle_name_when_absent": ""}
    moving.plan()
    with Journal.open(moving.journal) as journal:
        recorded = journal.meta("target") or ""
    assert "middle_name_when_absent" in recorded
    assert "token" not in recorded
    with pytest.raises(ConfigurationError, match="set ANYBANK_BOND_IDENTITY"):
        migrate.verify(journal=moving.journal)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """Without its key a journal is not written to."""
    moving = planned(tmp_path)
    (tmp_path / "move.db.key").unlink()
    with pytest.raises(ConfigurationError, match="put it back"):
        moving.apply()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The permissions are said, and how to mend them."""
    moving = planned(tmp_path)
    (tmp_path / "move.db.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        moving.apply()


@pytest.mark.parametrize("text", ["not a key", "ab" * 32])
def test_another_key_is_refused(tmp_path: Path, text: str) -> None:
    """A key of another journal, or none at all, is told from the right one."""
    moving = planned(tmp_path)
    (tmp_path / "move.db.key").write_text(text)
    with pytest.raises(ConfigurationError, match=r"of a(nother)? journal"):
        moving.apply()


def test_a_second_writer_is_told_who_is_first(tmp_path: Path) -> None:
    """Who holds the lock is named; readers are let in."""
    moving = planned(tmp_path)
    with (
        Lock(moving.journal),
        pytest.raises(ConfigurationError, match=f"written by process {os.getpid()}"),
    ):
        moving.apply()
    with Lock(moving.journal):
        assert migrate.status(journal=moving.journal).counts["ready"] == 2
    assert moving.apply().open == 0


def test_a_lock_ends_with_its_process(path: Path) -> None:
    """A process that is killed leaves no lock behind."""
    script = (
        "import os, pathlib, sys\n"
        "from anybank.migrate.locks import Lock\n"
        "Lock(pathlib.Path(sys.argv[1])).__enter__()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script, str(path)], check=False
    )
    assert done.returncode == -9
    with Lock(path):
        pass


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A journal is not made in a directory that does not exist."""
    moving = bond_to_sonder(tmp_path)
    moving.directory = tmp_path / "nowhere"
    with pytest.raises(ConfigurationError, match="there is no directory"):
        moving.plan()


@contextmanager
def pragma(text: str) -> Iterator[None]:
    """Set a pragma on every connection that is opened meanwhile."""

    def on_connect(connection: Any, _: object) -> None:
        connection.execute(f"pragma {text}")

    sa.event.listen(sa.Engine, "connect", on_connect)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "connect", on_connect)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """Once there is room again, the same command works."""
    with (
        pragma("max_page_count=3"),
        pytest.raises(ConfigurationError, match="the disk is full: make room"),
    ):
        planned(tmp_path)
    assert planned(tmp_path).apply().open == 0


def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path) -> None:
    """Without its intent on the disk no request leaves, and nothing is lost."""
    moving = planned(tmp_path)
    with (
        pragma("query_only=1"),
        pytest.raises(ConfigurationError, match="cannot be written"),
    ):
        moving.apply()
    assert people(moving.target) == {}
    assert moving.apply().open == 0


def test_a_key_is_made_once(path: Path) -> None:
    """A key that is there already is kept."""
    assert Key.made(path).check == Key.made(path).check


def test_an_unfinished_journal_is_begun_anew(tmp_path: Path) -> None:
    """What a death while making it left behind is in nobody's way."""
    (tmp_path / "move.db.new").write_bytes(b"half")
    assert planned(tmp_path).apply().open == 0


def test_a_side_is_a_provider_and_its_options() -> None:
    """Options are not in its repr."""
    shown = repr(side(BondSimulator()))
    assert shown == "Side(provider='bond')"
