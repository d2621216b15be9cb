"""Bond passes the conformance kit."""

from __future__ import annotations

from pathlib import Path

from anybank_bond.conformance import BondConformance


class TestBond(BondConformance):
    cassettes = Path(__file__).parents[3] / "cassettes"
