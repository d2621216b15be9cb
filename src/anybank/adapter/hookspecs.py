"""The one hook by which a plugin adds a provider."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import partial
from typing import Any

import pluggy
from attrs import frozen

from .base import Adapter

NAMESPACE = "anybank"

hookspec: pluggy.HookspecMarker = pluggy.HookspecMarker(NAMESPACE)
hookimpl: pluggy.HookimplMarker = pluggy.HookimplMarker(NAMESPACE)


@frozen(kw_only=True)
class Provider:
    """The parts of a plugin: an adapter, and functions that load the others on demand.

    `simulator` returns the simulator class, and `conformance` the plugin's subclass of
    AdapterConformance. A client imports neither, so that they are `importing(...)`.
    """

    adapter: type[Adapter]
    simulator: Callable[[], type[Any]] | None = None
    conformance: Callable[[], type[Any]] | None = None


def importing(reference: str) -> Callable[[], type[Any]]:
    """Return a function that imports a class, in the notation of entry points.

    `importing("anybank_acme.simulator:AcmeSimulator")` imports the module when it is called.
    """
    return partial(pkgutil.resolve_name, reference)


@hookspec(firstresult=True)
def anybank_provider() -> Provider:  # type: ignore[empty-body] # a specification
    """Return the provider of this plugin.

    The plugin is found by its entry point in the group `anybank`, which has the provider's
    name. It is imported only when that provider is used.
    """
