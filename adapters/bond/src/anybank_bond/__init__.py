"""Bond for anybank: `Bank("bond", identity=..., authorization=...)`."""

from __future__ import annotations

from anybank.adapter.hookspecs import Provider, hookimpl, importing

from .adapter import Bond
from .declaration import BondOptions
from .extras import BondExtras

__all__ = ["Bond", "BondExtras", "BondOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Bond to anybank."""
    return Provider(
        adapter=Bond,
        simulator=importing("anybank_bond.simulator:BondSimulator"),
        conformance=importing("anybank_bond.conformance:BondConformance"),
    )
