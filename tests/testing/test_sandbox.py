"""The fixture `anybank_sandbox`, as the tests of an app use it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.fakes import james

from anybank import (
    AccountKind,
    ApplicationStatus,
    ConfigurationError,
    EmploymentStatus,
    Event,
    EventKind,
    KycStatus,
    Money,
    NewAccount,
    NewAccountNumber,
    NewCreditApplication,
    NotSent,
    OutcomeUnknown,
    StartKyc,
    webhooks,
)

if TYPE_CHECKING:
    from anybank.testing.sandbox import Sandbox, SandboxFactory

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
_HOUR = timedelta(hours=1)
PROVIDERS = ("bond", "sonder", "increase")

INNER = """
import asyncio
import sys

import pytest

from anybank import NotFound

PROVIDERS = ("bond", "sonder", "increase")

@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_sandbox_is_empty(anybank_sandbox, provider):
    sandbox = anybank_sandbox(provider)
    if sandbox.bank.capabilities.supports("customers.list"):
        assert list(sandbox.bank.customers.list()) == []
    with pytest.raises(NotFound):
        sandbox.bank.customers.get("5c5cd2b5-34b5-4f5a-a4b6-3a5b6f3b2c5e")

@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_clients_see_one_bank(anybank_sandbox, provider):
    sandbox = anybank_sandbox(provider)
    seed = getattr(sandbox.simulator, "seed_customer", None)
    customer_id = (seed or sandbox.simulator.seed_entity)()
    read = sandbox.bank.customers.get(customer_id)
    assert asyncio.run(sandbox.async_bank.customers.get(customer_id)) == read

@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_test_has_a_bank_of_its_own(anybank_sandbox, provider):
    one, other = anybank_sandbox(provider), anybank_sandbox(provider)
    assert one.simulator is not other.simulator
"""


def run(directory: Path, text: str) -> str:
    """Run a module of tests with pytest in a process of its own; return its output."""
    (directory / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (directory / "test_inner.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(  # noqa: S603  # fixed commands
        [*command, "-p", "no:asyncio"],
        cwd=directory,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ran.stdout + ran.stderr


def started(sandbox: Sandbox) -> str:
    """Create a customer at Bond and start the verification; return the id."""
    customer = sandbox.bank.customers.create(james())
    sandbox.bank.kyc.start(customer.id, StartKyc(program_id=PROGRAM))
    return customer.id


def applied(sandbox: Sandbox) -> str:
    """Submit a credit application of a customer at Bond, and return its id."""
    new = NewCreditApplication(
        program_id=PROGRAM,
        customer_id=sandbox.bank.customers.create(james()).id,
        employment_status=EmploymentStatus.EMPLOYED,
        total_annual_income=Money(9_800_000),
        monthly_housing_payment=Money(120_000),
    )
    application = sandbox.bank.credit_applications.create(new)
    return sandbox.bank.credit_applications.submit(application.id).id


def test_a_users_tests_run_with_every_provider(tmp_path: Path) -> None:
    """Pytest finds the fixture as soon as anybank is installed."""
    output = run(tmp_path, INNER)
    assert "9 passed" in output, output


@pytest.mark.parametrize(
    "status",
    [
        KycStatus.PASSED,
        KycStatus.FAILED,
        KycStatus.DOCUMENTS_REQUIRED,
        KycStatus.UNDER_REVIEW,
        KycStatus.EXPIRED,
        KycStatus.ERROR,
    ],
)
def test_the_outcome_of_kyc_is_chosen(
    anybank_sandbox: SandboxFactory, status: KycStatus
) -> None:
    """Any SSN has that outcome, and without a choice the trigger SSNs decide."""
    sandbox = anybank_sandbox("bond", kyc=status)
    check = sandbox.bank.kyc.get(started(sandbox), program_id=PROGRAM)
    assert check.status == status


@pytest.mark.parametrize(
    "status",
    [KycStatus.SUBMITTED, KycStatus.PASSED, KycStatus.DOCUMENTS_REQUIRED],
)
def test_the_outcome_of_a_validation_is_chosen(
    anybank_sandbox: SandboxFactory, status: KycStatus
) -> None:
    """At Increase the create starts the verification, which is decided after it."""
    sandbox = anybank_sandbox("increase", kyc=status)
    body = {"structure": "natural_person", "natural_person": _person(sandbox)}
    created = sandbox.bank.request("POST", "/entities", json=body).json()
    assert created["validation"]["status"] == "pending"
    assert sandbox.bank.kyc.get(created["id"]).status == status


def _person(sandbox: Sandbox) -> Mapping[str, object]:
    """Return the members of an invented person, as Increase's document names them."""
    return {
        "name": "Ada Sample",
        "date_of_birth": "1988-04-17",
        "identification": {"method": "social_security_number", "number": "900550101"},
        "address": {
            "line1": "9 Invented Ct",
            "city": "Albany",
            "state": "NY",
            "zip": "12207",
            "country": "US",
        },
    }


