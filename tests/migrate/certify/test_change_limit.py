"""A change to more customers than expected is refused until it is allowed by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.moving import Moving, people, side, supplement_for

from anybank import Bank, ConfigurationError, CustomerChanges, migrate
from anybank.migrate import Summary
from anybank.migrate.certify.change_limit import FEWEST, ChangeLimit
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

MANY = 12


def many(directory: Path) -> Moving:
    """Return a migration of more than a few customers."""
    bond = BondSimulator()
    ids = [
        bond.seed_customer(
            first_name=f"Ada{chr(97 + at)}", middle_name="May", ssn=_ssn(at)
        )
        for at in range(MANY)
    ]
    vault = supplement_for(ids, directory / "vault.csv")
    return Moving(directory, bond, SonderSimulator(), supplement=vault)


def _ssn(at: int) -> str:
    return f"912-45-{6000 + at}"


@pytest.fixture
def moved(tmp_path: Path) -> Moving:
    moving = many(tmp_path)
    moving.plan()
    moving.apply()
    return moving


def rolled_back(moving: Moving, **more: Any) -> Summary:
    _, target = moving.sides()
    return migrate.rollback(journal=moving.journal, target=target, yes=True, **more)


def test_a_plan_that_drops_what_nobody_named_is_refused(tmp_path: Path) -> None:
    """`all` names no field: the plan reports that, and apply sends nothing."""
    moving = many(tmp_path)
    summary = moving.plan(max_change="10%")
    assert summary.exit_code == 1
    assert summary.stopped is not None
    assert "12 of 12 customers (100%)" in summary.stopped
    assert "--allow drops" in summary.stopped
    with pytest.raises(ConfigurationError, match="--accept-loss"):
        moving.apply()
    assert people(moving.target) == {}
    assert migrate.status(journal=moving.journal).exit_code == 1


def test_a_batch_of_a_refused_plan_is_refused(tmp_path: Path) -> None:
    """Workers respect the refusal too."""
    moving = many(tmp_path)
    moving.plan(max_change="10%")
    ref, *_ = migrate.batches(journal=moving.journal)
    source, target = moving.sides()
    with pytest.raises(ConfigurationError, match="refused"):
        migrate.run_batch(ref, journal=moving.journal, source=source, target=target)


@pytest.mark.parametrize(
    "more",
    [
        {"allow": "drops", "max_change": "10%"},
        {"max_change": "100%"},
        {"max_change": None},
    ],
)
def test_a_refused_plan_is_allowed_by_another(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    """A new plan with the consent can be applied."""
    moving = many(tmp_path)
    moving.plan(max_change=0)
    moving.plan(**more)
    assert moving.apply().counts["created"] == MANY


def test_a_loss_that_was_named_is_allowed(tmp_path: Path) -> None:
    """Naming the fields is the consent."""
    moving = many(tmp_path)
    summary = moving.plan()
    named = {reason.field for reason in summary.reasons if reason.effect == "dropped"}
    assert named
    assert moving.plan(accept_loss=named, max_change=0).stopped is None


def test_a_whole_rollback_is_refused_until_it_is_allowed(moved: Moving) -> None:
    """Consent does not suffice: nobody is deleted without `allow`."""
    with pytest.raises(ConfigurationError, match="--allow deletes"):
        rolled_back(moved)
    assert len(people(moved.target)) == MANY
    assert rolled_back(moved, allow="deletes").counts["rolled_back"] == MANY


def test_an_overwrite_of_many_is_refused_until_it_is_allowed(moved: Moving) -> None:
    """Four of twelve are more than 30%, and three are not."""
    ours = list(moved.crosswalk())
    with Bank("bond", **side(moved.source).options) as bank:
        for item in ours[:4]:
            bank.customers.update(item, CustomerChanges(emails=["new@example.com"]))
    moved.plan(since_last=True)
    source, target = moved.sides()
    options = {
        "journal": moved.journal,
        "source": source,
        "target": target,
        "yes": True,
    }
    with pytest.raises(ConfigurationError, match=r"4 of 12 .* --allow overwrites"):
        migrate.overwrite(**options)
    file = moved.directory / "some.txt"
    file.write_text("\n".join(ours[:3]) + "\n")
    assert migrate.overwrite(**options, ids=file).totals["overwritten"] == 3
    assert migrate.overwrite(**options, allow="overwrites").exit_code == 0


@pytest.mark.parametrize("share", ["31", "101%", -0.1, 1.1, "a third"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: Any) -> None:
    """An invalid share is refused before anything is planned."""
    with pytest.raises(ConfigurationError, match="max_change must be a share"):
        many(tmp_path).plan(max_change=share)


def test_only_what_a_command_does_can_be_allowed(moved: Moving) -> None:
    """An unknown name is refused and not ignored."""
    with pytest.raises(ConfigurationError, match="The only name is 'deletes'"):
        rolled_back(moved, allow=["overwrites"])


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 100))
def test_more_than_the_share_is_refused(count: int, total: int, percent: int) -> None:
    """The limit applies above the share, and only from ten customers on."""
    count = min(count, total)
    guard = ChangeLimit.of("deletes", percent / 100, ())
    is_refused = guard.refusal(count, total, "would be", "Do") is not None
    assert is_refused == (total >= FEWEST and count > percent / 100 * total)
