"""No file and no output of a migration exposes the people about whom a bank decides later."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.migrate.moving import Moving
from tests.migrate.planted import FORMS, PLANTED, planted_bond

from anybank import KycStatus, migrate
from anybank.cli import main
from anybank.sandbox.faults import Faults
from anybank_unit.simulator import UnitSimulator


@pytest.fixture
def decided(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Moving:
    """Return a migration with a pending, a denied and a canceled person."""
    caplog.set_level(logging.DEBUG)
    bond, unit = planted_bond(), UnitSimulator()
    unit.choose_kyc(KycStatus.UNDER_REVIEW)
    ids = [item.id for item in bond.world.customers.of(bond.brand_id)]
    path = tmp_path / "vault.csv"
    rows = "".join(f"{item},{PLANTED['ssn']}\n" for item in ids)
    path.write_text(f"source_id,ssn\n{rows}")
    target = Faults().around(unit)
    moving = Moving(tmp_path, bond, target, supplement=path)
    moving.plan(accept_quality="all")
    target.schedule("lost", "500", "html")
    assert moving.apply().counts["pending"] == 3
    unit.decide("application-1", KycStatus.FAILED)
    unit.people.decide(unit.people.applications.rows["2"], "Canceled")
    target.schedule("truncated", "503")
    assert moving.apply().counts["denied"] == 2
    moving.verify()
    migrate.report(journal=moving.journal, html=tmp_path / "report.html")
    path.unlink()
    return moving


def searched(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


def test_no_file_has_anything_of_a_person(decided: Moving) -> None:
    """Journal, log, key and report name the decisions, and no value."""
    files = [path for path in decided.directory.iterdir() if path.is_file()]
    assert len(files) >= 4
    for file in files:
        assert searched(file.read_bytes().decode("utf-8", "replace")) == []


def test_no_output_has_anything_of_a_person(
    decided: Moving,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Status, report and history name states and ids, as text and as JSON."""
    journal = ("--journal", str(decided.journal))
    source_id = migrate.Report.read(decided.journal).waiting[0].source_id
    for words in (
        ("status",),
        ("status", "--json"),
        ("report", "--json"),
        ("show", source_id),
        ("show", source_id, "--json"),
    ):
        main(["migrate", *words, *journal])
    captured = capsys.readouterr()
    assert "denied" in captured.out
    assert "pending" in captured.out
    assert searched(captured.out + captured.err + caplog.text) == []
