"""`anybank migrate rollback`: what it asks, deletes and skips."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from anybank_sonder.simulator import SonderSimulator

from .steps import assert_nothing_personal, step


def test_the_consequences_come_first(run: Run, moved: SonderSimulator) -> None:
    """With --yes, stderr still has the warnings; stdout says what was done."""
    result = step(run, "rollback", "--yes")
    assert result.code == 0
    assert "2 customers will be deleted at Sonder Labs" in result.err
    assert "No longer at the target, and not sent again: 2." in result.out
    assert list(moved.customer_ids) == []


def test_a_terminal_is_asked(run: Run, moved: SonderSimulator) -> None:
    """Only a yes deletes the customers."""
    assert step(run, "rollback", terminal=True, stdin="n\n").code == 1
    assert len(moved.customer_ids) == 2
    assert step(run, "rollback", terminal=True, stdin="y\n").code == 0
    assert list(moved.customer_ids) == []


def test_a_script_needs_yes(run: Run, moved: SonderSimulator) -> None:
    """Without a terminal and without --yes, nothing is deleted."""
    result = step(run, "rollback")
    assert result.code == 64
    assert "pass --yes" in result.err
    assert len(moved.customer_ids) == 2


def test_skipped_customers_are_listed(run: Run, moved: SonderSimulator) -> None:
    """Each customer with accounts is listed by id, with what to do."""
    for item in moved.customer_ids:
        moved.world.customers[item].account_ids.append("acc-1")
    result = step(run, "rollback", "--yes")
    rows = Path("vault.csv").read_text().splitlines()[1:]
    ids = [item.split(",")[0] for item in rows]
    assert result.code == 2
    assert "to do: close its accounts, then roll back again" in result.out
    assert all(item in result.out for item in ids)


@pytest.mark.usefixtures("moved")
def test_nothing_personal_is_shown(run: Run) -> None:
    """Neither the streams nor the journal hold an SSN or a name."""
    assert_nothing_personal(step(run, "rollback", "--yes", "--json"))
