"""`anybank customers`, against a simulated Bond over HTTP on loopback."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from anybank import Customer
from anybank_bond.simulator import BondSimulator

from .conftest import PERSON, SSN, Run

PERSONAL = (SSN, "912456789", "Ada", "ada@example.com", "Test St.", "5550102000")


def created(run: Run) -> str:
    ran = run("customers", "create", "--bank", "bond", "-", "--json", stdin=PERSON)
    return str(json.loads(ran.out)["id"])


def shows(text: str) -> bool:
    return any(word in text for word in PERSONAL)


@pytest.mark.usefixtures("bond")
def test_a_customer_is_created_from_a_file(run: Run, person: Path) -> None:
    """The command shows the new id and your own id, and nothing personal."""
    ran = run("customers", "create", "--bank", "bond", str(person))
    assert ran.code == 0
    assert "ours-1" in ran.out
    assert not shows(ran.out + ran.err)


@pytest.mark.usefixtures("bond")
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_personal_data_is_shown_only_with_reveal(
    run: Run, how: tuple[str, ...]
) -> None:
    """`get` shows ids and counts; --reveal adds personal data, with a masked SSN."""
    command = ("customers", "get", created(run), "--bank", "bond", *how)
    assert not shows(run(*command).out)
    revealed = run(*command, "--reveal").out
    assert "ada@example.com" in revealed
    assert "***-**-6789" in revealed
    assert "912" not in revealed


@pytest.mark.usefixtures("bond")
def test_every_field_of_a_customer_is_shown(run: Run) -> None:
    """--reveal adds each personal field, and hides no other; document numbers stay masked."""
    command = ("customers", "get", created(run), "--bank", "bond", "--json")
    shown, revealed = (
        json.loads(run(*command, *more).out) for more in ((), ("--reveal",))
    )
    fields = [
        field
        for field in attrs.fields(Customer)
        if field.name
        not in (
            *("account_ids", "unreadable", "origin", "issues", "never_returned", "raw"),
        )
    ]
    personal = {field.name for field in fields if "anybank.personal" in field.metadata}

    assert revealed.keys() == {field.name for field in fields} | {"accounts"}
    assert shown.keys() & personal == {
        "emails",
        "phones",
        "addresses",
        "government_ids",
        "kyc_evidence",
    }
    assert shown["emails"] == 1


def test_customers_are_listed_across_pages(run: Run, bond: BondSimulator) -> None:
    """One table shows the customers of all pages."""
    ids = {bond.seed_customer() for _ in range(60)}
    output = run("customers", "list", "--bank", "bond").out
    assert all(item in output for item in ids)


def test_json_is_one_customer_per_line(run: Run, bond: BondSimulator) -> None:
    """With --json each customer is a line, up to the limit."""
    ids = [bond.seed_customer() for _ in range(3)]
    output = run("customers", "list", "--bank", "bond", "--json", "--limit", "2").out
    assert [json.loads(item)["id"] for item in output.splitlines()] == ids[:2]


def test_a_list_can_be_revealed(run: Run, bond: BondSimulator) -> None:
    """With --reveal each customer is shown as `get` shows it."""
    bond.seed_customer(first_name="Zelda")
    assert "Zelda" in run("customers", "list", "--bank", "bond", "--reveal").out


@pytest.mark.usefixtures("bond")
def test_a_customer_is_updated(run: Run) -> None:
    """Changes from stdin reach the bank, and other fields stay unchanged."""
    changes = '{"emails": ["new@example.com"]}'
    command = ("customers", "update", created(run), "--bank", "bond", "-", "--reveal")
    output = run(*command, stdin=changes).out
    assert "new@example.com" in output
    assert "Test St." in output


@pytest.mark.usefixtures("bond")
def test_a_forbidden_update_is_rejected(run: Run) -> None:
    """A change that is forbidden after KYC fails before a request is sent."""
    command = (
        "customers",
        "update",
        created(run),
        "--bank",
        "bond",
        "-",
        "--kyc-passed",
    )
    ran = run(*command, stdin='{"last_name": "Other"}')
    assert ran.code == 1
    assert "last_name: cannot be changed after KYC" in ran.err


@pytest.mark.usefixtures("bond")
def test_a_loss_needs_consent(run: Run) -> None:
    """The error for an unsupported field names the option that accepts the loss."""
    document = PERSON.replace('"first_name"', '"preferred_name": "Addie", "first_name"')
    command = ("customers", "create", "--bank", "bond", "-")
    refused = run(*command, stdin=document)
    assert "Pass --accept-loss preferred_name" in refused.err
    assert "accept_loss=" not in refused.err
    assert refused.err.splitlines()[-1] == "try: --accept-loss preferred_name"
    assert run(*command, "--accept-loss", "preferred_name", stdin=document).code == 0


@pytest.mark.usefixtures("bond")
def test_a_deleted_customer_is_gone(run: Run) -> None:
    """After `delete --yes`, `get` fails with 404."""
    customer_id = created(run)
    assert run("customers", "delete", customer_id, "--bank", "bond", "--yes").code == 0
    gone = run("customers", "get", customer_id, "--bank", "bond")
    assert gone.code == 1
    assert "404" in gone.err


def test_a_script_needs_yes_to_delete(run: Run, bond: BondSimulator) -> None:
    """Without a terminal and --yes, the command exits 64 and deletes nothing."""
    customer_id = bond.seed_customer()
    assert run("customers", "delete", customer_id, "--bank", "bond").code == 64
    assert run("customers", "get", customer_id, "--bank", "bond").code == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_a_terminal_is_asked_before_a_delete(
    run: Run, bond: BondSimulator, answer: str, code: int
) -> None:
    """On a terminal, only a yes deletes the customer."""
    customer_id = bond.seed_customer()
    command = ("customers", "delete", customer_id, "--bank", "bond")
    assert run(*command, stdin=answer, terminal=True).code == code
    assert run("customers", "get", customer_id, "--bank", "bond").code == 1 - code


def test_missing_credentials_name_the_variables(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variables to set."""
    monkeypatch.delenv("ANYBANK_BOND_IDENTITY", raising=False)
    ran = run("customers", "list", "--bank", "bond")
    assert (ran.code, ran.out) == (1, "")
    assert "ANYBANK_BOND_IDENTITY" in ran.err


@pytest.mark.parametrize("command", ["create", "get", "list", "update", "delete"])
def test_no_command_has_an_option_for_an_ssn(run: Run, command: str) -> None:
    """Other users of the machine can see arguments."""
    assert "--ssn" not in run("customers", command, "--help").out