@pytest.mark.parametrize(
    "decision",
    [
        ApplicationStatus.APPROVED,
        ApplicationStatus.DENIED,
        ApplicationStatus.RESUBMIT_REQUIRED,
    ],
)
def test_the_decision_about_credit_is_chosen(
    anybank_sandbox: SandboxFactory, decision: ApplicationStatus
) -> None:
    """The verification passes, and the application is decided as the test chose."""
    sandbox = anybank_sandbox("bond", credit=decision)
    application = sandbox.bank.credit_applications.get(applied(sandbox))
    assert application.status == decision


@pytest.mark.parametrize(
    ("provider", "arguments"),
    [
        ("sonder", {"kyc": KycStatus.PASSED}),
        ("sonder", {"credit": ApplicationStatus.DENIED}),
        ("increase", {"kyc": KycStatus.EXPIRED}),
        ("increase", {"credit": ApplicationStatus.DENIED}),
        ("bond", {"kyc": KycStatus.UNKNOWN}),
        ("bond", {"credit": ApplicationStatus.CREATED}),
        ("file", {}),
    ],
)
def test_what_a_simulator_does_not_have_is_refused(
    anybank_sandbox: SandboxFactory, provider: str, arguments: dict[str, object]
) -> None:
    """An outcome is never ignored."""
    with pytest.raises(ConfigurationError):
        anybank_sandbox(provider, **arguments)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("provider", PROVIDERS)
def test_faults_are_scheduled(anybank_sandbox: SandboxFactory, provider: str) -> None:
    """A lost response leaves the outcome of a create unknown; a refused one was not sent."""
    sandbox = anybank_sandbox(provider, retries=0)
    sandbox.faults.schedule("lost", "refused")
    with pytest.raises(OutcomeUnknown):
        sandbox.bank.request("POST", "/anything", json={})
    with pytest.raises(NotSent):
        sandbox.bank.request("POST", "/anything", json={})


def test_waits_advance_the_clock_and_take_no_time(
    anybank_sandbox: SandboxFactory,
) -> None:
    """A verification that takes an hour is polled until it is decided."""
    sandbox = anybank_sandbox("bond", switches={"decision_delay": _HOUR})
    customer_id, before = started(sandbox), sandbox.clock()
    check = sandbox.bank.kyc.wait(customer_id, program_id=PROGRAM, timeout=7200)
    assert check.status == KycStatus.PASSED
    assert sandbox.clock() - before >= _HOUR


def test_the_clock_starts_where_the_test_says(anybank_sandbox: SandboxFactory) -> None:
    """The records of the bank have its time, and `advance` moves it."""
    start = datetime(2030, 1, 1, tzinfo=UTC)
    sandbox = anybank_sandbox("bond", now=start)
    assert sandbox.bank.customers.create(james()).created_at == start
    sandbox.clock.advance(days=1)
    assert sandbox.clock() == start + 24 * _HOUR


