"""`anybank doctor`, against simulated banks."""

from __future__ import annotations

import json

import pytest

from .conftest import Run


@pytest.mark.usefixtures("bond")
def test_doctor_finds_nothing_wrong(run: Run) -> None:
    """With good credentials the command exits 0 and says how it checked them."""
    ran = run("doctor", "bond")
    assert ran.code == 0
    assert "it was used to list an empty page" in ran.out


@pytest.mark.usefixtures("bond")
def test_doctor_says_what_it_cannot_check(run: Run) -> None:
    """Sonder has no call to check credentials, and the message says so."""
    diagnoses = json.loads(run("doctor", "sonder", "--json").out)
    credentials = next(item for item in diagnoses if item["check"] == "credentials")
    assert "no call for this" in credentials["message"]


@pytest.mark.usefixtures("bond")
def test_doctor_names_bad_credentials(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong credentials are reported, and never shown."""
    monkeypatch.setenv("ANYBANK_BOND_AUTHORIZATION", "wrong-secret")
    ran = run("doctor", "bond")
    assert ran.code == 75
    assert "wrong" in ran.out
    assert "wrong-secret" not in ran.out + ran.err


def test_doctor_finds_an_unreachable_host(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nothing responds, the host is wrong and the next step is shown."""
    monkeypatch.setenv("ANYBANK_SONDER_TOKEN", "t")
    monkeypatch.setenv("ANYBANK_SONDER_BASE_URL", "http://127.0.0.1:1/sandbox")
    ran = run("doctor", "sonder")
    assert ran.code == 75
    assert "nothing was sent" in ran.out


@pytest.mark.usefixtures("bond")
def test_doctor_names_a_misspelt_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that no option reads has no effect, and its value is not shown."""
    monkeypatch.setenv("ANYBANK_BOND_ENVIROMENT", "production-value")
    monkeypatch.setenv("ANYBANK_BOND_TIMEOUT", "30")
    ran = run("doctor", "bond", "--json")
    (wrong,) = (it for it in json.loads(ran.out) if it["check"] == "variables")
    assert ran.code == 2
    assert wrong["ok"] is False
    assert "did you mean ANYBANK_BOND_ENVIRONMENT?" in wrong["message"]
    assert "production-value" not in ran.out + ran.err
