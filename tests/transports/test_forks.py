"""A bank that was used before a fork: each process has connections of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.transports.echoes import Echoes, echoing

RUNS = {"thorough": 20, "short": 5}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 1)

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="this system does not fork"
)


@pytest.fixture
def server() -> Iterator[Echoes]:
    """A server that answers by path."""
    with echoing() as server:
        yield server


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("kind", ["sync", "multiprocessing", "httpx", "aiohttp"])
def test_every_answer_belongs_to_its_question(
    kind: str, run: int, server: Echoes
) -> None:
    """Parent, threads and children ask at the same time, and nobody waits for ever."""
    program = str(Path(__file__).with_name("forking.py"))
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-W", "error::ResourceWarning", program, server.url, kind],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
