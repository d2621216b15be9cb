"""Migrations from and to a neutral file: plan, apply, verify and crashes in between."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field, frozen
from tests.migrate.moving import (
    STRIDE,
    Crash,
    Moving,
    Stepping,
    Steps,
    bond_to_sonder,
    people,
    side,
    sonder_to_bond,
)
from tests.migrate.neutral.sealing import HEX, SECRETS

from anybank import Bank, migrate
from anybank.errors import ConfigurationError
from anybank.migrate import Side, side_of
from anybank.migrate.commands.export import export
from anybank.migrate.neutral.file_side import FileSide
from anybank_sonder.simulator import SonderSimulator


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a key into the environment, and return its location."""
    path = tmp_path / "customers.key"
    path.write_text(HEX)
    path.chmod(0o600)
    monkeypatch.setenv("ANYBANK_FILE_KEY", f"file:{path}")
    monkeypatch.chdir(tmp_path)
    return f"file:{path}"


@define
class Forwarding(Stepping):
    """Counts the requests as steps, and releases the file in the end."""

    async def aclose(self) -> None:
        await self.inner.aclose()


@frozen
class SteppingFile(FileSide):
    """A file with requests, responses and writes at which a run can crash."""

    steps: Steps = field(factory=Steps, eq=False)

    def transport(self, *, writes: bool) -> httpx.AsyncBaseTransport:
        return Forwarding(super().transport(writes=writes), self.steps)


@define
class ToFile(Moving):
    """A migration of a bank's customers to a file."""

    def sides(self) -> tuple[Side, Side]:
        options = {"path": str(self.directory / "customers.jsonl")}
        target = SteppingFile("file", options, steps=self.steps)
        return side(self.source, steps=self.steps), target

    def crash_at(self, step: int, **more: Any) -> None:
        """Apply, and crash at a step; a write to the file is a step too."""
        self.steps = Steps(step)
        with suppress(Crash), self.steps.counted(), writing(self.steps):
            self.apply(**more)
        self.steps = Steps()

    def count_steps(self) -> int:
        self.steps = Steps()
        with self.steps.counted(), writing(self.steps):
            self.apply()
        return self.steps.taken

    def names(self) -> dict[str, str]:
        """Return the first names of all customers in the file, by id."""
        target = self.sides()[1].receiving
        return read(target)


def read(side: Side) -> dict[str, str]:
    """Return the first names of all customers in a file, by id."""

    async def listed() -> dict[str, str]:
        async with side.open() as bank:
            customers = [item async for item in bank.customers.list()]
        return {customer.id: customer.first_name or "" for customer in customers}

    return asyncio.run(listed())


