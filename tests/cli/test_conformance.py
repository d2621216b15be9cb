"""`anybank conformance`, and how `anybank providers` shows its result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Store attestations in a temporary directory, and generate only one person."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("ANYBANK_CONFORMANCE_EXAMPLES", "1")
    return tmp_path


def conformance_of(run: Run, bank: str) -> dict[str, Any]:
    """Return the conformance of a bank in `providers --json`."""
    listed = json.loads(run("providers", "--json").out)
    (conformance,) = (item["conformance"] for item in listed if item["name"] == bank)
    return dict(conformance)


def test_an_attestation_is_created_and_listed(run: Run, data: Path) -> None:
    """The result is shown, stored if asked, and listed with the banks."""
    assert "not attested" in run("providers").out
    ran = run("conformance", "sonder", "--save")
    (path,) = data.rglob("sonder.json")
    assert ran.code == 0
    assert "sonder (anybank-sonder" in ran.out
    assert f"wrote the attestation to {path}" in ran.out
    assert "tier: bronze. For silver it is missing that the vendor's" in ran.out
    assert "checked:" in ran.err
    day = json.loads(path.read_text())["created_at"][:10]
    assert f"bronze, simulated, {day}" in run("providers").out
    document = conformance_of(run, "sonder")
    assert (document["passed"], document["path"]) == (True, str(path))
    assert {item["result"] for item in document["checks"]} == {"passed", "inapplicable"}
    make_stale(path)
    assert "stale: the code of the plugin has" in run("providers").out


def make_stale(path: Path) -> None:
    """Change the digest of the plugin's code in an attestation."""
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "digest": "0" * 64}))


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
