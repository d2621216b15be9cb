"""Whole migrations in faulty networks lose and duplicate nobody.

Both banks fail by chance during plan, apply and verify. Records that a look-up cannot
settle are resolved by a person, who knows the target's own data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from attrs import define
from tests.proofs import PROFILE, PROOF

from anybank import ConfigurationError, ProviderError, TransportError, migrate
from anybank.migrate import Side, Summary
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.faults import Faults, FaultyBank

from .moving import NAMES, Moving, bond_to_sonder, people, side, sonder_to_bond

Begin: TypeAlias = Callable[[Path], Moving]

DIRECTIONS: dict[str, Begin] = {
    "sonder accepts doubles": lambda path: bond_to_sonder(
        path, len(NAMES), duplicate_ssn="accept"
    ),
    "sonder rejects doubles": lambda path: bond_to_sonder(
        path, len(NAMES), duplicate_ssn="reject"
    ),
    "bond is looked at": lambda path: sonder_to_bond(path, len(NAMES)),
}

MIXES: dict[str, dict[str, float]] = {
    "lost after commit": {"lost": 0.3},
    "a storm of 429": {"429": 0.6},
    "server errors": {"500": 0.2, "503": 0.2},
    "too slow": {"slow": 0.3},
    "truncated": {"truncated": 0.3},
    "malformed": {"malformed": 0.3},
    "a proxy's pages": {"html": 0.3},
    "refused": {"refused": 0.4},
    "all of it": dict.fromkeys(
        ("lost", "429", "500", "503", "slow", "truncated", "malformed", "refused"), 0.06
    ),
}

SEEDS = {"quick": 1, "short": 2, "thorough": 40}
"""How often each mix is tried: see `make proof`."""

_RUNS = 1000
"""After so many runs of a command, one that still fails will never end.

A verify reads a dozen answers, and is run again if one is malformed: one in a hundred ends.
"""


def seeds() -> range:
    """Return the seeds of the profile."""
    return range(SEEDS[PROFILE])


RUNS = [
    (direction, mix)
    for at, mix in enumerate(MIXES)
    for to, direction in enumerate(DIRECTIONS)
    if PROOF or (at + 1) % len(DIRECTIONS) == to
]
"""Each mix in one direction, three in each; the proofs try every mix in every one."""


@define
class Bad:
    """A migration between two banks in a faulty network, and its operator."""

    moving: Moving
    source: FaultyBank
    target: FaultyBank

    def sides(self) -> tuple[Side, Side]:
        """Return both sides, with timeouts that are shorter than slow responses."""
        return side(self.source, timeout=1.0), side(self.target, timeout=1.0)

    def plan(self) -> Summary:
        """Plan until every customer could be read, as the summary says."""
        for _ in range(_RUNS):
            summary = repeated(self._plan)
            if not any(reason.rule == "unreadable" for reason in summary.reasons):
                return summary
        raise AssertionError("a customer is never readable")

    def _plan(self) -> Summary:
        source, target = self.sides()
        return migrate.plan(
            source,
            target,
            journal=self.moving.journal,
            supplement=self.moving.supplement,
            ids=self.moving.ids,
            accept_loss="all",
        )

    def apply(self) -> Summary:
        """Apply until only records that wait for a person are left."""
        source, target = self.sides()
        return repeated(
            lambda: migrate.apply(
                journal=self.moving.journal, source=source, target=target
            )
        )

    def verify(self) -> Summary:
        source, target = self.sides()
        return repeated(
            lambda: migrate.verify(
                journal=self.moving.journal, source=source, target=target
            )
        )

    def settle(self) -> int:
        """Do a person's tasks: look at the target, and record the result."""
        there = {name: key for key, name in people(self.moving.target).items()}
        names = people(self.moving.source)
        waiting = list(self.waiting())
        for source_id in waiting:
            target_id = there.get(names[source_id])
            repeated(partial(self.resolve, source_id, target_id))
        return len(waiting)

    def resolve(self, source_id: str, target_id: str | None) -> Summary:
        return migrate.resolve(
            journal=self.moving.journal,
            target=self.sides()[1],
            source_id=source_id,
            exists=target_id,
            absent=target_id is None,
        )

    def waiting(self) -> Iterator[str]:
        with Journal.open(self.moving.journal) as journal:
            for record in journal.records({State.QUARANTINED, State.AMBIGUOUS}):
                yield record.source_id


def bad(begin: Begin, directory: Path, chances: dict[str, float], seed: int) -> Bad:
    """Set up a migration whose banks fail by chance."""
    moving = begin(directory)
    return Bad(
        moving,
        Faults(chances, seed=seed).around(moving.source),
        Faults(chances, seed=seed + 1000).around(moving.target),
    )


def repeated(command: Callable[[], Summary]) -> Summary:
    """Run a command again, as its summary says, until it is done."""
    for _ in range(_RUNS):
        try:
            summary = command()
        except (ProviderError, TransportError):
            continue
        except ConfigurationError as error:  # whom a verdict names could not be read
            if "cannot be read" not in str(error):
                raise
            continue
        if summary.exit_code not in (1, 75):
            return summary
    raise AssertionError("it does not come to an end")


def moved(run: Bad) -> int:
    """Run all commands until everyone is verified; return how often a person helped."""
    run.plan()
    settled = 0
    for _ in range(_RUNS):
        run.apply()
        waiting = run.settle()
        settled += waiting
        if not waiting:
            break
    run.verify()
    return settled


def everyone_once(run: Bad) -> None:
    """Assert that the crosswalk leads from each customer to the same person."""
    sources, targets = people(run.moving.source), people(run.moving.target)
    walked = run.moving.crosswalk()
    assert sorted(targets.values()) == sorted(NAMES)
    assert {ours: targets[theirs] for ours, theirs in walked.items()} == sources
    assert migrate.check(journal=run.moving.journal).exit_code == 0


@pytest.mark.parametrize(("direction", "mix"), RUNS)
def test_nobody_is_lost_or_duplicated(direction: str, mix: str, tmp_path: Path) -> None:
    """Everyone is there once; a bank with a look-up needs no person."""
    for seed in seeds():
        directory = tmp_path / str(seed)
        directory.mkdir()
        run = bad(DIRECTIONS[direction], directory, MIXES[mix], seed)
        settled = moved(run)
        everyone_once(run)
        assert not settled or direction != "bond is looked at"
        summary = migrate.status(journal=run.moving.journal)
        assert summary.counts["verified"] == len(NAMES)
