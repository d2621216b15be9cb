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


def test_the_life_of_an_application(run: Run, bond: BondSimulator) -> None:
    """It is created, updated, submitted and listed; income is shown only with --reveal."""
    customer = bond.seed_customer(ssn=SSN)
    income = {"minor_units": 4300000, "currency": "USD"}
    application = applied(run, customer, total_annual_income=income)
    changes = {
        "employment_status": "retired",
        "monthly_housing_payment": {"minor_units": 100},
    }
    options = ("--bank", "bond")
    changed = run(
        "credit",
        "update",
        application["id"],
        "-",
        *options,
        "--reveal",
        stdin=json.dumps(changes),
    )
    assert "retired" in changed.out
    assert "43000.00 USD" in changed.out
    assert "applicant.last_name" in changed.out
    assert "applicant.city" in changed.out
    assert "submitted" in run("credit", "submit", application["id"], *options).out
    shown = run("credit", "get", application["id"], *options)
    assert "approved" in shown.out
    assert "4300000" not in shown.out
    assert "applicant" not in shown.out
    revealed = run("credit", "get", application["id"], *options, "--reveal", "--json")
    person = json.loads(revealed.out)["applicant"]
    assert person["terms_accepted"] is True
    assert person["address"]["line1"]
    assert person["ssn"] != SSN
    assert (
        application["id"] in run("credit", "list", *options, "--customer", customer).out
    )


def test_json_is_one_application_per_line(run: Run, bond: BondSimulator) -> None:
    """With --json each application is a line, up to the limit."""
    customer = bond.seed_customer(ssn=SSN)
    ids = [applied(run, customer)["id"] for _ in range(3)]
    output = run("credit", "list", "--bank", "bond", "--json", "--limit", "2").out
    assert [json.loads(line)["id"] for line in output.splitlines()] == ids[:2]


def test_why_an_application_was_denied(run: Run, bond: BondSimulator) -> None:
    """An adverse action shows its reasons; without a denial, the command fails."""
    customer = bond.seed_customer(ssn="999-99-1111")
    income = {"minor_units": 1, "currency": "USD"}
    application = applied(
        run,
        customer,
        total_annual_income=income,
        monthly_housing_payment=income,
        employment_status="other",
    )
    options = ("credit", "adverse-action", application["id"], "--bank", "bond")
    assert run(*options).code == 1
    run("credit", "submit", application["id"], "--bank", "bond")
    assert "kyc" in run(*options).out
    assert (
        json.loads(run(*options, "--json").out)["application_id"] == application["id"]
    )
