"""`anybank accounts`, against a simulated Bond."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anybank_bond.simulator import BondSimulator

from .conftest import Run

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
SSN = "912-45-6789"
BOND = ("--bank", "bond")


def opened(run: Run, customer: str, **more: Any) -> Any:
    """Open an account through the command line, and return what the command wrote."""
    document = {"customer_ids": [customer], "program_id": PROGRAM, **more}
    return run("accounts", "create", "-", *BOND, "--json", stdin=json.dumps(document))


def stored(bond: BondSimulator) -> dict[str, str]:
    """Return the account numbers that the simulator has, by account."""
    table = bond.accounts.table
    brands = {key.brand_id for key in bond.world.keys.values()}
    accounts = [account for brand in brands for account in table.of(brand)]
    return {account.id: account.number for account in accounts}


def test_an_account_is_opened_read_and_closed(run: Run, bond: BondSimulator) -> None:
    """The kind and the status are neutral, and the number is masked."""
    customer = bond.seed_customer(ssn=SSN)
    account = json.loads(opened(run, customer, kind="deposit", name="Everyday").out)
    assert (account["kind"], account["status"]) == ("deposit", "open")
    assert account["account_number"].startswith("*****")
    assert "name" not in account
    shown = run("accounts", "get", account["id"], *BOND, "--reveal").out
    assert "Everyday" in shown
    closed = run("accounts", "close", account["id"], *BOND, "--yes", "--json").out
    assert json.loads(closed)["status"] == "closed"


def test_a_list_masks_account_numbers(run: Run, bond: BondSimulator) -> None:
    """No digit before the last four is shown, in the table or with --json."""
    customer = bond.seed_customer(ssn=SSN)
    ids = [json.loads(opened(run, customer, kind="deposit").out)["id"] for _ in "ab"]
    number = stored(bond)[ids[0]]
    table = run("accounts", "list", *BOND, "--customer", customer).out
    lines = run("accounts", "list", *BOND, "--json", "--limit", "2").out
    assert [json.loads(line)["id"] for line in lines.splitlines()] == ids
    assert f"*****{number[-4:]}" in table
    assert number not in table + lines


def test_a_balance_is_shown_in_its_currency(run: Run, bond: BondSimulator) -> None:
    """A person reads dollars, and --json has cents."""
    customer = bond.seed_customer(ssn=SSN)
    account = json.loads(opened(run, customer, kind="deposit").out)["id"]
    assert "0.00 USD" in run("accounts", "balance", account, *BOND).out
    document = json.loads(run("accounts", "balance", account, *BOND, "--json").out)
    assert document["current"] == {"minor_units": 0, "currency": "USD"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"kind": "piggy_bank"}, "kind"),
        ({"kind": "deposit", "currency": "Dollars"}, "currency"),
        ({"native_kind": "loan"}, "kind"),
        ({"kind": "deposit", "native_kind": "deposit"}, "native_kind"),
    ],
)
def test_a_wrong_field_is_named(
    run: Run, bond: BondSimulator, document: dict[str, Any], field: str
) -> None:
    """The command fails before a request and says which field is wrong."""
    ran = opened(run, "customer-1", **document)
    assert ran.code != 0
    assert field in ran.err
    assert not stored(bond)


def test_an_account_number_is_no_id(run: Run, bond: BondSimulator) -> None:
    """A number is refused without being repeated, and nothing is sent."""
    ran = run("accounts", "get", "123456789012", *BOND)
    assert ran.code != 0
    assert "123456789012" not in ran.out + ran.err
    assert "account number" in ran.err


def test_closing_asks_first(run: Run, bond: BondSimulator) -> None:
    """Without a terminal and without --yes nothing is closed."""
    customer = bond.seed_customer(ssn=SSN)
    account = json.loads(opened(run, customer, kind="deposit").out)["id"]
    assert run("accounts", "close", account, *BOND).code != 0
    assert json.loads(run("accounts", "get", account, *BOND, "--json").out)[
        "status"
    ] == ("open")
