"""Unit for anybank: `Bank("unit", token=...)`."""

from __future__ import annotations

from anybank.adapter.hookspecs import Provider, hookimpl, importing

from .adapter import Unit
from .declaration import UnitOptions
from .extras import (
    UnitAccountExtras,
    UnitChangesExtras,
    UnitExtras,
    UnitSubscriptionExtras,
)

__all__ = [
    "Unit",
    "UnitAccountExtras",
    "UnitChangesExtras",
    "UnitExtras",
    "UnitOptions",
    "UnitSubscriptionExtras",
]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Unit to anybank."""
    return Provider(
        adapter=Unit,
        simulator=importing("anybank_unit.simulator:UnitSimulator"),
        conformance=importing("anybank_unit.conformance:UnitConformance"),
    )
