"""What the tests of the commands share: a way to run them, and simulated banks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from anybank.adapter.options import variable
from anybank.cli import main
from anybank.cli.error_messages import wants_json
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator

from .json_schemas import require_schema

SSN = "912-45-6789"
PERSON = """
{"first_name": "Ada", "last_name": "Sample", "date_of_birth": "1990-04-01",
 "ssn": "912-45-6789", "emails": ["ada@example.com"], "phones": ["+15550102000"],
 "addresses": [{"line1": "1 Test St.", "city": "Reno", "state": "NV",
                "postal_code": "89501", "country": "US"}], "external_id": "ours-1"}
"""
SEEDED_SSN = "912-45-6000"


@frozen
class RunResult:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Run = Callable[..., RunResult]


class _Terminal(io.TextIOWrapper):
    """Text that a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command in this process, with a text on stdin.

    With --json the output must match the documented schema.
    """

    def run_command(
        *arguments: str, stdin: str = "", terminal: bool = False
    ) -> RunResult:
        stream = _Terminal if terminal else io.TextIOWrapper
        monkeypatch.setattr("sys.stdin", stream(io.BytesIO(stdin.encode())))
        code = main(arguments)
        captured = capsys.readouterr()
        if wants_json(arguments):
            require_schema(arguments, captured.out)
        return RunResult(code, captured.out, captured.err)

    return run_command


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """Return a file with a customer whom Bond accepts."""
    path = tmp_path / "customer.json"
    path.write_text(PERSON, "utf-8")
    return path


def widest(text: str) -> int:
    """Return the width of the widest line."""
    return max(map(len, text.splitlines()))


@pytest.fixture
def bond(monkeypatch: pytest.MonkeyPatch) -> Iterator[BondSimulator]:
    """Serve an empty Bond and an empty Sonder, configured in the environment."""
    bond = BondSimulator(clock=Clock(now=datetime.now(UTC)))
    with _served(monkeypatch, bond=bond, sonder=SonderSimulator()):
        yield bond


@pytest.fixture
def increase(monkeypatch: pytest.MonkeyPatch) -> Iterator[IncreaseSimulator]:
    """Serve an empty Increase, configured in the environment."""
    simulator = IncreaseSimulator()
    with _served(monkeypatch, increase=simulator):
        yield simulator


@pytest.fixture
def sonder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyBank]:
    """Serve a Bond with two customers and an empty Sonder, with faults to schedule.

    The working directory is empty but for vault.csv, the supplement.
    """
    bond, sonder = BondSimulator(), Faults().around(SonderSimulator())
    numbers = (SEEDED_SSN, "912-45-6001")
    ids = [
        bond.seed_customer(first_name=name, middle_name="May", ssn=number)
        for name, number in zip(("Ada", "Bea"), numbers, strict=True)
    ]
    rows = "".join(f"{item},{numbers[at]},9\n" for at, item in enumerate(ids))
    header = "source_id,ssn,document_locator_number"
    (tmp_path / "vault.csv").write_text(f"{header}\n{rows}")
    monkeypatch.chdir(tmp_path)
    with _served(monkeypatch, bond=bond, sonder=sonder):
        yield sonder


@pytest.fixture
def vault(sonder: FaultyBank, tmp_path: Path) -> Path:  # serves the banks
    """Serve the same banks and return the supplement."""
    return tmp_path / "vault.csv"


@contextmanager
def _served(monkeypatch: pytest.MonkeyPatch, **banks: Any) -> Iterator[None]:
    credentials = {
        "bond": BondSimulator.credentials,
        "sonder": SonderSimulator.credentials,
        "increase": IncreaseSimulator.credentials,
    }
    with serve(banks) as running:
        for name in banks:
            values = {
                "base_url": running.base_url(name),
                "rate_limit": "none",
                **credentials[name],
            }
            for option, value in values.items():
                monkeypatch.setenv(variable(name, option), value)
        yield
