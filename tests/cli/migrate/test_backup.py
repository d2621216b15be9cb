"""`anybank migrate backup`: a consistent copy of a journal, without its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from .steps import step


@pytest.mark.usefixtures("moved")
def test_a_copy_is_made_without_the_key(run: Run) -> None:
    """The key stays where it is, so that a copy alone identifies nobody."""
    result = step(run, "backup", "--to", "copy.db")
    assert (result.code, result.out) == (
        0,
        "copied 2 records to copy.db, without the key\n",
    )
    assert not Path("copy.db.key").exists()


@pytest.mark.usefixtures("moved")
def test_an_existing_file_is_not_overwritten(run: Run) -> None:
    """It may be the only copy that there is."""
    Path("copy.db").write_text("the last backup")
    result = step(run, "backup", "--to", "copy.db")
    assert result.code == 1
    assert "copy.db" in result.err
    assert Path("copy.db").read_text() == "the last backup"
