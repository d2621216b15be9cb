"""`anybank conformance` as it is typed, and what `anybank providers` makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Run


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep attestations in a directory of the test's, and generate one person alone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("ANYBANK_CONFORMANCE_EXAMPLES", "1")
    return tmp_path


def told_of(run: Run, bank: str) -> dict[str, Any]:
    """Return what providers tells machines of a bank's conformance."""
    listed = json.loads(run("providers", "--json").out)
    (found,) = (each["conformance"] for each in listed if each["name"] == bank)
    return dict(found)


def test_a_plugin_is_examined_and_attested(run: Run, data: Path) -> None:
    """The result is shown, kept, and listed with the banks, with day and mode."""
    assert "not attested" in run("providers").out
    ran = run("conformance", "sonder")
    (kept,) = data.rglob("sonder.json")
    assert ran.code == 0
    assert "sonder (anybank-sonder" in ran.out
    assert f"wrote the attestation to {kept}" in ran.out
    assert "checked:" in ran.err
    day = json.loads(kept.read_text())["created_at"][:10]
    assert f"passed, simulated, {day}" in run("providers").out
    told = told_of(run, "sonder")
    assert (told["passed"], told["path"]) == (True, str(kept))
    assert {each["result"] for each in told["checks"]} == {"passed", "inapplicable"}
    make_stale(kept)
    assert "stale: the code of the plugin has" in run("providers").out


def make_stale(kept: Path) -> None:
    """Change what an attestation says of the plugin's code."""
    told = json.loads(kept.read_text())
    kept.write_text(json.dumps({**told, "digest": "0" * 64}))


def test_a_bank_that_is_not_there_is_named(run: Run) -> None:
    """One line says which there are."""
    ran = run("conformance", "sondre")
    assert (ran.code, "did you mean 'sonder'" in ran.err) == (1, True)
