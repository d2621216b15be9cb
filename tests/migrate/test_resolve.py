"""A person's verdicts on records that no look-up settles."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from anybank import ConfigurationError, migrate
from anybank.migrate.locks import Lock
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder, people


@pytest.fixture
def doubtful(tmp_path: Path) -> Moving:
    """Return a migration whose first two creates were made and never answered."""
    target = Faults().around(SonderSimulator())
    target.schedule("lost", "lost")
    moving = bond_to_sonder(tmp_path, 4, target=target)
    moving.plan()
    moving.apply(concurrency=1)
    return moving


def ids_in_doubt(moving: Moving) -> list[str]:
    (reason,) = (
        each
        for each in migrate.status(journal=moving.journal).reasons
        if each.effect == "quarantined"
    )
    return list(reason.examples)


def strangers(moving: Moving) -> list[str]:
    """Return the target's ids that the crosswalk does not have."""
    known = set(moving.crosswalk().values())
    return [each for each in people(moving.target.bank) if each not in known]


def complaint(moving: Moving, **verdict: object) -> str:
    before = migrate.status(journal=moving.journal).counts
    with pytest.raises(ConfigurationError) as caught:
        migrate.resolve(journal=moving.journal, **verdict)  # type: ignore[arg-type]
    assert migrate.status(journal=moving.journal).counts == before
    return str(caught.value)


def written(moving: Moving, *rows: str) -> Path:
    path = moving.directory / "verdicts.csv"
    path.write_text("\n".join(["source_id,verdict,target_id", *rows, ""]))
    return path


def test_who_exists_is_created_and_verified_like_any_other(doubtful: Moving) -> None:
    """The id that a person found is in the crosswalk, and is read back."""
    one, two = ids_in_doubt(doubtful)
    ada, bea = strangers(doubtful)
    for ours, theirs in ((one, ada), (two, bea)):
        migrate.resolve(journal=doubtful.journal, source_id=ours, exists=theirs)
    assert doubtful.crosswalk()[one] == ada
    assert doubtful.verify().exit_code == 0


def test_a_wrong_verdict_is_found_by_verify(doubtful: Moving) -> None:
    """Two people who were taken for each other do not hold what was promised."""
    one, two = ids_in_doubt(doubtful)
    ada, bea = strangers(doubtful)
    for ours, theirs in ((one, bea), (two, ada)):
        migrate.resolve(journal=doubtful.journal, source_id=ours, exists=theirs)
    assert doubtful.verify().counts["mismatched"] == 2


def test_who_is_absent_is_sent(tmp_path: Path) -> None:
    """The next apply makes whom a person did not find."""
    target = Faults().around(SonderSimulator())
    target.schedule("500")
    moving = bond_to_sonder(tmp_path, 1, target=target)
    moving.plan()
    moving.apply()
    (ours,) = ids_in_doubt(moving)
    summary = migrate.resolve(journal=moving.journal, source_id=ours, absent=True)
    assert (summary.totals["resolved"], summary.exit_code) == (1, 0)
    assert moving.apply().exit_code == 0
    assert list(people(moving.target.bank).values()) == ["Ada"]


def test_a_file_has_many_verdicts(doubtful: Moving) -> None:
    """Each row is a verdict; an absent one has no target id."""
    one, two = ids_in_doubt(doubtful)
    file = written(doubtful, f"{one},exists,{strangers(doubtful)[0]}", f"{two},absent,")
    summary = migrate.resolve(journal=doubtful.journal, csv=file)
    assert summary.counts["quarantined"] == 0
    assert summary.totals["resolved"] == 2


@pytest.mark.parametrize(
    ("name", "left"), [("OutcomeUnknown", 0), ("AlreadyExists", 1)]
)
def test_who_may_have_been_there_before_is_not_ours(
    doubtful: Moving, name: str, left: int
) -> None:
    """A rollback deletes whom we made, not whom the target said it had already."""
    one, _ = ids_in_doubt(doubtful)
    connection = sqlite3.connect(doubtful.journal)
    with connection:
        same = "UPDATE records SET failure = ? WHERE source_id = ?"
        connection.execute(same, (json.dumps({"class": name}), one))
    connection.close()
    ada = strangers(doubtful)[0]
    migrate.resolve(journal=doubtful.journal, source_id=one, exists=ada)
    _, target = doubtful.sides()
    migrate.rollback(journal=doubtful.journal, target=target, yes=True)
    assert len(doubtful.crosswalk()) == left


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{two},maybe,", "line 3, column verdict: must be exists or absent"),
        ("{two},exists,", "line 3, column target_id: is empty"),
        ("{two},absent,t-1", "line 3, column target_id: is given, but the verdict is"),
        ("{two},exists,t-1", "line 3, column target_id: belongs to another record"),
        ("{two},exists,{moved}", "line 3, column target_id: belongs to another"),
        ("nobody,absent,", "line 3, column source_id: is not in the journal"),
        ("{created},absent,", "line 3, column source_id: waits for no verdict"),
        ("{one},absent,", "line 3, column source_id: is the same as in line 2"),
        ("{two},absent", "line 3: has 2 columns, the header 3"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_recorded(
    doubtful: Moving, row: str, said: str
) -> None:
    """File, line and column are told, and the good rows wait for a good file."""
    one, two = ids_in_doubt(doubtful)
    created, moved = next(iter(doubtful.crosswalk().items()))
    bad = row.format(one=one, two=two, created=created, moved=moved)
    file = written(doubtful, f"{one},exists,t-1", bad)
    assert f"{file}, {said}" in complaint(doubtful, csv=file)


def test_a_single_verdict_is_held_to_the_same(doubtful: Moving) -> None:
    """Unknown ids, other states and another's id are refused."""
    one, _ = ids_in_doubt(doubtful)
    created, moved = next(iter(doubtful.crosswalk().items()))
    assert "is not in the journal" in complaint(doubtful, source_id="x", absent=True)
    assert "it is created" in complaint(doubtful, source_id=created, absent=True)
    assert "another record" in complaint(doubtful, source_id=one, exists=moved)
    assert "is empty" in complaint(doubtful, source_id=one, exists=" ")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"source_id": "a"},
        {"source_id": "a", "exists": "t", "absent": True},
        {"source_id": "a", "absent": True, "csv": "x.csv"},
        {"csv": "x.csv", "absent": True},
    ],
)
def test_half_a_verdict_is_none(doubtful: Moving, given: dict[str, object]) -> None:
    """What is to be said is said, before anything is opened."""
    assert "say of which record" in complaint(doubtful, **given)


def test_a_verdict_waits_for_the_writer(doubtful: Moving) -> None:
    """Another command at work keeps a verdict out."""
    with Lock(doubtful.journal):
        assert "being written" in complaint(doubtful, source_id="x", absent=True)
