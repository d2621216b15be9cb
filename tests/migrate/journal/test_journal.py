"""What a journal stores on either engine, whom it admits, and how it fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.migrate.moving import (
    Crash,
    Moving,
    Steps,
    bond_to_sonder,
    people,
    side,
    sonder_to_bond,
)
from tests.proofs import PROOF

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.states import TRANSITIONS, State, before
from anybank.migrate.journal.tables import META
from anybank.migrate.journal.transitions import Transition
from anybank_bond.simulator import BondSimulator


@pytest.fixture
def moving(tmp_path: Path, place: JournalLocation) -> Moving:
    """Return a planned migration with its journal on either engine."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.place = place
    moving.plan()
    return moving


def test_every_state_can_be_reached_and_none_out_of_nothing() -> None:
    """Each state follows another one, and a created customer stays known."""
    assert all(before(state) for state in State)
    moved = {State.CREATED, State.VERIFIED, State.MISMATCHED}
    assert all(TRANSITIONS[state] <= moved for state in moved)


def test_a_state_that_may_not_follow_is_refused(place: JournalLocation) -> None:
    """A ready record cannot become created, because it has no intent."""
    with Journal.create(place) as journal:
        record = journal.add_records(["a"], 1)["a"]
        with pytest.raises(ConfigurationError, match="cannot become created"):
            journal.write([Transition(record.number, State.CREATED)])


def test_a_group_is_written_whole_or_not(place: JournalLocation) -> None:
    """One invalid transition rolls back the whole group."""
    with Journal.create(place) as journal:
        one, two = journal.add_records(["a", "b"], 1).values()
        with pytest.raises(ConfigurationError):
            journal.write(
                [
                    Transition(one.number, State.READY),
                    Transition(two.number, State.CREATED),
                ]
            )
        assert journal.counts()[State.BLOCKED] == 2


def test_no_target_id_belongs_to_two(place: JournalLocation) -> None:
    """The database itself refuses the second record with the id."""
    with Journal.create(place) as journal:
        records = journal.add_records(["a", "b"], 1)
        for record in records.values():
            journal.write([Transition(record.number, State.READY)])
            journal.write([Transition(record.number, State.IN_FLIGHT)])
        known = {"target_id": "t"}
        journal.write([Transition(records["a"].number, State.CREATED, known)])
        with pytest.raises(ConfigurationError, match="would have one target id"):
            journal.write([Transition(records["b"].number, State.CREATED, known)])
        assert journal.owner_of("t") == "a"


def test_records_are_read_in_batches_in_their_order(place: JournalLocation) -> None:
    """Each record is read once, however many there are."""
    ids = [f"id-{at}" for at in range(1200)]
    with Journal.create(place) as journal:
        for start in range(0, len(ids), 500):
            journal.add_records(ids[start : start + 500], 1)
        source_ids = [record.source_id for record in journal.records({State.BLOCKED})]
    assert source_ids == ids


def test_a_journal_that_is_not_there_is_named(place: JournalLocation) -> None:
    """A command that only reads creates no file."""
    with pytest.raises(ConfigurationError, match="there is no journal"):
        migrate.status(journal=place)


def test_a_newer_journal_is_refused(moving: Moving) -> None:
    """The error for a journal of a later version says what to do."""
    with Journal.open(moving.journal) as journal:
        journal.set_metadata(schema=99)
    with pytest.raises(ConfigurationError, match="upgrade anybank"):
        migrate.status(journal=moving.journal)


def test_a_journal_of_another_pair_is_refused(moving: Moving) -> None:
    """Another target, or another URL of the target, needs another journal."""
    moving.options = {"base_url": "https://bank.example.com/sandbox"}
    with pytest.raises(ConfigurationError, match="is of another migration: its target"):
        moving.plan()
    with pytest.raises(ConfigurationError, match="is of another migration: its target"):
        moving.apply()
    with pytest.raises(ConfigurationError, match="its source is bond"):
        migrate.apply(journal=moving.journal, source="sonder")


