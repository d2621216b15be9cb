"""`anybank check`: a customer against a bank, offline."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import PERSON, SSN, Run


def test_a_customer_who_fits_is_taken(run: Run, person: Path) -> None:
    """A customer whom the bank takes exits 0."""
    ran = run("check", "bond", str(person))
    assert (ran.code, ran.out) == (0, "Bond would accept this customer.\n")


def test_a_customer_who_does_not_fit_is_refused(run: Run, person: Path) -> None:
    """What the bank would not take is listed, and the exit code asks for a person."""
    ran = run("check", "sonder", str(person))
    assert ran.code == 2
    assert "document_locator_number" in ran.out
    assert "Sonder Labs would reject this customer" in ran.out


def test_consent_lets_a_loss_pass(run: Run) -> None:
    """A field that would be dropped no longer stands in the way once it is accepted."""
    found = PERSON.replace('"first_name"', '"preferred_name": "Addie", "first_name"')
    assert run("check", "bond", "-", stdin=found).code == 2
    accepted = run("check", "bond", "-", "--accept-loss", "preferred_name", stdin=found)
    assert accepted.code == 0


def test_changes_are_checked_by_the_rules_of_changes(run: Run) -> None:
    """With --changes a field that may not change after KYC is refused."""
    changes = '{"last_name": "Other"}'
    assert run("check", "bond", "-", "--changes", stdin=changes).code == 0
    passed = ("--changes", "--kyc-passed")
    assert run("check", "bond", "-", *passed, stdin=changes).code == 2


def test_a_check_is_json(run: Run, person: Path) -> None:
    """With --json the verdict and each issue are data."""
    found = json.loads(run("check", "sonder", str(person), "--json").out)
    assert found["accepted"] is False
    names = {"field", "effect", "rule", "source", "message", "remedy"}
    assert names == set(found["issues"][0])


def test_no_check_shows_the_person(run: Run, person: Path) -> None:
    """Nothing of a checked document is shown but the names of its fields."""
    ran = run("check", "sonder", str(person))
    shown = ran.out + ran.err
    assert not any(word in shown for word in (SSN, "912456789", "ada@", "Test St."))


def test_extras_of_a_bank_are_read(run: Run) -> None:
    """What a vendor alone has is read into its own type, that of others passed by."""
    extras = '{"bond": {"account_holder_type": "primary"}, "other": 1}'
    found = PERSON.replace('"first_name"', f'"extras": {extras}, "first_name"')
    assert run("check", "bond", "-", stdin=found).code == 0
