"""Serve simulators with uvicorn in a background thread; imported only when needed.

The application is plain ASGI without a framework, because a simulator does its own
routing. uvicorn handles HTTP: keep-alive, pipelining and limits.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeAlias

import uvicorn
from attrs import frozen
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..adapter.wire import Request, Response
from .faults import (
    AnswerDelayed,
    AnswerLost,
    AnswerTruncated,
    ConnectionRefused,
    NetworkFault,
)
from .simulator import answer_text
from .transport import incoming
from .webhook_deliveries import WebhookSender, keep_delivering

Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Served: TypeAlias = tuple[socket.socket, "SimulatorApp"]


class _Protocol(H11Protocol):
    """The HTTP protocol, with a way for the application to close the connection.

    ASGI has no message for closing, and uvicorn sends 500 if an application just returns.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        # Headers and body are two writes. Without TCP_NODELAY the second waits for an ACK.
        connected: socket.socket = transport.get_extra_info("socket")
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "close": transport.close}


@frozen(eq=False)
class _Exchange:
    """One request and its response."""

    scope: Any
    receive: Receive
    send: Send

    async def request(self) -> Request | None:
        """Return the request, or None if the client disconnected while sending it."""
        body = b""
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            body, more = body + message["body"], message["more_body"]
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in self.scope["headers"]
        }
        target = (self.scope["raw_path"], self.scope["query_string"])
        return incoming(self.scope["method"], target, headers, body)

    async def stays_connected(self, seconds: float) -> bool:
        """Wait, and return True if the client is still connected."""
        if not seconds:
            return True
        try:
            await asyncio.wait_for(self.receive(), seconds)
        except TimeoutError:
            return True
        return False

    async def answer(self, response: Response) -> None:
        """Send a complete response."""
        await self._start(response, len(response.content))
        await self.send({"type": "http.response.body", "body": response.content})

    async def cut(self, truncated: AnswerTruncated) -> None:
        """Send the first part of a response, then close the connection."""
        # One byte more than the whole body is announced, so that even an empty body
        # arrives cut.
        await self._start(truncated.response, len(truncated.response.content) + 1)
        part = {"type": "http.response.body", "body": truncated.arrived}
        await self.send({**part, "more_body": True})
        await self.close()

    async def close(self) -> None:
        """Close the connection, and wait until uvicorn notices."""
        # uvicorn sends 500 for an application that returns without a response. After
        # the disconnect it does not.
        self.scope["state"]["close"]()
        await self.receive()

    async def _start(self, response: Response, length: int) -> None:
        headers = {**response.headers, "content-length": str(length)}
        await self.send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers.items()
                ],
            }
        )


@frozen(eq=False)
class SimulatorApp:
    """A simulator as an ASGI application, which only one thread may call."""

    bank: Callable[[Request], Response]
    latency: float = 0.0
    """The seconds from a request to its response, before any delay by a fault."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Send the simulator's response to one request."""
        exchange = _Exchange(scope, receive, send)
        request = await exchange.request()
        if request is None or not await exchange.stays_connected(self.latency):
            return
        try:
            response = self._response(request)
        except NetworkFault as trouble:
            await _troubled(trouble, exchange)
        else:
            await exchange.answer(response)

    def _response(self, request: Request) -> Response:
        """Call the simulator; its own failures become a 500 that names only their type."""
        try:
            return self.bank(request)
        except NetworkFault:
            raise
        except Exception as error:  # noqa: BLE001  # a traceback could show a person
            return answer_text(500, f"the simulator failed: {type(error).__name__}")


async def _troubled(trouble: NetworkFault, exchange: _Exchange) -> None:
    """Simulate a network fault; a server cannot refuse an already accepted connection."""
    match trouble:
        case ConnectionRefused() | AnswerLost():
            await exchange.close()
        case AnswerTruncated():
            await exchange.cut(trouble)
        case AnswerDelayed():
            if await exchange.stays_connected(trouble.seconds):
                await exchange.answer(trouble.response)


class _Server(uvicorn.Server):
    """A server without uvicorn's polling main loop and signal handlers."""

    @classmethod
    def of(cls, application: SimulatorApp) -> _Server:
        """Return the server of an application; requests are never logged."""
        config = uvicorn.Config(
            application,
            http=_Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            # Neither uvicorn's log nor its access log: a path may contain the id of a
            # customer.
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        return cls(config)

    async def start(self, listener: socket.socket) -> None:
        """Start to accept connections."""
        # The steps of `Server.serve` without its main loop, which polls ten times a
        # second, and without its signal handlers, which only the main thread may
        # install.
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets=[listener])

    async def stop(self) -> None:
        """Close every connection, and stop."""
        # Aborted and not closed: a client with an open keep-alive connection would
        # delay the end of a test by the graceful timeout.
        for connection in self.server_state.connections:
            connection.transport.abort()
        await self.shutdown()


@contextmanager
def listening(
    served: Sequence[Served], senders: Sequence[WebhookSender] = ()
) -> Iterator[None]:
    """Serve applications on their sockets from a single thread, which needs no lock.

    The same thread sends the webhooks of the senders.
    """
    servers = [(_Server.of(application), listener) for listener, application in served]
    deliveries: list[asyncio.Task[None]] = []
    with _background_loop() as run:
        try:
            for server, listener in servers:
                run(server.start(listener))
            run(_start_delivering(senders, deliveries))
            yield
        finally:
            run(_cancel(deliveries))
            run(_all(server.stop() for server, _ in servers if server.started))


async def _start_delivering(
    senders: Sequence[WebhookSender], deliveries: list[asyncio.Task[None]]
) -> None:
    deliveries += [asyncio.create_task(keep_delivering(sender)) for sender in senders]


async def _cancel(deliveries: Sequence[asyncio.Task[None]]) -> None:
    for delivery in deliveries:
        delivery.cancel()
    await asyncio.gather(*deliveries, return_exceptions=True)


async def _all(waiting: Iterator[Awaitable[None]]) -> None:
    await asyncio.gather(*waiting)


@contextmanager
def _background_loop() -> Iterator[Callable[[Any], None]]:
    """Run an event loop in a thread; yield a function that runs a coroutine in it."""
    loop = asyncio.new_event_loop()
    # A daemon, so that a program which ends without leaving the block is not held up.
    thread = Thread(target=loop.run_forever, name="anybank-sandbox", daemon=True)
    thread.start()
    try:
        yield lambda waiting: asyncio.run_coroutine_threadsafe(waiting, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
