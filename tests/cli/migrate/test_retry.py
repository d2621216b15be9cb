"""`anybank migrate retry`: failed records become ready again."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("sonder")
def test_retry_counts_the_remaining_calls(run: Run) -> None:
    """Without failed records, the summary still says how many calls remain."""
    plan(run)
    summary = json.loads(step(run, "retry", "--json").out)
    assert summary["totals"]["retried"] == 0
    assert [item["calls"] for item in summary["efforts"]] == [2, 4]


@pytest.mark.usefixtures("sonder")
def test_an_unknown_code_is_refused(run: Run) -> None:
    """The error names the code that no failed record has."""
    plan(run)
    result = step(run, "retry", "--code", "nope")
    assert result.code == 1
    assert "has no failed record with the code nope" in result.err
