"""Migrations between banks that act and then respond oddly lose and duplicate nobody.

The banks' own data decide: where `verify` has verified everybody, the target has each
person once, under the id of the crosswalk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from tests.increase.test_migrations import bond_to_increase
from tests.proofs import PROFILE

from anybank import ConfigurationError, ProviderError, TransportError, migrate
from anybank.migrate import Side, Summary
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State

from .moving import (
    NAMES,
    STRIDE,
    Crash,
    Moving,
    Steps,
    bond_to_sonder,
    people,
    side,
    sonder_to_bond,
)
from .odd import ODDITIES, Misnaming, Odd

COUNT = 4
DIRECTIONS: dict[str, Callable[[Path], Moving]] = {
    "Bond to Sonder": lambda path: bond_to_sonder(path, COUNT, duplicate_ssn="accept"),
    "Sonder to Bond": lambda path: sonder_to_bond(path, COUNT),
    "Bond to Increase": lambda path: bond_to_increase(path, COUNT),
}
MIXES = {**{name: (name,) for name in ODDITIES}, "all of it": tuple(ODDITIES)}

SEEDS = {"quick": 1, "short": 3, "thorough": 60}[PROFILE]
CASES = [
    pytest.param(direction, mix, id=f"{direction}-{mix}")
    for at, direction in enumerate(DIRECTIONS)
    for of, mix in enumerate(MIXES)
    if PROFILE != "quick" or mix == "all of it" or of % len(DIRECTIONS) == at
]
"""A run of the tests has each oddity in one direction, the proofs in every one."""
_RUNS = 80
_CHANCE = 0.25


@define
class Run:
    """A migration between two odd banks, and its operator."""

    moving: Moving
    source: Odd
    target: Odd

    @classmethod
    def of(cls, moving: Moving, names: tuple[str, ...], seed: int) -> Run:
        source = Odd(moving.source, names, _CHANCE, seed)
        return cls(moving, source, Odd(moving.target, names, _CHANCE, seed + 1000))

    def sides(self) -> tuple[Side, Side]:
        steps = self.moving.steps
        return side(self.source, steps=steps), side(self.target, steps=steps)

    def command(self, name: str, **more: Any) -> Summary:
        """Run a command until it succeeds and asks for no repetition."""
        source, target = self.sides()
        banks = (
            {"target": target}
            if name == "rollback"
            else {
                "source": source,
                "target": target,
            }
        )
        for _ in range(_RUNS):
            try:
                run = getattr(migrate, name)
                summary: Summary = run(journal=self.moving.journal, **banks, **more)
            except (ProviderError, TransportError):
                continue
            if summary.exit_code != 1:
                return summary
        raise AssertionError(f"{name} does not come to an end")

    def rollback(self) -> Summary:
        """Roll back; say that they are gone where the last delete was answered oddly.

        With nobody left to find, the credentials of another brand would look the same, so
        the command asks a person.
        """
        try:
            return self.command("rollback", yes=True)
        except ConfigurationError as error:
            if "--gone" not in str(error) or people(self.moving.target):
                raise
            return self.command("rollback", yes=True, gone=True)

    def plan(self) -> Summary:
        moving = self.moving
        return self.command(
            "plan",
            supplement=moving.supplement,
            ids=moving.ids,
            accept_loss="all",
        )

    def move(self) -> None:
        """Plan, apply, resolve and verify until everything is done."""
        for _ in range(_RUNS):
            self.plan()
            self.command("apply")
            settle(self.moving)
            if is_done(self.command("verify")):
                return
        raise AssertionError("the migration does not come to an end")


def is_done(summary: Summary) -> bool:
    """Tell whether everybody is verified, except for wrongly listed customers."""
    counts = summary.counts
    return counts["verified"] == COUNT == summary.totals["records"] - counts["blocked"]


def settle(moving: Moving) -> None:
    """Find the customers who wait in the target's data, and record them."""
    names, there = people(moving.source), people(moving.target)
    _, target = moving.sides()
    judged = {State.QUARANTINED, State.AMBIGUOUS}
    with Journal.open(moving.journal) as journal:
        waiting = [record.source_id for record in journal.records(judged)]
        known = {target_id for _, target_id in journal.pairs()}
    for source_id in waiting:
        name = names[source_id]
        matches = [key for key, other in there.items() if other == name]
        assert len(matches) < 2, "created twice"
        assert not known & set(matches)
        how: Any = {"exists": matches[0]} if matches else {"absent": True}
        migrate.resolve(
            journal=moving.journal, target=target, source_id=source_id, **how
        )


