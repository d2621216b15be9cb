"""Increase passes the conformance kit, with and without options."""

from __future__ import annotations

from typing import ClassVar

from anybank_increase.conformance import IncreaseConformance

from .document import DOCUMENT


class TestIncrease(IncreaseConformance):
    """The tests that `anybank conformance increase` runs, with the vendor's document."""

    openapi = DOCUMENT
    openapi_exceptions: ClassVar = {
        "values NewAccount.kind loan": "a loan account needs the terms of the loan, "
        "which no neutral field has",
    }
