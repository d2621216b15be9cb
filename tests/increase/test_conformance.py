"""Increase passes the conformance kit, with and without options."""

from __future__ import annotations

from tests.cassettes.shared import CASSETTES

from anybank_increase.conformance import IncreaseConformance

from .document import DOCUMENT


class TestIncrease(IncreaseConformance):
    """The tests that `anybank conformance increase` runs, with the vendor's document."""

    openapi = DOCUMENT
    cassettes = CASSETTES
