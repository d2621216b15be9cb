"""Fixtures for the tests of the transports."""

from __future__ import annotations

import pytest
from tests._engine.transports.callers import VARIABLES


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the options of this machine from the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
