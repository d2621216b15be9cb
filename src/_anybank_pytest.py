"""The pytest plugin of anybank: tests connect to live hosts only with permission.

anybank calls `refuses_live_hosts` before it opens a connection to any host except
loopback. The plugin is a separate module, so that pytest loads it without importing
anybank.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from anybank.testing.sandbox import Sandbox, SandboxFactory

MARKER = "anybank_live"
VARIABLE = "ANYBANK_LIVE"
OPTION = "--anybank-live"

# Lists, because runs of pytest can nest: its fixture `pytester` runs one inside a test.
_sessions: list[pytest.Config] = []
_items: list[pytest.Item] = []


def refuses_live_hosts() -> bool:
    """Return whether the running test may not connect to live hosts."""
    # Outside of pytest, where no session is configured, nothing is refused.
    if not _sessions or allows_live_runs():
        return False
    return not (_items and _items[-1].get_closest_marker(MARKER))


def allows_live_runs() -> bool:
    """Return whether the user asked for live hosts, by the variable or the option."""
    is_chosen = any(config.getoption(OPTION, default=False) for config in _sessions)
    return is_chosen or os.environ.get(VARIABLE) == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that allows live hosts in all tests."""
    parser.addoption(
        OPTION,
        action="store_true",
        help="let anybank connect to live hosts, and run the conformance kit's live tests",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and start to refuse live hosts."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}: let anybank connect to live hosts in this test ({VARIABLE}=1: in all)",
    )
    _sessions.append(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop refusing live hosts when pytest ends."""
    if config in _sessions:
        _sessions.remove(config)


# The protocol of an item spans its fixtures: a session fixture that a marked test sets
# up may connect too. First, so that no other plugin runs before the item is known.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    """Apply a test's marker to its fixtures, its call and its teardown."""
    _items.append(item)
    try:
        return (yield)
    finally:
        _items.remove(item)


@pytest.fixture
def anybank_sandbox() -> Iterator[SandboxFactory]:
    """Return a function that starts an empty simulated bank: `anybank_sandbox("bond")`."""
    from anybank.testing.sandbox import Sandbox  # noqa: PLC0415  # only where it is used

    with ExitStack() as stack:

        def start(provider: str, **arguments: Any) -> Sandbox:
            return stack.enter_context(closing(Sandbox(provider, **arguments)))

        yield start
