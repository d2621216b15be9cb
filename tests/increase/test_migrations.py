"""Migrations to and from Increase: losses, lost responses, archived customers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.migrate.moving import (
    STRIDE,
    Moving,
    people,
    seeded_bond,
    side,
    supplement_for,
)

from anybank import Bank, CustomerChanges, Ssn, migrate
from anybank.declaration.diff import diff
from anybank.migrate import Summary
from anybank.plugins import find
from anybank.sandbox.faults import Faults
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator

from .banks import increase

LOST = ["lost"] * 5
"""As many as `apply` has rounds."""


def bond_to_increase(directory: Path, count: int = 3, target: Any = None) -> Moving:
    """Return a migration of Bond's people to an empty Increase."""
    bond, ids = seeded_bond(count)
    path = supplement_for(ids, directory / "vault.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    increase = IncreaseSimulator() if target is None else target
    return Moving(directory, bond, increase, supplement=path)


def lossy(moving: Moving, *names: str) -> Summary:
    return moving.plan(accept_loss=list(names))


def names_at(simulator: IncreaseSimulator) -> list[str]:
    at = side(simulator)
    with Bank("increase", **at.options) as bank:
        return sorted((item.name or "") for item in bank.customers.list())


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    return bond_to_increase(tmp_path)


def test_nothing_is_lost_without_consent(moving: Moving) -> None:
    """A record with an unsupported field is blocked until its loss is accepted."""
    summary = lossy(moving)
    assert summary.counts["blocked"] == 3
    stopped = {item.field for item in summary.reasons if item.effect == "blocked"}
    assert stopped == {"emails", "phones", "external_id"}


def test_everybody_arrives_with_the_whole_name(moving: Moving) -> None:
    """Every customer is created, read back and verified with the whole name, address and SSN."""
    lossy(moving, "emails", "phones", "external_id")
    assert moving.apply().counts["created"] == 3
    assert moving.verify().counts["verified"] == 3
    assert names_at(moving.target) == [
        "Ada May Sample",
        "Bea May Sample",
        "Cleo May Sample",
    ]


def test_a_wrong_name_at_the_target_is_found(moving: Moving) -> None:
    """The read-back compares the whole name, although its parts are never returned."""
    moving.plan()
    moving.apply()
    first = next(iter(moving.crosswalk().values()))
    moving.target.stored(first).record["natural_person"]["name"] = "Ada Mai Sample"
    assert moving.verify().counts["mismatched"] == 1


@pytest.mark.parametrize("fault", ["lost", "truncated", "malformed"])
def test_a_lost_create_is_repeated_with_its_key(tmp_path: Path, fault: str) -> None:
    """The same key returns the customer of the lost create, so nobody waits or is duplicated."""
    increase = IncreaseSimulator()
    target = Faults().around(increase)
    target.schedule(fault, fault, fault)
    moving = bond_to_increase(tmp_path, target=target)
    moving.plan()
    assert moving.apply(concurrency=1).exit_code == 0
    assert len(increase.entity_ids) == 3
    assert moving.verify().counts["verified"] == 3


def test_a_crash_anywhere_duplicates_nobody(tmp_path: Path) -> None:
    """A run that is killed at any step and resumed ends with the same customers."""
    (tmp_path / "whole").mkdir()
    whole = bond_to_increase(tmp_path / "whole", 2)
    whole.plan()
    for step in range(1, whole.count_steps() + 1, STRIDE):
        place = tmp_path / str(step)
        place.mkdir()
        moving = bond_to_increase(place, 2)
        moving.plan()
        moving.crash_at(step)
        assert moving.apply().counts["created"] == 2, step
        assert len(moving.target.entity_ids) == 2, step


def test_a_change_after_a_lost_create_waits_for_a_person(tmp_path: Path) -> None:
    """Another body with the same key is refused, because the customer exists already."""
    increase = IncreaseSimulator()
    target = Faults().around(increase)
    target.schedule(*LOST)
    moving = bond_to_increase(tmp_path, 1, target=target)
    moving.plan()
    moving.apply(concurrency=1)
    (source_id,) = people(moving.source)
    at = side(moving.source)
    with Bank("bond", **at.options) as bank:
        bank.request("PATCH", f"/customers/{source_id}", json={"first_name": "Zoe"})
    assert moving.apply().counts["ambiguous"] == 1
    assert len(increase.entity_ids) == 1


def test_a_refused_repetition_waits_for_a_person(tmp_path: Path) -> None:
    """A refusal of the second request says nothing about the first, whose response was lost."""
    increase = IncreaseSimulator()
    target = Faults().around(increase)
    target.schedule(*LOST)
    moving = bond_to_increase(tmp_path, 1, target=target)
    moving.plan()
    assert moving.apply(concurrency=1).counts["unknown"] == 1
    increase.fail_next("invalid_parameters_error", errors=[])
    assert moving.apply().counts["quarantined"] == 1


def test_a_rollback_archives(moving: Moving) -> None:
    """Customers whom the migration created are archived and no longer listed."""
    moving.plan()
    moving.apply()
    migrate.rollback(journal=moving.journal, target=moving.sides()[1], yes=True)
    assert names_at(moving.target) == []
    assert len(moving.target.entity_ids) == 3


def test_a_rolled_back_customer_is_created_again(moving: Moving) -> None:
    """The old key would return the archived entity, so a new key is used."""
    moving.plan()
    moving.apply()
    migrate.rollback(journal=moving.journal, target=moving.sides()[1], yes=True)
    moving.plan(again=True)
    assert moving.apply().counts["created"] == 3
    assert moving.verify().counts["verified"] == 3
    assert len(moving.target.entity_ids) == 6


def decide(increase: IncreaseSimulator, entity_id: str, status: str) -> None:
    """End the validation of an entity."""
    validation = {"status": status, "issues": []}
    increase.stored(entity_id).record["validation"] = validation


@pytest.mark.parametrize(
    ("status", "reason"),
    [("invalid", "refused this person"), ("pending", "not decided")],
)
def test_a_person_whom_the_source_has_not_accepted_is_not_moved(
    tmp_path: Path, status: str, reason: str
) -> None:
    """Denied people stay, and undecided ones wait until the source accepts them."""
    moving = increase_to_bond(tmp_path)
    first = moving.source.entity_ids[0]
    decide(moving.source, first, status)
    planned = moving.plan()
    assert planned.counts["ready"] == 1
    assert any(
        item.field == "status" and reason in item.message for item in planned.reasons
    )
    decide(moving.source, first, "valid")
    assert moving.plan().counts["ready"] == 2


def test_a_denial_after_the_plan_is_noticed(tmp_path: Path) -> None:
    """A person whom the source denies between plan and apply is not created."""
    moving = increase_to_bond(tmp_path)
    moving.plan()
    decide(moving.source, moving.source.entity_ids[0], "invalid")
    counts = moving.apply().counts
    assert (counts["created"], len(people(moving.target))) == (1, 1)


def test_a_plan_says_that_a_create_verifies(moving: Moving) -> None:
    """Creating a customer at Increase starts KYC, which the plan and `diff` say."""
    planned = " ".join(lossy(moving).irreversible)
    assert "starts to verify (KYC) a customer when the customer is created" in planned
    notes = diff(
        find("bond").adapter.capabilities, find("increase").adapter.capabilities
    )
    assert "starts to verify" in " ".join(notes.notes)


def increase_to_bond(directory: Path, **options: Any) -> Moving:
    """Return a migration of Increase's people, and of a joint entity, to Bond."""
    increase = IncreaseSimulator()
    ids = [increase.seed_entity(name=name) for name in ("Ada Sample", "Bea Sample")]
    for item in ids:
        decide(increase, item, "valid")
    increase.seed_joint()
    path = directory / "vault.csv"
    rows = [
        f"{item},{name},Sample,900-5{at}-0101,{name}@example.com,+15551112222"
        for at, (item, name) in enumerate(zip(ids, ("Ada", "Bea"), strict=True), 5)
    ]
    header = "source_id,first_name,last_name,ssn,emails,phones"
    path.write_text("\n".join([header, *rows, ""]))
    return Moving(directory, increase, BondSimulator(), supplement=path, **options)


def test_people_move_from_increase_with_a_supplement(tmp_path: Path) -> None:
    """The parts of the name, e-mail and phone are the user's to supply."""
    moving = increase_to_bond(tmp_path)
    moving.plan()
    moving.apply()
    assert moving.verify().counts["verified"] == 2
    assert sorted(people(moving.target).values()) == ["Ada", "Bea"]


ITIN = "912705678"


def itin_to_increase(directory: Path, columns: str, cells: str) -> Moving:
    """Return a migration of one person with an ITIN to another Increase."""
    source = IncreaseSimulator()
    method = "individual_taxpayer_identification_number"
    itin = {"method": method, "number": ITIN}
    entity_id = source.seed_entity(name="Ada Sample", identification=itin)
    decide(source, entity_id, "valid")
    path = directory / "vault.csv"
    header = f"source_id,first_name,last_name{columns}"
    path.write_text(f"{header}\n{entity_id},Ada,Sample{cells}\n")
    return Moving(directory, source, IncreaseSimulator(seed=1), supplement=path)


def test_a_masked_id_needs_its_number(tmp_path: Path) -> None:
    """The mask is never sent; the summary names the supplement's column."""
    summary = itin_to_increase(tmp_path, "", "").plan()
    assert summary.counts["blocked"] == 1
    (reason,) = [each for each in summary.reasons if "government" in each.field]
    assert reason.field == "government_ids.number"
    assert "add the full number to the supplement" in str(reason.remedy)


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (",government_ids.number", f",{ITIN}"),
        (",government_ids[0].number", ",912-70-5678"),
    ],
)
def test_an_id_travels_as_its_own_kind(
    tmp_path: Path, columns: str, cells: str
) -> None:
    """With the number from the supplement an ITIN arrives as an ITIN, and is verified."""
    moving = itin_to_increase(tmp_path, columns, cells)
    moving.plan()
    assert moving.apply().counts["created"] == 1
    assert moving.verify().counts["verified"] == 1
    (target_id,) = moving.target.entity_ids
    stored = moving.target.stored(target_id)
    assert stored.number.reveal() == ITIN
    assert stored.record["natural_person"]["identification"]["method"].startswith(
        "individual_taxpayer"
    )
    kept = b"".join(
        each.read_bytes() for each in tmp_path.iterdir() if each.suffix != ".csv"
    )
    assert ITIN.encode() not in kept


