"""`anybank kyc`, against a simulated Bond."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator

from .conftest import Run

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"


SSN = "912-45-6789"


def start(run: Run, customer: str, **more: str) -> Any:
    document = json.dumps({"program_id": PROGRAM, "ssn": SSN, **more})
    return run("kyc", "start", customer, "-", "--bank", "bond", stdin=document)


def test_a_verification_is_started_and_passed(run: Run, bond: BondSimulator) -> None:
    """`start`, `wait` and `get` show the status of one verification."""
    customer = bond.seed_customer(ssn=SSN)
    ran = start(run, customer)
    assert ran.code == 0
    assert "submitted" in ran.out
    arguments = (customer, "--bank", "bond", "--program", PROGRAM)
    assert "passed" in run("kyc", "wait", *arguments).out
    document = json.loads(run("kyc", "get", *arguments, "--json").out)
    assert (document["status"], document["native_status"]) == ("passed", "passed")


def test_no_ssn_is_ever_shown(run: Run, bond: BondSimulator) -> None:
    """Neither a success nor an error shows the SSN of the document."""
    customer = bond.seed_customer(ssn=SSN)
    for ran in (start(run, customer), start(run, "not-an-id"), start(run, "")):
        assert "6789" not in ran.out + ran.err


def test_a_misspelled_field_is_rejected(run: Run, bond: BondSimulator) -> None:
    """The error suggests the nearest field, and nothing is sent."""
    ran = start(run, bond.seed_customer(), idempotency_kye="x")
    assert ran.code == 1
    assert "idempotency_key" in ran.err


def test_required_documents_are_listed(run: Run, bond: BondSimulator) -> None:
    """The status names the documents that the customer must hand in."""
    customer = bond.seed_customer(ssn=SSN)
    start(run, customer, ssn="333-33-3333")
    arguments = (customer, "--bank", "bond", "--program", PROGRAM)
    assert "government_id" in run("kyc", "get", *arguments).out


@pytest.mark.parametrize(
    "command", [("kyc", "start", "c1"), ("credit", "create"), ("credit", "update", "a")]
)
def test_json_as_an_argument_is_not_repeated(
    run: Run, command: tuple[str, ...]
) -> None:
    """The error for JSON instead of a path does not show the SSN."""
    document = json.dumps({"program_id": PROGRAM, "ssn": SSN})
    ran = run(*command, document, "--bank", "bond")
    assert ran.code == 64
    assert "6789" not in ran.out + ran.err


def test_a_document_is_uploaded(
    run: Run, increase: IncreaseSimulator, tmp_path: Path
) -> None:
    """The media type follows the name of the file, whose content is not shown."""
    path = tmp_path / "ada sample.PNG"
    path.write_bytes(b"scan of a Canarypassport")
    command = ("kyc", "upload-document", str(path), "--kind", "passport")
    ran = run(*command, "--bank", "increase", "--json")
    assert ran.code == 0
    uploaded = json.loads(ran.out)
    row = increase.files.table.rows[uploaded["id"]]
    assert (row["mime_type"], row["filename"]) == ("image/png", "document.png")
    assert uploaded["kind"] == "passport"
    assert "Canarypassport" not in ran.out + ran.err


def test_a_file_of_another_type_is_refused(
    run: Run, increase: IncreaseSimulator, tmp_path: Path
) -> None:
    """The message names the types, and nothing is sent."""
    path = tmp_path / "scan.txt"
    path.write_text("scan")
    command = ("kyc", "upload-document", str(path), "--kind", "passport")
    ran = run(*command, "--bank", "increase")
    assert ran.code != 0
    assert "image/jpeg" in ran.err
    assert increase.files.table.rows == {}
