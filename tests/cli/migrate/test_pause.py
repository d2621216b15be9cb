"""`anybank migrate pause`: workers claim no batch meanwhile."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("vault")
def test_a_pause_is_shown(run: Run) -> None:
    """`status` shows since when the workers are paused; a second pause changes nothing."""
    plan(run)
    paused = step(run, "pause", "--json")
    assert paused.code == 0
    since = json.loads(paused.out)["work"]["paused_at"]
    assert since
    assert json.loads(step(run, "pause", "--json").out)["work"]["paused_at"] == since
    assert "The workers are paused since" in step(run, "status").out
