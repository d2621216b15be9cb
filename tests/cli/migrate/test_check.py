"""`anybank migrate check`: intact and damaged journals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from anybank.cli.output import MAX_WIDTH

from .steps import step


@pytest.mark.usefixtures("moved")
def test_an_intact_journal_is_one_line(run: Run) -> None:
    """The command exits 0 and counts the records."""
    result = step(run, "check")
    assert (result.code, result.out) == (0, "move.db is intact: 2 records\n")


@pytest.mark.usefixtures("moved")
def test_a_damaged_journal_exits_one(run: Run) -> None:
    """The damage and its repair are shown as a table, and as JSON."""
    Path("move.db.key").unlink()
    result = step(run, "check")
    assert result.code == 1
    assert "move.db is damaged" in result.out
    assert max(map(len, result.out.splitlines())) <= MAX_WIDTH
    document = json.loads(step(run, "check", "--json").out)
    assert document["exit_code"] == 1
    assert document["damages"][0]["remedy"].startswith("put the key")
