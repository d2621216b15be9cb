"""`anybank check`: a customer against a bank, offline."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import PERSON, SSN, Run


def test_an_acceptable_customer_exits_0(run: Run, person: Path) -> None:
    """A customer whom the bank accepts exits 0."""
    ran = run("check", "bond", str(person))
    assert (ran.code, ran.out) == (0, "Bond would accept this customer.\n")


def test_a_customer_with_blocking_issues_exits_2(run: Run, person: Path) -> None:
    """The issues are listed, and the exit code is 2."""
    ran = run("check", "sonder", str(person))
    assert ran.code == 2
    assert "document_locator_number" in ran.out
    assert "Sonder Labs would reject this customer" in ran.out


def test_an_accepted_loss_does_not_block(run: Run) -> None:
    """With --accept-loss a dropped field no longer blocks the customer."""
    document = PERSON.replace('"first_name"', '"preferred_name": "Addie", "first_name"')
    assert run("check", "bond", "-", stdin=document).code == 2
    accepted = run(
        "check", "bond", "-", "--accept-loss", "preferred_name", stdin=document
    )
    assert accepted.code == 0


def test_changes_follow_the_rules_of_updates(run: Run) -> None:
    """With --changes, a field that cannot be updated after KYC blocks."""
    changes = '{"last_name": "Other"}'
    assert run("check", "bond", "-", "--changes", stdin=changes).code == 0
    passed = ("--changes", "--kyc-passed")
    assert run("check", "bond", "-", *passed, stdin=changes).code == 2


def test_a_check_is_json(run: Run, person: Path) -> None:
    """With --json the result and each issue are data."""
    document = json.loads(run("check", "sonder", str(person), "--json").out)
    assert document["accepted"] is False
    names = {"field", "effect", "rule", "source", "message", "remedy"}
    assert names == set(document["issues"][0])


def test_a_check_shows_no_personal_data(run: Run, person: Path) -> None:
    """The output names the fields of a document, and never shows their values."""
    ran = run("check", "sonder", str(person))
    shown = ran.out + ran.err
    assert not any(word in shown for word in (SSN, "912456789", "ada@", "Test St."))


def test_extras_of_a_bank_are_read(run: Run) -> None:
    """The extras of this bank are checked, and those of other banks are ignored."""
    extras = '{"bond": {"account_holder_type": "primary"}, "other": 1}'
    document = PERSON.replace('"first_name"', f'"extras": {extras}, "first_name"')
    assert run("check", "bond", "-", stdin=document).code == 0


def test_a_check_says_that_a_create_verifies(run: Run, person: Path) -> None:
    """Where a create starts the verification, text and JSON both say so."""
    assert "starts to verify (KYC)" in " ".join(
        run("check", "increase", str(person)).out.split()
    )
    for bank, verifies in (("increase", True), ("bond", False)):
        document = json.loads(run("check", bank, str(person), "--json").out)
        assert document["create_verifies"] is verifies


def test_extras_with_parts_are_read(run: Run) -> None:
    """An object inside the extras is read by its type, and a wrong one is refused."""
    good = '{"increase": {"risk_rating": {"rating": "low", "rated_at": "2026-03-01T12:00:00Z"}}}'
    bad = good.replace("low", "odd")
    for extras, code in ((good, 0), (bad, 1)):
        document = PERSON.replace('"first_name"', f'"extras": {extras}, "first_name"')
        lost = ("--accept-loss", "all")
        ran = run("check", "increase", "-", *lost, stdin=document)
        assert (ran.code == 0) is (code == 0), ran.err
