"""Access tokens are requested when needed, shared, renewed, and never shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.fakes import FakeTime
from tests.testing.conformance.acme.tokens import LIFE, TokenAcme, TokenSimulator

from anybank import AnybankError, AsyncBank, Bank, Request, Response, Sensitive
from anybank._engine.access_tokens import store_for
from anybank.adapter.credentials import AccessToken
from anybank.errors import AuthenticationFailed, NotSent
from anybank.sandbox.faults import Faults
from anybank.sandbox.transport import SimulatorTransport


@pytest.fixture
def simulator() -> TokenSimulator:
    """A simulated bank that issues tokens, with one customer."""
    bank = TokenSimulator()
    bank.shelves.people.things["p-1"] = {
        "id": "p-1",
        "given": "Ada",
        "family": "Sample",
    }
    return bank


@pytest.fixture
def clock() -> FakeTime:
    """A clock that stands still."""
    return FakeTime()


@pytest.fixture
def bank(simulator: TokenSimulator, clock: FakeTime) -> Iterator[Bank]:
    """A bank over the simulator."""
    with connected(simulator, clock) as connected_bank:
        yield connected_bank


def connected(
    simulator: TokenSimulator, clock: FakeTime, api_key: str = "acme-sandbox-key"
) -> Bank:
    return Bank(
        TokenAcme,
        transport=SimulatorTransport(simulator),
        timing=clock.timing(),
        api_key=api_key,
    )


def test_a_token_is_requested_once_and_reused(
    bank: Bank, simulator: TokenSimulator
) -> None:
    """The second call sends the token of the first one."""
    bank.customers.get("p-1")
    bank.customers.get("p-1")
    assert simulator.issued == 1


def test_a_token_is_renewed_before_it_expires(
    bank: Bank, simulator: TokenSimulator, clock: FakeTime
) -> None:
    """A token is used until half a minute before its end."""
    bank.customers.get("p-1")
    clock.sleep(LIFE - 31)
    bank.customers.get("p-1")
    assert simulator.issued == 1
    clock.sleep(1)
    bank.customers.get("p-1")
    assert simulator.issued == 2


def test_a_revoked_token_is_replaced_once(
    simulator: TokenSimulator, clock: FakeTime
) -> None:
    """A 401 leads to another token and one more attempt, even without retries."""
    with connected(simulator, clock).with_options(retries=0) as bank:
        bank.customers.get("p-1")
        simulator.tokens.clear()
        bank.customers.get("p-1")
    assert simulator.issued == 2


def test_a_vendor_that_refuses_every_token_is_asked_twice(
    bank: Bank, simulator: TokenSimulator
) -> None:
    """The second 401 reaches the caller: it is not about the token."""
    bank.customers.get("p-1")
    simulator.admit = lambda request: (  # type: ignore[method-assign]
        None if request.path.endswith("/token") else Response(status=401)
    )
    with pytest.raises(AuthenticationFailed) as raised:
        bank.customers.get("p-1")
    assert (simulator.issued, raised.value.outcome) == (2, "refused")


def test_a_write_that_a_gateway_answers_with_401_is_not_repeated(
    bank: Bank, simulator: TokenSimulator
) -> None:
    """Only a refusal of the vendor shows that nothing happened; a gateway's page does not."""
    bank.customers.get("p-1")
    writes: list[str] = []

    def admit(request: Request) -> Response | None:
        writes.append(request.path)  # the bank acts, and its answer is replaced
        page = b"<html><title>Sign in</title></html>"
        return Response(status=401, headers={"content-type": "text/html"}, content=page)

    simulator.admit = admit  # type: ignore[method-assign]
    with pytest.raises(AnybankError) as raised:
        bank.request("POST", "/people", json={"given": "Ada", "family": "Sample"})
    assert (len(writes), raised.value.outcome) == (1, "unknown")


def test_wrong_credentials_send_nothing_and_are_not_shown(
    simulator: TokenSimulator, clock: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    """The error names no secret, although the bank quotes it, and nothing was done."""
    caplog.set_level(logging.DEBUG)
    with (
        connected(simulator, clock, "wrong-secret-1") as bank,
        pytest.raises(AuthenticationFailed, match="no access token") as raised,
    ):
        bank.customers.delete("p-1")
    assert raised.value.outcome == "not_sent"
    shown = f"{raised.value!r}{raised.value}{caplog.text}"
    assert "wrong-secret" not in shown
    assert "p-1" in simulator.shelves.people.things


@pytest.mark.parametrize("fault", ["503", "lost", "refused", "malformed", "429"])
def test_a_failed_token_request_is_retried(
    fault: str, simulator: TokenSimulator, clock: FakeTime
) -> None:
    """Whatever happens to the token request, the operation was not sent."""
    faulty = Faults().around(simulator)
    transport = SimulatorTransport(faulty)
    options: dict[str, Any] = {"transport": transport, "timing": clock.timing()}
    with Bank(TokenAcme, api_key="acme-sandbox-key", **options) as bank:
        faulty.schedule(fault)
        with pytest.raises(NotSent, match="access token could not be requested"):
            bank.with_options(retries=0).customers.delete("p-1")
        faulty.schedule(fault)
        bank.customers.delete("p-1")


def test_threads_request_one_token(bank: Bank, simulator: TokenSimulator) -> None:
    """Calls that start together wait for the same token."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bank.customers.get("p-1"), range(16)))
    assert simulator.issued == 1


def test_tasks_request_one_token(simulator: TokenSimulator, clock: FakeTime) -> None:
    """Tasks share a token, and another event loop uses the same one."""
    bank = AsyncBank(
        TokenAcme,
        transport=SimulatorTransport(simulator),
        timing=clock.timing(),
        **simulator.credentials,
    )

    async def read() -> None:
        await asyncio.gather(*(bank.customers.get("p-1") for _ in range(16)))

    asyncio.run(read())
    asyncio.run(read())
    assert simulator.issued == 1


def test_banks_of_equal_credentials_share_a_token() -> None:
    """A bank for each job requests no token of its own; other credentials do."""
    stores = [
        store_for(TokenAcme(TokenAcme.Options(api_key=Sensitive(key))), url)
        for key, url in (
            ("tenant-1", "https://acme.example"),
            ("tenant-1", "https://acme.example"),
            ("tenant-2", "https://acme.example"),
            ("tenant-1", "https://other.example"),
        )
    ]
    assert stores[0] is stores[1]
    assert len({id(store) for store in stores}) == 3
    assert "tenant" not in repr(stores)


def test_a_store_shows_no_token() -> None:
    """The repr of a store and of what it holds has no token."""
    token = AccessToken(value=Sensitive("tok-secret-1"), expires_in=60)
    store = store_for(
        TokenAcme(TokenAcme.Options(api_key=Sensitive("k"))), "https://a.example"
    )
    store.store(token, 0)
    assert "tok-secret" not in f"{store!r}{token!r}"
