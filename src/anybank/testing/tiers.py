"""Tiers of adapters, computed from their attestations: an author cannot claim one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from attrs import frozen

from .attestations import Attestation, StoredAttestation
from .modes import Mode

LIVE_LIFETIME = timedelta(days=90)
"""For how long a run against the vendor's sandbox counts: vendors change their APIs."""

_DOCUMENT = (
    "a simulated run that the vendor's OpenAPI document judges (`openapi`, --document)"
)
_CASSETTES = (
    "a simulator that responds as the vendor does in its cassettes (`cassettes`, "
    "--cassettes)"
)
_SILVER: Mapping[str, str] = {
    "requests_match_the_document": _DOCUMENT,
    "responses_match_the_document": _DOCUMENT,
    "simulator_matches_cassettes": _CASSETTES,
}
"""What a silver adapter has shown, by the check that has to pass."""
_GOLD: Mapping[str, str] = {
    "printed_signatures_are_verified": "a verified webhook that the vendor's "
    "documentation prints (`samples`)",
    "migrations_move_everybody_under_faults": "a migration from and to the bank that "
    "moves everybody once under faults",
}
"""What a gold adapter has shown, by the check that has to pass."""


class Tier(StrEnum):
    """What an adapter's attestations have shown, the least first."""

    NONE = "none"
    """There is no valid attestation of a simulated run, or a check fails."""
    BRONZE = "bronze"
    """No check of the kit fails against the author's own simulator."""
    SILVER = "silver"
    """The vendor's document and its recorded responses agree, too."""
    GOLD = "gold"
    """The vendor's sandbox agreed in the last 90 days; webhooks and migrations are shown."""


@frozen
class Assessment:
    """The tier of an adapter, and what is missing for the next one, empty for gold."""

    tier: Tier
    missing: tuple[str, ...] = ()

    @property
    def next_tier(self) -> Tier | None:
        """The tier above, None for gold."""
        tiers = list(Tier)
        index = tiers.index(self.tier) + 1
        return tiers[index] if index < len(tiers) else None


def assess(
    attestations: Mapping[Mode, StoredAttestation], now: datetime | None = None
) -> Assessment:
    """Return the tier that attestations show at a time, by default the current one."""
    moment = now or datetime.now(UTC)
    steps = (
        (Tier.NONE, _missing_for_bronze),
        (Tier.BRONZE, _missing_for_silver),
        (Tier.SILVER, _missing_for_gold),
    )
    for tier, missing_for in steps:
        if missing := tuple(dict.fromkeys(missing_for(attestations, moment))):
            return Assessment(tier, missing)
    return Assessment(Tier.GOLD)


_Stored = Mapping[Mode, StoredAttestation]


def _missing_for_bronze(stored: _Stored, _now: datetime) -> Iterator[str]:
    yield from _problems(stored, Mode.SIMULATED)


def _missing_for_silver(stored: _Stored, _now: datetime) -> Iterator[str]:
    yield from _unshown(stored[Mode.SIMULATED].attestation, _SILVER)
    yield from _problems(stored, Mode.RECORDED)


def _missing_for_gold(stored: _Stored, now: datetime) -> Iterator[str]:
    yield from _unshown(stored[Mode.SIMULATED].attestation, _GOLD)
    problems = list(_problems(stored, Mode.LIVE))
    yield from problems
    if not problems and now - stored[Mode.LIVE].attestation.created_at > LIVE_LIFETIME:
        yield f"a live run in the last {LIVE_LIFETIME.days} days"


def _unshown(attestation: Attestation, needed: Mapping[str, str]) -> Iterator[str]:
    """Yield what the checks of an attestation do not show."""
    passed = {item.check for item in attestation.checks if item.result == "passed"}
    yield from (text for name, text in needed.items() if name not in passed)


def _problems(stored: _Stored, mode: Mode) -> Iterator[str]:
    """Yield why the attestation of a mode does not count, if it does not."""
    attested = stored.get(mode)
    if attested is None:
        yield f"a {mode} run"
    elif attested.stale:
        yield f"a new {mode} run: {attested.stale}"
    elif not attested.attestation.passed:
        failed = ", ".join(item.check for item in attested.attestation.failed)
        yield f"a {mode} run without failures (now: {failed})"
    elif mode is not Mode.SIMULATED and not attested.attestation.of_vendor:
        yield f"a {mode} run with the vendor's own responses"
