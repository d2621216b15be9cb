"""Migrations from and to Unit: who is moved, lost responses, and decisions that come later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import (
    NAMES,
    STRIDE,
    Moving,
    seeded_bond,
    side,
    sonder_person,
    ssn,
    supplement_for,
)

from anybank import Bank, KycStatus, migrate
from anybank.declaration.diff import diff
from anybank.plugins import find
from anybank.sandbox.faults import Faults
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

DORA = {"first": "Dora", "last": "Later"}
HOME = {
    "street": "1 Test St.",
    "city": "Reno",
    "state": "NV",
    "postalCode": "89501",
    "country": "US",
}


def bond_to_unit(directory: Path, count: int = 3, target: Any = None) -> Moving:
    """Return a migration of Bond's people to an empty Unit."""
    bond, ids = seeded_bond(count)
    path = supplement_for(ids, directory / "vault.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    return Moving(directory, bond, target or UnitSimulator(), supplement=path)


def sonder_to_unit(directory: Path, count: int = 3, target: Any = None) -> Moving:
    """Return a migration of Sonder's people to an empty Unit."""
    sonder = SonderSimulator()
    ids = [sonder.seed_customer(**sonder_person(at)) for at in range(count)]
    path = directory / "ids.txt"
    path.write_text("".join(f"{item}\n" for item in ids))
    vault = directory / "vault.csv"
    rows = [f"{item},{ssn(at)}\n" for at, item in enumerate(ids)]
    vault.write_text("source_id,ssn\n" + "".join(rows))
    unit = target or UnitSimulator()
    return Moving(directory, sonder, unit, supplement=vault, ids=path)


def unit_to_increase(directory: Path, count: int = 3, target: Any = None) -> Moving:
    """Return a migration of Unit's people to an empty Increase."""
    unit = UnitSimulator()
    ids = [
        unit.seed_application(
            fullName={"first": NAMES[at], "last": "Sample"},
            ssn=ssn(at).replace("-", ""),
            address=HOME,
        )
        for at in range(count)
    ]
    path = directory / "vault.csv"
    rows = [f"{item},{ssn(at)}\n" for at, item in enumerate(ids)]
    path.write_text("source_id,ssn\n" + "".join(rows))
    return Moving(directory, unit, target or IncreaseSimulator(), supplement=path)


ROUTES = pytest.mark.parametrize(
    "route", [bond_to_unit, sonder_to_unit, unit_to_increase]
)


def count_at(simulator: Any) -> int:
    at = side(getattr(simulator, "bank", simulator))
    with Bank(at.provider, **at.options) as bank:
        return len(list(bank.customers.list()))


@ROUTES
def test_everybody_arrives(tmp_path: Path, route: Any) -> None:
    """Every customer is created once, read back and verified."""
    moving = route(tmp_path)
    assert moving.plan().counts["ready"] == 3
    assert moving.apply().counts["created"] == 3
    assert moving.verify().counts["verified"] == 3
    assert count_at(moving.target) == 3
    assert len(moving.crosswalk()) == 3


@ROUTES
@pytest.mark.parametrize("fault", ["lost", "truncated", "malformed", "503"])
def test_nobody_is_lost_or_created_twice(
    tmp_path: Path, route: Any, fault: str
) -> None:
    """Under lost, broken and refused responses everybody arrives exactly once."""
    bank = IncreaseSimulator() if route is unit_to_increase else UnitSimulator()
    target = Faults().around(bank)
    target.schedule(fault, fault, fault)
    moving = route(tmp_path, target=target)
    moving.plan()
    assert moving.apply(concurrency=1).exit_code == 0
    assert count_at(bank) == 3
    assert moving.verify().counts["verified"] == 3


@pytest.mark.parametrize("route", [bond_to_unit, unit_to_increase])
def test_a_crash_anywhere_duplicates_nobody(tmp_path: Path, route: Any) -> None:
    """A run that is killed at any step and resumed ends with the same customers."""
    (tmp_path / "whole").mkdir()
    whole = route(tmp_path / "whole", 2)
    whole.plan()
    for step in range(1, whole.count_steps() + 1, STRIDE):
        place = tmp_path / str(step)
        place.mkdir()
        moving = route(place, 2)
        moving.plan()
        moving.crash_at(step)
        assert moving.apply().counts["created"] == 2, step
        assert count_at(moving.target) == 2, step


@pytest.mark.parametrize(
    ("digits", "reason"), [("000000001", "refused"), ("000000004", "not decided")]
)
def test_whom_unit_has_not_accepted_is_not_moved_from_it(
    tmp_path: Path, digits: str, reason: str
) -> None:
    """Denied and undecided people of Unit are blocked with the reason."""
    moving = unit_to_increase(tmp_path)
    moving.source.seed_application(ssn=digits, fullName=DORA)
    summary = moving.plan()
    assert (summary.counts["ready"], summary.counts["blocked"]) == (3, 1)
    assert any(reason in item.message for item in summary.reasons)


def test_an_undecided_person_is_moved_after_the_decision(tmp_path: Path) -> None:
    """The customer is another record than the application, which is excluded then."""
    moving = unit_to_increase(tmp_path)
    person = moving.source.seed_application(ssn="000000004", fullName=DORA)
    moving.plan()
    assert moving.apply().counts["created"] == 3
    moving.source.decide(person, KycStatus.PASSED)
    assert moving.supplement
    with moving.supplement.open("a") as file:
        file.write(f"{moving.source.customer_ids[-1]},{ssn(7)}\n")
    moving.source.people.customers.rows[moving.source.customer_ids[-1]]["attributes"][
        "maskedSSN"
    ] = f"*****{ssn(7)[-4:]}"
    # Both ids stand for one person, so neither is moved until a person decides.
    assert moving.plan().counts["blocked"] == 2
    assert moving.apply().counts["created"] == 3
    exclusions = tmp_path / "exclude.txt"
    exclusions.write_text(f"{person}\n")
    assert moving.plan(exclude=exclusions).counts["ready"] == 1
    assert moving.apply().counts["created"] == 4
    assert count_at(moving.target) == 4


@pytest.mark.parametrize("route", [bond_to_unit, sonder_to_unit])
def test_an_undecided_person_waits_for_the_decision(tmp_path: Path, route: Any) -> None:
    """While Unit decides nobody is moved; afterwards each has the id of the customer."""
    moving = route(tmp_path)
    moving.target.choose_kyc(KycStatus.UNDER_REVIEW)
    moving.plan()
    waiting = moving.apply()
    assert (waiting.counts["pending"], waiting.exit_code) == (3, 2)
    assert moving.crosswalk() == {}
    first, second, third = ("application-1", "application-2", "application-3")
    for person in (first, second):
        moving.target.decide(person, KycStatus.PASSED)
    moving.target.decide(third, KycStatus.FAILED)
    # Another apply reads everybody again, and sends nobody a second time.
    decided = moving.apply()
    assert (decided.counts["created"], decided.counts["denied"]) == (2, 1)
    assert len(moving.target.application_numbers) == 3
    assert moving.verify().counts["verified"] == 2
    assert {*moving.crosswalk().values()} == {*moving.target.customer_ids}


def test_a_person_whom_unit_denies_is_not_moved(tmp_path: Path) -> None:
    """A denied person is in no crosswalk, waits for a person, and is never verified."""
    moving = bond_to_unit(tmp_path, 2)
    moving.target.choose_kyc(KycStatus.FAILED)
    moving.plan()
    moving.apply()
    summary = moving.verify()
    assert (summary.counts["verified"], summary.counts["denied"]) == (0, 2)
    assert (summary.exit_code, moving.crosswalk()) == (2, {})
    assert any(item.rule == "denied" for item in summary.reasons)


def test_a_rollback_cancels_an_application(tmp_path: Path) -> None:
    """An application that is not decided is canceled, and a customer archived."""
    moving = bond_to_unit(tmp_path, 2)
    moving.target.choose_kyc(KycStatus.UNDER_REVIEW)
    moving.plan()
    moving.apply()
    moving.target.decide("application-1", KycStatus.PASSED)
    migrate.rollback(journal=moving.journal, target=moving.sides()[1], yes=True)
    assert count_at(moving.target) == 0


def test_the_differences_between_the_banks_are_said() -> None:
    """`diff` names what Unit does not have, and that a create verifies."""
    bond, unit = (find(name).adapter.capabilities for name in ("bond", "unit"))
    difference = diff(bond, unit)
    assert "starts to verify" in " ".join(difference.notes)
    lost = {issue.field for issue in difference.issues}
    assert {"middle_name", "preferred_name"} & lost
