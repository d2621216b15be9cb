"""The path of a create and of an apply through the modules, as `tools.walk` measures it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST = {"create": 96, "apply": 936}
"""A create at Sonder switched 93 times between modules when this was written, and
`migrate apply` of three customers 925 times. The limit of apply is half of the 1,872 times
of an earlier design."""


@pytest.mark.parametrize("name", MOST)
def test_a_walk_goes_through_the_adapter_and_not_far(name: str) -> None:
    """The walk counts the adapter's modules, not the simulator's, and stays short."""
    # In a process of its own: the fakes of other tests would be walked through, too.
    command = [sys.executable, "-m", "tools.walk", name, "--switches"]
    output = subprocess.run(  # noqa: S603  # our own interpreter
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    total = re.search(r"(\d+) switches", output)
    assert total is not None
    assert int(total[1]) <= MOST[name]
    assert "anybank_sonder.adapter" in output
    assert "simulator" not in output
