"""`anybank sandbox`, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from anybank import AuthenticationFailed, Bank, NotFound

from .conftest import Run


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run the sandbox, and give the process and all that it says until it is there."""
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "anybank", "sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = iter(process.stdout.readline, "")
        yield process, [*_until(said, "Press Ctrl-C to stop.\n")]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _until(lines: Iterator[str], last: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line == last:
            return


def exported(said: list[str]) -> dict[str, str]:
    words = [line.split(maxsplit=1)[1] for line in said if line.startswith("export ")]
    return dict(word.strip().split("=", 1) for word in words)


def test_what_it_prints_is_what_a_bank_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pasted lines make both banks talk to the simulators; Ctrl-C ends it with 0."""
    with serving() as (process, said):
        for name, value in exported(said).items():
            monkeypatch.setenv(name, value)
        with Bank("bond") as bond, Bank("sonder") as sonder:
            assert list(bond.customers.list()) == []
            with pytest.raises(NotFound):
                sonder.customers.get("nobody")
    assert process.returncode == 0


def test_one_bank_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A named bank is served alone, and what is asked of it is done to it."""
    asked = ("--port", "0", "--rate-limit", "1000", "--latency", "1")
    with serving("bond", *asked, "--duplicates", "reject") as (_, said):
        found = exported(said)
        assert set(found) == {
            "ANYBANK_BOND_BASE_URL",
            "ANYBANK_BOND_IDENTITY",
            "ANYBANK_BOND_AUTHORIZATION",
        }
        monkeypatch.setenv("ANYBANK_BOND_BASE_URL", found["ANYBANK_BOND_BASE_URL"])
        with (
            Bank("bond", identity="x", authorization="y") as bank,
            pytest.raises(AuthenticationFailed),
        ):
            bank.customers.get("x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bnd",), "did you mean 'bond'?"),
        (("--port", "8001"), "name the bank of this port: bond=8001"),
        (("bond", "--port", "bond=x"), "is not a port; write bond=8001"),
        (("bond", "--port", "sonder=1"), "no simulator is named sonder"),
        (("--faults", "rain=1"), "no such fault: rain"),
        (("--duplicates", "perhaps"), "is not one of"),
        (("--latency", "-1"), "--latency"),
    ],
)
def test_wrong_usage_is_told(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be served is refused before anything listens."""
    ran = run("sandbox", *arguments)
    assert ran.code in (1, 64)
    assert said in ran.err
