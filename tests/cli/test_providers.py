"""`anybank providers`: the installed banks."""

from __future__ import annotations

import json

import pytest

from .conftest import Run


def test_providers_are_listed(run: Run) -> None:
    """Each bank is a row with its vendor, distribution and state."""
    output = run("providers").out
    assert "Sonder Labs" in output
    assert "anybank-bond" in output


def test_providers_are_json(run: Run) -> None:
    """With --json each bank is an object; a usable one has no problem."""
    document = json.loads(run("providers", "--json").out)
    assert {item["name"]: item["problem"] for item in document} == {
        "bond": None,
        "increase": None,
        "sonder": None,
        "unit": None,
    }


def test_what_each_adapter_rests_on_is_shown(run: Run) -> None:
    """The level and the day of each adapter's status are listed, and its reason below."""
    document = json.loads(run("providers", "--json").out)
    levels = {item["name"]: item["status"]["level"] for item in document}
    assert levels == {
        "bond": "simulated",
        "increase": "live",
        "sonder": "documented",
        "unit": "live",
    }
    output = run("providers").out
    assert "bond is simulated, as of 2026-11-28: Bond was renamed" in output


def test_a_quarantined_provider_shows_the_reason(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that may not load is listed with the reason."""
    monkeypatch.setenv("ANYBANK_PLUGINS", "bond")
    assert "quarantined: ANYBANK_PLUGINS does" in run("providers").out
