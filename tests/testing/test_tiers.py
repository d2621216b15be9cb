"""Tiers are computed from what an attestation shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from anybank.testing.attestations import (
    Attestation,
    AttestationOrigin,
    AttestedCheck,
    Mode,
    Result,
    StoredAttestation,
)
from anybank.testing.tiers import Tier, missing_for_silver, tier_of

CHECKS = (
    "requests_match_the_document",
    "responses_match_the_document",
    "simulator_matches_cassettes",
)


def stored(*results: Result) -> StoredAttestation:
    """Return an attestation with a result for each of the checks that silver needs."""
    checks = zip(CHECKS, results, strict=True)
    attestation = Attestation(
        provider="acme",
        distribution="anybank-acme",
        version="1",
        digest="",
        kit="1",
        mode=Mode.SIMULATED,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        checks=tuple(AttestedCheck(name, result) for name, result in checks),
    )
    origin = AttestationOrigin.YOURS
    return StoredAttestation(attestation=attestation, origin=origin, path=Path("a"))


SILVER = stored("passed", "passed", "passed")


@pytest.mark.parametrize(
    ("attested", "tier"),
    [
        (None, Tier.NONE),
        (evolve(SILVER, stale="the code has changed"), Tier.NONE),
        (stored("failed", "passed", "passed"), Tier.NONE),
        (stored("inapplicable", "inapplicable", "inapplicable"), Tier.BRONZE),
        (stored("skipped", "passed", "passed"), Tier.BRONZE),
        (stored("passed", "passed", "inapplicable"), Tier.BRONZE),
        (SILVER, Tier.SILVER),
    ],
)
def test_the_tier_follows_from_the_checks(
    attested: StoredAttestation | None, tier: Tier
) -> None:
    """A check that fails or is not run shows nothing."""
    assert tier_of(attested) is tier


def test_what_is_missing_is_named_once() -> None:
    """Both checks of the document are one thing to do."""
    attested = stored("inapplicable", "inapplicable", "passed")
    (missing,) = missing_for_silver(attested.attestation)
    assert "document" in missing
