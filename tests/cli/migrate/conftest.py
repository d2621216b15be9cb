"""Fixtures of the migration commands."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from anybank.sandbox.faults import FaultyBank
from anybank_sonder.simulator import SonderSimulator

from .steps import plan, step


@pytest.fixture
def moved(run: Run, sonder: FaultyBank) -> SonderSimulator:
    """Move both customers and return the simulated target."""
    plan(run)
    step(run, "apply")
    bank = sonder.bank
    assert isinstance(bank, SonderSimulator)
    assert len(bank.customer_ids) == 2
    return bank
