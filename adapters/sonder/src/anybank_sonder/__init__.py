"""Sonder Labs for anybank: `Bank("sonder", token=...)`."""

from __future__ import annotations

from typing import Any

from anybank.adapter.hookspecs import Provider, hookimpl

from .adapter import Sonder
from .declaration import SonderOptions

__all__ = ["Sonder", "SonderOptions"]


@hookimpl
def anybank_provider() -> Provider:
    """Offer Sonder to anybank."""
    return Provider(adapter=Sonder, simulator=_simulator, conformance=_conformance)


def _simulator() -> type[Any]:
    from .simulator import SonderSimulator  # noqa: PLC0415  # only a sandbox needs it

    return SonderSimulator


def _conformance() -> type[Any]:
    from .conformance import SonderConformance  # noqa: PLC0415  # only the kit needs it

    return SonderConformance
