"""The pytest plugin of anybank: tests reach this machine, and live hosts on request.

anybank asks `refuses_live_hosts` before it opens a connection to any host but loopback.
A module of its own, so that pytest loads it without importing anybank.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

MARKER = "anybank_live"
VARIABLE = "ANYBANK_LIVE"

_sessions: list[pytest.Config] = []
_items: list[pytest.Item] = []


def refuses_live_hosts() -> bool:
    """Tell whether the test that runs may not connect to a live host."""
    if not _sessions or os.environ.get(VARIABLE) == "1":
        return False
    return not (_items and _items[-1].get_closest_marker(MARKER))


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse live hosts from here on."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}: let anybank connect to live hosts in this test ({VARIABLE}=1: in all)",
    )
    _sessions.append(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Refuse nothing when pytest has ended."""
    if config in _sessions:
        _sessions.remove(config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    """Let the markers of a test hold for its fixtures, its call and its teardown."""
    _items.append(item)
    try:
        return (yield)
    finally:
        _items.remove(item)
