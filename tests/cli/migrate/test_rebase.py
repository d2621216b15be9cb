"""`anybank migrate rebase`: the URL that it needs."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("sonder")
def test_a_rebase_needs_a_url(run: Run) -> None:
    """The user says which bank has a new URL, and it must be the same bank."""
    plan(run)
    assert "--target-url" in step(run, "rebase").err
    assert step(run, "rebase", "--target-url", "https://localhost:1").code != 0
