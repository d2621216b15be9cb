"""The classes of extras: fields that one vendor alone has, by the vendor's adapter.

The model does not import adapters. Each adapter registers its class when it is loaded.
"""

from __future__ import annotations

_CLASSES: dict[str, type] = {}


def register(provider: str, kind: type) -> None:
    """Record the extras class of a provider."""
    _CLASSES[provider] = kind


def class_of(provider: str) -> type | None:
    """Return the extras class of a provider whose adapter is loaded, or None."""
    return _CLASSES.get(provider)
