"""Build the wheels, and install and use them in an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECTS = (
    ROOT,
    *(ROOT / "adapters" / name for name in ("bond", "increase", "sonder", "unit")),
)
PARTS = 5
KNOWN_TYPES = 0.99

# Runs in a directory from which the checkout cannot be imported.
TRIAL = """
import importlib.metadata
import importlib.util
import anybank
from anybank import Bank
(plugin,) = (
    point for point in importlib.metadata.entry_points(group="pytest11")
    if point.name == "anybank"
)
assert importlib.util.find_spec(plugin.value)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
assert [info.name for info in anybank.providers()] == ["bond", "increase", "sonder", "unit"]
assert not [info.problem for info in anybank.providers() if info.problem]
bond = BondSimulator()
with Bank("bond", transport=SimulatorTransport(bond), **bond.credentials) as bank:
    assert list(bank.customers.list()) == []
"""


def main() -> None:
    """Build, install and try the wheels. A failure ends the program."""
    with tempfile.TemporaryDirectory() as scratch:
        wheels, home = Path(scratch) / "wheels", Path(scratch) / "empty"
        for project in PROJECTS:
            _run(sys.executable, "-m", "build", "--wheel", "-q", "-o", wheels, project)
        # The core has the shortest name, so it comes first: an adapter that is
        # installed before it would look for the core on an index.
        built = sorted(wheels.glob("*.whl"), key=lambda wheel: len(wheel.name))
        if len(built) != PARTS:
            sys.exit(f"expected {PARTS} wheels, but built {len(built)}")
        venv.create(home, with_pip=True)
        python = home / "bin/python"
        core, *adapters = built
        options = ("--quiet", "--disable-pip-version-check")
        _run(python, "-m", "pip", "install", *options, f"{core}[all]", *adapters)
        # -I: without the environment's PYTHONPATH and without the current directory.
        _run(python, "-I", "-c", TRIAL, cwd=scratch)
        _run(home / "bin/anybank", "providers", cwd=scratch)
        _require_types(home, scratch)
        print(*(wheel.name for wheel in built), sep="\n")  # noqa: T201  # its output


def _require_types(home: Path, scratch: str) -> None:
    """Require that pyright knows the types of the installed package."""
    environment = {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(home),
    }
    command = (
        Path(sys.executable).with_name("basedpyright"),
        *("--verifytypes", "anybank", "--ignoreexternal", "--outputjson"),
    )
    done = subprocess.run(  # noqa: S603  # a fixed command
        command, cwd=scratch, env=environment, capture_output=True, check=False
    )
    score = json.loads(done.stdout)["typeCompleteness"]["completenessScore"]
    print(f"pyright knows {score:.1%} of the public types")  # noqa: T201  # its output
    if score < KNOWN_TYPES:
        sys.exit(
            f"fewer than {KNOWN_TYPES:.0%}: run basedpyright --verifytypes anybank"
        )


def _run(*command: object, cwd: object = ROOT) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=str(cwd))  # noqa: S603  # fixed commands


if __name__ == "__main__":
    main()
