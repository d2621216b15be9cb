"""A person's resolutions of records that no look-up can settle."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import NAMES, Moving, bond_to_sonder, people, sonder_person

from anybank import ConfigurationError, migrate
from anybank.migrate import Summary
from anybank.migrate.journal.file_lock import FileLock
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator


@pytest.fixture
def doubtful(tmp_path: Path) -> Moving:
    """Return a migration whose first two creates succeeded without a response."""
    target = Faults().around(SonderSimulator())
    target.schedule("lost", "lost")
    moving = bond_to_sonder(tmp_path, 4, target=target)
    moving.plan()
    moving.apply(concurrency=1)
    return moving


def ids_in_doubt(moving: Moving) -> list[str]:
    (reason,) = (
        item
        for item in migrate.status(journal=moving.journal).reasons
        if item.effect == "quarantined"
    )
    return list(reason.examples)


def strangers(moving: Moving) -> list[str]:
    """Return the ids at the target that the crosswalk does not have."""
    known = set(moving.crosswalk().values())
    return [person for person in people(moving.target.bank) if person not in known]


def resolve(moving: Moving, **verdict: Any) -> Summary:
    _, target = moving.sides()
    return migrate.resolve(journal=moving.journal, target=target, **verdict)


def rollback(moving: Moving) -> Summary:
    _, target = moving.sides()
    return migrate.rollback(journal=moving.journal, target=target, yes=True)


def pairs(moving: Moving) -> dict[str, str]:
    """Return the right target id of each record in doubt, by the target's data."""
    names, there = people(moving.source), people(moving.target.bank)
    by_name = {name: key for key, name in there.items()}
    return {item: by_name[names[item]] for item in ids_in_doubt(moving)}


def complaint(moving: Moving, **verdict: object) -> str:
    before = migrate.status(journal=moving.journal).counts
    with pytest.raises(ConfigurationError) as caught:
        resolve(moving, **verdict)
    assert migrate.status(journal=moving.journal).counts == before
    return str(caught.value)


def written(moving: Moving, *rows: str) -> Path:
    path = moving.directory / "verdicts.csv"
    path.write_text("\n".join(["source_id,verdict,target_id", *rows, ""]))
    return path


def test_who_exists_is_created_and_verified_like_any_other(doubtful: Moving) -> None:
    """The id that a person named is in the crosswalk and is read back."""
    one, two = ids_in_doubt(doubtful)
    ada, bea = strangers(doubtful)
    for ours, theirs in ((one, ada), (two, bea)):
        resolve(doubtful, source_id=ours, exists=theirs)
    assert doubtful.crosswalk()[one] == ada
    assert doubtful.verify().exit_code == 0


def test_verify_detects_a_wrong_verdict(doubtful: Moving) -> None:
    """Two customers who were confused, by force, are read back as different."""
    one, two = ids_in_doubt(doubtful)
    ada, bea = strangers(doubtful)
    for ours, theirs in ((one, bea), (two, ada)):
        resolve(doubtful, source_id=ours, exists=theirs, force=True)
    assert doubtful.verify().counts["mismatched"] == 2


def test_who_is_absent_is_sent(tmp_path: Path) -> None:
    """The next apply creates the customer whom a person did not find."""
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
    """Each row is a resolution; an absent customer has no target id."""
    one, two = ids_in_doubt(doubtful)
    file = written(doubtful, f"{one},exists,{strangers(doubtful)[0]}", f"{two},absent,")
    summary = resolve(doubtful, csv=file)
    assert summary.counts["quarantined"] == 0
    assert summary.totals["resolved"] == 2


def test_another_person_is_refused_with_the_fields_that_differ(
    doubtful: Moving,
) -> None:
    """Name and birth date are compared before a record changes; no value is shown."""
    (one, ada), (two, bea) = pairs(doubtful).items()
    message = complaint(doubtful, source_id=one, exists=bea)
    assert message == (
        "the target_id is another person at Sonder Labs, by first_name: find the right "
        "id. If you compared the two and it is the same person, add --force (force=True); "
        "nothing was recorded"
    )
    assert (two, ada) != (one, bea)


