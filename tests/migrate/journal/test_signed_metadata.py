"""Without the key nobody can change the metadata of a journal unnoticed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import Moving, bond_to_sonder, people

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation

HOST = "https://collector.example.com/sandbox"
MOVED_AWAY = json.dumps({"provider": "sonder", "options": {"base_url": HOST}})


@pytest.fixture
def planned(tmp_path: Path, place: JournalLocation) -> Moving:
    """Return a planned migration of two customers, on either engine."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.place = place
    moving.plan()
    return moving


def edit(moving: Moving, *statements: str, **facts: str) -> None:
    """Change a journal in the way of a program other than anybank."""
    with Journal.at(moving.journal) as journal, journal.transaction() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        for name, value in facts.items():
            connection.exec_driver_sql(
                f"UPDATE meta SET value = '{value}' WHERE name = '{name}'"  # noqa: S608
            )


OPENINGS: dict[str, Callable[[Moving], object]] = {
    "plan": Moving.plan,
    "apply": Moving.apply,
    "verify": Moving.verify,
    "status": lambda moving: migrate.status(journal=moving.journal),
    "report": lambda moving: migrate.Report.read(moving.journal),
    "crosswalk": Moving.crosswalk,
    "batches": lambda moving: migrate.batches(journal=moving.journal),
    "retry": lambda moving: migrate.retry(journal=moving.journal),
    "resolve": lambda moving: migrate.resolve(
        journal=moving.journal, source_id="x", absent=True
    ),
    "rollback": lambda moving: migrate.rollback(
        journal=moving.journal, target=moving.sides()[1], yes=True
    ),
    "overwrite": lambda moving: migrate.overwrite(journal=moving.journal, yes=True),
}


@pytest.mark.parametrize("name", OPENINGS)
def test_a_changed_host_is_refused_at_every_opening(name: str, tmp_path: Path) -> None:
    """No token is used, nothing is sent, and `check` reports the change."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    edit(moving, target=MOVED_AWAY, target_at=HOST)
    with pytest.raises(ConfigurationError, match="is not signed by its key"):
        OPENINGS[name](moving)
    assert people(moving.target) == {}
    (damage,) = migrate.check(journal=moving.journal).damages
    assert "the signature of its key does not match" in damage.problem


@pytest.mark.parametrize(
    "fact",
    [
        "source",
        "source_at",
        "source_limit",
        "target",
        "target_at",
        "target_limit",
        "accept_loss",
        "supplement",
        "supplement_sha256",
        "migration_id",
        "plan_checksum",
        "inventory",
        "signature",
    ],
)
def test_every_fact_is_signed(fact: str, planned: Moving) -> None:
    """A change of any value is detected, on both engines."""
    edit(planned, **{fact: "9"})
    with pytest.raises(ConfigurationError, match="is not signed by its key"):
        planned.apply()
    assert migrate.check(journal=planned.journal).exit_code == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE name = 'signature'",
        "DELETE FROM meta WHERE name = 'target_limit'",
        "INSERT INTO meta (name, value) VALUES ('policy', 'anything')",
    ],
)
def test_a_fact_more_or_less_is_found(statement: str, planned: Moving) -> None:
    """The signature covers all values together."""
    edit(planned, statement)
    with pytest.raises(ConfigurationError, match="is not signed by its key"):
        planned.apply()


def test_no_facts_at_all_are_signed_by_nobody(planned: Moving) -> None:
    """An emptied table is not a new journal that the next command would sign."""
    edit(planned, "DELETE FROM meta WHERE name <> 'schema'")
    with pytest.raises(ConfigurationError, match="key"):
        planned.apply()


def test_a_writer_signs_nothing_that_was_changed_meanwhile(planned: Moving) -> None:
    """A writer does not sign values that changed after it opened the journal."""
    with Journal.open(planned.journal) as journal:
        edit(planned, target_at=HOST)
        with pytest.raises(ConfigurationError, match="is not signed by its key"):
            journal.set_metadata(inventory=2)
        assert journal.unverified_metadata()["inventory"] != "3"


def test_facts_are_checked_whenever_they_are_read(planned: Moving) -> None:
    """A change after the opening is detected at the next read."""
    with Journal.open(planned.journal) as journal:
        assert journal.metadata_value("target_at")
        edit(planned, target_at=HOST)
        with pytest.raises(ConfigurationError, match="is not signed by its key"):
            journal.metadata_value("target_at")


def test_an_untouched_journal_is_signed_to_its_end(planned: Moving) -> None:
    """Every command that writes metadata leaves a valid signature."""
    planned.apply()
    planned.plan()
    planned.verify()
    assert migrate.check(journal=planned.journal).damages == ()


def test_another_key_signs_nothing(tmp_path: Path) -> None:
    """The error says that the key belongs to another journal."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    edit(moving, target_at=HOST)
    (tmp_path / "move.db.key").write_text("ab" * 32)
    with pytest.raises(ConfigurationError, match="belongs to another journal"):
        moving.apply()


def test_the_signature_has_no_personal_data_and_no_key(tmp_path: Path) -> None:
    """A signature has 64 hexadecimal digits and is not the key."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    with closing(sqlite3.connect(moving.journal)) as database:
        rows: Any = database.execute("SELECT value FROM meta WHERE name = 'signature'")
        ((signature,),) = rows.fetchall()
    assert len(bytes.fromhex(signature)) == 32
    assert signature not in (tmp_path / "move.db.key").read_text()
