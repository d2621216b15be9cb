"""Increase passes the conformance kit, with and without options."""

from __future__ import annotations

from anybank_increase.conformance import IncreaseConformance


class TestIncrease(IncreaseConformance):
    """The tests that `anybank conformance increase` runs."""
