"""A run that crashes at any commit, request or response, and is then continued."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from .moving import STRIDE, Moving, belongs_here, bond_to_sonder, people, sonder_to_bond


@frozen
class Pair:
    """A function that sets up a migration."""

    name: str
    begin: Callable[[Path], Moving]


PAIRS = [
    Pair("accepting", lambda path: bond_to_sonder(path, duplicate_ssn="accept")),
    Pair("rejecting", lambda path: bond_to_sonder(path, duplicate_ssn="reject")),
    Pair("bond", sonder_to_bond),
]


def fresh(pair: Pair, path: Path) -> Moving:
    """Return a planned migration; later ones are copies of the first.

    The simulators draw the same ids each time, so one plan serves all of them.
    """
    path.mkdir(parents=True)
    moving, planned = pair.begin(path), path.parent / "planned"
    if not planned.is_dir():
        moving.plan()
        shutil.copytree(path, planned)
    for name in ("move.db", "move.db.key"):
        shutil.copy(planned / name, path)
    belongs_here(path / "move.db")
    return moving


def everyone_once(moving: Moving) -> None:
    """Assert that everybody is there exactly once, as the right person."""
    walked, sources = moving.crosswalk(), people(moving.source)
    targets, doubtful = people(moving.target), moving.verify().counts["quarantined"]
    assert len(walked) + doubtful == len(sources)
    assert len(set(targets.values())) == len(targets)
    assert {sources[ours] for ours in walked} <= set(targets.values())
    assert all(sources[ours] == targets[theirs] for ours, theirs in walked.items())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_crash_at_any_step_loses_and_duplicates_nobody(
    pair: Pair, tmp_path: Path
) -> None:
    """After a crash at any step, the next run ends as an undisturbed run would."""
    steps = fresh(pair, tmp_path / "undisturbed").count_steps()
    assert steps > 15
    for step in range(1, steps + 1, STRIDE):
        moving = fresh(pair, tmp_path / str(step))
        moving.crash_at(step)
        summary = moving.apply()
        everyone_once(moving)
        open_ = summary.counts["quarantined"]
        assert summary.open == open_
        assert open_ == 0 or pair.name != "bond"


def test_a_run_that_dies_twice_is_taken_up_twice(tmp_path: Path) -> None:
    """The run that looks unknown records up may crash too."""
    for step in range(1, 40, 3 * STRIDE):
        moving = fresh(PAIRS[2], tmp_path / str(step))
        moving.crash_at(22)
        moving.crash_at(step)
        assert moving.apply().open == 0
        everyone_once(moving)


def test_no_more_is_in_doubt_than_was_in_flight(tmp_path: Path) -> None:
    """With a concurrency of one a crash leaves at most one record for a person."""
    for step in range(1, 40, 4):
        moving = fresh(PAIRS[0], tmp_path / str(step))
        moving.crash_at(step, concurrency=1)
        assert moving.apply().counts["quarantined"] <= 1
