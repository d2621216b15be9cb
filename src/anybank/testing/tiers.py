"""Tiers of adapters, computed from an attestation: an author cannot claim one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .attestations import Attestation, StoredAttestation

_DOCUMENT = "the vendor's OpenAPI document judges the adapter and its simulator"
_CASSETTES = "the simulator responds as the vendor did in the cassettes"
_SILVER: Mapping[str, str] = {
    "requests_match_the_document": _DOCUMENT,
    "responses_match_the_document": _DOCUMENT,
    "simulator_matches_cassettes": _CASSETTES,
}
"""What a silver adapter has shown, by the check that has to pass."""


class Tier(StrEnum):
    """What an adapter's attestation has shown, the least first."""

    NONE = "none"
    """There is no valid attestation, or a check fails."""
    BRONZE = "bronze"
    """No check of the kit fails against the author's own simulator."""
    SILVER = "silver"
    """The vendor's document and recorded responses of the vendor agree, too."""


def tier_of(stored: StoredAttestation | None) -> Tier:
    """Return the tier of an installed plugin by its attestation."""
    if stored is None or stored.stale or not stored.attestation.passed:
        return Tier.NONE
    return Tier.BRONZE if missing_for_silver(stored.attestation) else Tier.SILVER


def missing_for_silver(attestation: Attestation) -> tuple[str, ...]:
    """Return what an attestation does not show and a silver one does, each once."""
    passed = {item.check for item in attestation.checks if item.result == "passed"}
    missing = {text: None for name, text in _SILVER.items() if name not in passed}
    return tuple(missing)