def test_an_overwrite_replaces_another_id(tmp_path: Path) -> None:
    """Where the target has an SSN now, the ITIN of the source is written again."""
    moving = itin_to_increase(tmp_path, ",government_ids.number", f",{ITIN}")
    moving.plan()
    moving.apply()
    (target_id,) = moving.target.entity_ids
    with increase(moving.target) as bank:
        bank.customers.update(target_id, CustomerChanges(ssn=Ssn("912-45-6789")))
    assert moving.verify().counts["mismatched"] == 1
    source, target = moving.sides()
    migrate.overwrite(
        journal=moving.journal, source=source, target=target, yes=True, max_change=None
    )
    assert moving.verify().counts["verified"] == 1
    assert moving.target.stored(target_id).number.reveal() == ITIN


def test_another_persons_number_blocks(tmp_path: Path) -> None:
    """The end of the supplied number must be the one that the source returns."""
    moving = itin_to_increase(tmp_path, ",government_ids.number", ",912705679")
    summary = moving.plan()
    assert summary.counts["blocked"] == 1
    assert ("government_ids.number", "last four") in [
        (each.field, each.rule) for each in summary.reasons
    ]


def test_an_id_that_is_not_complete_blocks_its_record(tmp_path: Path) -> None:
    """A kind without a number names the part, and the others are not affected."""
    moving = bond_to_increase(tmp_path, 2)
    assert moving.supplement
    first, *rest = moving.supplement.read_text().splitlines()
    rows = [f"{line},{kind}" for line, kind in zip(rest, ("passport", ""), strict=True)]
    lines = [f"{first},government_ids.kind", *rows]
    moving.supplement.write_text("\n".join(lines) + "\n")
    summary = moving.plan()
    assert (summary.counts["blocked"], summary.counts["ready"]) == (1, 1)
    assert "government_ids.number" in [each.field for each in summary.reasons]


def test_an_entity_that_is_not_a_person_is_a_record(tmp_path: Path) -> None:
    """A joint entity of two people is a record that waits for a person."""
    assert increase_to_bond(tmp_path).plan().counts["blocked"] == 1


def test_a_changed_whole_name_is_noticed(tmp_path: Path) -> None:
    """A later plan certifies a customer again whose name has changed at the source."""
    moving = increase_to_bond(tmp_path)
    moving.plan()
    moving.apply()
    first = moving.source.entity_ids[0]
    moving.source.stored(first).record["natural_person"]["name"] = "Ada Other"
    assert moving.plan(since_last=True).counts["mismatched"] == 1


def test_names_are_split_by_the_option(tmp_path: Path) -> None:
    """With names='split' the parts are guessed, and need no supplement."""
    moving = increase_to_bond(tmp_path)
    source, target = moving.sides()
    guessing = evolve(source, options={**source.options, "names": "split"})
    planned = migrate.plan(guessing, target, journal=moving.journal, accept_loss="all")
    counts = {item.field: item.count for item in planned.reasons}
    assert counts["first_name"] == 1  # the joint entity has no parts
