"""`anybank new-adapter` creates a package that installs and works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.proofs import PROOF

from anybank.testing.conformance.kit import EXAMPLES

from .conftest import Run

PIP = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
OURS = Path(__file__).parents[2] / "pyproject.toml"
ATTEST = ["anybank", "conformance", "first-acme"]
KIT = ["pytest", "-q", "-p", "no:cacheprovider", "tests"]


@pytest.fixture
def package(run: Run, tmp_path: Path) -> Path:
    """Return a new package."""
    assert run("new-adapter", "first-acme", "--to", str(tmp_path)).code == 0
    return tmp_path / "anybank-first-acme"


def test_the_next_commands_are_printed(run: Run, tmp_path: Path) -> None:
    """The first command upgrades pip, which must know dependency groups."""
    output = run("new-adapter", "zeta", "--to", str(tmp_path)).out
    assert f"cd {tmp_path / 'anybank-zeta'}" in output
    assert output.index("pip>=25.1") < output.index(
        "pip install --editable . --group dev"
    )
    assert "python -m pytest" in output


def test_the_name_acme_is_replaced(package: Path) -> None:
    """Every name is the new provider's, also in paths."""
    assert (package / "src/anybank_first_acme/py.typed").exists()
    assert not [*package.rglob("*anybank_acme*")]
    assert "class FirstAcme(Adapter)" in (
        package / "src/anybank_first_acme/adapter.py"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["Acme", "1st", "a_b", "a--b", "-a", "a/b", "..", "", "class", "file"]
)
def test_an_invalid_name_is_rejected(run: Run, tmp_path: Path, name: str) -> None:
    """Nothing is written for a name that no package or module can have."""
    assert run("new-adapter", "--to", str(tmp_path), "--", name).code == 1
    assert not [*tmp_path.iterdir()]


def test_an_installed_bank_is_rejected(run: Run, tmp_path: Path) -> None:
    """The name of a provider must be unique."""
    ran = run("new-adapter", "bond", "--to", str(tmp_path))
    assert ran.code == 1
    assert "already installed" in ran.err


def test_nothing_is_overwritten(run: Run, package: Path) -> None:
    """A second run fails, and existing files stay unchanged."""
    (package / "README.md").write_text("mine", "utf-8")
    assert run("new-adapter", "first-acme", "--to", str(package.parent)).code == 1
    assert (package / "README.md").read_text("utf-8") == "mine"
    assert [*package.parent.iterdir()] == [package]


def test_the_directory_is_created(run: Run, tmp_path: Path) -> None:
    """An author names a directory that does not exist yet."""
    parent = tmp_path / "mine" / "adapters"
    assert run("new-adapter", "first-acme", "--to", str(parent)).code == 0
    assert (parent / "anybank-first-acme" / "README.md").exists()


def test_the_package_installs_and_conforms(package: Path, tmp_path: Path) -> None:
    """The package is found by its entry point and passes the conformance kit."""
    site = tmp_path / "site"
    _python(package, *PIP, str(site), str(package))
    assert "failed" not in _python(package, *KIT, path=site)
    assert "first-acme" in _python(package, *ATTEST, path=site)


@pytest.mark.skipif(not PROOF, reason="mypy takes its time: `make proof` asks it")
def test_its_types_are_strict(package: Path) -> None:
    """The package passes mypy --strict."""
    _python(package, "mypy", "--strict", "--cache-dir", os.devnull, "src")


def test_its_style_is_ours(package: Path) -> None:
    """The package passes the linter of this repository."""
    house = "lint.isort.known-first-party = ['anybank', 'anybank_first_acme']"
    rules = ["--config", str(OURS), "--config", house, "--no-cache"]
    # A handler has the parameters of its route, and a method those of its base class.
    ignored = "INP001,S101,ARG002"
    _python(package, "ruff", "check", *rules, "--ignore", ignored, ".")
    _python(package, "ruff", "format", "--check", *rules, ".")


def _python(where: Path, *arguments: str, path: Path | None = None) -> str:
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", *arguments],
        cwd=where,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(path or ""),
            "HOME": str(where),
            EXAMPLES: "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
