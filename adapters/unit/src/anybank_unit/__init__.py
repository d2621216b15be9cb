"""Unit for anybank: `Bank("unit", token=...)`."""

from __future__ import annotations

from typing import Any

from anybank.adapter.hookspecs import Provider, hookimpl

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
    return Provider(adapter=Unit, simulator=_simulator, conformance=_conformance)


def _simulator() -> type[Any]:
    from .simulator import UnitSimulator  # noqa: PLC0415  # only a sandbox needs it

    return UnitSimulator


def _conformance() -> type[Any]:
    from .conformance import UnitConformance  # noqa: PLC0415  # only the kit needs it

    return UnitConformance
