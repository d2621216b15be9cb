"""`anybank diff`: what changes in a move between two banks."""

from __future__ import annotations

import json

import pytest

from anybank.cli.output import MAX_WIDTH

from .conftest import Run, widest


def test_a_policy_of_the_environment_is_applied(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The diff applies the options that the environment sets, and says so."""
    monkeypatch.setenv("ANYBANK_SONDER_MIDDLE_NAME_WHEN_ABSENT", "")
    output = run("diff", "bond", "sonder").out
    assert "ANYBANK_SONDER_MIDDLE_NAME_WHEN_ABSENT" in output
    assert "the option middle_name_when_absent is sent" not in output


def test_there_is_a_table_for_each_effect(run: Run) -> None:
    """The diff has a table for each effect, and fits the width."""
    output = run("diff", "bond", "sonder").out
    parts = ("Lost", "Missing", "Blocked", "Changed", "Filled in", "Consequences")
    assert all(part in output for part in parts)
    assert widest(output) <= MAX_WIDTH


def test_a_diff_says_what_to_do(run: Run) -> None:
    """The diff names the option or the column of the supplement."""
    output = run("diff", "bond", "sonder").out
    assert "--accept-loss external_id" in output
    assert "a column ssn to the supplement" in output


def test_a_diff_to_the_same_bank_is_almost_empty(run: Run) -> None:
    """Only the SSN is listed, because Bond masks it."""
    document = json.loads(run("diff", "bond", "bond", "--json").out)
    assert [item["field"] for item in document["issues"]] == ["ssn"]


def test_an_unknown_bank_suggests_the_nearest(run: Run) -> None:
    """The error for a mistyped bank suggests the nearest one."""
    ran = run("diff", "bond", "sondr")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: no provider 'sondr': did you mean 'sonder'?\n"


def test_both_statuses_are_shown(run: Run) -> None:
    """A move to a bank whose API nobody has reached is a decision: the diff says so."""
    output = run("diff", "bond", "sonder").out
    assert "Bond is simulated, as of " in output
    assert "Sonder Labs is documented, as of " in output
    document = json.loads(run("diff", "bond", "sonder", "--json").out)
    assert document["source_status"]["level"] == "simulated"
    assert document["target_status"]["as_of"] == "2026-11-28"
