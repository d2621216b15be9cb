"""The example of an onboarding, run as its reader runs it, at each bank by configuration."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field

from anybank import AccountStatus, Bank, CustomerStatus, KycStatus
from anybank.adapter.options import variable
from anybank.adapter.wire import Request, Response
from anybank.plugins import find
from anybank.sandbox.server import Running, serve
from anybank.sandbox.transport import SimulatorTransport

EXAMPLE = Path(__file__).parents[2] / "docs/examples/onboarding.py"
PROGRAM = "66666666-6666-4666-8666-666666666666"
SETTINGS = {"bond": {"ONBOARDING_PROGRAM_ID": PROGRAM}, "increase": {}, "sonder": {}}
"""What a user sets in addition to the bank, its address and its credentials."""


def now() -> datetime:
    return datetime.now(UTC)


@define(eq=False)
class Watched:
    """A simulator that is served, with the requests that it has received."""

    simulator: Any
    requests: list[str] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(f"{request.method} {request.path}")
        response: Response = self.simulator(request)
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.simulator, name)


def simulated(provider: str) -> Watched:
    factory = find(provider).simulator
    assert factory is not None
    return Watched(factory()(clock=now))


def environment(provider: str, url: str, simulator: Any) -> dict[str, str]:
    """Return the environment of a user of a bank, and nothing of the test's own banks."""
    inherited = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("ANYBANK_", "PYTEST_")) and "PROXY" not in name.upper()
    }
    options = {"base_url": url, **simulator.credentials}
    configured = {variable(provider, name): text for name, text in options.items()}
    chosen = {"ONBOARDING_BANK": provider, **SETTINGS[provider]}
    return {**inherited, **configured, **chosen}


@contextmanager
def telling(provider: str, watched: Watched) -> Iterator[tuple[Any, Running]]:
    """Run the example at a served simulator; yield its process and the server."""
    with serve({provider: watched}) as running:
        url = running.base_url(provider)
        process = subprocess.Popen(  # noqa: S603  # our own example
            [sys.executable, EXAMPLE],
            env=environment(provider, url, watched),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process, running
        finally:
            process.kill()
            process.communicate()


def pay(url: str, account_id: str, amount: str) -> httpx.Response:
    """Let money arrive as a user of the sandbox does, or leave."""
    body = {"account_id": account_id, "amount": amount}
    return httpx.post(url, json=body, trust_env=False)


def line(process: Any, pattern: str) -> str:
    """Return the first group of the next line that matches, or fail with all output."""
    printed = []
    for text in iter(process.stdout.readline, ""):
        printed.append(text)
        if match := re.search(pattern, text):
            return match[1]
    raise AssertionError("".join(printed) + process.stderr.read())


@pytest.mark.parametrize("provider", ["bond", "increase"])
def test_the_same_program_tells_the_story_at_both_banks(provider: str) -> None:
    """Only the environment differs; the bank delivers signed events to a real endpoint."""
    watched = simulated(provider)
    watched.choose_kyc(KycStatus.PASSED)
    with telling(provider, watched) as (process, running):
        customer = line(process, "^customer (.+) is verified$")
        account = line(process, r"^account (.+) is open: \*{5}\d{4}$")
        payments = running.payments_url(provider)
        assert pay(payments, account, "250.00").status_code == 201
        assert line(process, "^(250.00 USD) .+$")
        assert pay(payments, account, "-250.00").status_code == 201
        assert line(process, "^(-250.00 USD) .+$")
        assert line(process, "^account (.+) is closed$") == account
        assert process.wait(timeout=30) == 0, process.stderr.read()

    transport = SimulatorTransport(watched.simulator)
    with Bank(provider, transport=transport, **watched.credentials) as bank:
        assert bank.customers.get(customer).status in (None, CustomerStatus.ACTIVE)
        assert bank.accounts.get(account).status is AccountStatus.CLOSED
        listed = bank.transactions.list(account_id=account).to_list()
        amounts = [each.amount.minor_units for each in listed if each.amount]
        assert sorted(amounts) == [-250_00, 250_00]
        assert list(bank.webhook_subscriptions.list()) == []


def test_a_bank_without_the_features_is_refused_before_a_request() -> None:
    """Sonder has no KYC, no webhooks and no list: the program names all and sends nothing."""
    watched = simulated("sonder")
    with telling("sonder", watched) as (process, _):
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("Unsupported: ")
    for missing in (
        *("kyc.start", "kyc.get", "accounts.close"),
        *("transactions.list", "webhooks.verify", "webhook_subscriptions.create"),
    ):
        assert missing in errors, errors
    assert "Sonder's documentation does not describe KYC" in errors
    assert "Traceback" not in errors
    assert watched.requests == []


def test_a_person_who_fails_the_verification_gets_no_account() -> None:
    """The program stops at the bank that says no."""
    watched = simulated("bond")
    watched.choose_kyc(KycStatus.FAILED)
    with telling("bond", watched) as (process, _):
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.endswith("is not verified: failed\n"), errors
    assert not any(each.endswith("/accounts") for each in watched.requests)


def test_the_program_names_no_bank() -> None:
    """What differs between banks is read from capabilities and values."""
    code = EXAMPLE.read_text("utf-8").partition('"""')[2].partition('"""')[2]
    assert not re.search("bond|increase|sonder|provider ==", code, re.IGNORECASE)
