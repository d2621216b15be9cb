"""`anybank migrate work`: a worker on a planned journal."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import assert_nothing_personal, plan, step


@pytest.mark.usefixtures("vault")
def test_a_worker_moves_everyone_and_verifies_them(run: Run) -> None:
    """It exits 0 once nothing is left, and a second one finds nothing to do."""
    plan(run)
    result = step(run, "work", "--verify", "--concurrency", "2", "--json")
    assert result.code == 0
    assert json.loads(result.out)["counts"]["verified"] == 2
    assert_nothing_personal(result)
    again = json.loads(step(run, "work", "--json").out)
    assert (again["exit_code"], again["totals"]["sent"]) == (0, 0)


@pytest.mark.usefixtures("vault")
def test_a_lease_that_is_too_short_is_refused(run: Run) -> None:
    """The message says how long the lease must be at least."""
    plan(run)
    result = step(run, "work", "--lease", "5")
    assert result.code == 1
    assert "make it at least" in result.err
