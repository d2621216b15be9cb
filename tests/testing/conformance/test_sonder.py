"""Sonder passes the conformance kit, with policies and without."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from anybank_sonder.conformance import SonderConformance
from anybank_sonder.simulator import SonderSimulator


class TestSonder(SonderConformance):
    cassettes = Path(__file__).parents[3] / "cassettes"


class TestSonderWithPolicies(TestSonder):
    options: ClassVar = {"middle_name_when_absent": "NMN"}


class TestSonderWithOtherPolicies(TestSonder):
    options: ClassVar = {
        "update_verb": "PATCH",
        "second_line": "join",
        "allow_document_locator_update": True,
        "allow_empty_lists": True,
        "address_types": {"mailing": "MAILING"},
    }

    skips: ClassVar = {
        "what_is_sent_is_read_back": "joined lines come back as one: line 1 is longer "
        "than it was, as the rule of line 2 says",
    }

    def make_simulator(self) -> SonderSimulator:
        return SonderSimulator(
            allow_document_locator_update=True,
            empty_lists="accept",
            update_verbs=("PATCH",),
            unknown_fields="reject",
        )
