"""`rebase`: a bank that has another URL."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.commands.test_adopt import adopt, check, restore, saved
from tests.migrate.moving import bond_to_sonder, side, sonder_to_bond

from anybank import ConfigurationError, migrate
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

URL = "https://sandbox.example.com/api/v0.1"


def test_a_bank_at_another_url_is_recorded_after_a_check(
    tmp_path: Path,
) -> None:
    """Once a moved customer is there, the URL is recorded, signed and used."""
    moving = sonder_to_bond(tmp_path)
    moving.plan()
    moving.apply()
    moved = side(moving.target, base_url=URL)
    with pytest.raises(ConfigurationError, match="anybank migrate rebase --target-url"):
        migrate.verify(journal=moving.journal, source=moving.sides()[0], target=moved)
    stranger = side(BondSimulator(), base_url=URL)
    with pytest.raises(ConfigurationError, match="has none of the 4 customers"):
        migrate.rebase(journal=moving.journal, target_url=URL, target=stranger)
    before = migrate.status(journal=moving.journal).plan
    after = migrate.rebase(journal=moving.journal, target_url=URL, target=moved)
    assert after.plan != before
    source, _ = moving.sides()
    done = migrate.verify(journal=moving.journal, source=source, target=moved)
    assert done.counts["verified"] == 4
    assert check(moving).damages == ()


def test_a_source_at_another_url_must_return_the_same_customers(tmp_path: Path) -> None:
    """Another bank of the same kind has none of the plan's customers."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    stranger = side(BondSimulator(), base_url=URL)
    with pytest.raises(ConfigurationError, match="has no customer of"):
        migrate.rebase(journal=moving.journal, source_url=URL, source=stranger)
    moved = side(moving.source, base_url=URL)
    migrate.rebase(journal=moving.journal, source_url=URL, source=moved)
    _, target = moving.sides()
    done = migrate.apply(journal=moving.journal, source=moved, target=target)
    assert done.counts["created"] == 4


def test_a_target_that_cannot_be_checked_is_refused(tmp_path: Path) -> None:
    """Without a moved customer no response shows that it is the same bank."""
    moving = bond_to_sonder(tmp_path)
    moving.plan()
    copy = saved(moving, "")
    moving.apply()
    restore(moving, copy)
    adopt(moving)
    moved = side(SonderSimulator(), base_url="https://api.example.com/moved")
    with pytest.raises(ConfigurationError, match="cannot check"):
        migrate.rebase(
            journal=moving.journal,
            target_url="https://api.example.com/moved",
            target=moved,
        )
