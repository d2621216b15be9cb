"""Fixtures for the tests of the transports."""

from __future__ import annotations

import pytest
from tests._engine.transports.callers import VARIABLES


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what this machine happens to be configured with."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
