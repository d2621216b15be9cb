"""`anybank doctor`, against simulated banks."""

from __future__ import annotations

import json

import pytest

from .conftest import Run


@pytest.mark.usefixtures("bond")
def test_doctor_finds_nothing_wrong(run: Run) -> None:
    """With good credentials, host and clock are told; a sandbox has no clock to tell."""
    ran = run("doctor", "bond")
    assert ran.code == 0
    assert "it was used to list an empty page" in ran.out


@pytest.mark.usefixtures("bond")
def test_doctor_says_what_cannot_be_known(run: Run) -> None:
    """Sonder has no call for it: what was tried is said."""
    told = json.loads(run("doctor", "sonder", "--json").out)
    credentials = next(each for each in told if each["check"] == "credentials")
    assert "no call for this" in credentials["message"]


@pytest.mark.usefixtures("bond")
def test_doctor_names_bad_credentials(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong secret is found, and never shown."""
    monkeypatch.setenv("ANYBANK_BOND_AUTHORIZATION", "wrong-secret")
    ran = run("doctor", "bond")
    assert ran.code == 75
    assert "wrong" in ran.out
    assert "wrong-secret" not in ran.out + ran.err


def test_doctor_finds_a_host_that_is_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody answers, the host is named as wrong and the next step is told."""
    monkeypatch.setenv("ANYBANK_SONDER_TOKEN", "t")
    monkeypatch.setenv("ANYBANK_SONDER_BASE_URL", "http://127.0.0.1:1/sandbox")
    ran = run("doctor", "sonder")
    assert ran.code == 75
    assert "nothing was sent" in ran.out
