"""Nothing personal is in the files and the output of a migration."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from anybank import migrate
from anybank.cli import main
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving
from .planted import FORMS, PLANTED, planted_bond


@pytest.fixture
def moved(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Moving:
    """Return a whole migration in which something of each kind fails."""
    caplog.set_level(logging.DEBUG)
    bond = planted_bond()
    target = Faults().around(SonderSimulator(duplicate_ssn="reject"))
    target.schedule("lost", "500")
    ids = [item.id for item in bond.world.customers.of(bond.brand_id)]
    path = tmp_path / "vault.csv"
    rows = [
        f"{entry},{PLANTED['ssn']},{PLANTED['document_locator_number']}"
        for entry in ids
    ]
    path.write_text("\n".join(["source_id,ssn,document_locator_number", *rows]))
    moving = Moving(tmp_path, bond, target, supplement=path)
    moving.plan()
    moving.apply()
    moving.verify()
    moving.crosswalk()
    migrate.report(journal=moving.journal, html=tmp_path / "report.html")
    path.unlink()
    return moving


def test_no_file_holds_anything_of_a_person(moved: Moving) -> None:
    """Journal, write-ahead log, key, lock, crosswalk and report have no values."""
    files = [path for path in moved.directory.iterdir() if path.is_file()]
    assert len(files) >= 4
    for file in files:
        content = file.read_bytes().decode("utf-8", "replace")
        assert [form for form in FORMS if form in content] == []


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_no_output_holds_anything_of_a_person(
    moved: Moving,
    more: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the output of commands nor the logs have values."""
    main(["migrate", "status", "--journal", str(moved.journal), *more])
    captured = capsys.readouterr()
    output = captured.out + captured.err + caplog.text
    assert [form for form in FORMS if form in output] == []