def test_the_pair_is_remembered_without_credentials(
    tmp_path: Path, place: JournalLocation
) -> None:
    """Policies are recorded; tokens are not, and must be passed again."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.place = place
    moving.options = {"middle_name_when_absent": ""}
    moving.plan()
    with Journal.open(moving.journal) as journal:
        recorded = journal.metadata_value("target") or ""
    assert "middle_name_when_absent" in recorded
    assert "token" not in recorded
    with pytest.raises(ConfigurationError, match="set ANYBANK_BOND_IDENTITY"):
        migrate.verify(journal=moving.journal)


def test_a_missing_key_is_named(moving: Moving, tmp_path: Path) -> None:
    """A journal without its key is not written to."""
    (tmp_path / "move.db.key").unlink()
    with pytest.raises(ConfigurationError, match="restore it"):
        moving.apply()


def test_a_key_that_others_can_read_is_refused(moving: Moving, tmp_path: Path) -> None:
    """The error names the permissions and the command that corrects them."""
    (tmp_path / "move.db.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        moving.apply()


@pytest.mark.parametrize("text", ["not a key", "ab" * 32])
def test_another_key_is_refused(moving: Moving, tmp_path: Path, text: str) -> None:
    """The key of another journal and text that is not a key are both detected."""
    (tmp_path / "move.db.key").write_text(text)
    with pytest.raises(
        ConfigurationError, match=r"another journal|not the key of a journal"
    ):
        moving.apply()


def test_the_error_of_a_second_writer_names_the_first(moving: Moving) -> None:
    """The error names the holder of the lock; readers need no lock."""
    first = str(os.getpid())
    with Journal.open_locked(moving.journal):
        with pytest.raises(ConfigurationError, match=f"is being written by .*{first}"):
            moving.apply()
        assert migrate.status(journal=moving.journal).counts["ready"] == 2
    assert moving.apply().open == 0


def test_a_side_is_a_provider_and_its_options() -> None:
    """The representation of a side does not contain its options."""
    shown = repr(side(BondSimulator()))
    assert shown == "Side(provider='bond')"


def test_a_migration_comes_to_its_end_and_back(moving: Moving) -> None:
    """A migration is applied, verified, checked and rolled back on either engine."""
    assert moving.apply().exit_code == moving.verify().exit_code == 0
    assert len(moving.crosswalk()) == 2
    assert migrate.check(journal=moving.journal).damages == ()
    _, target = moving.sides()
    undone = migrate.rollback(journal=moving.journal, target=target, yes=True)
    assert (undone.counts["rolled_back"], undone.exit_code) == (2, 0)
    assert people(moving.target) == {}
    assert migrate.check(journal=moving.journal).damages == ()


@pytest.mark.parametrize("step", range(1, 26, 3 if PROOF else 7))
def test_a_run_that_dies_is_taken_up(
    tmp_path: Path, place: JournalLocation, step: int
) -> None:
    """After a crash at any step the journal is intact and the next run succeeds."""
    moving = sonder_to_bond(tmp_path, 3)
    moving.place = place
    moving.plan()
    moving.crash_at(step)
    assert migrate.check(journal=place).damages == ()
    assert moving.apply().open == 0
    walked = moving.crosswalk()
    assert sorted(walked.values()) == sorted(people(moving.target))


def test_a_crash_during_its_creation_leaves_no_journal(
    tmp_path: Path, place: JournalLocation
) -> None:
    """A journal is created completely or not at all, and then by the next plan."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.place, moving.steps = place, Steps(deadly=1)
    with pytest.raises(Crash), moving.steps.counted():
        moving.plan()
    with pytest.raises(ConfigurationError, match="there is no journal"):
        migrate.status(journal=place)
    moving.steps = Steps()
    assert moving.plan().counts["ready"] == 2


def test_a_lock_ends_with_its_process(place: JournalLocation) -> None:
    """A process that is killed leaves no lock behind."""
    Journal.create(place).close()
    script = (
        "import os, sys\n"
        "from anybank.migrate.journal.journal import Journal\n"
        "Journal.open_locked(sys.argv[1]).__enter__()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script, str(place)], check=False
    )
    assert done.returncode == -9
    with Journal.open_locked(place):
        pass


def test_what_came_into_each_state_is_counted_by_the_minute(moving: Moving) -> None:
    """Every transition is counted, in the order of time."""
    moving.apply()
    with Journal.open(moving.journal) as journal:
        ticks = journal.throughput()
    sums: Counter[str] = Counter()
    for tick in ticks:
        sums[tick.state] += tick.count
    assert sums == {State.READY: 2, State.IN_FLIGHT: 2, State.CREATED: 2}
    minutes = [item.minute for item in ticks]
    assert minutes == sorted(minutes)
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", minute) for minute in minutes
    )


def test_nothing_is_counted_of_what_was_not_done(place: JournalLocation) -> None:
    """A group that is rolled back is not counted."""
    with Journal.create(place) as journal:
        record = journal.add_records(["a"], 1)["a"]
        with pytest.raises(ConfigurationError):
            journal.write([Transition(record.number, State.CREATED)])
        assert journal.throughput() == []


def test_a_record_may_move_twice_in_one_group(place: JournalLocation) -> None:
    """The transitions of a record stay in order, whatever is between them."""
    with Journal.create(place) as journal:
        one, two = journal.add_records(["a", "b"], 1).values()
        journal.write(
            [
                Transition(one.number, State.AMBIGUOUS),
                Transition(two.number, State.READY),
                Transition(one.number, State.CREATED, {"target_id": "t"}),
            ]
        )
        assert journal.counts()[State.CREATED] == 1
        assert list(journal.pairs()) == [("a", "t")]


def test_a_commit_that_fails_locks_nobody_out(place: JournalLocation) -> None:
    """A connection whose commit failed keeps no transaction open in the pool.

    On SQLite every other writer would wait 30 seconds for it, and then fail.
    """
    with Journal.create(place) as journal, Journal.open(place) as other:

        def fail(_: sa.Connection) -> None:
            raise Crash

        sa.event.listen(sa.Engine, "commit", fail)
        try:
            with pytest.raises(Crash), journal.unlocked_transaction() as connection:
                connection.execute(sa.insert(META).values(name="half", value="1"))
        finally:
            sa.event.remove(sa.Engine, "commit", fail)
        with other.unlocked_transaction() as connection:
            if other.store.is_single_machine:
                connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            connection.execute(sa.insert(META).values(name="other", value="1"))
