"""An app follows each customer to the target of a migration once the copy is verified."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.migrate.moving import Moving, bond_to_sonder, people, side
from tests.migrate.postgres import Server
from tests.router.banks import World, email

from anybank import (
    Bank,
    ConfigurationError,
    Conflict,
    InMemoryDirectory,
    JournalDirectory,
    Location,
    NotFound,
    Router,
    Unsupported,
    migrate,
)


def banks(moving: Moving, directory: Any) -> Router:
    """Return the router of an app that uses both banks of a migration."""
    opened = {}
    for simulator in (moving.source, moving.target):
        at = side(simulator)
        opened[at.provider] = Bank(at.provider, **at.options)
    return Router(opened, directory=directory, default="bond")


def keyed(ids: list[str]) -> InMemoryDirectory:
    """Return a directory in which the customers of Bond have keys."""
    directory = InMemoryDirectory()
    with World().router(directory, "bond") as banks:
        for number, customer_id in enumerate(ids):
            banks.assign(f"user-{number}", to="bond", customer_id=customer_id)
    return directory


def test_the_ids_of_the_source_are_the_keys(tmp_path: Path) -> None:
    """Each customer is at the source until the copy is verified."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    ids = list(people(moving.source))
    with banks(moving, JournalDirectory(moving.journal)) as router:
        assert {router.locate(item) for item in ids} == {
            Location("bond", item) for item in ids
        }
        moving.apply()
        assert router.locate(ids[0]).provider == "bond"
        moving.verify()
        for source_id, target_id in moving.crosswalk().items():
            assert router.locate(source_id) == Location("sonder", target_id)
            assert router.key_of("sonder", target_id) == source_id
            assert router.key_of("bond", source_id) is None
            assert router.customers.get(source_id).id == target_id
        listed = {customer.id for customer in router.customers.list()}
        assert listed == set(moving.crosswalk().values())
        with pytest.raises(NotFound):
            router.locate("unknown")


def test_a_journal_alone_is_only_read(tmp_path: Path) -> None:
    """Creates, moves and deletions say what they need, and send nothing."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    [source_id] = people(moving.source)
    with banks(moving, JournalDirectory(moving.journal)) as router:
        for change in (
            lambda: router.assign("new", to="bond", customer_id="b1"),
            lambda: router.move(source_id, to="sonder", customer_id="s1"),
            lambda: router.customers.delete(source_id),
            lambda: router.forget(source_id),
        ):
            with pytest.raises(Unsupported, match="directory="):
                change()
        changed = router.customers.update(source_id, email("j@example.com"))
        assert changed.id == source_id
    assert list(people(moving.source)) == [source_id]


def test_the_apps_keys_follow_the_journal(tmp_path: Path) -> None:
    """Keys of customers whom the migration does not have stay where they are."""
    moving = bond_to_sonder(tmp_path, 3)
    ids = list(people(moving.source))
    stored = keyed(ids)
    moving.plan(limit=2)
    moving.apply()
    moving.verify()
    moved = moving.crosswalk()
    directory = JournalDirectory(moving.journal, directory=stored)
    with banks(moving, directory) as router:
        for number, source_id in enumerate(ids):
            place = moved.get(source_id)
            expected = Location("sonder" if place else "bond", place or source_id)
            assert router.locate(f"user-{number}") == expected
            assert router.key_of(*_pair(expected)) == f"user-{number}"
        assert router.key_of("bond", next(iter(moved))) is None
        router.customers.update("user-0", email("new@example.com"))
        assert router.locate("user-0").provider == "sonder"
        assert len(router.customers.list().to_list()) == 3
        assert "JournalDirectory" in repr(directory)


def _pair(location: Location) -> tuple[str, str]:
    return location.provider, location.customer_id


def test_a_customer_whom_the_app_changes_after_the_move_stays(tmp_path: Path) -> None:
    """A check that finds the change does not send the app back to the old data."""
    moving = bond_to_sonder(tmp_path, 2)
    stored = keyed(list(people(moving.source)))
    moving.plan()
    moving.apply()
    moving.verify()
    directory = JournalDirectory(moving.journal, directory=stored)
    with banks(moving, directory) as router:
        before = router.locate("user-0")
        router.customers.update("user-0", email("new@example.com"))
        assert moving.verify().counts["mismatched"] == 1
        assert router.locate("user-0") == before
        assert router.customers.get("user-0").emails == ("new@example.com",)


def test_a_rollback_takes_customers_back(tmp_path: Path) -> None:
    """After it every key leads to the source, also one that was updated at the target."""
    moving = bond_to_sonder(tmp_path, 2)
    ids = list(people(moving.source))
    stored = keyed(ids)
    moving.plan()
    moving.apply()
    moving.verify()
    directory = JournalDirectory(moving.journal, directory=stored)
    with banks(moving, directory) as router:
        router.customers.update("user-0", email("new@example.com"))
        _, target = moving.sides()
        migrate.rollback(
            journal=moving.journal,
            target=target,
            yes=True,
            max_change="100%",
        )
        assert router.locate("user-1") == Location("bond", ids[1])
        assert router.customers.get("user-1").id == ids[1]


def test_new_customers_moves_and_deletions_are_stored(tmp_path: Path) -> None:
    """The directory of the app's keys takes what the journal does not decide."""
    moving = bond_to_sonder(tmp_path, 2)
    stored = keyed(list(people(moving.source)))
    moving.plan()
    moving.apply()
    moving.verify()
    copies = moving.crosswalk()
    directory = JournalDirectory(moving.journal, directory=stored)
    with banks(moving, directory) as router:
        router.assign("new", to="bond", customer_id="b9")
        router.move("new", to="sonder", customer_id="s9")
        assert router.locate("new") == Location("sonder", "s9")
        router.customers.delete("user-0")
        with pytest.raises(NotFound):
            router.locate("user-0")
        assert stored.find("user-0") is None
        assert len(moving.target.customer_ids) == len(copies) - 1


