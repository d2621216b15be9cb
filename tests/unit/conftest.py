"""Fixtures of the tests of Unit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anybank import Bank
from anybank_unit.simulator import UnitSimulator

from .banks import unit


@pytest.fixture
def simulator() -> UnitSimulator:
    return UnitSimulator()


@pytest.fixture
def bank(simulator: UnitSimulator) -> Iterator[Bank]:
    with unit(simulator) as opened:
        yield opened
