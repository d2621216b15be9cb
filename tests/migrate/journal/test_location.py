"""A journal is created at exactly the path or URL that its location names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.migrate.moving import Moving, bond_to_sonder

from anybank import AnybankError, ConfigurationError, migrate
from anybank.migrate.journal.high_water_mark import Mark
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import store_for

SECRET = "tok_live_4f9b1c"


NAMES = (
    "move?march.db",
    "move?mode=memory",
    "50%20done.db",
    "job_feature%2Fmove.db",
    "a#b.db",
    "two words é.db",
    ":memory:",
    "file:move.db",
    "-x.db",
    "a\u202eb.db",
    "a'b\"c.db",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_journal_has_the_name_that_it_was_given(name: str, tmp_path: Path) -> None:
    """Journal, log, key and lock are at that path, and only the owner reads them."""
    moving = bond_to_sonder(tmp_path, 1)
    before = {path.name for path in tmp_path.iterdir()}
    moving.place = tmp_path / name
    moving.plan()
    with Journal.open_locked(moving.journal) as journal:
        journal.set_metadata(inventory=1)
        modes = {item.name: item.stat().st_mode for item in tmp_path.iterdir()}
        token = Mark.read(tmp_path / f"{name}.mark")
    assert token is not None
    assert token.token is not None
    modes[name + ".mark."] = modes.pop(token.token["name"])
    tails = ("", "-wal", "-shm", ".key", ".lock", ".mark", ".mark.")
    assert modes.keys() - before == {name + tail for tail in tails}
    assert all(modes[name + tail] & 0o077 == 0 for tail in tails)
    assert moving.apply().exit_code == 0


def test_two_journals_whose_names_begin_alike_are_two(tmp_path: Path) -> None:
    """A question mark is part of a path, not the beginning of a query."""
    for name in ("move?march.db", "move?april.db"):
        moving = bond_to_sonder(tmp_path, 2)
        moving.place = tmp_path / name
        assert sum(moving.plan().counts.values()) == 2


def _error(moving: Moving, place: object) -> str:
    moving.place = place
    with pytest.raises(AnybankError) as caught:
        moving.plan()
    return f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    "value", [SECRET, f"/nowhere/{SECRET}/x", f"https://{SECRET}@host/", SECRET + "\0"]
)
def test_what_a_reference_leads_to_is_never_printed(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that was named by mistake is in no message and no file name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text(value)
    if "\0" not in value:
        monkeypatch.setenv("API_KEY", value)
        assert SECRET not in _error(bond_to_sonder(tmp_path, 1), "env:API_KEY")
    assert SECRET not in _error(bond_to_sonder(tmp_path, 1), "file:token")
    assert not [path for path in tmp_path.rglob("*") if SECRET in path.name]


def test_a_reference_stands_for_its_journal_in_every_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results and errors name the reference, so that a person can type it again."""
    moving = bond_to_sonder(tmp_path, 1)
    monkeypatch.setenv("JOURNAL", str(tmp_path / f"{SECRET}.db"))
    moving.place = "env:JOURNAL"
    moving.plan()
    assert migrate.check(journal="env:JOURNAL").journal == "env:JOURNAL"
    with Journal.open("env:JOURNAL") as journal:
        assert SECRET not in repr(journal.store)
    (tmp_path / f"{SECRET}.db.key").unlink()
    assert SECRET not in _error(moving, "env:JOURNAL")


def test_a_secret_in_place_of_the_keys_path_is_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Text that is neither a key nor a path is not repeated."""
    for value in (SECRET, "AB" * 32, "env:VAULT"):
        monkeypatch.setenv("VAULT", SECRET)
        monkeypatch.setenv("ANYBANK_JOURNAL_KEY", value)
        store = store_for("postgresql://u@h/d")
        with pytest.raises(ConfigurationError) as caught:
            store.key()
        assert "ANYBANK_JOURNAL_KEY" in str(caught.value)
        assert SECRET not in str(caught.value)
        assert "AB" * 32 not in str(caught.value)


@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
def test_what_is_no_regular_file_is_no_journal(kind: str, tmp_path: Path) -> None:
    """A pipe or a device is refused, and no command waits for it."""
    os.mkfifo(tmp_path / "pipe")
    places = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero")}
    with pytest.raises(ConfigurationError, match="is not an anybank journal"):
        migrate.status(journal=places.get(kind, tmp_path))


def test_a_circle_of_links_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere causes one clear error."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for place in (tmp_path / "a", "a\0b"):
        with pytest.raises(ConfigurationError):
            migrate.status(journal=place)


def test_an_id_that_cannot_be_stored_is_one_clear_line(tmp_path: Path) -> None:
    """A lone surrogate causes no UnicodeEncodeError of a driver."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    with pytest.raises(ConfigurationError):
        migrate.resolve(journal=moving.journal, source_id="\ud83d", absent=True)
