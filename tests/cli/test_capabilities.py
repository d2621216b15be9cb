"""`anybank capabilities`: the declaration of a bank."""

from __future__ import annotations

import json

import pytest

from anybank import Feature
from anybank.cli.output import MAX_WIDTH

from .conftest import Run, widest


@pytest.mark.parametrize("bank", ["bond", "increase", "sonder"])
def test_capabilities_show_every_feature_field_and_page(run: Run, bank: str) -> None:
    """The tables show every feature and the rules of each value, and fit the width."""
    output = run("capabilities", bank).out
    assert all(feature.value in output for feature in Feature)
    assert all(
        name in output for name in ("NewCustomer", "Address", "Phone", "Sources")
    )
    assert widest(output) <= MAX_WIDTH


def test_rules_are_shown_in_words(run: Run) -> None:
    """Patterns, lengths, words and defaults are readable."""
    output = run("capabilities", "sonder").out
    assert "at least 1" in output
    assert "PHYSICAL is HOME" in output
    assert "implied: 'US'" in output
    assert "2 to 50 characters" in run("capabilities", "bond").out


def test_capabilities_list_the_options(run: Run) -> None:
    """Each option is listed with its variable, and credentials as required."""
    output = run("capabilities", "bond").out
    assert "ANYBANK_BOND_IDENTITY        required" in output


@pytest.mark.parametrize("bank", ["bond", "increase", "sonder", "unit"])
def test_the_json_of_every_bank_has_its_features(run: Run, bank: str) -> None:
    """The declaration of each bank matches the schema, whatever its rules use."""
    document = json.loads(run("capabilities", bank, "--json").out)
    assert set(document["features"]) == {feature.value for feature in Feature}


def test_capabilities_are_json(run: Run) -> None:
    """With --json the whole declaration is written, with types and errors by name."""
    document = json.loads(run("capabilities", "bond", "--json").out)
    assert document["fields"]["NewCustomer"]["ssn"]["read"] == "masked"
    fields = ["account_holder_type", "primary_id"]
    assert document["extras"] == {
        "NewCustomer": {"class": "BondExtras", "fields": fields}
    }
    assert set(document["errors"].values()) >= {"Rejected"}
    assert set(document["features"]) == {feature.value for feature in Feature}


def test_the_status_of_the_adapter_is_shown(run: Run) -> None:
    """The reason why a bank is only simulated stands above its features."""
    assert (
        "simulated, as of 2026-11-28: Bond was renamed"
        in run("capabilities", "bond").out
    )
    document = json.loads(run("capabilities", "increase", "--json").out)
    assert document["status"]["level"] == "live"


def test_overrides_are_shown_where_the_rules_are(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The declaration, the comparison and the check of a customer use the same rule."""
    rule = {"NewCustomer.first_name": {"length": [1, 80]}}
    monkeypatch.setenv("ANYBANK_BOND_OVERRIDES", json.dumps(rule))
    shown = run("capabilities", "bond").out
    assert "overridden: length" in shown
    assert "an override, in place of Bond docs" in shown
    assert "NewCustomer.first_name (length)" in run("diff", "sonder", "bond").out
    document = json.loads(run("capabilities", "bond", "--json").out)
    assert document["overrides"] == rule
    assert "ANYBANK_BOND_OVERRIDES" in run("diff", "sonder", "bond").out
