"""`check` detects damage in a journal, and says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.migrate.moving import Moving, Steps, bond_to_sonder, crosswalk, same_as_made

from anybank import ConfigurationError, migrate
from anybank.migrate import Damage
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator


def doubtful(directory: Path, place: JournalLocation | None = None) -> Moving:
    """Return a migration of three customers, with one create in doubt."""
    target = Faults().around(SonderSimulator())
    target.schedule("lost")
    moving = bond_to_sonder(directory, 3, target=target)
    moving.place = place
    moving.plan()
    moving.apply(concurrency=1)
    return moving


@pytest.fixture
def moved(tmp_path: Path, place: JournalLocation) -> Moving:
    """Return the migration on either engine."""
    return doubtful(tmp_path, place)


@pytest.fixture
def filed(tmp_path: Path) -> Moving:
    """Return the migration in a file, which can be damaged in more ways."""
    return doubtful(tmp_path)


def damages(moving: Moving, *statements: str) -> list[Damage]:
    """Damage a journal, and return the problems that are detected."""
    with Journal.at(moving.journal) as journal, journal.transaction() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return list(migrate.check(journal=moving.journal).damages)


def test_a_journal_is_sound_wherever_its_migration_is(moved: Moving) -> None:
    """After plan, apply, verify and rollback a journal has no damage."""
    assert damages(moved) == []
    moved.verify()
    _, target = moved.sides()
    migrate.rollback(journal=moved.journal, target=target, yes=True)
    result = migrate.check(journal=moved.journal)
    assert (result.damages, result.records, result.exit_code) == ((), 3, 0)


@pytest.mark.parametrize("step", range(1, 20, 2))
def test_a_crash_is_no_damage(tmp_path: Path, step: int) -> None:
    """After a crash at any step the journal is intact."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    moving.crash_at(step)
    assert damages(moving) == []
    assert moving.steps == Steps()


def test_who_was_matched_is_no_damage(tmp_path: Path) -> None:
    """A matched customer has a target id and was never sent."""
    moving, walked = same_as_made(tmp_path)
    moving.plan(crosswalk=crosswalk(tmp_path, walked.items()))
    assert damages(moving) == []


@pytest.mark.parametrize(
    ("statement", "message", "count"),
    [
        (
            "UPDATE records SET state = 'lost' WHERE state = 'quarantined'",
            "in an unknown state",
            1,
        ),
        (
            "UPDATE records SET target_id = NULL",
            "created at the target, but without a target id",
            2,
        ),
        (
            "UPDATE records SET target_id = 't' WHERE state = 'quarantined'",
            "not created at the target, but with a target id",
            1,
        ),
        (
            "UPDATE records SET attempts = 0 WHERE state = 'quarantined'",
            "sent, but without an intent",
            1,
        ),
        (
            "UPDATE records SET promise = '{}' WHERE state = 'created'",
            "moved, but without expected values to verify",
            2,
        ),
        ("UPDATE records SET promise = '{'", "with an unreadable promise", 3),
        ("DELETE FROM meta WHERE name = 'target'", "lacks target", 1),
    ],
)
def test_each_damage_is_named_counted_and_has_a_remedy(
    moved: Moving, statement: str, message: str, count: int
) -> None:
    """A damage has a problem, a count, a few ids and a remedy."""
    (result,) = damages(moved, statement)
    assert message in result.problem
    assert result.count == count
    assert result.remedy
    assert migrate.check(journal=moved.journal).exit_code == 1


def test_text_that_is_none_is_damage(filed: Moving) -> None:
    """Bytes that a bad disk changed are reported, with what to do."""
    with pytest.raises(ConfigurationError, match="is damaged: restore it"):
        damages(filed, "UPDATE records SET promise = CAST(x'22ff' AS TEXT)")


def test_reasons_that_are_gone_are_found(filed: Moving) -> None:
    """SQLite deletes them; PostgreSQL refuses that."""
    (result,) = damages(filed, "DELETE FROM reasons")
    assert (result.problem, result.count > 0) == (
        "reasons without a record, or records without their reason",
        True,
    )


def test_a_target_id_twice_is_found_without_its_index(filed: Moving) -> None:
    """Without its index a journal may have two records with one customer."""
    table = "CREATE TABLE copy AS SELECT * FROM records"
    steps = ("DROP TABLE records", "ALTER TABLE copy RENAME TO records")
    same = "UPDATE records SET target_id = 't' WHERE state = 'created'"
    (result,) = damages(filed, table, *steps, same)
    assert (result.problem, result.count) == ("with the target id of another record", 2)
    assert len(result.examples) == 2


def test_a_broken_page_is_found(filed: Moving) -> None:
    """Overwritten bytes are damage, whoever detects them."""
    connection = sqlite3.connect(filed.journal)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(filed.journal.read_bytes())
    half = len(content) // 2
    content[half:] = b"\xff" * (len(content) - half)
    filed.journal.write_bytes(content)
    try:
        result = [
            damage.problem for damage in migrate.check(journal=filed.journal).damages
        ]
    except ConfigurationError as error:
        result = [str(error)]
    assert "damaged" in " ".join(result)


@pytest.mark.parametrize("text", [None, f"{7:064x}"])
def test_a_key_that_does_not_fit_is_found(
    moved: Moving, tmp_path: Path, text: str | None
) -> None:
    """Without its own key the fingerprints of a journal are useless."""
    key = tmp_path / "move.db.key"
    key.unlink() if text is None else key.write_text(text)
    (result,) = damages(moved)
    assert "key" in result.problem
    assert result.remedy.startswith("put the key of this journal back")
