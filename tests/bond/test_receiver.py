"""The receiver of the documentation, with a simulated Bond that really delivers to it."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from tests.fakes import james

from anybank import Bank, NewWebhookSubscription, StartKyc
from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock
from anybank.sandbox.transport import SimulatorTransport
from anybank.sandbox.webhook_deliveries import deliver
from anybank_bond.simulator import BondSimulator

EXAMPLE = Path(__file__).parents[2] / "docs/examples/receiver.py"
PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"


@pytest.fixture
def receiver() -> Any:
    """Load the example as its reader would have it."""
    spec = importlib.util.spec_from_file_location("receiver", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Serve an app on loopback, and return the URL of its endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/bond"
        finally:
            server.should_exit = True
            thread.join()


def bank_of(simulator: BondSimulator) -> Bank:
    transport = SimulatorTransport(simulator)
    return Bank("bond", transport=transport, **simulator.credentials)


def simulated(**switches: Any) -> BondSimulator:
    """Return a Bond whose clock is the current time, because the receiver uses the real clock."""
    return BondSimulator(clock=now(), **switches)


def now() -> Clock:
    return Clock(now=datetime.now(UTC))


def subscribed(bank: Bank, url: str) -> str:
    new = NewWebhookSubscription(url=url, events=["kyc.*"])
    secret = bank.webhook_subscriptions.create(new).secret
    assert secret is not None
    return str(secret.reveal())


def verified(bank: Bank) -> None:
    customer = bank.customers.create(james())
    bank.kyc.start(customer.id, StartKyc(program_id=PROGRAM))


def test_an_event_that_is_delivered_twice_is_stored_once(receiver: Any) -> None:
    """Both deliveries are acknowledged, and the event is in the inbox once."""
    simulator = simulated(duplicate_deliveries=True)
    bank, app = bank_of(simulator), receiver.make([])
    with listening(app) as url:
        app.state.secrets = [subscribed(bank, url)]
        verified(bank)
        assert deliver(simulator) == [200] * 4
        assert app.state.inbox.kinds() == ["kyc_submitted", "kyc_passed"]
    assert simulator.due() == []


def test_a_receiver_that_was_away_is_tried_again(receiver: Any) -> None:
    """A delivery without a response is due again by the schedule, with a new signature."""
    clock = now()
    simulator = BondSimulator(clock=clock)
    bank, app = bank_of(simulator), receiver.make([])
    with listening(app) as url:
        pass
    app.state.secrets = [subscribed(bank, url)]
    verified(bank)
    assert deliver(simulator) == [None, None]
    assert simulator.due() == []
    clock.advance(minutes=1)
    assert [delivery.attempt for delivery in simulator.due()] == [2, 2]


def test_another_secret_is_refused_and_tried_again(receiver: Any) -> None:
    """A receiver with the wrong secret responds 400, which is not a success."""
    clock = now()
    simulator = BondSimulator(clock=clock)
    bank, app = bank_of(simulator), receiver.make(["whsec_wrong"])
    with listening(app) as url:
        subscribed(bank, url)
        verified(bank)
        assert deliver(simulator) == [400, 400]
        clock.advance(minutes=1)
        assert len(simulator.due()) == 2
        assert app.state.inbox.kinds() == []


def test_a_secret_that_is_being_replaced(receiver: Any) -> None:
    """With both secrets configured, deliveries with either are accepted."""
    simulator = simulated()
    bank, app = bank_of(simulator), receiver.make([])
    with listening(app) as url:
        app.state.secrets = ["whsec_new", subscribed(bank, url)]
        verified(bank)
        assert deliver(simulator) == [200, 200]


def test_a_forged_delivery_gets_400(receiver: Any) -> None:
    """Anybody may post to the endpoint, and nothing of a forged delivery is stored."""
    app = receiver.make(["whsec_mine"])
    with listening(app) as url:
        assert httpx.post(url, content=b"{}", trust_env=False).status_code == 400
        assert app.state.inbox.kinds() == []


def test_nothing_is_delivered_to_another_machine() -> None:
    """A sandbox sends to this machine only; another URL counts as no response."""
    simulator = simulated()
    bank = bank_of(simulator)
    subscribed(bank, "https://hooks.example.com/bond")
    verified(bank)
    assert deliver(simulator) == [None, None]


def test_a_served_bank_delivers_by_itself(receiver: Any) -> None:
    """`anybank sandbox` delivers webhooks when they are due."""
    simulator, arrived = simulated(), Arrived()
    app = receiver.make([])
    app.state.inbox = arrived
    with listening(app) as url, serve({"bond": simulator}) as running:
        base = running.base_url("bond")
        with Bank("bond", base_url=base, **simulator.credentials) as bank:
            app.state.secrets = [subscribed(bank, url)]
            verified(bank)
        assert [arrived.wait(), arrived.wait()] == ["kyc_submitted", "kyc_passed"]


class Arrived:
    """An inbox that can be waited for."""

    def __init__(self) -> None:
        self._kinds: SimpleQueue[str] = SimpleQueue()

    def add(self, event: Any) -> bool:
        self._kinds.put(str(event.kind))
        return True

    def wait(self) -> str:
        return self._kinds.get(timeout=30)