@contextmanager
def writing(steps: Steps) -> Iterator[None]:
    """Split each write into two steps, with half of the line on the disk."""
    pwrite, ftruncate = os.pwrite, os.ftruncate

    def half(handle: int, content: bytes, place: int) -> int:
        if not content.startswith(b"{"):  # not a line: the lock's
            return pwrite(handle, content, place)
        steps.take()
        written = pwrite(handle, content[: len(content) // 2 or 1], place)
        steps.take()
        return written

    def truncate(handle: int, size: int) -> None:
        if steps.deadly is not None and steps.taken >= steps.deadly:
            raise Crash  # the dead do not tidy up
        ftruncate(handle, size)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "pwrite", half)
        patched.setattr(os, "ftruncate", truncate)
        yield


def bond_to_file(directory: Path, count: int = 2) -> ToFile:
    """Return a migration of Bond's customers to a file that does not exist yet."""
    directory.mkdir(exist_ok=True)
    direct = bond_to_sonder(directory, count)
    locators = direct.supplement
    return ToFile(directory, direct.source, None, supplement=locators)


def everything(target: SonderSimulator, moving: Moving) -> dict[str, Any]:
    """Return the fields that Sonder has of each customer, by the source's id."""
    at = side(target)
    with Bank(at.provider, **at.options) as bank:
        walked = moving.crosswalk().items()
        customers = {ours: bank.customers.get(theirs) for ours, theirs in walked}
    return {
        ours: (customer.first_name, customer.raw)
        for ours, customer in customers.items()
    }


def finish(moving: Moving) -> None:
    """Apply and verify successfully."""
    assert moving.apply().open == 0
    assert moving.verify().exit_code == 0


def test_the_way_by_a_file_ends_where_the_direct_way_does(
    tmp_path: Path, key: str
) -> None:
    """Certificates, crosswalk and customers equal those of the direct way."""
    (tmp_path / "direct").mkdir()
    direct = bond_to_sonder(tmp_path / "direct")
    straight = direct.plan()
    finish(direct)

    around = bond_to_sonder(tmp_path)
    source, target = around.sides()
    export(source, tmp_path / "customers.jsonl", key=key)
    planned = migrate.plan(
        tmp_path / "customers.jsonl",
        target,
        journal=around.journal,
        supplement=around.supplement,
        accept_loss="all",
    )
    assert planned.counts == straight.counts
    assert planned.reasons == straight.reasons
    assert migrate.apply(journal=around.journal, target=target).open == 0
    assert migrate.verify(journal=around.journal, target=target).exit_code == 0
    assert everything(around.target, around) == everything(direct.target, direct)


def test_planning_writes_no_file(tmp_path: Path) -> None:
    """The first customer creates the target file, not the plan."""
    moving = bond_to_file(tmp_path)
    assert moving.plan().counts["ready"] == 2
    assert not (tmp_path / "customers.jsonl").exists()


def test_a_bank_moves_into_a_file(tmp_path: Path) -> None:
    """Status, verify, crosswalk and report work as for two banks."""
    moving = bond_to_file(tmp_path)
    moving.plan()
    finish(moving)
    assert sorted(moving.names()) == sorted(moving.crosswalk().values())
    migrate.report(journal=moving.journal, html=tmp_path / "report.html")
    assert migrate.status(journal=moving.journal).counts["verified"] == 2
    assert (tmp_path / "customers.jsonl").stat().st_mode & 0o777 == 0o600


def test_masks_move_as_masks(tmp_path: Path) -> None:
    """A file stores Bond's masks without consent; a later supplement adds numbers."""
    moving = bond_to_file(tmp_path)
    summary = moving.plan(supplement=None, accept_loss=())
    assert summary.counts["ready"] == 2
    finish(moving)
    assert people(moving.source).keys() == moving.crosswalk().keys()


def test_a_file_that_a_migration_wrote_moves_on(tmp_path: Path) -> None:
    """Sonder cannot list customers, but a file that was filled from it can."""
    first = sonder_to_bond(tmp_path)
    journal = tmp_path / "first.db"
    path = tmp_path / "customers.jsonl"
    source, target = first.sides()
    migrate.plan(source, path, journal=journal, ids=first.ids)
    migrate.apply(journal=journal, source=source)
    migrate.plan(path, target, journal=first.journal, accept_loss="all")
    migrate.apply(journal=first.journal, target=target)
    assert sorted(people(first.target).values()) == sorted(
        people(first.source).values()
    )


def test_a_crash_at_any_step_loses_and_duplicates_nobody(tmp_path: Path) -> None:
    """Whatever the last step before a crash was, the next run succeeds."""
    undisturbed = bond_to_file(tmp_path / "undisturbed")
    undisturbed.plan()
    steps = undisturbed.count_steps()
    assert steps > 15
    for step in range(1, steps + 1, STRIDE):
        moving = bond_to_file(tmp_path / str(step))
        moving.plan()
        moving.crash_at(step)
        finish(moving)
        names, walked = moving.names(), moving.crosswalk()
        assert sorted(names.values()) == sorted(people(moving.source).values())
        assert {names[item] for item in walked.values()} == set(names.values())
        assert read(side_of(moving.directory / "customers.jsonl")) == names


def test_the_journal_has_places_and_no_key(tmp_path: Path, key: str) -> None:
    """The journal has the path of the file and the reference to the key."""
    moving = bond_to_file(tmp_path)
    target = FileSide("file", {"path": "customers.jsonl", "key": key})
    migrate.plan(moving.sides()[0], target, journal=moving.journal, accept_loss="all")
    content = moving.journal.read_bytes()
    assert HEX.encode() not in content
    assert str(tmp_path / "customers.jsonl").encode() in content
    assert key.encode() in content


def test_a_key_that_is_given_is_not_recorded(tmp_path: Path) -> None:
    """Only a reference is recorded; the key itself has to be passed again."""
    side = FileSide("file", {"path": "c.jsonl", "key": HEX})
    assert json.loads(side.record)["options"] == {"path": str(tmp_path / "c.jsonl")}
    assert HEX not in repr(side)


def test_the_file_is_that_of_the_plan(tmp_path: Path) -> None:
    """A later command refuses another file."""
    moving = bond_to_file(tmp_path)
    moving.plan()
    with pytest.raises(ConfigurationError, match="its target is file at"):
        migrate.apply(
            journal=moving.journal,
            source=moving.sides()[0],
            target=tmp_path / "other.jsonl",
        )


def test_a_missing_key_is_an_error_before_anything_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan needs the key, even if the file does not exist yet."""
    monkeypatch.delenv("ANYBANK_FILE_KEY")
    with pytest.raises(ConfigurationError, match="pass --key, or set ANYBANK_FILE_KEY"):
        bond_to_file(tmp_path).plan()


def test_a_file_that_is_cut_is_no_source(tmp_path: Path, key: str) -> None:
    """The plan stops immediately; the error has the line and what to do."""
    moving = bond_to_sonder(tmp_path)
    source, target = moving.sides()
    path = tmp_path / "customers.jsonl"
    export(source, path, key=key)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ConfigurationError, match="cut off after 4 customers") as caught:
        migrate.plan(path, target, journal=moving.journal)
    assert not any(item in str(caught.value) for item in SECRETS)


def test_a_file_cannot_be_rolled_back(tmp_path: Path) -> None:
    """The error says what to do instead."""
    moving = bond_to_file(tmp_path)
    moving.plan()
    finish(moving)
    with pytest.raises(Exception, match="remove the file"):
        migrate.rollback(journal=moving.journal, target=moving.sides()[1], yes=True)


def test_an_export_is_no_target(tmp_path: Path, key: str) -> None:
    """The plan fails before it creates a journal."""
    moving = bond_to_file(tmp_path)
    path = tmp_path / "customers.jsonl"
    export(moving.sides()[0], path, key=key)
    with pytest.raises(
        ConfigurationError, match="an export, to which nothing is added"
    ):
        moving.plan()
    assert not moving.journal.exists()


@pytest.mark.parametrize("value", ["customers.jsonl", "x/y", Path("z"), "file"])
def test_what_is_a_path_is_a_file(value: Any) -> None:
    """The name of a bank is not a path."""
    assert isinstance(side_of(value), FileSide)
    assert not isinstance(side_of("bond"), FileSide)


def test_a_file_without_a_path_is_refused() -> None:
    """The provider `file` alone serves only `diff` and `capabilities`."""
    with pytest.raises(ConfigurationError, match="a neutral file needs a path"):
        _ = side_of("file").base_url
