"""The effects of a plan that cannot be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from tests.migrate.moving import bond_to_sonder, sonder_to_bond

from anybank import Feature, Idempotency, Support
from anybank.declaration import FeatureRule
from anybank.migrate.certify.irreversible import irreversible_effects
from anybank_sonder.adapter import Sonder

SONDER = Sonder.capabilities


def with_rule(feature: Feature, rule: FeatureRule) -> str:
    """Return the irreversible effects at a Sonder with another rule."""
    features = {**SONDER.features, feature: rule}
    return " ".join(irreversible_effects(evolve(SONDER, features=features)))


def test_a_plan_says_what_cannot_be_undone(tmp_path: Path) -> None:
    """Deletes are final, lost creates wait for a person, and KYC is lost."""
    message = " ".join(bond_to_sonder(tmp_path).plan().irreversible)

    assert "A deletion is final" in message
    assert "cannot be looked up at Sonder Labs" in message
    assert "(KYC)" in message


def test_a_target_with_our_reference_is_searched(tmp_path: Path) -> None:
    """Where a lost create can be looked up, the plan says so."""
    assert "is looked up at Bond" in " ".join(
        sonder_to_bond(tmp_path).plan().irreversible
    )


def test_a_target_that_cannot_delete_keeps_everyone() -> None:
    """Without a delete there is no rollback, for the reason in the declaration."""
    rule = FeatureRule(support=Support.UNSUPPORTED, note="ask its support")

    message = with_rule(Feature.CUSTOMERS_DELETE, rule)

    assert "Rollback cannot delete the customers" in message
    assert "ask its support" in message


@pytest.mark.parametrize("kind", ["none", "rejects_duplicate", "natural", "safe"])
def test_what_cannot_be_looked_up_waits(kind: str) -> None:
    """A lost create is never sent again without a look-up."""
    rule = FeatureRule(support=Support.FULL, idempotency=Idempotency(kind))  # type: ignore[arg-type]

    assert "never sent again" in with_rule(Feature.CUSTOMERS_CREATE, rule)
