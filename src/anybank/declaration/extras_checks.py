"""Check the extras of a value: each must be of the class that the vendor declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Effect, Issue
from .vocabulary import Capabilities


def extras_issues(
    capabilities: Capabilities, value: Any, path: str = ""
) -> Iterator[Issue]:
    """Block extras that the vendor does not have; those for other vendors are not checked."""
    # One value may be sent to several vendors, with the extras of each.
    own = getattr(value, "extras", {}).get(capabilities.provider)
    if own is not None and (problem := _problem(capabilities, type(value), own)):
        name = f"{path}extras[{capabilities.provider!r}]"
        yield Issue(name, Effect.BLOCKED, "extras", "anybank", problem)
    addresses = getattr(value, "addresses", ())
    if isinstance(addresses, tuple):
        for index, address in enumerate(addresses):
            yield from extras_issues(
                capabilities, address, f"{path}addresses[{index}]."
            )


def _problem(capabilities: Capabilities, kind: type, own: object) -> str:
    declared = capabilities.extras.get(kind)
    if declared is not None:
        return "" if isinstance(own, declared) else f"must be {declared.__name__}"
    others = ", ".join(sorted(of.__name__ for of in capabilities.extras))
    has = f"only for {others}" if others else "for no value"
    return f"{capabilities.title} has no extras for {kind.__name__}, {has}. Omit them"
