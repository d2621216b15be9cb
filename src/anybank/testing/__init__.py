"""What users and authors of adapters test with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conformance import AdapterConformance

__all__ = ["AdapterConformance"]


def __getattr__(name: str) -> Any:
    """Import the conformance kit when it is asked for: it needs hypothesis."""
    if name not in __all__:
        raise AttributeError(name)
    from .conformance import AdapterConformance  # noqa: PLC0415

    return AdapterConformance
