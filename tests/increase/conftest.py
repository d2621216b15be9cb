"""Fixtures of the tests of Increase."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anybank import Bank
from anybank_increase.simulator import IncreaseSimulator

from .banks import increase


@pytest.fixture
def simulator() -> IncreaseSimulator:
    return IncreaseSimulator()


@pytest.fixture
def bank(simulator: IncreaseSimulator) -> Iterator[Bank]:
    with increase(simulator) as opened:
        yield opened
