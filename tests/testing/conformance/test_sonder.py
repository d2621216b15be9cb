"""Sonder passes the conformance kit, with policies and without."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import ClassVar

import pytest
from tests.proofs import PROOF

from anybank import Address, NewCustomer, Phone, Ssn
from anybank.testing.conformance import CHECKS
from anybank_sonder.conformance import SonderConformance
from anybank_sonder.simulator import SonderSimulator

NUMBERS = count(1)
STATES = cycle(["NV", "CA", "OR", "UT"])


class TestSonder(SonderConformance):
    cassettes = Path(__file__).parents[3] / "cassettes"


POLICY_CHECKS = (
    "skips_have_reasons",
    "declared_operations_succeed",
    "accepted_fields_are_examined",
    "accepted_fields_are_sent",
    "customer_fields_are_read_back",
    "updates_change_only_their_fields",
    "valid_values_are_accepted",
)
"""The checks of what a policy changes; the proofs run the whole kit with each policy."""


class WithPolicies(SonderConformance):
    """Sonder's kit, with the checks that a policy concerns."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Generate one test for each of these checks."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", list(CHECKS) if PROOF else POLICY_CHECKS)


class TestSonderWithPolicies(WithPolicies, TestSonder):
    options: ClassVar = {"middle_name_when_absent": "NMN"}


class TestSonderWithOtherPolicies(WithPolicies, TestSonder):
    options: ClassVar = {
        "update_verb": "PATCH",
        "second_line": "join",
        "allow_document_locator_update": True,
        "allow_empty_lists": True,
        "address_types": {"mailing": "MAILING"},
    }
    skips: ClassVar = {
        "accepted_fields_are_examined": "nobody here has a second line: it is joined"
    }

    def customer(self) -> NewCustomer:
        """Return another person each time, without a second line: it would be joined."""
        number = next(NUMBERS)
        return NewCustomer(
            first_name=f"Ada{number}",
            middle_name=f"May{number}",
            last_name=f"Sample{number}",
            preferred_name=f"Addie{number}",
            date_of_birth=date(1990, 4, 1) + timedelta(days=number),
            ssn=Ssn(f"912-45-{6000 + number}"),
            document_locator_number=900_000 + number,
            emails=[f"ada{number}@example.com"],
            phones=[Phone(f"+15550102{number:03}")],
            addresses=[
                Address(
                    line1=f"{number} Test St.",
                    city=f"Reno{number}",
                    state=next(STATES),
                    postal_code=f"{89501 + number}",
                )
            ],
        )

    def make_simulator(self) -> SonderSimulator:
        return SonderSimulator(
            allow_document_locator_update=True,
            empty_lists="accept",
            update_verbs=("PATCH",),
            unknown_fields="reject",
        )
