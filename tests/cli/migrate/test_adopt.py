"""`anybank migrate backup` and `adopt`: continuing from a copy of the journal."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run

from anybank.sandbox.faults import FaultyBank
from anybank_sonder.simulator import SonderSimulator

from .steps import plan, step


def test_a_restored_copy_must_be_adopted(run: Run, sonder: FaultyBank) -> None:
    """Nothing is sent from a copy until `adopt` has quarantined who may have been sent."""
    plan(run)
    copied = step(run, "backup", "--to", "copy.db").out
    assert copied == "copied 2 records to copy.db, without the key\n"
    assert step(run, "apply").code == 0
    Path("copy.db").replace("move.db")
    refused = step(run, "apply")
    assert refused.code == 1
    for text in ("it is a copy that", "move.db.mark", "anybank migrate adopt"):
        assert text in refused.err
    assert step(run, "status").code == 1
    assert "may not be the latest" in " ".join(step(run, "check").out.split())
    early = step(run, "adopt", "--restored-from", "2001-01-01T00:00:00Z")
    assert (early.code, "it is not the copy of that time" in early.err) == (1, True)
    adopted = step(run, "adopt")
    assert adopted.code == 2
    assert "Possibly sent, and quarantined for a person to decide: 2." in adopted.out
    assert step(run, "apply").code == 2
    assert isinstance(sonder.bank, SonderSimulator)
    assert len(list(sonder.bank.customer_ids)) == 2
