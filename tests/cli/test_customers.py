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
    """A file makes a customer; its id and your own are shown, and nothing personal."""
    ran = run("customers", "create", "--bank", "bond", str(person))
    assert ran.code == 0
    assert "ours-1" in ran.out
    assert not shows(ran.out + ran.err)


@pytest.mark.usefixtures("bond")
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_what_is_read_is_not_personal_unless_revealed(
    run: Run, how: tuple[str, ...]
) -> None:
    """Get shows ids and counts; --reveal shows the person, with the SSN masked."""
    asked = ("customers", "get", created(run), "--bank", "bond", *how)
    assert not shows(run(*asked).out)
    revealed = run(*asked, "--reveal").out
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
        if field.name not in ("account_ids", "unreadable", "origin", "issues", "raw")
    ]
    personal = {field.name for field in fields if "anybank.personal" in field.metadata}

    assert revealed.keys() == {field.name for field in fields} | {"accounts"}
    assert shown.keys() & personal == {"emails", "phones", "addresses"}
    assert shown["emails"] == 1


def test_customers_are_listed_across_pages(run: Run, bond: BondSimulator) -> None:
    """All pages are one table."""
    ids = {bond.seed_customer() for _ in range(60)}
    told = run("customers", "list", "--bank", "bond").out
    assert all(each in told for each in ids)


def test_a_list_is_json_an_object_a_line(run: Run, bond: BondSimulator) -> None:
    """With --json each customer is a line, up to the limit."""
    ids = [bond.seed_customer() for _ in range(3)]
    told = run("customers", "list", "--bank", "bond", "--json", "--limit", "2").out
    assert [json.loads(each)["id"] for each in told.splitlines()] == ids[:2]


def test_a_list_can_be_revealed(run: Run, bond: BondSimulator) -> None:
    """With --reveal each customer is shown as get shows it."""
    bond.seed_customer(first_name="Zelda")
    assert "Zelda" in run("customers", "list", "--bank", "bond", "--reveal").out


@pytest.mark.usefixtures("bond")
def test_a_customer_is_changed(run: Run) -> None:
    """Changes from stdin reach the bank, and no other field is touched."""
    changes = '{"emails": ["new@example.com"]}'
    asked = ("customers", "update", created(run), "--bank", "bond", "-", "--reveal")
    told = run(*asked, stdin=changes).out
    assert "new@example.com" in told
    assert "Test St." in told


@pytest.mark.usefixtures("bond")
def test_a_field_that_is_fixed_is_refused(run: Run) -> None:
    """A change that KYC forbids is refused before it is sent, in one line."""
    asked = ("customers", "update", created(run), "--bank", "bond", "-", "--kyc-passed")
    ran = run(*asked, stdin='{"last_name": "Other"}')
    assert ran.code == 1
    assert "last_name: cannot be changed after KYC" in ran.err


@pytest.mark.usefixtures("bond")
def test_a_loss_needs_consent(run: Run) -> None:
    """A field that the bank does not take is refused, with the consent to give."""
    found = PERSON.replace('"first_name"', '"preferred_name": "Addie", "first_name"')
    asked = ("customers", "create", "--bank", "bond", "-")
    refused = run(*asked, stdin=found)
    assert "Pass --accept-loss preferred_name" in refused.err
    assert "accept_loss=" not in refused.err
    assert refused.err.splitlines()[-1] == "try: --accept-loss preferred_name"
    assert run(*asked, "--accept-loss", "preferred_name", stdin=found).code == 0


@pytest.mark.usefixtures("bond")
def test_a_deleted_customer_is_gone(run: Run) -> None:
    """A delete with --yes is done at once, and a get then knows nobody."""
    found = created(run)
    assert run("customers", "delete", found, "--bank", "bond", "--yes").code == 0
    gone = run("customers", "get", found, "--bank", "bond")
    assert gone.code == 1
    assert "404" in gone.err


def test_nothing_is_deleted_unasked(run: Run, bond: BondSimulator) -> None:
    """Where nobody is there to ask, a delete without --yes is wrong usage."""
    found = bond.seed_customer()
    assert run("customers", "delete", found, "--bank", "bond").code == 64
    assert run("customers", "get", found, "--bank", "bond").code == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_who_is_there_is_asked(
    run: Run, bond: BondSimulator, answer: str, code: int
) -> None:
    """On a terminal a delete asks first, and does nothing without a yes."""
    found = bond.seed_customer()
    asked = ("customers", "delete", found, "--bank", "bond")
    assert run(*asked, stdin=answer, terminal=True).code == code
    assert run("customers", "get", found, "--bank", "bond").code == 1 - code


def test_missing_credentials_name_the_variables(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials the variables to set are named."""
    monkeypatch.delenv("ANYBANK_BOND_IDENTITY", raising=False)
    ran = run("customers", "list", "--bank", "bond")
    assert (ran.code, ran.out) == (1, "")
    assert "ANYBANK_BOND_IDENTITY" in ran.err


@pytest.mark.parametrize("command", ["create", "get", "list", "update", "delete"])
def test_no_command_takes_an_ssn_as_an_argument(run: Run, command: str) -> None:
    """No option is for a social security number: arguments are seen by everybody."""
    assert "--ssn" not in run("customers", command, "--help").out