def test_a_deletion_reaches_a_copy_that_was_verified_meanwhile(tmp_path: Path) -> None:
    """A customer who is deleted during the cut-over is deleted at both banks."""
    moving = bond_to_sonder(tmp_path, 1)
    stored = keyed(list(people(moving.source)))
    moving.plan()
    moving.apply()

    class Verifying(JournalDirectory):
        def remove(self, old: Any, /) -> bool:
            if not verified:
                verified.append(migrate_state())
            return super().remove(old)

    def migrate_state() -> str:
        # The source does not have the customer any more, so the record is marked here.
        with sa.create_engine(f"sqlite:///{moving.journal}").begin() as connection:
            connection.exec_driver_sql("UPDATE records SET state = 'verified'")
        return "verified"

    verified: list[str] = []
    with banks(moving, Verifying(moving.journal, directory=stored)) as router:
        router.customers.delete("user-0")
    assert list(moving.target.customer_ids) == []
    assert stored.find("user-0") is None


def test_a_move_that_the_journal_has_overtaken_is_refused(tmp_path: Path) -> None:
    """A stored entry is replaced only where the customer is where the caller saw it."""
    moving = bond_to_sonder(tmp_path, 1)
    stored = keyed(list(people(moving.source)))
    moving.plan()
    moving.apply()
    directory = JournalDirectory(moving.journal, directory=stored)
    old = directory.find("user-0")
    assert old is not None
    moving.verify()
    assert not directory.replace(old, old)
    assert not directory.remove(old)
    [source_id] = people(moving.source)
    expected = Location("bond", source_id, old.version)
    with banks(moving, directory) as router, pytest.raises(Conflict):
        router.move("user-0", to="sonder", customer_id="s1", expected=expected)


def test_an_old_copy_of_a_journal_is_refused(tmp_path: Path) -> None:
    """It would lead to the source customers who have moved since."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path, copy, ignore=shutil.ignore_patterns("copy"))
    with pytest.raises(ConfigurationError, match="may not be the latest"):
        JournalDirectory(copy / "move.db").find("user-0")


def test_a_missing_journal_is_refused(tmp_path: Path) -> None:
    """The message says which command creates one."""
    with pytest.raises(ConfigurationError, match="anybank migrate plan"):
        JournalDirectory(tmp_path / "move.db").find("user-0")


def test_banks_of_one_provider_need_names(tmp_path: Path) -> None:
    """The router's names of the two banks are passed where the providers' are equal."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    [source_id] = people(moving.source)
    named = JournalDirectory(moving.journal, source="old", target="new")
    entry = named.find(source_id)
    assert entry is not None
    assert entry.provider == "old"
    named.close()
    with pytest.raises(ConfigurationError, match="source= and target="):
        JournalDirectory(moving.journal, source="bond", target="bond").find(source_id)


def test_a_journal_in_postgresql_is_followed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries are the same for both engines."""
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path}/key")
    moving = bond_to_sonder(tmp_path, 2)
    moving.place = server.new_url()
    moving.plan()
    moving.apply()
    moving.verify()
    with banks(moving, JournalDirectory(moving.journal)) as router:
        for source_id, target_id in moving.crosswalk().items():
            assert router.locate(source_id) == Location("sonder", target_id)
        assert len(router.customers.list().to_list()) == 2
