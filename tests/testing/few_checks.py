"""A part of the kit's checks, for tests that are not about their results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs import THOROUGH

from anybank.testing.conformance import CHECKS
from anybank.testing.conformance.registry import BASIS


def left_out() -> list[str]:
    """Return most checks, and none in the long proof; never the basis of the others."""
    return [
        name
        for at, name in enumerate(CHECKS)
        if at % 9 and name != BASIS and not THOROUGH
    ]


@contextmanager
def few_checks() -> Iterator[None]:
    """Leave the kit one check in nine until the block ends; the long proof runs all of them."""
    # The same dictionary: several modules have a name for it.
    whole = dict(CHECKS)
    for name in left_out():
        del CHECKS[name]
    try:
        yield
    finally:
        CHECKS.clear()
        CHECKS.update(whole)
