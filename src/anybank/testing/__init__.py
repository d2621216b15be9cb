"""Tools for testing an app that uses anybank, and for testing an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conformance import (
        AdapterConformance,
        PrintedError,
        PrintedEvent,
        SignedDelivery,
    )

__all__ = ["AdapterConformance", "PrintedError", "PrintedEvent", "SignedDelivery"]


def __getattr__(name: str) -> Any:
    """Import the conformance kit on first use, because it needs hypothesis."""
    if name not in __all__:
        raise AttributeError(name)
    from . import conformance  # noqa: PLC0415

    return getattr(conformance, name)
