"""The checksum of a plan: `apply` sends the plan that a person has approved."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.moving import bond_to_sonder, people, side

from anybank import Bank, ConfigurationError, CustomerChanges, migrate


def test_a_repeated_plan_has_the_same_checksum(tmp_path: Path) -> None:
    """A second plan of unchanged data has the same checksum, also after an apply."""
    moving = bond_to_sonder(tmp_path)
    first = moving.plan().plan
    again = moving.plan().plan
    moving.apply()

    assert first == again == moving.plan().plan
    assert first == migrate.status(journal=moving.journal).plan


def test_a_changed_customer_changes_the_plan(tmp_path: Path) -> None:
    """The checksum covers the data that would be sent."""
    moving = bond_to_sonder(tmp_path)
    first = moving.plan().plan
    bond = side(moving.source)
    with Bank(bond.provider, **bond.options) as bank:
        customer = next(iter(bank.customers.list()))
        bank.customers.update(customer.id, CustomerChanges(first_name="Zoe"))

    assert moving.plan().plan != first


def test_a_consent_changes_the_plan(tmp_path: Path) -> None:
    """The checksum covers the fields that may be lost."""
    moving = bond_to_sonder(tmp_path)

    assert moving.plan().plan != moving.plan(accept_loss="addresses.line2").plan


def test_apply_accepts_the_approved_plan(tmp_path: Path) -> None:
    """`apply` accepts the checksum of the last plan."""
    moving = bond_to_sonder(tmp_path)

    assert moving.apply(plan=moving.plan().plan).exit_code == 0


def test_apply_refuses_a_newer_plan(tmp_path: Path) -> None:
    """Nothing is sent, and the error names both checksums."""
    moving = bond_to_sonder(tmp_path)
    approved = moving.plan().plan
    now = moving.plan(accept_loss="addresses.line2").plan

    with pytest.raises(ConfigurationError, match=f"is {now}, not {approved}"):
        moving.apply(plan=approved)
    assert not people(moving.target)
