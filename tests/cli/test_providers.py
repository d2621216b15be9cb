"""`anybank providers`: the installed banks."""

from __future__ import annotations

import json

import pytest

from .conftest import Run


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
