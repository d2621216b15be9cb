"""A raw server on loopback that runs a plan per connection and records the requests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from attrs import define, field

T = TypeVar("T")

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@define
class Peer:
    """The client of one connection, and the requests that it sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[bytes]

    async def request(self) -> bytes:
        """Read and record one whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if b"th:" in line]
        body = await self.reader.readexactly(
            int(length[0].split(b":")[1]) if length else 0
        )
        self.requests.append(head + body)
        return head + body

    async def send(self, text: bytes) -> None:
        """Write bytes unchanged."""
        self.writer.write(text)
        await self.writer.drain()


Plan = Callable[[Peer], Awaitable[None]]


@define
class RawServer:
    """A server with its port, its recorded requests and its number of connections."""

    plans: list[Plan]
    port: int = 0
    scheme: str = "http"
    requests: list[bytes] = field(factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Run the plan of the next connection; the last plan serves all later ones."""
        plan = self.plans[min(self.connections, len(self.plans) - 1)]
        self.connections += 1
        try:
            await plan(Peer(reader, writer, self.requests))
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *plans: Plan, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """Serve on a free port in the running loop."""
    raw_server = RawServer(list(plans), scheme="https" if tls else "http")
    server = await asyncio.start_server(raw_server, "127.0.0.1", 0, ssl=tls)
    raw_server.port = server.sockets[0].getsockname()[1]
    try:
        yield raw_server
    finally:
        server.close()


async def answers(peer: Peer) -> None:
    """Answer every request."""
    while True:
        await peer.request()
        await peer.send(ANSWER)


def at_a_deadline(attempt: Callable[[float], T], shown: Callable[[T], str]) -> T:
    """Return what ends at a deadline that passes while the client waits for a response.

    A machine under load may spend a short deadline before the request is sent: then a
    longer one is tried.
    """
    for deadline in (0.05, 0.5):
        result = attempt(deadline)
        if "waiting for the response" in shown(result):
            return result
    return attempt(5.0)
