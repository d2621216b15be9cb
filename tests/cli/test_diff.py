"""`anybank diff`: what changes in a move between two banks."""

from __future__ import annotations

import json

import pytest

from anybank.cli.output import MAX_WIDTH

from .conftest import Run, widest


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
    parts = ("Lost", "Missing", "Blocked", "Changed", "Filled in", "Consequences")
    assert all(part in told for part in parts)
    assert widest(told) <= MAX_WIDTH


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
