"""`anybank migrate status`: what is open, and which command comes next."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import step


@pytest.mark.usefixtures("vault")
def test_an_incomplete_plan_is_an_error(run: Run) -> None:
    """A plan that failed half way exits 1 and says on stderr that it is incomplete."""
    banks = ("--from", "bond", "--to", "sonder", "--supplement", "command:false")
    assert step(run, "plan", *banks).code == 1
    result = step(run, "status", "--json")
    assert (result.code, json.loads(result.out)["exit_code"]) == (1, 1)
    expected = "error: the plan is not complete: run `anybank migrate"
    assert result.err.startswith(expected)


@pytest.mark.usefixtures("moved")
def test_the_log_names_the_commands_that_ran(run: Run) -> None:
    """The commands are listed in the order in which they ran, with their results."""
    runs = json.loads(step(run, "status", "--json").out)["runs"]
    assert [(item["command"], item["outcome"]) for item in runs] == [
        ("plan", "done"),
        ("apply", "done"),
    ]
