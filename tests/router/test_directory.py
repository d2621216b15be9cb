"""Directories: each change is atomic, and no two keys lead to one customer."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    ConfigurationError,
    Conflict,
    Directory,
    DirectoryEntry,
    EntryState,
    InMemoryDirectory,
    Location,
    SqlDirectory,
)
from anybank.router.directory import new_version


def entry(key: str, customer_id: str | None = None, **fields: Any) -> DirectoryEntry:
    """Return an entry at Bond."""
    state = EntryState.LOCATED if customer_id else EntryState.RESERVED
    fields = {"provider": "bond", "state": state, **fields}
    return DirectoryEntry(key=key, customer_id=customer_id, **fields)


def test_an_entry_is_read_as_it_was_written(directory: Directory) -> None:
    """Every attribute of an entry is stored."""
    written = entry("user-17", "b1", reference="r", idempotency_key="i", changed_at=5.5)
    assert directory.insert(written)
    assert directory.find("user-17") == written
    assert written.location == Location("bond", "b1")


def test_a_key_is_inserted_once(directory: Directory) -> None:
    """A second entry for a key is not stored."""
    first = entry("user-17")
    assert directory.insert(first)
    assert not directory.insert(entry("user-17", "b2"))
    assert directory.find("user-17") == first


def test_a_stale_version_changes_nothing(directory: Directory) -> None:
    """An entry that was changed since it was read is neither replaced nor removed."""
    old = entry("user-17")
    new = evolve(old, customer_id="b1", version=new_version())
    directory.insert(old)
    assert directory.replace(old, new)
    assert not directory.replace(old, evolve(old, version=new_version()))
    assert not directory.remove(old)
    assert directory.find("user-17") == new
    assert directory.remove(new)
    assert directory.find("user-17") is None
    assert not directory.remove(new)


def test_two_keys_do_not_lead_to_one_customer(directory: Directory) -> None:
    """A customer who has a key gets no other, and the same id at another bank may."""
    directory.insert(entry("user-17", "b1"))
    with pytest.raises(Conflict, match="another key leads to this customer"):
        directory.insert(entry("user-18", "b1"))
    other = entry("user-18", "b1", provider="sonder")
    assert directory.insert(other)
    with pytest.raises(Conflict, match="another key"):
        directory.replace(other, evolve(other, provider="bond"))
    assert directory.find("user-18") == other


def test_a_customer_can_get_another_key_once_the_first_is_removed(
    directory: Directory,
) -> None:
    """Removing a key frees its customer."""
    first = entry("user-17", "b1")
    directory.insert(first)
    directory.remove(first)
    assert directory.insert(entry("user-18", "b1"))


def test_keys_differ_by_case_and_by_spaces(directory: Directory) -> None:
    """Keys are compared as they are written."""
    keys = ["a", "A", "a ", " a", "ä", "a\u0308", "'; --"]
    for number, key in enumerate(keys):
        assert directory.insert(entry(key, f"b{number}"))
    listed = [stored.key for stored in directory.entries(None, 100)]
    assert listed == sorted(keys)


def test_the_keys_of_customers_are_found(directory: Directory) -> None:
    """Customers of other banks, and unknown ones, have no key in the answer."""
    directory.insert(entry("user-17", "b1"))
    directory.insert(entry("user-18", "b2", provider="sonder"))
    assert directory.keys_of("bond", ["b1", "b2", "b3"]) == {"b1": "user-17"}
    assert directory.keys_of("bond", []) == {}


def test_entries_come_in_pages(directory: Directory) -> None:
    """A page begins after the last key of the one before."""
    for key in "cadb":
        directory.insert(entry(key))
    first = [stored.key for stored in directory.entries(None, 3)]
    second = [stored.key for stored in directory.entries(first[-1], 3)]
    assert (first, second) == (["a", "b", "c"], ["d"])


def test_one_of_several_processes_gets_a_key(
    open_directory: Callable[[], Directory],
) -> None:
    """Of eight that insert one key at the same time, one succeeds."""
    directories = [open_directory() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda each: each.insert(entry("k")), directories))
    assert sum(results) == 1
    for directory in directories:
        if isinstance(directory, SqlDirectory):
            directory.close()


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "replace", "stale", "remove"]),
        st.sampled_from("ab"),
        st.sampled_from([None, "b1", "b2"]),
    ),
    max_size=12,
)


@given(_STEPS)
def test_a_database_behaves_as_the_memory_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str | None]]
) -> None:
    """After any sequence of changes both directories have given the same answers."""
    path = tmp_path_factory.mktemp("directory") / "where.db"
    database, memory = SqlDirectory(f"sqlite:///{path}"), InMemoryDirectory()
    for step in steps:
        assert _outcome(database, *step) == _outcome(memory, *step)
    assert _content(database) == _content(memory)
    database.close()


def _outcome(directory: Directory, verb: str, key: str, customer: str | None) -> object:
    stored = directory.find(key) or entry(key)
    new = entry(key, customer)
    try:
        if verb == "insert":
            return directory.insert(new)
        if verb == "remove":
            return directory.remove(stored)
        old = evolve(stored, version="stale") if verb == "stale" else stored
        return directory.replace(old, new)
    except Conflict as error:
        return type(error)


def _content(directory: Directory) -> list[tuple[str, str | None]]:
    return [(each.key, each.customer_id) for each in directory.entries(None, 9)]


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"],
)
def test_a_database_in_memory_is_refused(url: str) -> None:
    """Each thread would have a database of its own."""
    with pytest.raises(ConfigurationError, match="use InMemoryDirectory"):
        SqlDirectory(url)


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "nothing", "hush://", ""])
def test_another_database_is_refused_without_its_url(url: str) -> None:
    """The message says what a URL looks like, and shows no part of this one."""
    with pytest.raises(ConfigurationError, match="sqlite:///PATH") as caught:
        SqlDirectory(url)
    assert "hush" not in str(caught.value)


def test_a_url_may_be_a_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`env:NAME` names a variable with the URL."""
    monkeypatch.setenv("WHERE", f"sqlite:///{tmp_path}/where.db")
    directory = SqlDirectory("env:WHERE")
    assert directory.insert(entry("user-17"))
    directory.close()
    assert directory.find("user-17") is not None, "a call opens new connections"
    directory.close()


def test_a_database_that_fails_is_named_without_keys(tmp_path: Path) -> None:
    """The error of the database contains the statement, and is not part of ours."""
    directory = SqlDirectory(f"sqlite:///{tmp_path}/absent/where.db")
    with pytest.raises(ConfigurationError, match="cannot be used") as caught:
        directory.find("hush")
    assert caught.value.retryable
    assert "hush" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_opens_its_own_connections(tmp_path: Path) -> None:
    """A directory that was opened before a fork works in both processes."""
    directory = SqlDirectory(f"sqlite:///{tmp_path}/where.db")
    directory.insert(entry("parent"))
    child = os.fork()
    if not child:
        is_done = directory.find("parent") and directory.insert(entry("child"))
        os._exit(0 if is_done else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert directory.find("child") is not None
    directory.close()


def test_a_database_in_use_elsewhere_is_opened(tmp_path: Path) -> None:
    """A reader that keeps SQLite from changing the form of the file keeps nobody out."""
    path = tmp_path / "where.db"
    first = SqlDirectory(f"sqlite:///{path}")
    first.insert(entry("user-17"))
    first.close()
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("PRAGMA journal_mode=DELETE")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM anybank_directory").fetchall()
        second = SqlDirectory(f"sqlite:///{path}")
        assert second.find("user-17") is not None
        second.close()
