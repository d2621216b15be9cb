"""Tiers are computed from what attestations show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
from anybank.testing.tiers import Assessment, Tier, assess

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SILVER = (
    "requests_match_the_document",
    "responses_match_the_document",
    "simulator_matches_cassettes",
)
GOLD = ("printed_signatures_are_verified", "migrations_move_everybody_under_faults")
Stored = Mapping[Mode, StoredAttestation]


def stored(
    mode: Mode = Mode.SIMULATED,
    *,
    of_vendor: bool = True,
    days: int = 0,
    **results: Result,
) -> StoredAttestation:
    """Return an attestation of some days ago with results, by default all passed."""
    expected = dict.fromkeys((*SILVER, *GOLD), "passed") | results
    checks = [AttestedCheck(name, result) for name, result in expected.items()]  # type: ignore[arg-type] # a Result
    attestation = Attestation(
        provider="acme",
        distribution="anybank-acme",
        version="1",
        digest="",
        kit="1",
        mode=mode,
        created_at=NOW - timedelta(days=days),
        checks=tuple(checks),
        of_vendor=of_vendor,
    )
    origin = AttestationOrigin.YOURS
    return StoredAttestation(attestation=attestation, origin=origin, path=Path("a"))


SIMULATED, RECORDED = stored(), stored(Mode.RECORDED)


def shown(
    simulated: StoredAttestation | None = SIMULATED,
    recorded: StoredAttestation | None = RECORDED,
    live: StoredAttestation | None = None,
) -> Assessment:
    """Return the assessment of up to three attestations."""
    pairs = {Mode.SIMULATED: simulated, Mode.RECORDED: recorded, Mode.LIVE: live}
    return assess({mode: item for mode, item in pairs.items() if item}, NOW)


STALE = evolve(SIMULATED, stale="the code of the plugin has changed")


@pytest.mark.parametrize(
    ("assessment", "tier", "missing"),
    [
        (shown(None), Tier.NONE, "a simulated run"),
        (shown(STALE), Tier.NONE, "the code of the plugin has changed"),
        (shown(stored(other="failed")), Tier.NONE, "without failures (now: other)"),
        (shown(recorded=None), Tier.BRONZE, "a recorded run"),
        (
            shown(stored(requests_match_the_document="skipped")),
            Tier.BRONZE,
            "OpenAPI document",
        ),
        (
            shown(stored(simulator_matches_cassettes="inapplicable")),
            Tier.BRONZE,
            "in its cassettes",
        ),
        (
            shown(recorded=stored(Mode.RECORDED, of_vendor=False)),
            Tier.BRONZE,
            "the vendor's own responses",
        ),
        (
            shown(recorded=stored(Mode.RECORDED, other="failed")),
            Tier.BRONZE,
            "without failures",
        ),
        (shown(), Tier.SILVER, "a live run"),
        (
            shown(live=stored(Mode.LIVE, of_vendor=False)),
            Tier.SILVER,
            "the vendor's own responses",
        ),
        (shown(live=stored(Mode.LIVE, days=91)), Tier.SILVER, "in the last 90 days"),
        (
            shown(
                stored(migrations_move_everybody_under_faults="inapplicable"),
                live=stored(Mode.LIVE),
            ),
            Tier.SILVER,
            "a migration",
        ),
        (
            shown(
                stored(printed_signatures_are_verified="not_run"),
                live=stored(Mode.LIVE),
            ),
            Tier.SILVER,
            "a verified webhook",
        ),
    ],
)
def test_a_tier_names_what_is_missing_for_the_next(
    assessment: Assessment, tier: Tier, missing: str
) -> None:
    """A check that is not run, and a run of a simulator, show nothing about the vendor."""
    assert assessment.tier is tier
    assert any(missing in text for text in assessment.missing)


@pytest.mark.parametrize("days", [0, 90])
def test_a_live_run_counts_for_90_days(days: int) -> None:
    """Gold is the last tier: nothing is missing, and there is none above."""
    assessment = shown(live=stored(Mode.LIVE, days=days))
    assert assessment == Assessment(Tier.GOLD)
    assert assessment.next_tier is None


def test_what_is_missing_is_named_once() -> None:
    """Both checks of the document are one thing to do."""
    unjudged = stored(
        requests_match_the_document="inapplicable",
        responses_match_the_document="inapplicable",
    )
    assert len(shown(unjudged).missing) == 1
