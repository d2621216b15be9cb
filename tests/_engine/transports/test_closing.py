"""A bank that is closed while a call runs leaves no open connection behind."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests._engine.transports.certificates import Authority
from tests._engine.transports.servers import ANSWER
from tests.fakes import Toy

from anybank import AsyncBank, Bank, HttpOptions


def handshake(
    server: socket.socket, context: ssl.SSLContext, close: Callable[[], object]
) -> bytes:
    """Close the bank during the handshake, respond, and return what the client sends next."""
    connection, _ = server.accept()
    connection.settimeout(5)
    connection.recv(1, socket.MSG_PEEK)
    close()
    with context.wrap_socket(connection, server_side=True) as peer:
        peer.recv(65536)
        peer.sendall(ANSWER)
        return peer.recv(1)


def use(bank: Bank, serve: Callable[[Callable[[], object]], bytes]) -> bytes:
    """Send a request of a synchronous bank, which closes it meanwhile."""
    with ThreadPoolExecutor() as pool:
        after = pool.submit(serve, bank.close)
        bank.request("GET", "/c1")
        return after.result()


async def use_async(
    bank: AsyncBank, serve: Callable[[Callable[[], object]], bytes]
) -> bytes:
    """Send a request of an asynchronous bank, which closes it meanwhile."""
    loop = asyncio.get_running_loop()

    def close() -> None:
        asyncio.run_coroutine_threadsafe(bank.aclose(), loop).result()

    after = asyncio.create_task(asyncio.to_thread(serve, close))
    await bank.request("GET", "/c1")
    return await after


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_connection_opened_meanwhile_is_closed_after_its_response(
    kind: str, tmp_path: Path
) -> None:
    """A pool that is closed forgets a connection that is being opened: the call closes it."""
    authority = Authority.at(tmp_path / "ca.pem")
    http = HttpOptions(verify=authority.path, engine="httpx")
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}"

        def serve(close: Callable[[], object]) -> bytes:
            return handshake(server, authority.server("valid"), close)

        if kind == "sync":
            end = use(Bank(Toy, token="t", base_url=url, http=http), serve)
        else:
            bank = AsyncBank(Toy, token="t", base_url=url, http=http)
            end = asyncio.run(use_async(bank, serve))
    assert end == b""
