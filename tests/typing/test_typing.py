"""The public API as a type checker sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.proofs import PROOF

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not PROOF, reason="`make types` asks mypy the same")
def test_the_public_api_infers_what_it_says() -> None:
    """Mypy agrees with every `assert_type`."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "tests/typing/public_api.py"]
    done = subprocess.run(  # noqa: S603  # our own interpreter
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
