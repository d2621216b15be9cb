"""`anybank kyc`, `anybank credit` and `anybank doctor`, against a simulated Bond."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from anybank.adapter.options import variable
from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .conftest import Run

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
SSN = "912-45-6789"


@pytest.fixture
def bond(monkeypatch: pytest.MonkeyPatch) -> Iterator[BondSimulator]:
    """Serve Bond and Sonder, and set the environment as the sandbox says."""
    simulators: dict[str, Any] = {
        "bond": BondSimulator(clock=Clock(now=datetime.now(UTC))),
        "sonder": SonderSimulator(),
    }
    with serve(simulators) as running:
        for name, simulator in simulators.items():
            known = {"base_url": running.base_url(name), **simulator.credentials}
            for option, value in known.items():
                monkeypatch.setenv(variable(name, option), value)
        yield simulators["bond"]


def started(run: Run, customer: str, **more: str) -> Any:
    document = json.dumps({"program_id": PROGRAM, "ssn": SSN, **more})
    return run("kyc", "start", customer, "-", "--bank", "bond", stdin=document)


def applied(run: Run, customer: str, **more: Any) -> Any:
    document = {"program_id": PROGRAM, "customer_id": customer, **more}
    ran = run(
        "credit", "create", "-", "--bank", "bond", "--json", stdin=json.dumps(document)
    )
    return json.loads(ran.out)


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


def test_an_application_goes_its_way(run: Run, bond: BondSimulator) -> None:
    """Made, changed, submitted and listed; income is shown on request alone."""
    customer = bond.seed_customer(ssn=SSN)
    income = {"minor_units": 4300000, "currency": "USD"}
    made = applied(run, customer, total_annual_income=income)
    changes = {
        "employment_status": "retired",
        "monthly_housing_payment": {"minor_units": 100},
    }
    asked = ("--bank", "bond")
    changed = run(
        "credit",
        "update",
        made["id"],
        "-",
        *asked,
        "--reveal",
        stdin=json.dumps(changes),
    )
    assert "retired" in changed.out
    assert "4300000 minor units of USD" in changed.out
    assert "submitted" in run("credit", "submit", made["id"], *asked).out
    shown = run("credit", "get", made["id"], *asked)
    assert "approved" in shown.out
    assert "4300000" not in shown.out
    assert made["id"] in run("credit", "list", *asked, "--customer", customer).out


def test_applications_as_lines_of_json(run: Run, bond: BondSimulator) -> None:
    """With --json each application is a line, up to the limit."""
    customer = bond.seed_customer(ssn=SSN)
    ids = [applied(run, customer)["id"] for _ in range(3)]
    told = run("credit", "list", "--bank", "bond", "--json", "--limit", "2").out
    assert [json.loads(line)["id"] for line in told.splitlines()] == ids[:2]


def test_why_an_application_was_denied(run: Run, bond: BondSimulator) -> None:
    """An adverse action has its reasons; where there is none, that is said."""
    customer = bond.seed_customer(ssn="999-99-1111")
    income = {"minor_units": 1, "currency": "USD"}
    made = applied(
        run,
        customer,
        total_annual_income=income,
        monthly_housing_payment=income,
        employment_status="other",
    )
    asked = ("credit", "adverse-action", made["id"], "--bank", "bond")
    assert run(*asked).code == 1
    run("credit", "submit", made["id"], "--bank", "bond")
    assert "kyc" in run(*asked).out
    assert json.loads(run(*asked, "--json").out)["application_id"] == made["id"]


@pytest.mark.usefixtures("bond")
def test_doctor_finds_nothing_wrong(run: Run) -> None:
    """With good credentials, host and clock are told; a sandbox has no clock to tell."""
    ran = run("doctor", "bond")
    assert ran.code == 0
    assert "it was used to list an empty page" in ran.out


@pytest.mark.usefixtures("bond")
def test_doctor_says_what_cannot_be_known(run: Run) -> None:
    """Sonder has no call for it: what was tried is said."""
    told = json.loads(run("doctor", "sonder", "--json").out)
    credentials = next(each for each in told if each["what"] == "credentials")
    assert "no call for this" in credentials["said"]


@pytest.mark.usefixtures("bond")
def test_doctor_names_bad_credentials(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong secret is found, and never shown."""
    monkeypatch.setenv("ANYBANK_BOND_AUTHORIZATION", "wrong-secret")
    ran = run("doctor", "bond")
    assert ran.code == 75
    assert "wrong" in ran.out
    assert "wrong-secret" not in ran.out + ran.err


def test_doctor_finds_a_host_that_is_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody answers, the host is named as wrong and the next step is told."""
    monkeypatch.setenv("ANYBANK_SONDER_TOKEN", "t")
    monkeypatch.setenv("ANYBANK_SONDER_BASE_URL", "http://127.0.0.1:1/sandbox")
    ran = run("doctor", "sonder")
    assert ran.code == 75
    assert "nothing was sent" in ran.out


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
