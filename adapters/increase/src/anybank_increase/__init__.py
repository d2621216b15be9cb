"""Increase for anybank: `Bank("increase", api_key=...)`."""

from __future__ import annotations

from anybank.adapter.hookspecs import Provider, hookimpl, importing

from .adapter import Increase
from .declaration import IncreaseOptions
from .extras import (
    IncreaseAccountExtras,
    IncreaseAccountNumberExtras,
    IncreaseExtras,
    IncreaseSubscriptionExtras,
    RiskRating,
    TermsAgreement,
)

__all__ = [
    "Increase",
    "IncreaseAccountExtras",
    "IncreaseAccountNumberExtras",
    "IncreaseExtras",
    "IncreaseOptions",
    "IncreaseSubscriptionExtras",
    "RiskRating",
    "TermsAgreement",
]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Increase to anybank."""
    return Provider(
        adapter=Increase,
        simulator=importing("anybank_increase.simulator:IncreaseSimulator"),
        conformance=importing("anybank_increase.conformance:IncreaseConformance"),
    )
