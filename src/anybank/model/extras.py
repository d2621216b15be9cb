"""The classes of extras: fields that one vendor alone has, by the vendor's adapter.

The model does not import adapters. Each adapter registers its classes when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

_CLASSES: dict[tuple[str, type], type] = {}


def register(provider: str, kinds: Mapping[type, type]) -> None:
    """Record the class of a provider's extras for each value that has some."""
    for value, kind in kinds.items():
        _CLASSES[provider, value] = kind


def class_of(provider: str, value: type) -> type | None:
    """Return the class of a provider's extras of a value, or None without one.

    A provider whose adapter is not loaded has none.
    """
    return _CLASSES.get((provider, value))
