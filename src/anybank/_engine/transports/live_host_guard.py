"""Ask the library's pytest plugin, where it runs, before a connection is opened.

The plugin does not import anybank, so anybank looks for the plugin. Without pytest there
is none, and this costs one look into a dictionary for each connection pool.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from attrs import define

PLUGIN = "_anybank_pytest"


class _Plugin(Protocol):
    """The part of the plugin that is asked."""

    def refuses_live_hosts(self) -> bool: ...


@define
class HostRefused(Exception):
    """A connection to a live host, which a test did not ask for."""

    advice: str


def _plugin() -> _Plugin | None:
    return cast("_Plugin | None", sys.modules.get(PLUGIN))


def is_present() -> bool:
    """Tell whether connections have to be asked for: whether pytest runs."""
    return _plugin() is not None


def check(host: str) -> None:
    """Raise HostRefused where a test may not open a connection to this host."""
    plugin = _plugin()
    if plugin is None or not plugin.refuses_live_hosts():
        return
    raise HostRefused(
        f"a test would connect to {host}. Mark it with @pytest.mark.anybank_live or set "
        "ANYBANK_LIVE=1 to allow that. To answer it yourself, pass transport=, or mock "
        "the engine that is used: respx and pytest-httpx see httpx alone "
        "(http=HttpOptions(engine='httpx') or ANYBANK_HTTP_ENGINE=httpx)."
    )


def trace(host: str) -> Callable[[str, Any], None]:
    """Return httpcore's trace extension that checks the host before it connects."""

    def traced(event: str, _: Any) -> None:
        if _opens(event):
            check(host)

    return traced


def async_trace(host: str) -> Callable[[str, Any], Awaitable[None]]:
    """Return the same for httpcore's asynchronous half."""

    async def traced(event: str, _: Any) -> None:
        if _opens(event):
            check(host)

    return traced


def _opens(event: str) -> bool:
    return event.endswith(".connect_tcp.started")
