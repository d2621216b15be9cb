"""`anybank account-numbers`, against a simulated Increase."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anybank_increase.simulator import IncreaseSimulator

from .conftest import Run, RunResult

INCREASE = ("--bank", "increase")


@pytest.fixture
def account(increase: IncreaseSimulator) -> str:
    """Return the id of an account."""
    return increase.seed_account(increase.seed_entity())


def created(run: Run, account: str) -> Any:
    """Create a number through the command line, and return what the command wrote."""
    document = json.dumps({"account_id": account, "name": "Payroll of Ada"})
    ran = run("account-numbers", "create", "-", *INCREASE, "--json", stdin=document)
    return json.loads(ran.out)


def updated(run: Run, number: str, *options: str, **changes: Any) -> RunResult:
    """Change a number through the command line."""
    return run(
        *("account-numbers", "update", number, "-", *INCREASE, *options),
        stdin=json.dumps(changes),
    )


def test_a_number_is_created_read_and_disabled(
    run: Run, account: str, increase: IncreaseSimulator
) -> None:
    """The digits are masked in every output, and the name is shown with --reveal."""
    number = created(run, account)
    digits = increase.accounts.numbers.rows[number["id"]]["account_number"]
    assert number["number"] == f"*****{digits[-4:]}"
    assert (number["account_id"], number["status"]) == (account, "active")
    shown = run("account-numbers", "get", number["id"], *INCREASE, "--reveal").out
    assert "Payroll of Ada" in shown
    listed = run("account-numbers", "list", *INCREASE, "--account", account).out
    disabled = updated(run, number["id"], "--json", status="disabled").out
    assert json.loads(disabled)["status"] == "disabled"
    assert digits not in shown + listed + disabled
    assert "Payroll" not in listed + disabled


def test_canceling_asks_first(
    run: Run, account: str, increase: IncreaseSimulator
) -> None:
    """A canceled number is lost for ever: without a terminal --yes is needed."""
    number = created(run, account)["id"]
    assert updated(run, number, status="canceled").code == 64
    assert increase.accounts.numbers.rows[number]["status"] == "active"
    assert updated(run, number, "--yes", status="canceled").code == 0
    assert increase.accounts.numbers.rows[number]["status"] == "canceled"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"name": "Payroll"}, "account_id"),
        ({"account_id": "123456789012", "name": "Payroll"}, "account_id"),
        ({"account_id": "account_1", "digits": "1"}, "digits"),
    ],
)
def test_a_wrong_field_is_named(
    run: Run, increase: IncreaseSimulator, document: dict[str, Any], field: str
) -> None:
    """The command fails before a request, and repeats no account number."""
    ran = run("account-numbers", "create", "-", *INCREASE, stdin=json.dumps(document))
    assert ran.code == 1
    assert field in ran.err
    assert "123456789012" not in ran.out + ran.err
    assert not increase.accounts.numbers.rows


def test_a_number_is_no_id(run: Run, increase: IncreaseSimulator) -> None:
    """A number in the place of an id is refused without being repeated."""
    ran = run("account-numbers", "get", "123456789012", *INCREASE)
    assert ran.code == 1
    assert "123456789012" not in ran.out + ran.err


def test_a_bank_without_account_numbers_says_so(run: Run, bond: object) -> None:
    """Bond returns the number with the account: the command sends nothing."""
    ran = run("account-numbers", "list", "--bank", "bond")
    assert ran.code == 1
    assert "account_numbers.list" in ran.err
