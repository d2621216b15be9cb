"""`anybank capabilities`: the declaration of a bank."""

from __future__ import annotations

import json

import pytest

from anybank import Feature
from anybank.cli.output import MAX_WIDTH

from .conftest import Run, widest


@pytest.mark.parametrize("bank", ["bond", "increase", "sonder"])
def test_capabilities_show_every_feature_field_and_page(run: Run, bank: str) -> None:
    """The tables hold every feature, the rules of each value, and fit the width."""
    told = run("capabilities", bank).out
    assert all(feature.value in told for feature in Feature)
    assert all(name in told for name in ("NewCustomer", "Address", "Phone", "Sources"))
    assert widest(told) <= MAX_WIDTH


def test_capabilities_say_rules_in_words(run: Run) -> None:
    """Patterns, lengths, words and defaults are told as a person reads them."""
    told = run("capabilities", "sonder").out
    assert "at least 1" in told
    assert "PHYSICAL is HOME" in told
    assert "implied: 'US'" in told
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
