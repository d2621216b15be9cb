"""`anybank sandbox`, in its own process."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from tests.fakes import james

from anybank import (
    AccountKind,
    AuthenticationFailed,
    Bank,
    KycStatus,
    Money,
    NewAccount,
    NewAccountNumber,
    NotFound,
)

from .conftest import Run


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run the sandbox, and yield the process and its output."""
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "anybank", "sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        printed = iter(process.stdout.readline, "")
        yield process, [*_until(printed, "Press Ctrl-C to stop.\n")]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _until(lines: Iterator[str], last: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line == last:
            return


def exported(printed: list[str]) -> dict[str, str]:
    words = [
        line.split(maxsplit=1)[1] for line in printed if line.startswith("export ")
    ]
    return dict(word.strip().split("=", 1) for word in words)


def test_the_printed_variables_configure_a_bank(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With these variables, both banks call the simulators; Ctrl-C exits 0."""
    with serving() as (process, printed):
        for name, value in exported(printed).items():
            monkeypatch.setenv(name, value)
        with Bank("bond") as bond, Bank("sonder") as sonder:
            assert list(bond.customers.list()) == []
            with pytest.raises(NotFound):
                sonder.customers.get("nobody")
    assert process.returncode == 0


def test_one_bank_with_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the named bank is served, with the options of the command."""
    options = ("--port", "0", "--rate-limit", "1000", "--latency", "1")
    with serving("bond", *options, "--duplicates", "reject") as (_, printed):
        variables = exported(printed)
        assert set(variables) == {
            "ANYBANK_BOND_BASE_URL",
            "ANYBANK_BOND_IDENTITY",
            "ANYBANK_BOND_AUTHORIZATION",
        }
        monkeypatch.setenv("ANYBANK_BOND_BASE_URL", variables["ANYBANK_BOND_BASE_URL"])
        with (
            Bank("bond", identity="x", authorization="y") as bank,
            pytest.raises(AuthenticationFailed),
        ):
            bank.customers.get("x")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("bnd",), "did you mean 'bond'?"),
        (("--port", "8001"), "name the bank of this port: bond=8001"),
        (("bond", "--port", "bond=x"), "is not a port; write bond=8001"),
        (("bond", "--port", "sonder=1"), "no simulator is named sonder"),
        (("--faults", "rain=1"), "there is no fault named rain"),
        (("--duplicates", "perhaps"), "is not one of"),
        (("--latency", "-1"), "--latency"),
    ],
)
def test_wrong_use_is_an_error(
    run: Run, arguments: tuple[str, ...], printed: str
) -> None:
    """An impossible request fails before anything is served."""
    ran = run("sandbox", *arguments)
    assert ran.code in (1, 64)
    assert printed in ran.err


def test_money_arrives_by_the_printed_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bank with payments prints a command; the outcome of KYC is an option."""
    with serving("increase", "sonder", "--kyc", "passed") as (_, printed):
        (payment,) = [text for text in printed if text.startswith("curl ")]
        _, url, _, template = shlex.split(payment)
        for name, value in exported(printed).items():
            monkeypatch.setenv(name, value)
        with Bank("increase") as bank:
            customer = bank.customers.create(james(), accept_loss={"emails", "phones"})
            assert bank.kyc.get(customer.id).status is KycStatus.PASSED
            account = bank.accounts.create(
                NewAccount(
                    customer_ids=[customer.id], kind=AccountKind.DEPOSIT, name="Pay"
                )
            )
            bank.account_numbers.create(
                NewAccountNumber(account_id=account.id, name="Payroll")
            )
            body = template.replace("ACCOUNT", account.id)
            assert httpx.post(url, content=body, trust_env=False).status_code == 201
            assert bank.accounts.balance(account.id).current == Money(250_00)


def test_an_option_that_a_bank_lacks_is_noted(run: Run) -> None:
    """Sonder's pages describe no verification; an unknown outcome is refused."""
    ran = run("sandbox", "sonder", "--kyc", "perhaps")
    assert ran.code == 64
    assert "is not one of" in ran.err
