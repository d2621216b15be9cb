"""After a fork each process uses its own connections."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests._engine.transports.echoes import Echoes, echoing
from tests.proofs import PROFILE, PROOF

RUNS = {"thorough": 20, "short": 5}.get(PROFILE, 1)
KINDS = ["sync", "multiprocessing", "aiohttp", *(["httpx"] if PROOF else [])]
"""The proofs fork the asynchronous client over httpx, too."""

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="this system does not fork"
)


@pytest.fixture
def server() -> Iterator[Echoes]:
    """A server that answers by path."""
    with echoing() as server:
        yield server


def run_forking(url: str, kind: str) -> tuple[int, str]:
    """Run the forking program, and return its exit code and stderr."""
    program = str(Path(__file__).with_name("forking.py"))
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-W", "error::ResourceWarning", program, url, kind],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_belongs_to_its_question(
    kind: str, run: int, server: Echoes
) -> None:
    """Parent, threads and children receive the answers to their own requests."""
    assert run_forking(server.url, kind) == (0, "")


def test_a_request_imports_nothing(server: Echoes) -> None:
    """A fork during a first request leaves no import half done, which children wait for."""
    url = server.url.replace("127.0.0.1", "localhost")  # a name must be looked up
    assert run_forking(url, "imports") == (0, "")


def test_a_callers_transport_stays_where_it_was_used(server: Echoes) -> None:
    """A child neither uses nor closes the caller's transport of its parent."""
    assert run_forking(server.url, "guest") == (0, "")