def test_deliveries_reach_the_endpoint_of_an_app(
    anybank_sandbox: SandboxFactory,
) -> None:
    """Each is signed with the secret, and a status that is no success is tried again."""
    sandbox = anybank_sandbox("bond", kyc=KycStatus.FAILED)
    kinds: list[str] = []
    statuses = [200, 500]

    def receive(headers: Mapping[str, str], body: bytes) -> int:
        kinds.append(webhooks.verify("bond", headers, body, secret=secret).kind)
        return statuses.pop(0) if statuses else 200

    secret = sandbox.deliver_to(receive)
    started(sandbox)
    assert sandbox.deliver() == [200, 500]
    assert sandbox.deliver() == []
    sandbox.clock.advance(minutes=1)
    assert sandbox.deliver() == [200]
    assert kinds == [
        EventKind.KYC_SUBMITTED,
        EventKind.KYC_FAILED,
        EventKind.KYC_FAILED,
    ]


@pytest.mark.parametrize("provider", ["bond", "increase"])
def test_an_endpoint_may_be_a_coroutine(
    anybank_sandbox: SandboxFactory, provider: str
) -> None:
    """`deliver_async` awaits it; `deliver` says to use that."""
    sandbox = anybank_sandbox(provider)

    async def receive(headers: Mapping[str, str], body: bytes) -> int:
        return 200

    sandbox.deliver_to(receive)
    if provider == "bond":
        started(sandbox)
    else:
        sandbox.simulator.seed_entity()
    with pytest.raises(ConfigurationError, match="deliver_async"):
        sandbox.deliver()
    assert set(asyncio.run(sandbox.deliver_async())) == {200}


def test_nothing_is_delivered_to_another_machine(
    anybank_sandbox: SandboxFactory,
) -> None:
    """A URL of another host gets no request, which counts as no response."""
    sandbox = anybank_sandbox("bond")
    sandbox.deliver_to("https://hooks.example.com/bond")
    started(sandbox)
    assert sandbox.deliver() == [None, None]


def test_webhooks_are_refused_where_a_simulator_has_none(
    anybank_sandbox: SandboxFactory,
) -> None:
    """Sonder's pages describe no webhooks; nothing is ever due."""
    sandbox = anybank_sandbox("sonder")
    with pytest.raises(ConfigurationError, match="webhooks"):
        sandbox.deliver_to("http://127.0.0.1/hooks")
    assert sandbox.deliver() == []


@pytest.mark.parametrize("kind", ["bond", "increase"])
def test_money_arrives_in_an_account_with_an_event(
    anybank_sandbox: SandboxFactory, kind: str
) -> None:
    """`pay` posts a transaction, and `deliver` reports it to the app."""
    sandbox = anybank_sandbox(kind)
    events: list[Event] = []

    def endpoint(headers: Mapping[str, str], body: bytes) -> int:
        events.extend(webhooks.verify_all(kind, headers, body, secret=secret))
        return 200

    secret = sandbox.deliver_to(endpoint)
    account = account_of(sandbox)
    posted = sandbox.pay(account, Money(250_00))
    assert set(sandbox.deliver()) == {200}
    moved = [each for each in events if each.kind is EventKind.TRANSACTION_CREATED]
    assert [each.transaction_id for each in moved] == [posted]
    assert sandbox.bank.transactions.get(posted, account).amount == Money(250_00)
    with pytest.raises(ConfigurationError):
        sandbox.pay(account, Money(-250_01))


def account_of(sandbox: Sandbox) -> str:
    """Open an account of a new customer, with a number where a bank has them apart."""
    simulator, bank = sandbox.simulator, sandbox.bank
    seed = getattr(simulator, "seed_customer", None) or simulator.seed_entity
    new = NewAccount(
        customer_ids=[seed()],
        kind=AccountKind.DEPOSIT,
        name="Everyday",
        program_id=PROGRAM,
    )
    account = bank.accounts.create(new)
    if account.account_number is None:
        bank.account_numbers.create(NewAccountNumber(account_id=account.id, name="Pay"))
    return account.id
