"""`anybank demo`, as `make demo` runs it but with fewer customers."""

from __future__ import annotations

import csv
import io
import re
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from attrs import frozen

from anybank.cli import main
from anybank.sandbox.demo.population import Trait

CUSTOMERS = 40


@frozen
class DemoRun:
    """The output of a run, and the files that it wrote."""

    code: int
    output: str
    folder: Path


def demo(folder: Path) -> DemoRun:
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = main(["demo", "--output", str(folder), "--customers", str(CUSTOMERS)])
    return DemoRun(code, output.getvalue(), folder)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """Run the demo twice into one folder, and return the second run."""
    folder = tmp_path_factory.mktemp("demo") / "output"
    demo(folder)
    return demo(folder)


def test_every_claim_is_true(ran: DemoRun) -> None:
    """The demo exits 0 and reports each claim as true."""
    assert ran.code == 0, ran.output
    assert ran.output.count("true: ") == 6
    assert "FALSE" not in ran.output


def test_the_files_are_written(ran: DemoRun) -> None:
    """The crosswalk, the report and the journal are in the folder, without personal data."""
    left = {path.name for path in ran.folder.iterdir()}
    assert {"crosswalk.csv", "report.html", "move.db"} <= left
    assert not [name for name in left if "vault" in name]


def test_a_second_run_replaces_the_first(ran: DemoRun) -> None:
    """The crosswalk of a second run has the customers of that run, each once."""
    with (ran.folder / "crosswalk.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    blocked = sum(trait.blocks for trait in Trait)
    assert len({row["source_id"] for row in rows}) == len(rows) == CUSTOMERS - blocked


def test_each_step_is_explained(ran: DemoRun) -> None:
    """Every step shows its command, its decisions, and what to do about blocked records."""
    reported = " ".join(ran.output.split())
    for word in (
        "anybank migrate plan --from bond --to sonder",
        "Sonder option middle_name_when_absent=''",
        "--accept-loss external_id",
        "PHYSICAL is written as HOME",
        "MAILING is not supported",
        "anybank migrate verify",
        "must pass KYC again",
    ):
        assert word in reported


def test_no_ssn_is_printed(ran: DemoRun) -> None:
    """The output contains nobody's number, with or without dashes."""
    assert not re.search(r"9\d\d-\d\d-\d{4}|\b9\d{8}\b", ran.output)


def test_the_output_fits_a_terminal(ran: DemoRun) -> None:
    """Lines have at most 100 columns, except paths that a user may copy."""
    wide = [line for line in ran.output.splitlines() if len(line) > 100]
    assert all(str(ran.folder) in line for line in wide)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A folder with other files stays unchanged, and the error asks for another one."""
    (tmp_path / "mine.txt").touch()
    refused = demo(tmp_path)
    assert refused.code == 1
    assert "Choose another --output" in refused.output


def test_an_interrupt_ends_the_demo_quietly(tmp_path: Path) -> None:
    """Ctrl-C during the move prints nothing more, and exits as shells expect."""
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "anybank", "demo", "--output", tmp_path],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    for line in process.stderr:
        if line.startswith("sent: "):
            break
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert all(line.startswith("sent: ") for line in rest.splitlines())
