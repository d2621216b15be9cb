"""Sonder Labs for anybank: `Bank("sonder", token=...)`."""

from __future__ import annotations

from anybank.adapter.hookspecs import Provider, hookimpl, importing

from .adapter import Sonder
from .declaration import SonderOptions

__all__ = ["Sonder", "SonderOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Sonder to anybank."""
    return Provider(
        adapter=Sonder,
        simulator=importing("anybank_sonder.simulator:SonderSimulator"),
        conformance=importing("anybank_sonder.conformance:SonderConformance"),
    )
