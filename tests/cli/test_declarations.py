"""`anybank providers`, `capabilities`, `diff` and `check`: what needs no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anybank import Feature
from anybank.cli.output import WIDTH

from .conftest import PERSON, SSN, Run


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_providers_are_listed(run: Run) -> None:
    """Each installed bank is a row with its vendor, distribution and state."""
    told = run("providers").out
    assert "Sonder Labs" in told
    assert "anybank-bond" in told


def test_providers_are_json(run: Run) -> None:
    """With --json each bank is an object; a usable one has no problem."""
    found = json.loads(run("providers", "--json").out)
    assert {each["name"]: each["problem"] for each in found} == {
        "bond": None,
        "increase": None,
        "sonder": None,
    }


def test_a_quarantined_provider_tells_why(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that may not load is shown with the reason."""
    monkeypatch.setenv("ANYBANK_PLUGINS", "bond")
    assert "quarantined: ANYBANK_PLUGINS does" in run("providers").out


@pytest.mark.parametrize("bank", ["bond", "increase", "sonder"])
def test_capabilities_show_every_feature_field_and_page(run: Run, bank: str) -> None:
    """The tables hold every feature, the rules of each value, and fit the width."""
    told = run("capabilities", bank).out
    assert all(feature.value in told for feature in Feature)
    assert all(name in told for name in ("NewCustomer", "Address", "Phone", "Sources"))
    assert widest(told) <= WIDTH


def test_capabilities_say_rules_in_words(run: Run) -> None:
    """Patterns, lengths, words and defaults are told as a person reads them."""
    told = run("capabilities", "sonder").out
    assert "at least 1" in told
    assert "PHYSICAL is HOME" in told
    assert "silence means 'US'" in told
    assert "2 to 50 characters" in run("capabilities", "bond").out


def test_capabilities_list_the_options(run: Run) -> None:
    """What a user configures is listed by its variable, credentials as required."""
    told = run("capabilities", "bond").out
    assert "ANYBANK_BOND_IDENTITY        required" in told


def test_capabilities_are_json(run: Run) -> None:
    """With --json the whole declaration is there, types and errors by name."""
    found = json.loads(run("capabilities", "bond", "--json").out)
    assert found["fields"]["NewCustomer"]["ssn"]["read"] == "masked"
    assert found["extras"] == "BondExtras"
    assert set(found["errors"].values()) >= {"Rejected"}
    assert set(found["features"]) == {feature.value for feature in Feature}


def test_a_policy_of_the_environment_is_applied(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A declaration is shown as the options make it, and the diff says so."""
    monkeypatch.setenv("ANYBANK_SONDER_MIDDLE_NAME_WHEN_ABSENT", "")
    told = run("diff", "bond", "sonder").out
    assert "ANYBANK_SONDER_MIDDLE_NAME_WHEN_ABSENT" in told
    assert "the option middle_name_when_absent is sent" not in told


def test_a_diff_says_what_is_lost_changed_and_missing(run: Run) -> None:
    """The diff has a table for each thing that can happen, within the width."""
    told = run("diff", "bond", "sonder").out
    parts = ("Lost", "Missing", "Blocked", "Changed", "Filled in", "What follows")
    assert all(part in told for part in parts)
    assert widest(told) <= WIDTH


def test_a_diff_says_what_helps(run: Run) -> None:
    """Consent, options and the supplement are named where they help."""
    told = run("diff", "bond", "sonder").out
    assert "--accept-loss external_id" in told
    assert "a column ssn to the supplement" in told


def test_a_diff_to_itself_is_empty(run: Run) -> None:
    """Moving within a bank that tells all loses nothing."""
    found = json.loads(run("diff", "bond", "bond", "--json").out)
    assert [each["field"] for each in found["issues"]] == ["ssn"]


def test_an_unknown_bank_suggests_the_nearest(run: Run) -> None:
    """A mistyped bank is answered with the nearest one."""
    ran = run("diff", "bond", "sondr")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: no provider 'sondr': did you mean 'sonder'?\n"


def test_a_customer_who_fits_is_taken(run: Run, person: Path) -> None:
    """A customer whom the bank takes exits 0."""
    ran = run("check", "bond", str(person))
    assert (ran.code, ran.out) == (0, "Bond would take it\n")


def test_a_customer_who_does_not_fit_is_refused(run: Run, person: Path) -> None:
    """What the bank would not take is listed, and the exit code asks for a person."""
    ran = run("check", "sonder", str(person))
    assert ran.code == 2
    assert "document_locator_number" in ran.out
    assert "Sonder Labs would refuse it" in ran.out


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


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "document: is not JSON at line 1, column 2"),
        ("[]", "document: must be one JSON object"),
        ('{"first_nam": "A"}', "did you mean 'first_name'?"),
        ('{"ssn": "1", "ssn": "2"}', "ssn: is there twice"),
        ('{"ssn": "912-45"}', "ssn: give nine digits"),
        ('{"ssn": 912456789}', "ssn"),
        ('{"date_of_birth": "4/1/90"}', "of the form YYYY-MM-DD"),
        ('{"date_of_birth": 1990}', "of the form YYYY-MM-DD"),
        ('{"emails": "ada@example.com"}', "emails"),
        ('{"phones": [5]}', "phones[0]: must be an object"),
        ('{"phones": [{"kind": "mobile"}]}', "phones[0]: lacks"),
        ('{"phones": ["12"]}', "phones[0].number"),
        ('{"addresses": {}}', "addresses: must be a list"),
        ('{"addresses": [{"lin1": "x"}]}', "addresses[0].lin1: is not a field"),
        ('{"addresses": [{"kind": "cave"}]}', "addresses[0].kind: must be one of"),
        ('{"addresses": [{"country": "U"}]}', "addresses[0].country"),
        ("[" * 100_000, "too deep"),
        ('{"ssn": ' + "9" * 5000 + "}", "a number too long"),
        ('{"extras": []}', "extras: must be an object"),
        ('{"extras": {"bond": 1}}', "extras.bond: must be an object"),
        ('{"extras": {"bond": {"x": 1}}}', "extras.bond.x: is not a field"),
    ],
)
def test_a_bad_document_names_its_field(run: Run, document: str, said: str) -> None:
    """What cannot be read is told by the field's name, never by what is in it."""
    ran = run("check", "bond", "-", stdin=document)
    assert ran.code == 1
    assert said in ran.err
    assert not any(value in ran.err for value in ("912", "ada@", "4/1/90", "cave"))


def test_a_document_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are told as such."""
    path = tmp_path / "customer.json"
    path.write_bytes(b"\xff\xfe{")
    assert "is not UTF-8 text" in run("check", "bond", str(path)).err


def test_extras_of_a_bank_are_read(run: Run) -> None:
    """What a vendor alone has is read into its own type, that of others passed by."""
    extras = '{"bond": {"account_holder_type": "primary"}, "other": 1}'
    found = PERSON.replace('"first_name"', f'"extras": {extras}, "first_name"')
    assert run("check", "bond", "-", stdin=found).code == 0


def test_a_document_in_place_of_its_path_is_not_repeated(run: Run) -> None:
    """Who gives JSON as an argument is told why not, and it is not shown again."""
    ran = run("check", "bond", PERSON)
    assert ran.code == 64
    assert "seen by everybody" in ran.err
    assert "912" not in ran.err
