"""A simulated bank for the tests of an app, as the fixture `anybank_sandbox` returns it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from inspect import isawaitable
from typing import Any, Protocol, TypeAlias

from .._engine.timing import Timing
from ..aio import AsyncBank
from ..client import Bank
from ..errors import ConfigurationError
from ..model.credit import ApplicationStatus
from ..model.kyc import KycStatus
from ..model.money import Money
from ..plugins import find
from ..sandbox.faults import Faults, FaultyBank
from ..sandbox.simulator import Clock, Simulator
from ..sandbox.transport import SimulatorTransport
from ..sandbox.webhook_deliveries import WebhookDelivery, WebhookSender, post

Endpoint: TypeAlias = Callable[[Mapping[str, str], bytes], int | Awaitable[int]]
"""Passes the headers and body of a delivery to an app and returns the status."""


class SandboxFactory(Protocol):
    """The type of the fixture `anybank_sandbox`, for the annotations of tests."""

    def __call__(
        self,
        provider: str,
        *,
        kyc: KycStatus | None = None,
        credit: ApplicationStatus | None = None,
        faults: Faults | None = None,
        seed: int = 0,
        now: datetime | None = None,
        switches: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Sandbox:
        """Return a new Sandbox of a provider, which starts without any records."""
        ...


class Sandbox:
    """A simulated bank without records, with the clients that call it in this process.

    `kyc` and `credit` are the outcomes of all verifications and credit applications from
    now on; by default the simulator decides as the vendor's sandbox does. `faults` happen
    by chance, and `sandbox.faults.schedule("lost")` schedules one. The clock stands still
    at `now`, by default the current time; a client that waits advances it instead of
    sleeping. `switches` are the simulator's, `options` those of Bank. Raises
    ConfigurationError for a provider without a simulator, or an outcome that its simulator
    does not have.
    """

    def __init__(
        self,
        provider: str,
        *,
        kyc: KycStatus | None = None,
        credit: ApplicationStatus | None = None,
        faults: Faults | None = None,
        seed: int = 0,
        now: datetime | None = None,
        switches: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.provider = provider
        self.clock = Clock(now or datetime.now(UTC))
        factory = find(provider).simulator
        if factory is None:
            raise ConfigurationError(f"the plugin of {provider} has no simulator")
        self.simulator: Any = factory()(seed=seed, clock=self.clock, **switches or {})
        self.faults: FaultyBank = (faults or Faults()).around(self.simulator)
        self._transport = SimulatorTransport(self.faults)
        # No rate limit: a client that waits for it would advance the clock of the test.
        self._options = {**self.simulator.credentials, "rate_limit": None, **options}
        self._endpoints: dict[str, str | Endpoint] = {}
        if kyc is not None:
            self.choose_kyc(kyc)
        if credit is not None:
            self.choose_credit(credit)

    def __repr__(self) -> str:
        return f"<Sandbox {self.provider}>"

    @cached_property
    def bank(self) -> Bank:
        """The synchronous client."""
        transport, timing = self._transport, self._timing
        return Bank(self.provider, transport=transport, timing=timing, **self._options)

    @cached_property
    def async_bank(self) -> AsyncBank:
        """The asynchronous client, which any event loop may use."""
        transport, timing = self._transport, self._timing
        return AsyncBank(
            self.provider, transport=transport, timing=timing, **self._options
        )

    def choose_kyc(self, status: KycStatus) -> None:
        """Choose the outcome of every verification that starts from now on."""
        self._hooks().choose_kyc(status)

    def choose_credit(self, status: ApplicationStatus) -> None:
        """Choose the decision about every credit application from now on."""
        self._hooks().choose_credit(status)

    def pay(self, account_id: str, amount: Money) -> str:
        """Move money from another bank into an account; return the transaction's id.

        A negative amount moves money out. The event is due at once: call `deliver`. Raises
        ConfigurationError for an account that is not open or has too little.
        """
        return self._hooks().simulate_payment(account_id, amount)

    def deliver_to(self, endpoint: str | Endpoint) -> str:
        """Subscribe an endpoint to all events, and return the secret of its signatures.

        `endpoint` is a URL of this machine, or a function that passes the headers and body
        to the app's test client and returns the status of the response; `deliver_async`
        also accepts a coroutine function.
        """
        number = len(self._endpoints) + 1
        url = endpoint if isinstance(endpoint, str) else f"{_APP}/{number}"
        secret = self._hooks().subscribe(url)
        self._endpoints[url] = endpoint
        return secret

    def deliver(self) -> list[int | None]:
        """Deliver each event that is due once, and return the statuses of the responses."""
        deliveries = self._due()
        return [self._settle(delivery, self._send(delivery)) for delivery in deliveries]

    async def deliver_async(self) -> list[int | None]:
        """Deliver each event that is due once, to endpoints that may be coroutines."""
        statuses = []
        for delivery in self._due():
            sent = self._post(delivery)
            status = await sent if isawaitable(sent) else sent
            statuses.append(self._settle(delivery, status))
        return statuses

    def close(self) -> None:
        """Close the synchronous client; the asynchronous one holds no connection."""
        # `cached_property` stores the client there: a client that was never used is not
        # created in order to be closed.
        if "bank" in self.__dict__:
            self.bank.close()

    @property
    def _timing(self) -> Timing:
        return Timing(
            monotonic=self._seconds,
            wall=self._seconds,
            sleep=self._sleep,
            async_sleep=self._async_sleep,
            jitter=lambda: 1.0,
        )

    def _seconds(self) -> float:
        return self.clock().timestamp()

    def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    async def _async_sleep(self, seconds: float) -> None:
        self._sleep(seconds)

    def _hooks(self) -> Simulator:
        if isinstance(self.simulator, Simulator):
            return self.simulator
        raise ConfigurationError(
            f"the simulator of {self.provider} has no outcomes and no webhooks to choose"
        )

    def _due(self) -> list[WebhookDelivery]:
        simulator = self.simulator
        return list(simulator.due()) if isinstance(simulator, WebhookSender) else []

    def _send(self, delivery: WebhookDelivery) -> int | None:
        status = self._post(delivery)
        # Closed first, or Python would warn that the coroutine was never awaited.
        if isawaitable(status):
            if close := getattr(status, "close", None):
                close()
            raise ConfigurationError("the endpoint is a coroutine: use deliver_async()")
        return status

    def _post(self, delivery: WebhookDelivery) -> int | Awaitable[int] | None:
        endpoint = self._endpoints.get(delivery.url, delivery.url)
        if isinstance(endpoint, str):
            return post(delivery)
        return endpoint(dict(delivery.headers), delivery.body)

    def _settle(self, delivery: WebhookDelivery, status: int | None) -> int | None:
        self.simulator.settle(delivery, status)
        return status


_APP = "https://app.example/webhooks"
"""The URL that a simulator stores for an endpoint that is a function."""
