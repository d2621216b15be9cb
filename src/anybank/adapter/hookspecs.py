"""The one hook by which a plugin adds a provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pluggy
from attrs import frozen

from .base import Adapter

NAMESPACE = "anybank"

hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


@frozen(kw_only=True)
class Provider:
    """What a plugin offers: an adapter, and functions that give what few ask for.

    `simulator` gives the simulator's class when a sandbox is wanted, `conformance` the
    plugin's subclass of AdapterConformance when it is to be examined: a client imports
    neither.
    """

    adapter: type[Adapter]
    simulator: Callable[[], type[Any]] | None = None
    conformance: Callable[[], type[Any]] | None = None


@hookspec(firstresult=True)
def anybank_provider() -> Provider:  # type: ignore[empty-body] # a specification
    """Return the provider of this plugin.

    The plugin is found by its entry point in the group `anybank`, whose name is the
    provider's: it is imported only when that provider is asked for.
    """
