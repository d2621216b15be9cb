"""Reject connections to live hosts under pytest, as the library's plugin decides.

The plugin does not import anybank, so anybank looks the plugin up in `sys.modules`.
Without pytest this costs one dictionary look-up per connection pool.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from attrs import define

PLUGIN = "_anybank_pytest"


class _Plugin(Protocol):
    """The function of the plugin that this module calls."""

    def refuses_live_hosts(self) -> bool: ...


@define
class HostRefused(Exception):
    """A test would open a connection to a live host without a permission to do so."""

    advice: str


def _plugin() -> _Plugin | None:
    return cast("_Plugin | None", sys.modules.get(PLUGIN))


def is_present() -> bool:
    """Return whether the plugin is loaded, which means that pytest is running."""
    return _plugin() is not None


def require_allowed(host: str) -> None:
    """Raise HostRefused if the running test may not connect to this host."""
    plugin = _plugin()
    if plugin is None or not plugin.refuses_live_hosts():
        return
    raise HostRefused(
        f"a test would connect to {host}. Mark it with @pytest.mark.anybank_live or set "
        "ANYBANK_LIVE=1 to allow that. To use a fake instead, pass transport=, or mock the "
        "engine in use: respx and pytest-httpx intercept httpx only "
        "(http=HttpOptions(engine='httpx') or ANYBANK_HTTP_ENGINE=httpx)."
    )


# The trace extension is the last public point before httpcore opens a connection. Mocks and
# cassettes replace everything above it, so they never get here and need no marker.
def trace(host: str) -> Callable[[str, Any], None]:
    """Return httpcore's trace extension that checks the host before it connects."""

    def check_event(event: str, _: Any) -> None:
        if _opens(event):
            require_allowed(host)

    return check_event


def async_trace(host: str) -> Callable[[str, Any], Awaitable[None]]:
    """Return the trace extension for the asynchronous httpcore."""

    async def check_event(event: str, _: Any) -> None:
        if _opens(event):
            require_allowed(host)

    return check_event


def _opens(event: str) -> bool:
    return event.endswith(".connect_tcp.started")