def test_an_id_that_is_not_there_is_refused_even_by_force(doubtful: Moving) -> None:
    """No record gets an id that the target does not have."""
    one, _ = ids_in_doubt(doubtful)
    message = complaint(doubtful, source_id=one, exists="nobody", force=True)
    assert message == (
        "the target_id is not the id of a customer at Sonder Labs: check the id there; "
        "nothing was recorded"
    )


def test_force_records_another_person_and_says_so(doubtful: Moving) -> None:
    """The summary and every later one name the fields that differ."""
    (one, _), (_, bea) = pairs(doubtful).items()
    summary = resolve(doubtful, source_id=one, exists=bea, force=True)
    assert (summary.totals["resolved"], summary.totals["forced"]) == (1, 1)
    (forced,) = (
        reason
        for reason in migrate.status(journal=doubtful.journal).reasons
        if reason.effect == "forced"
    )
    assert (forced.field, forced.count) == ("first_name", 1)
    assert forced.examples == (one,)


def test_every_refused_row_of_a_file_is_named(doubtful: Moving) -> None:
    """All rows are compared, and none is recorded."""
    (one, ada), (two, bea) = pairs(doubtful).items()
    file = written(doubtful, f"{one},exists,{bea}", f"{two},exists,{ada}")
    message = complaint(doubtful, csv=file)
    assert "line 2, column target_id: is another person at Sonder Labs" in message
    assert "line 3, column target_id: is another person at Sonder Labs" in message


def test_verdicts_that_were_swapped_are_corrected_in_one_file(doubtful: Moving) -> None:
    """The ids of the earlier resolutions are free for the later ones."""
    (one, ada), (two, bea) = pairs(doubtful).items()
    wrong = written(doubtful, f"{one},exists,{bea}", f"{two},exists,{ada}")
    resolve(doubtful, csv=wrong, force=True)
    right = written(doubtful, f"{one},exists,{ada}", f"{two},exists,{bea}")
    assert resolve(doubtful, csv=right).totals["corrected"] == 2
    assert doubtful.crosswalk().items() >= {(one, ada), (two, bea)}
    assert doubtful.verify().exit_code == 0


def test_a_verdict_is_corrected_until_its_record_is_verified(doubtful: Moving) -> None:
    """Absent and exists can be exchanged until the record is verified."""
    (one, ada), (two, bea) = pairs(doubtful).items()
    resolve(doubtful, source_id=one, absent=True)
    assert resolve(doubtful, source_id=one, exists=ada).counts["ready"] == 0
    resolve(doubtful, source_id=two, exists=bea)
    assert resolve(doubtful, source_id=two, absent=True).counts["ready"] == 1
    resolve(doubtful, source_id=two, exists=bea)
    assert doubtful.verify().exit_code == 0
    assert "it is verified" in complaint(doubtful, source_id=one, absent=True)


def test_a_wrong_verdict_can_be_corrected_after_verify(doubtful: Moving) -> None:
    """A mismatched record can be resolved again."""
    (one, ada), (_, bea) = pairs(doubtful).items()
    resolve(doubtful, source_id=one, exists=bea, force=True)
    doubtful.verify()
    resolve(doubtful, source_id=one, exists=ada)
    assert doubtful.crosswalk()[one] == ada


@pytest.mark.parametrize("name", ["OutcomeUnknown", "AlreadyExists"])
def test_whom_a_person_recorded_is_never_deleted(doubtful: Moving, name: str) -> None:
    """A rollback skips customers that our creates did not return, and says why."""
    (one, ada), _ = pairs(doubtful).items()
    connection = sqlite3.connect(doubtful.journal)
    with connection:
        same = "UPDATE records SET failure = ? WHERE source_id = ?"
        connection.execute(same, (json.dumps({"class": name}), one))
    connection.close()
    resolve(doubtful, source_id=one, exists=ada)
    summary = rollback(doubtful)
    assert ada in people(doubtful.target.bank)
    (skipped,) = (reason for reason in summary.reasons if reason.effect == "skipped")
    assert (skipped.rule, skipped.examples) == ("resolved", (one,))
    assert (summary.totals["skipped"], summary.exit_code) == (1, 2)


