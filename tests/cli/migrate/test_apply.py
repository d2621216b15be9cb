"""`anybank migrate apply`: the plan that it applies."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("vault")
def test_only_the_named_plan_is_applied(run: Run) -> None:
    """`status` shows the checksum of the plan, and apply refuses any other."""
    checksum = json.loads(plan(run, "--json").out)["plan"]
    result = step(run, "apply", "--plan", "0" * 16)

    assert f"apply --plan {checksum}" in " ".join(step(run, "status").out.split())
    assert (result.code, checksum in result.err) == (1, True)
    assert step(run, "apply", "--plan", checksum).code == 0
