"""`anybank migrate rebase`: the URL that it needs and checks."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Run

from .steps import plan, step


@pytest.mark.usefixtures("sonder")
def test_a_rebase_needs_a_url(run: Run) -> None:
    """The user says which bank has a new URL."""
    plan(run)
    result = step(run, "rebase")
    assert result.code == 64
    assert "--target-url" in result.err


@pytest.mark.usefixtures("moved")
def test_a_rebase_needs_the_same_bank(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target must return a moved customer at the new URL."""
    monkeypatch.setenv("ANYBANK_BOND_RETRIES", "0")
    monkeypatch.setenv("ANYBANK_SONDER_RETRIES", "0")
    result = step(run, "rebase", "--target-url", "https://localhost:1")
    assert result.code not in (0, 64)


@pytest.mark.usefixtures("sonder")
def test_a_rebase_that_is_recorded_succeeds(run: Run) -> None:
    """Before anything has moved there is nothing to check, and open records do not count."""
    plan(run)
    assert step(run, "rebase", "--target-url", "https://localhost:1").code == 0
    assert step(run, "status").code == 2
