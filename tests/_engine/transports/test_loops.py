"""An AsyncBank uses its own connections in each event loop."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests._engine.transports.echoes import Echoes, echoing
from tests.fakes import Script, Toy, james, json_response

from anybank import AsyncBank, Bank, HttpOptions, NotSent

OPTIONS: dict[str, Any] = {
    "rate_limit": None,
    "retries": 0,
    "timeout": 5,
    "identity": "i",
    "authorization": "a",
}


@pytest.fixture
def server() -> Iterator[Echoes]:
    """A server that answers by path."""
    with echoing() as server:
        yield server


@pytest.fixture(params=["httpx", "aiohttp"])
def bank(request: pytest.FixtureRequest, server: Echoes) -> AsyncBank:
    """A bank over each engine, which only the loops close."""
    http = HttpOptions(engine=request.param)
    return AsyncBank("bond", base_url=server.url, http=http, **OPTIONS)


async def ask(bank: AsyncBank, *names: str) -> None:
    """Request customers at the same time, and require that each is the right one."""
    result = await asyncio.gather(*(bank.customers.get(name) for name in names))
    assert [customer.id for customer in result] == list(names)


def test_each_run_of_a_loop_has_its_connections(
    bank: AsyncBank, server: Echoes
) -> None:
    """Each `asyncio.run` has its own connections, which are closed with its loop."""
    for name in ("one", "two", "three"):
        asyncio.run(ask(bank, name))
        gc.collect()  # a connection that nobody closed would warn, which fails the test
    assert server.connections == 3
    asyncio.run(bank.aclose())


def test_a_create_in_a_second_loop_is_created_once(
    bank: AsyncBank, server: Echoes
) -> None:
    """A create in a second loop is sent once and answered."""
    asyncio.run(ask(bank, "one"))
    create = bank.customers.create(james(), accept_loss="all", read_back=False)
    assert asyncio.run(create).id == "created"


def test_loops_of_two_threads_run_at_the_same_time(
    bank: AsyncBank, server: Echoes
) -> None:
    """Two loops in two threads receive their own responses."""
    failed: list[BaseException] = []

    def run(thread: int) -> None:
        try:
            for at in range(5):
                names = [f"{thread}-{at}-{name}" for name in range(4)]
                asyncio.run(ask(bank, *names))
        except BaseException as error:  # noqa: BLE001  # a thread's own would be lost
            failed.append(error)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_bank_is_closed_in_another_loop(bank: AsyncBank, server: Echoes) -> None:
    """A loop closes its connections when the bank is closed in another loop."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask(bank, "one"))
    asyncio.run(bank.aclose())
    loop.run_until_complete(asyncio.sleep(0.01))
    with pytest.raises(NotSent, match="closed"):
        loop.run_until_complete(ask(bank, "two"))
    loop.close()
    gc.collect()


def is_socket(entry: Path) -> bool:
    """Return whether an open file is a socket; it may have been closed meanwhile."""
    with suppress(OSError):
        return str(entry.readlink()).startswith("socket:")
    return False


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="Linux counts them there"
)
def test_a_loop_that_ends_badly_leaves_no_sockets(
    bank: AsyncBank, server: Echoes
) -> None:
    """The sockets of a loop that was closed abruptly are closed by the next loop."""

    def badly() -> int:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(ask(bank, "one", "two", "three"))
        loop.close()
        return sum(map(is_socket, Path("/proc/self/fd").iterdir()))

    counts = [badly() for _ in range(6)]
    # The sockets of the last loop are still open: no later loop has closed them.
    assert counts[-1] - counts[0] <= 3
    asyncio.run(bank.aclose())
    gc.collect()


def test_a_callers_transport_stays_in_its_loop(server: Echoes) -> None:
    """The caller's transport sends nothing in another loop, and the error says so."""
    transport = httpx.AsyncHTTPTransport()
    bank = AsyncBank("bond", base_url=server.url, transport=transport, **OPTIONS)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask(bank, "one"))
    with pytest.raises(NotSent, match="another event loop"):
        asyncio.run(ask(bank, "two"))
    assert server.connections == 1
    loop.run_until_complete(bank.aclose())
    loop.close()


class Wrapper(httpx.AsyncBaseTransport):
    """A transport of a caller that holds a client, as a retrying one does."""

    def __init__(self) -> None:
        self.client = httpx.AsyncClient()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.client.send(request, stream=True)

    async def aclose(self) -> None:
        await self.client.aclose()


def test_a_transport_that_holds_a_client_stays_too(server: Echoes) -> None:
    """A transport that wraps a client is bound to its loop, too."""
    bank = AsyncBank("bond", base_url=server.url, transport=Wrapper(), **OPTIONS)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask(bank, "one"))
    with pytest.raises(NotSent, match="another event loop"):
        asyncio.run(ask(bank, "two"))
    loop.run_until_complete(bank.aclose())
    loop.close()


def test_a_fake_goes_on_in_every_loop() -> None:
    """A fake transport works in every loop, because it has no connections."""
    bank = AsyncBank(
        Toy, token="t", transport=Script(json_response(id="a"), json_response(id="b"))
    )
    asyncio.run(ask(bank, "a"))
    asyncio.run(ask(bank, "b"))
    asyncio.run(bank.aclose())


def test_a_coroutine_without_a_loop_sends_nothing(server: Echoes) -> None:
    """A coroutine that runs without an event loop sends nothing and says why."""
    bank = AsyncBank("bond", base_url=server.url, **OPTIONS)
    with pytest.raises(NotSent, match="no asyncio event loop is running"):
        bank.customers.get("one").send(None)
    assert server.connections == 0


def test_threads_that_share_a_bank_have_their_own_answers(server: Echoes) -> None:
    """Threads that share a bank receive their own responses."""
    failed: list[str] = []
    bank = Bank("bond", base_url=server.url, **OPTIONS)

    def run(thread: int) -> None:
        for at in range(20):
            name = f"{thread}-{at}"
            if bank.customers.get(name).id != name:
                failed.append(name)

    with bank:
        threads = [threading.Thread(target=run, args=(at,)) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert server.connections <= 4
