"""`anybank migrate show`: the history of one customer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import SEEDED_SSN, Run

from .steps import plan, step


def test_one_customer_is_shown(run: Run, vault: Path) -> None:
    """The history has fields, requests, times and operators, but no values."""
    (source_id, *_) = vault.read_text().splitlines()[1].split(",")
    plan(run, "--operator", "Grace", accept_loss="external_id")
    step(run, "apply", "--operator", "Ken")
    result = step(run, "show", source_id)
    assert result.code == 0
    assert f"{source_id}: created" in result.out
    text = " ".join(result.out.split())
    assert "apply (Ken)" in text
    assert "plan (Grace)" in text
    assert "external_id" in result.out
    assert not any(
        value in result.out for value in (SEEDED_SSN, "Ada", "May", "example.com")
    )
    history = json.loads(step(run, "show", source_id, "--json").out)
    assert [item["state"] for item in history["events"]][-1] == "created"


def test_status_lists_the_operators(run: Run, vault: Path) -> None:
    """The table of runs names who ran each command."""
    assert vault.exists()
    plan(run, "--operator", "Grace", accept_loss="external_id")
    step(run, "apply", "--operator", "Ken")
    status = step(run, "status").out
    assert "Grace" in status
    assert "Ken" in status
