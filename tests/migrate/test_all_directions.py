"""Migrations between any two of the four banks, in faulty networks and with crashes.

The target's own ledger is the judge: everybody is there once, and the crosswalk leads from
each customer to the same person. `make test` tries a few directions with two people; the
proofs try all twelve with more people: CI one mix of faults in each, and a crash at one step
in five to each bank; the thorough profile every mix with many seeds, and a crash at every
step in every direction.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.proofs import PROFILE, PROOF, THOROUGH

from anybank import KycStatus, migrate
from anybank.declaration.diff import diff
from anybank.plugins import find
from anybank.sandbox.faults import Faults

from .moving import NAMES, Moving, people, settle
from .routes import BANKS, DIRECTIONS, route
from .test_fault_runs import Bad, moved

PEOPLE = {"thorough": 6, "short": 3}.get(PROFILE, 2)

MIXES: dict[str, dict[str, float]] = {
    "server errors before or after the effect": {"500": 0.15, "503": 0.15, "html": 0.1},
    "no response after the effect": {"lost": 0.25, "slow": 0.1},
    "responses that are cut": {"truncated": 0.2, "malformed": 0.1},
    "too many requests, refused connections": {"429": 0.4, "refused": 0.2},
}

AROUND = [
    ("bond", "increase"),
    ("increase", "unit"),
    ("unit", "sonder"),
    ("sonder", "bond"),
]
"""Each bank as a source and as a target once."""

_MIX_NAMES = list(MIXES)
RUNS = {
    "quick": [(*way, mix) for way, mix in zip(AROUND, MIXES, strict=True)],
    "short": [(*way, _MIX_NAMES[at % len(MIXES)]) for at, way in enumerate(DIRECTIONS)],
    "thorough": [(*way, mix) for mix in MIXES for way in DIRECTIONS],
}[PROFILE]
DECIDED = [(name, mix) for name in BANKS if name != "unit" for mix in MIXES]
SEEDS = range({"thorough": 10}.get(PROFILE, 1))
STRIDE = {"thorough": 1, "short": 5}.get(PROFILE, 9)
"""A run crashes at one step in so many."""


def faulty(moving: Moving, chances: dict[str, float], seed: int) -> Bad:
    """Put a migration into a faulty network."""
    return Bad(
        moving,
        Faults(chances, seed=seed).around(moving.source),
        Faults(chances, seed=seed + 1000).around(moving.target),
    )


def require_everyone_once(moving: Moving, names: Sequence[str]) -> None:
    """Assert by the ledger of the target that nobody is lost or duplicated."""
    there = people(moving.target)
    assert sorted(there.values()) == sorted(names)
    sources = people(moving.source)
    walked = {ours: there[theirs] for ours, theirs in moving.crosswalk().items()}
    assert walked == {key: name for key, name in sources.items() if name in names}
    assert migrate.check(journal=moving.journal).damages == ()


@pytest.mark.parametrize(("source", "target", "mix"), RUNS)
def test_nobody_is_lost_or_duplicated(
    source: str, target: str, mix: str, tmp_path: Path
) -> None:
    """In every direction and under every fault, each person arrives once."""
    for seed in SEEDS:
        directory = tmp_path / str(seed)
        directory.mkdir()
        moving = route(source, target, directory, PEOPLE)
        moved(faulty(moving, MIXES[mix], seed))
        require_everyone_once(moving, NAMES[:PEOPLE])
        counts = migrate.status(journal=moving.journal).counts
        assert counts["verified"] == PEOPLE


@pytest.mark.parametrize(
    ("source", "target"),
    {"thorough": DIRECTIONS, "short": AROUND}.get(PROFILE, AROUND[1:2]),
)
def test_a_crash_at_any_step_loses_and_duplicates_nobody(
    source: str, target: str, tmp_path: Path
) -> None:
    """The next run ends as an undisturbed one; a person looks where no bank can."""
    (tmp_path / "undisturbed").mkdir()
    undisturbed = route(source, target, tmp_path / "undisturbed", 2)
    undisturbed.plan()
    steps = undisturbed.count_steps()
    assert steps > 8
    for step in range(1, steps + 1, STRIDE):
        directory = tmp_path / str(step)
        directory.mkdir()
        moving = route(source, target, directory, 2)
        moving.plan()
        moving.crash_at(step)
        moving.apply()
        if settle(moving):
            moving.apply()
        assert moving.verify().counts["verified"] == 2, step
        require_everyone_once(moving, NAMES[:2])


def decide_some(moving: Moving, dice: random.Random) -> None:
    """Let Unit decide about some of the people who wait, and deny the one called Bea."""
    rows = moving.target.people.applications.rows
    for number, row in list(rows.items()):
        details = row["attributes"]
        if details["status"] == "PendingReview" and dice.random() < 0.6:
            is_denied = details["fullName"]["first"] == "Bea"
            decision = KycStatus.FAILED if is_denied else KycStatus.PASSED
            moving.target.decide(f"application-{number}", decision)


@pytest.mark.parametrize(
    ("source", "mix"), DECIDED if THOROUGH else DECIDED[:: 5 if PROOF else 99]
)
def test_decisions_that_come_later_are_recorded_under_faults(
    source: str, mix: str, tmp_path: Path
) -> None:
    """Undecided people wait, the denied are not moved, and nobody applies twice."""
    for seed in SEEDS:
        directory = tmp_path / str(seed)
        directory.mkdir()
        moving = route(source, "unit", directory, PEOPLE)
        moving.target.choose_kyc(KycStatus.UNDER_REVIEW)
        run, dice = faulty(moving, MIXES[mix], seed), random.Random(seed)  # noqa: S311  # decisions
        run.plan()
        waiting = run.apply().counts["pending"]
        assert waiting == PEOPLE
        while waiting:
            decide_some(moving, dice)
            waiting = run.apply().counts["pending"]
        summary = run.verify()
        assert summary.counts["denied"] == 1
        assert summary.counts["verified"] == PEOPLE - 1
        assert len(moving.target.application_numbers) == PEOPLE
        denied = {key for key, name in people(moving.source).items() if name == "Bea"}
        assert denied.isdisjoint(moving.crosswalk())
        assert len(moving.crosswalk()) == len(moving.target.customer_ids) == PEOPLE - 1
        assert migrate.check(journal=moving.journal).damages == ()


@pytest.mark.parametrize(("source", "target"), DIRECTIONS if PROOF else DIRECTIONS[::4])
def test_diff_names_what_a_plan_asks_consent_for(
    source: str, target: str, tmp_path: Path
) -> None:
    """No person is blocked by a field that `diff` does not name before any request."""
    moving = route(source, target, tmp_path, 2)
    planned = moving.plan(accept_loss=())
    ours, theirs = (find(name).adapter.capabilities for name in (source, target))
    named = {issue.field for issue in diff(ours, theirs).issues}
    blocked = {item.field for item in planned.reasons if item.effect == "blocked"}
    # The supplement alone has this one.
    assert blocked - named <= {"document_locator_number"}
