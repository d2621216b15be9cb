"""Which of several addresses is the primary one, and the order in which they are written."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.addresses import Address


def is_primary(address: Address, *, alone: bool) -> bool:
    """Return whether an address is the primary one: marked so, or alone and unmarked."""
    return alone if address.primary is None else address.primary


def writing_order(addresses: Sequence[Address]) -> Sequence[int]:
    """Return the indexes of several addresses in the order of writing: the primary first."""
    indexes = range(len(addresses))
    return sorted(indexes, key=lambda at: not is_primary(addresses[at], alone=False))
