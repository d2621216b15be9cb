"""`anybank credit`, against a simulated Bond."""

from __future__ import annotations

import json
from typing import Any

from anybank_bond.simulator import BondSimulator

from .conftest import Run

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"


SSN = "912-45-6789"


def applied(run: Run, customer: str, **more: Any) -> Any:
    document = {"program_id": PROGRAM, "customer_id": customer, **more}
    ran = run(
        "credit", "create", "-", "--bank", "bond", "--json", stdin=json.dumps(document)
    )
    return json.loads(ran.out)


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
