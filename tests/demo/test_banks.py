"""The stage of the demo: two banks, their people, and the supplement."""

from __future__ import annotations

import stat
from collections.abc import Iterator

import pytest

from anybank import Bank, CustomerChanges, FieldNotUpdatable
from anybank.sandbox.demo.banks import DemoBanks, serve_banks
from anybank.sandbox.demo.population import FEWEST, Trait


@pytest.fixture(scope="module")
def stage() -> Iterator[DemoBanks]:
    """Set the stage for as few as show every trait."""
    with serve_banks(FEWEST, seed=1) as made:
        yield made


def test_everybody_is_at_bond_and_nobody_at_sonder(stage: DemoBanks) -> None:
    """Bond lists the people by their ids there, and Sonder holds none."""
    with Bank(stage.source.provider, **stage.source.options) as bank:
        assert {each.id for each in bank.customers.list()} == set(stage.people)
    assert stage.sonder.customer_ids == ()


def test_those_who_passed_kyc_are_locked(stage: DemoBanks) -> None:
    """Bond refuses to change the name of the one who has passed KYC."""
    (passed,) = (
        each for each, person in stage.people.items() if person.trait is Trait.VERIFIED
    )
    with (
        Bank(stage.source.provider, **stage.source.options) as bank,
        pytest.raises(FieldNotUpdatable),
    ):
        bank.customers.update(passed, CustomerChanges(last_name="Other"))


def test_the_supplement_is_its_owners_alone(stage: DemoBanks) -> None:
    """The file has a row for all but one, and nobody else may read it."""
    assert stat.S_IMODE(stage.supplement.stat().st_mode) == 0o600
    rows = stage.supplement.read_text("utf-8").splitlines()
    assert len(rows) - 1 == stage.supplied == FEWEST - 1


def test_the_supplement_is_gone_at_the_end() -> None:
    """Nothing of the supplement is left when the stage is."""
    with serve_banks(FEWEST, seed=2) as made:
        folder = made.supplement.parent
    assert not folder.exists()
