"""Tools for testing an app that uses anybank, and for testing an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conformance import AdapterConformance

__all__ = ["AdapterConformance"]


def __getattr__(name: str) -> Any:
    """Import the conformance kit on first use, because it needs hypothesis."""
    if name not in __all__:
        raise AttributeError(name)
    from .conformance import AdapterConformance  # noqa: PLC0415

    return AdapterConformance
