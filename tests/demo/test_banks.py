"""The demo's two banks, their customers, and the supplement."""

from __future__ import annotations

import stat
from collections.abc import Iterator

import pytest

from anybank import Bank, CustomerChanges, FieldNotUpdatable
from anybank.sandbox.demo.banks import DemoBanks, serve_banks
from anybank.sandbox.demo.population import FEWEST, Trait


@pytest.fixture(scope="module")
def stage() -> Iterator[DemoBanks]:
    """Serve both banks with the smallest population that has every trait."""
    with serve_banks(FEWEST, seed=1) as created:
        yield created


def test_everybody_is_at_bond_and_nobody_at_sonder(stage: DemoBanks) -> None:
    """Bond lists the people by their ids, and Sonder has no customer."""
    with Bank(stage.source.provider, **stage.source.options) as bank:
        assert {item.id for item in bank.customers.list()} == set(stage.people)
    assert stage.sonder.customer_ids == ()


def test_those_who_passed_kyc_are_locked(stage: DemoBanks) -> None:
    """Bond rejects a new name for the customers who have passed KYC."""
    (passed,) = (
        item for item, person in stage.people.items() if person.trait is Trait.VERIFIED
    )
    with (
        Bank(stage.source.provider, **stage.source.options) as bank,
        pytest.raises(FieldNotUpdatable),
    ):
        bank.customers.update(passed, CustomerChanges(last_name="Other"))


def test_only_the_owner_can_read_the_supplement(stage: DemoBanks) -> None:
    """The file has a row for every person but one, and mode 0600."""
    assert stat.S_IMODE(stage.supplement.stat().st_mode) == 0o600
    rows = stage.supplement.read_text("utf-8").splitlines()
    assert len(rows) - 1 == stage.supplied == FEWEST - 1


def test_the_supplement_is_gone_at_the_end() -> None:
    """The supplement is deleted when the block ends."""
    with serve_banks(FEWEST, seed=2) as created:
        folder = created.supplement.parent
    assert not folder.exists()
