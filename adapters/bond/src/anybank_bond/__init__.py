"""Bond for anybank: `Bank("bond", identity=..., authorization=...)`."""

from __future__ import annotations

from typing import Any

from anybank.adapter.hookspecs import Provider, hookimpl

from .adapter import Bond
from .declaration import BondOptions
from .rules import BondExtras

__all__ = ["Bond", "BondExtras", "BondOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Bond to anybank."""
    return Provider(adapter=Bond, simulator=_simulator, conformance=_conformance)


def _simulator() -> type[Any]:
    from .simulator import BondSimulator  # noqa: PLC0415  # only a sandbox needs it

    return BondSimulator


def _conformance() -> type[Any]:
    from .conformance import BondConformance  # noqa: PLC0415  # only the kit needs it

    return BondConformance
