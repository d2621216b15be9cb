"""`anybank new-adapter` writes what installs and works, and over nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.proofs import PROOF

from .conftest import Run

PIP = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
OURS = Path(__file__).parents[2] / "pyproject.toml"
ATTEST = ["anybank", "conformance", "first-acme"]
KIT = ["pytest", "-q", "-p", "no:cacheprovider", "tests"]


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Path:
    """Return a new distribution."""
    assert run("new-adapter", "first-acme", "--to", str(tmp_path)).code == 0
    return tmp_path / "anybank-first-acme"


def test_it_says_what_to_type_next(run: Run, tmp_path: Path) -> None:
    """The next commands are told, first the pip that knows groups."""
    told = run("new-adapter", "zeta", "--to", str(tmp_path)).out
    assert f"cd {tmp_path / 'anybank-zeta'}" in told
    assert told.index("pip>=25.1") < told.index("pip install --editable . --group dev")
    assert "python -m pytest" in told


def test_no_acme_is_left_in_it(made: Path) -> None:
    """Every name is the new provider's, in the paths as well."""
    assert (made / "src/anybank_first_acme/py.typed").exists()
    assert not [*made.rglob("*anybank_acme*")]
    assert "class FirstAcme(Adapter)" in (
        made / "src/anybank_first_acme/adapter.py"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["Acme", "1st", "a_b", "a--b", "-a", "a/b", "..", "", "class", "file"]
)
def test_what_is_no_name_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    """What no distribution or module can be called is refused, and nothing written."""
    assert run("new-adapter", "--to", str(tmp_path), "--", name).code == 1
    assert not [*tmp_path.iterdir()]


def test_an_installed_bank_is_refused(run: Run, tmp_path: Path) -> None:
    """A provider's name is given once."""
    ran = run("new-adapter", "bond", "--to", str(tmp_path))
    assert ran.code == 1
    assert "already installed" in ran.err


def test_nothing_is_written_over(run: Run, made: Path) -> None:
    """A second time is refused, and what is there stays."""
    (made / "README.md").write_text("mine", "utf-8")
    assert run("new-adapter", "first-acme", "--to", str(made.parent)).code == 1
    assert (made / "README.md").read_text("utf-8") == "mine"
    assert [*made.parent.iterdir()] == [made]


def test_it_installs_and_passes_the_kit(made: Path, tmp_path: Path) -> None:
    """It is found by its entry point, and every check that it selects passes."""
    site = tmp_path / "site"
    _python(made, *PIP, str(site), str(made))
    assert "failed" not in _python(made, *KIT, path=site)
    assert "first-acme" in _python(made, *ATTEST, path=site)


@pytest.mark.skipif(not PROOF, reason="mypy takes its time: `make proof` asks it")
def test_its_types_are_strict(made: Path) -> None:
    """What its author is given to begin with is typed throughout."""
    _python(made, "mypy", "--strict", "--cache-dir", os.devnull, "src")


def test_its_style_is_ours(made: Path) -> None:
    """It is written as the library is."""
    house = "lint.isort.known-first-party = ['anybank', 'anybank_first_acme']"
    rules = ["--config", str(OURS), "--config", house, "--no-cache"]
    _python(made, "ruff", "check", *rules, "--ignore", "INP001,S101", ".")
    _python(made, "ruff", "format", "--check", *rules, ".")


def _python(where: Path, *arguments: str, path: Path | None = None) -> str:
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", *arguments],
        cwd=where,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(path or ""),
            "HOME": str(where),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
