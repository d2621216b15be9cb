"""`anybank migrate overwrite`: what it asks and writes."""

from __future__ import annotations

from tests.cli.conftest import Run

from anybank import Bank, CustomerChanges
from anybank_sonder.simulator import SonderSimulator

from .steps import assert_nothing_personal, step


def change_at_target(moved: SonderSimulator) -> None:
    """Give a customer at the target another e-mail address."""
    target_id = next(iter(moved.customer_ids))
    with Bank("sonder") as bank:
        bank.customers.update(target_id, CustomerChanges(emails=["zoe@example.com"]))


def test_a_terminal_is_asked(run: Run, moved: SonderSimulator) -> None:
    """Only a yes overwrites; afterwards nothing is open."""
    change_at_target(moved)
    assert "anybank migrate overwrite" in " ".join(step(run, "verify").out.split())
    result = step(run, "overwrite", terminal=True, stdin="n\n")
    assert (result.code, "1 customers at Sonder Labs" in result.err) == (1, True)
    result = step(run, "overwrite", "--yes")
    assert (result.code, "Overwritten and read back: 1." in result.out) == (0, True)


def test_nothing_personal_is_shown(run: Run, moved: SonderSimulator) -> None:
    """Neither the streams nor the journal hold an SSN, a name or an e-mail address."""
    change_at_target(moved)
    step(run, "verify")
    assert_nothing_personal(step(run, "overwrite", "--yes", "--json"))
