"""The question that a command asks before it changes or deletes customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..options import confirm
from ..output import warn


def confirmation(action: str, *, yes: bool) -> Callable[[Sequence[str]], bool]:
    """Return a callable that prints the consequences and asks, unless *yes* is set."""

    def ask(consequences: Sequence[str]) -> bool:
        for consequence in consequences:
            warn(consequence)
        # The consequences are printed with --yes as well: they belong into the log of a
        # script.
        if not yes:
            confirm(f"{action}?", action=action.lower(), declined="nothing was done")
        return True

    return ask