def everybody_once(moving: Moving) -> None:
    """Assert by the target's data that nobody is duplicated or lost."""
    sources, targets = people(moving.source), people(moving.target)
    assert sorted(targets.values()) == sorted(NAMES[:COUNT])
    walked = moving.crosswalk()
    assert {ours: targets[theirs] for ours, theirs in walked.items()} == sources
    assert migrate.check(journal=moving.journal).exit_code == 0


@pytest.mark.parametrize(("direction", "mix"), CASES)
def test_nobody_is_lost_or_created_twice(
    direction: str, mix: str, tmp_path: Path
) -> None:
    """Both banks respond oddly by chance during plan, apply and verify."""
    for seed in range(SEEDS):
        directory = tmp_path / str(seed)
        directory.mkdir()
        run = Run.of(DIRECTIONS[direction](directory), MIXES[mix], seed)
        run.move()
        everybody_once(run.moving)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_who_is_called_rolled_back_is_not_there(direction: str, tmp_path: Path) -> None:
    """A rollback with odd responses to deletes and reads deletes everybody."""
    for seed in range(SEEDS):
        directory = tmp_path / str(seed)
        directory.mkdir()
        run = Run.of(DIRECTIONS[direction](directory), MIXES["all of it"], seed)
        run.source.is_odd = run.target.is_odd = False
        run.move()
        run.target.is_odd = True
        for _ in range(_RUNS):
            rolled_back = run.rollback().counts["rolled_back"]
            assert len(people(run.moving.target)) <= COUNT - rolled_back
            if rolled_back == COUNT:
                break
        assert people(run.moving.target) == {}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_crash_among_odd_responses_loses_nobody(
    direction: str, tmp_path: Path
) -> None:
    """A run can crash at any step among odd responses."""
    for step in range(1, 31, 2 * STRIDE):
        directory = tmp_path / str(step)
        directory.mkdir()
        run = Run.of(DIRECTIONS[direction](directory), MIXES["all of it"], step)
        run.source.is_odd = run.target.is_odd = False
        run.plan()
        run.target.is_odd = True
        run.moving.steps = Steps(step)
        try:
            with run.moving.steps.counted():
                run.command("apply")
        except Crash:
            pass
        finally:
            run.moving.steps = Steps()
        run.move()
        everybody_once(run.moving)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("oddity", ["an impossible Retry-After", "a redirect"])
def test_five_odd_answers_make_nobody_twice(
    direction: str, oddity: str, tmp_path: Path
) -> None:
    """Every create happens and gets an odd response; then `retry` and `apply` run."""
    moving = DIRECTIONS[direction](tmp_path)
    run = Run(
        moving, Odd(moving.source, (oddity,), 0), Odd(moving.target, (oddity,), 0)
    )
    run.plan()
    run.target.chance = 1.0
    source, target = run.sides()
    with suppress(ProviderError, TransportError):
        migrate.apply(journal=moving.journal, source=source, target=target)
    counts = migrate.status(journal=moving.journal).counts
    assert counts["created"] == counts["failed"] == 0
    assert people(moving.target)
    run.target.chance = 0.0
    migrate.retry(journal=moving.journal)
    run.command("apply")
    run.move()
    everybody_once(moving)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_create_that_names_another_id_is_never_verified(
    direction: str, tmp_path: Path
) -> None:
    """Only a read shows that nobody has the id of the response."""
    moving = DIRECTIONS[direction](tmp_path)
    moving.plan()
    source, _ = moving.sides()
    target = side(Misnaming(moving.target))
    migrate.apply(journal=moving.journal, source=source, target=target, concurrency=1)
    summary = moving.verify()
    assert (summary.counts["verified"], summary.exit_code) == (COUNT - 1, 2)
    assert len(people(moving.target)) == COUNT
