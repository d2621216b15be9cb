"""The example tasks for Celery, run by a worker of Celery with `anybank_sandbox`."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes import james

from anybank import AuthenticationFailed, Bank, KycStatus, StartKyc

if TYPE_CHECKING:
    from anybank.testing.sandbox import Sandbox, SandboxFactory

celery = pytest.importorskip("celery", reason="the group `dev` installs Celery")

EXAMPLE = Path(__file__).parents[2] / "docs/examples/celery_tasks.py"
PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"


@pytest.fixture(scope="module")
def example() -> Iterator[Any]:
    """Import the example and run a worker in a thread, with the broker in memory."""
    spec = importlib.util.spec_from_file_location("celery_tasks", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SECONDS_BETWEEN_LOOKS = 0
    module.app.conf.broker_transport_options = {"polling_interval": 0.02}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Celery's own
        testing = importlib.import_module("celery.contrib.testing.worker")
        with testing.start_worker(
            module.app, pool="solo", perform_ping_check=False, loglevel="error"
        ):
            yield module


@pytest.fixture
def decisions(example: Any) -> Queue[tuple[str, str]]:
    """Collect what the example's tasks pass on to the app."""
    queue: Queue[tuple[str, str]] = Queue()
    example.on_decision = lambda *decision: queue.put(decision)
    return queue


def endpoint_of(tasks: Any, sandbox: Sandbox) -> None:
    """Let the sandbox deliver its events to the example."""
    tasks.bank = lambda: sandbox.bank

    def endpoint(headers: Mapping[str, str], body: bytes) -> int:
        tasks.receive(headers, body, secret)
        return 200

    secret = sandbox.deliver_to(endpoint)


def verified(sandbox: Sandbox) -> str:
    """Return the id of a customer whose verification has been started."""
    customer = sandbox.bank.customers.create(james())
    sandbox.bank.kyc.start(customer.id, StartKyc(program_id=PROGRAM))
    return customer.id


@pytest.mark.parametrize("outcome", [KycStatus.PASSED, KycStatus.FAILED])
def test_a_worker_processes_an_event_of_the_bank(
    anybank_sandbox: SandboxFactory,
    example: Any,
    decisions: Queue[tuple[str, str]],
    outcome: KycStatus,
) -> None:
    """A verified delivery travels through the queue as JSON and reaches the app."""
    sandbox = anybank_sandbox("bond", kyc=outcome)
    endpoint_of(example, sandbox)
    customer_id = verified(sandbox)
    assert sandbox.deliver() == [200, 200]
    kinds = [decisions.get(timeout=30) for _ in range(2)]
    assert kinds == [(customer_id, "kyc_submitted"), (customer_id, f"kyc_{outcome}")]


def test_a_worker_looks_until_a_verification_is_decided(
    anybank_sandbox: SandboxFactory, example: Any, decisions: Queue[tuple[str, str]]
) -> None:
    """A failed read and an open verification are looked at again."""
    delay = {"decision_delay": timedelta(minutes=5)}
    sandbox = anybank_sandbox("bond", retries=0, switches=delay)
    customer_id = verified(sandbox)
    sandbox.faults.schedule("500", "429")

    def bank_a_minute_later() -> Bank:
        sandbox.clock.advance(minutes=1)
        return sandbox.bank

    example.bank = bank_a_minute_later
    example.follow_verification.delay(customer_id, PROGRAM)
    assert decisions.get(timeout=30) == (customer_id, "passed")


def test_an_error_that_a_repetition_does_not_mend_ends_the_task(
    anybank_sandbox: SandboxFactory, example: Any
) -> None:
    """A task with wrong credentials fails once, instead of asking for ever."""
    sandbox = anybank_sandbox("bond", authorization="wrong")
    example.bank = lambda: sandbox.bank
    with pytest.raises(AuthenticationFailed):
        example.follow_verification("c1", PROGRAM)


def test_an_argument_of_a_task_has_no_personal_data(
    anybank_sandbox: SandboxFactory, example: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message in the broker names the customer by id only."""
    sent: list[Any] = []
    monkeypatch.setattr(example.process_event, "delay", sent.append)
    sandbox = anybank_sandbox("bond")
    endpoint_of(example, sandbox)
    customer_id = verified(sandbox)
    sandbox.deliver()
    new = james()
    assert customer_id in repr(sent)
    assert new.ssn is not None
    for value in (new.last_name, new.emails[0], new.ssn.reveal()):
        assert str(value) not in repr(sent)
