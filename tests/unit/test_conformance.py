"""Unit passes the conformance kit."""

from __future__ import annotations

from anybank_unit.conformance import UnitConformance

from .document import DOCUMENT


class TestUnit(UnitConformance):
    """The tests that `anybank conformance unit` runs, with the vendor's document."""

    openapi = DOCUMENT
