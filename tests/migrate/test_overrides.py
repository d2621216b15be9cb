"""A migration to a program with rules of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes import james
from tests.migrate.moving import Moving, bond_to_sonder, people, sonder_to_bond

from anybank import Bank
from anybank.declaration.diff import diff
from anybank.migrate.journal.journal import Journal
from anybank.migrate.reports.report_data import Report

SHORT = {"NewCustomer.first_name": {"length": (1, 3)}}


def short_names(directory: Path) -> Moving:
    """Return a migration of Ada, Bea, Cleo and Dora to a program with short names."""
    moving = bond_to_sonder(directory)
    moving.options = {"overrides": SHORT}
    return moving


def test_the_certificates_follow_the_override(tmp_path: Path) -> None:
    """Two names are too long for this program, and the others are moved."""
    moving = short_names(tmp_path)
    summary = moving.plan()
    blocked = [reason for reason in summary.reasons if reason.rule == "length=1-3"]
    assert [(reason.field, reason.count) for reason in blocked] == [("first_name", 2)]
    moving.apply()
    assert sorted(people(moving.target).values()) == ["Ada", "Bea"]


def test_a_wider_rule_unblocks_a_customer(tmp_path: Path) -> None:
    """What the page would refuse is ready under the program's own agreement."""
    moving = sonder_to_bond(tmp_path)
    moving.options = {"overrides": {"NewCustomer.last_name": {"pattern": "[a-z]+"}}}
    assert moving.plan().counts["blocked"] == 4
    (tmp_path / "wider").mkdir()
    wider = sonder_to_bond(tmp_path / "wider")
    wider.options = {"overrides": {"NewCustomer.last_name": {"pattern": None}}}
    assert wider.plan().counts["ready"] == 4


def test_later_commands_use_the_overrides_of_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may come from the environment, which another machine does not have."""
    moving = bond_to_sonder(tmp_path)
    monkeypatch.setenv("ANYBANK_SONDER_OVERRIDES", json.dumps(SHORT))
    assert moving.plan().counts["blocked"] == 2
    monkeypatch.delenv("ANYBANK_SONDER_OVERRIDES")
    with Journal.open(moving.journal) as journal:
        recorded = json.loads(journal.metadata()["target"])["options"]["overrides"]
    assert recorded == {"NewCustomer.first_name": {"length": [1, 3]}}
    assert moving.apply().counts["created"] == 2


def test_the_report_names_the_override(tmp_path: Path) -> None:
    """The source of a loss is the program's rule, and not the vendor's page."""
    moving = sonder_to_bond(tmp_path)
    rule = {"create": "refused", "source": "our agreement"}
    moving.options = {"overrides": {"NewCustomer.emails": rule}}
    moving.plan()
    moving.apply()
    losses = {loss.field: loss.source for loss in Report.read(moving.journal).losses}
    assert losses["emails"] == "our agreement"
    assert losses["preferred_name"].startswith("Bond docs")


def test_check_diff_and_certificate_change_alike(tmp_path: Path) -> None:
    """One override of a program is in all three, with the same rule and source."""
    own = {"length": (1, 3), "source": "our agreement"}
    moving = bond_to_sonder(tmp_path)
    moving.options = {"overrides": {"NewCustomer.first_name": own}}
    certified = [
        (reason.field, reason.rule)
        for reason in moving.plan().reasons
        if reason.field == "first_name"
    ]
    with (
        Bank("sonder", token="t", overrides=moving.options["overrides"]) as bank,
        Bank("bond", identity="i", authorization="a") as source,
    ):
        checked = [
            (issue.field, issue.rule, issue.source)
            for issue in bank.check(james(first_name="Cleo"))
            if issue.field == "first_name"
        ]
        compared = [
            (issue.field, issue.rule, issue.source)
            for issue in diff(source.capabilities, bank.capabilities).issues
            if (issue.field, issue.rule) == ("first_name", "length=1-3")
        ]
    assert checked == compared == [("first_name", "length=1-3", "our agreement")]
    assert certified == [("first_name", "length=1-3")]
