"""`anybank conformance`, and how `anybank providers` shows its result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.testing.few_checks import few_checks

from anybank import Bank
from anybank.sandbox.transport import SimulatorTransport
from anybank_increase.simulator import IncreaseSimulator

from .conftest import Run


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Store attestations in a temporary directory, and generate only one person."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("ANYBANK_CONFORMANCE_EXAMPLES", "1")
    return tmp_path


@pytest.fixture
def few() -> Iterator[None]:
    """Leave the kit few checks, for a test that is not about their results."""
    with few_checks():
        yield


def conformance_of(run: Run, bank: str, mode: str = "simulated") -> dict[str, Any]:
    """Return the conformance of a bank in a mode, as in `providers --json`."""
    (item,) = json.loads(run("providers", bank, "--json").out)
    return dict(item["conformance"][mode])


@pytest.mark.usefixtures("few")
def test_an_attestation_is_created_and_listed(run: Run, data: Path) -> None:
    """The result is shown, stored if asked, and listed with the banks."""
    assert "not attested" in run("providers").out
    ran = run("conformance", "sonder", "--save")
    (path,) = data.rglob("sonder.json")
    assert ran.code == 0
    assert "sonder (anybank-sonder" in ran.out
    assert f"wrote the attestation to {path}" in ran.out
    assert "tier: bronze" in ran.out
    assert "missing for silver:" in ran.out
    assert "a recorded run" in ran.out
    assert "checked:" in ran.err
    day = json.loads(path.read_text())["created_at"][:10]
    assert f"bronze, simulated {day}" in run("providers").out
    document = conformance_of(run, "sonder")
    assert (document["passed"], document["path"]) == (True, str(path))
    assert {item["result"] for item in document["checks"]} == {"passed", "inapplicable"}
    make_stale(path)
    shown = " ".join(run("providers", "sonder").out.split())
    assert "is stale: the code of the plugin has changed, against: simulator" in shown
    assert "sonder: no tier" in shown


def make_stale(path: Path) -> None:
    """Change the digest of the plugin's code in an attestation."""
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "digest": "0" * 64}))


@pytest.mark.usefixtures("few")
def test_nothing_is_written_unless_asked(run: Run, data: Path, tmp_path: Path) -> None:
    """Without --save and --to there is no file, with --to there is that one only."""
    document = json.loads(run("conformance", "sonder", "--json").out)
    assert (document["passed"], document["paths"]) == (True, [])
    assert list(data.rglob("*.json")) == []
    path = tmp_path / "anybank-conformance.json"
    assert run("conformance", "sonder", "--to", str(path)).code == 0
    assert list(data.rglob("*.json")) == [path]


def test_an_unknown_bank_suggests_the_nearest(run: Run) -> None:
    """The error suggests the nearest bank."""
    ran = run("conformance", "sondre")
    assert (ran.code, "did you mean 'sonder'" in ran.err) == (1, True)


CASSETTES = Path(__file__).parents[2] / "cassettes"


def test_a_recorded_run_is_attested_by_its_own_mode(run: Run, data: Path) -> None:
    """The replay of the vendor's pages is listed with its mode, and counts cassettes."""
    ran = run("conformance", "sonder", "--recorded", "--cassettes", CASSETTES, "--save")
    assert (ran.code, "not run in this mode" in ran.out) == (0, True)
    assert "against: 4 cassettes of the vendor" in ran.out
    assert list(data.rglob("sonder.recorded.json"))
    document = conformance_of(run, "sonder", "recorded")
    assert (document["mode"], document["of_vendor"]) == ("recorded", True)
    results = {item["check"]: item["result"] for item in document["checks"]}
    assert results["null_fields_read_as_none"] == "passed"
    assert results["listings_are_complete_and_end"] == "not_run"


def test_a_live_run_needs_credentials(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them nothing is sent, and the variable to set is named."""
    monkeypatch.delenv("ANYBANK_SONDER_TOKEN", raising=False)
    ran = run("conformance", "sonder", "--live")
    assert (ran.code, "set ANYBANK_SONDER_TOKEN" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--record", "x"), "--record needs --live"),
        (("--sample", "program"), "is not a sample"),
    ],
)
def test_wrong_options_are_refused(
    run: Run, arguments: tuple[str, ...], problem: str
) -> None:
    """The message says what the option needs."""
    ran = run("conformance", "sonder", *arguments)
    assert (ran.code, problem in ran.err) == (64, True)


@pytest.mark.usefixtures("few")
def test_a_live_run_removes_its_records_and_says_what_is_left(
    run: Run,
    increase: IncreaseSimulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Files cannot be removed at Increase, so the exit code asks for a person."""
    monkeypatch.setenv("ANYBANK_INCREASE_RATE_LIMIT", "none")
    cassettes = tmp_path / "recordings"
    ran = run("conformance", "increase", "--live", "--record", str(cassettes), "--save")
    assert ran.code == 2, ran.err
    assert "against: 127.0.0.1" in ran.out
    assert "left at 127.0.0.1: uploaded document file_" in ran.err
    assert list((cassettes / "increase" / "recorded").glob("customers-create.yaml"))
    document = conformance_of(run, "increase", "live")
    assert (document["of_vendor"], document["passed"]) == (False, True)
    assert all("uploaded document" in item for item in document["left"])
    transport, options = SimulatorTransport(increase), increase.credentials
    with Bank("increase", transport=transport, **options) as bank:
        assert list(bank.customers.list()) == []
