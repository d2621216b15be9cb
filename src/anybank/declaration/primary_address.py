"""Which of several addresses is the primary one, and the order in which they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.addresses import Address


def is_primary(address: Address, *, alone: bool) -> bool:
    """Return whether an address is the primary one: marked so, or alone and unmarked."""
    return alone if address.primary is None else address.primary


def writing_order(items: Sequence[Any]) -> Sequence[int]:
    """Return the indexes of items in the order of writing: the primary address first."""
    indexes = range(len(items))
    if not items or not isinstance(items[0], Address):
        return indexes
    alone = len(items) == 1
    return sorted(indexes, key=lambda at: not is_primary(items[at], alone=alone))
