"""Increase for anybank: `Bank("increase", api_key=...)`."""

from __future__ import annotations

from typing import Any

from anybank.adapter.hookspecs import Provider, hookimpl

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
    return Provider(adapter=Increase, simulator=_simulator, conformance=_conformance)


def _simulator() -> type[Any]:
    from .simulator import IncreaseSimulator  # noqa: PLC0415  # only a sandbox needs it

    return IncreaseSimulator


def _conformance() -> type[Any]:
    from .conformance import IncreaseConformance  # noqa: PLC0415  # only the kit needs it

    return IncreaseConformance
