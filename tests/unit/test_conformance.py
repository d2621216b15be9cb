"""Unit passes the conformance kit."""

from __future__ import annotations

from anybank_unit.conformance import UnitConformance


class TestUnit(UnitConformance):
    """The tests that `anybank conformance unit` runs."""