def test_a_forced_stranger_is_not_overwritten(doubtful: Moving) -> None:
    """A forced record that differs needs a person, not `overwrite`."""
    stranger = doubtful.target.bank.seed_customer(**sonder_person(7))
    one, _ = ids_in_doubt(doubtful)
    resolve(doubtful, source_id=one, exists=stranger, force=True)
    doubtful.verify()
    source, target = doubtful.sides()
    summary = migrate.overwrite(
        journal=doubtful.journal,
        source=source,
        target=target,
        yes=True,
        allow="overwrites",
    )
    assert (summary.totals["overwritten"], summary.totals["unchanged"]) == (0, 1)
    assert people(doubtful.target.bank)[stranger] == NAMES[7]


def test_a_forced_stranger_survives_a_rollback(doubtful: Moving) -> None:
    """The target still has the stranger: a wrong resolution deletes nobody."""
    stranger = doubtful.target.bank.seed_customer(**sonder_person(7))
    one, _ = ids_in_doubt(doubtful)
    resolve(doubtful, source_id=one, exists=stranger, force=True)
    rollback(doubtful)
    assert people(doubtful.target.bank)[stranger] == NAMES[7]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{two},maybe,", "line 3, column verdict: must be exists or absent"),
        ("{two},exists,", "line 3, column target_id: is empty"),
        (
            "{two},absent,t-1",
            "line 3, column target_id: is present, but the verdict is",
        ),
        ("{two},exists,t-1", "line 3, column target_id: belongs to another record"),
        ("{two},exists,{moved}", "line 3, column target_id: belongs to another"),
        ("nobody,absent,", "line 3, column source_id: is not in the journal"),
        ("{created},absent,", "line 3, column source_id: does not wait for a person"),
        ("{one},absent,", "line 3, column source_id: is the same as in line 2"),
        ("{two},absent", "line 3: has 2 columns, but the header has 3"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_recorded(
    doubtful: Moving, row: str, message: str
) -> None:
    """The error has file, line and column, and the valid rows are not recorded."""
    one, two = ids_in_doubt(doubtful)
    created, moved = next(iter(doubtful.crosswalk().items()))
    bad = row.format(one=one, two=two, created=created, moved=moved)
    file = written(doubtful, f"{one},exists,t-1", bad)
    assert f"{file}, {message}" in complaint(doubtful, csv=file)


def test_a_single_verdict_is_held_to_the_same(doubtful: Moving) -> None:
    """Unknown ids, other states and ids of other records are refused."""
    one, _ = ids_in_doubt(doubtful)
    created, moved = next(iter(doubtful.crosswalk().items()))
    assert "is not in the journal" in complaint(doubtful, source_id="x", absent=True)
    assert "it is created" in complaint(doubtful, source_id=created, absent=True)
    assert "another record" in complaint(doubtful, source_id=one, exists=moved)
    assert "is empty" in complaint(doubtful, source_id=one, exists=" ")


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"source_id": "a"},
        {"source_id": "a", "exists": "t", "absent": True},
        {"source_id": "a", "absent": True, "csv": "x.csv"},
        {"csv": "x.csv", "absent": True},
    ],
)
def test_an_incomplete_resolution_is_refused(
    doubtful: Moving, arguments: dict[str, object]
) -> None:
    """The error says which arguments are missing, before the journal is opened."""
    assert "resolve needs a record" in complaint(doubtful, **arguments)


def test_a_verdict_waits_for_the_writer(doubtful: Moving) -> None:
    """A resolution is refused while another command holds the lock."""
    with FileLock(doubtful.journal):
        assert "being written" in complaint(doubtful, source_id="x", absent=True)
