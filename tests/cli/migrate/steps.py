"""The steps of a migration, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import SEEDED_SSN, Run, RunResult

from anybank.sandbox.faults import FaultyBank
from anybank_sonder.simulator import SonderSimulator

PERSONAL = (SEEDED_SSN, SEEDED_SSN.replace("-", ""), "May", "example.com")


def step(
    run: Run, command: str, *arguments: str, terminal: bool = False, stdin: str = ""
) -> RunResult:
    """Run a migration command on the journal move.db."""
    words = ("migrate", command, "--journal", "move.db", *arguments)
    return run(*words, terminal=terminal, stdin=stdin)


def plan(run: Run, *arguments: str, accept_loss: str = "all") -> RunResult:
    """Plan the move from Bond to Sonder."""
    banks = ("--from", "bond", "--to", "sonder", "--supplement", "vault.csv")
    return step(run, "plan", *banks, "--accept-loss", accept_loss, *arguments)


def quarantine_one(run: Run, sonder: FaultyBank) -> str:
    """Move both customers, lose one response, and return that customer's source id."""
    sonder.schedule("lost")
    plan(run)
    summary = json.loads(step(run, "apply", "--concurrency", "1", "--json").out)
    (reason,) = (item for item in summary["reasons"] if item["effect"] == "quarantined")
    return str(reason["examples"][0])


def first_target_id(sonder: FaultyBank) -> str:
    """Return the id of the first customer in the target's memory."""
    bank = sonder.bank
    assert isinstance(bank, SonderSimulator)
    return next(iter(bank.customer_ids))


def assert_nothing_personal(result: RunResult) -> None:
    """Neither the streams nor the files of the journal hold personal data."""
    files = b"".join(item.read_bytes() for item in Path().glob("move.db*"))
    for personal in PERSONAL:
        assert personal not in result.out + result.err
        assert personal.encode() not in files
