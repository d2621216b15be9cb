"""Increase passes the conformance kit, with and without options."""

from __future__ import annotations

from anybank.testing import AdapterConformance
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator


class TestIncrease(AdapterConformance):
    adapter = Increase
    simulator = IncreaseSimulator
