"""`anybank kyc`, against a simulated Bond."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anybank_bond.simulator import BondSimulator

from .conftest import Run

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"


SSN = "912-45-6789"


def started(run: Run, customer: str, **more: str) -> Any:
    document = json.dumps({"program_id": PROGRAM, "ssn": SSN, **more})
    return run("kyc", "start", customer, "-", "--bank", "bond", stdin=document)


def test_a_verification_is_started_and_waited_for(
    run: Run, bond: BondSimulator
) -> None:
    """What starts, what is read and what is waited for are one status in the end."""
    customer = bond.seed_customer(ssn=SSN)
    ran = started(run, customer)
    assert ran.code == 0
    assert "submitted" in ran.out
    asked = (customer, "--bank", "bond", "--program", PROGRAM)
    assert "passed" in run("kyc", "wait", *asked).out
    told = json.loads(run("kyc", "get", *asked, "--json").out)
    assert (told["status"], told["native_status"]) == ("passed", "passed")


def test_no_number_is_shown_whatever_happens(run: Run, bond: BondSimulator) -> None:
    """Neither success nor refusal repeats what the document carried."""
    customer = bond.seed_customer(ssn=SSN)
    for ran in (started(run, customer), started(run, "not-an-id"), started(run, "")):
        assert "6789" not in ran.out + ran.err


def test_a_document_with_a_slip_is_refused(run: Run, bond: BondSimulator) -> None:
    """A field that is not one suggests the nearest, and nothing is sent."""
    ran = started(run, bond.seed_customer(), idempotency_kye="x")
    assert ran.code == 1
    assert "idempotency_key" in ran.err


def test_documents_are_listed(run: Run, bond: BondSimulator) -> None:
    """Who must hand in documents sees which."""
    customer = bond.seed_customer(ssn=SSN)
    started(run, customer, ssn="333-33-3333")
    asked = (customer, "--bank", "bond", "--program", PROGRAM)
    assert "government_id" in run("kyc", "get", *asked).out


@pytest.mark.parametrize(
    "command", [("kyc", "start", "c1"), ("credit", "create"), ("credit", "update", "a")]
)
def test_a_document_in_place_of_its_path_is_not_repeated(
    run: Run, command: tuple[str, ...]
) -> None:
    """Who types JSON where a path belongs is told so, and sees no number again."""
    document = json.dumps({"program_id": PROGRAM, "ssn": SSN})
    ran = run(*command, document, "--bank", "bond")
    assert ran.code == 64
    assert "6789" not in ran.out + ran.err
