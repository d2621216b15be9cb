"""Sonder passes the conformance kit, with policies and without."""

from typing import ClassVar

from anybank.testing import AdapterConformance
from anybank_sonder.adapter import Sonder
from anybank_sonder.simulator import SonderSimulator


class TestSonder(AdapterConformance):
    adapter = Sonder
    simulator = SonderSimulator


class TestSonderWithPolicies(AdapterConformance):
    adapter = Sonder
    simulator = SonderSimulator
    options: ClassVar = {"middle_name_when_absent": "NMN"}
