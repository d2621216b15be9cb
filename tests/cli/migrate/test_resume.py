"""`anybank migrate resume`: paused workers continue."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("vault")
def test_workers_continue_after_a_pause(run: Run) -> None:
    """A worker then moves everyone, and `status` lists it as ended."""
    plan(run)
    step(run, "pause")
    assert step(run, "resume").code == 0
    step(run, "work")
    work = json.loads(step(run, "status", "--json").out)["work"]
    assert (work["paused_at"], work["batches_left"]) == (None, 0)
    assert [item["status"] for item in work["workers"]] == ["ended"]
