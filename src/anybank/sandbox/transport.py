"""A simulator as an httpx transport, so that an app and its bank run in one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from threading import Lock
from urllib.parse import parse_qsl

import httpx

from ..adapter.wire import Request, Response
from .faults import (
    AnswerDelayed,
    AnswerLost,
    AnswerTruncated,
    ConnectionRefused,
    NetworkFault,
)


def incoming(
    method: str, target: tuple[bytes, bytes], headers: Mapping[str, str], body: bytes
) -> Request:
    """Return the Request that a server received; `target` is the raw path and raw query.

    The path stays percent-encoded. If a query parameter is repeated, the last one counts;
    parameters that end in `[]` are the items of a list, and are numbered: `type[0]`.
    """
    # Not unquoted here: an encoded slash in an id would become a separator of segments.
    path, query = (part.decode("ascii") for part in target)
    return Request(
        method=method,
        path=path,
        query=_parameters(query),
        headers=headers,
        body=body or None,
    )


def _parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        items = sum(other.startswith(name[:-1]) for other in parameters)
        numbered = f"{name[:-1]}{items}]" if name.endswith("[]") else name
        parameters[numbered] = value
    return parameters


class SimulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Calls a simulator instead of a host, for `httpx.Client` and `httpx.AsyncClient`.

    Faults around the simulator raise the same httpx exceptions as a real connection. The
    transport never waits: a response that is later than the client's timeout raises the
    timeout immediately. Threads may share a transport, which serialises their calls.
    """

    def __init__(self, simulator: Callable[[Request], Response]) -> None:
        self._simulator = simulator
        # A simulator is not thread-safe, and a vendor handles one request after another
        # as far as a client can tell.
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<SimulatorTransport {self._simulator!r}>"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Handle a request of `httpx.Client`."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Handle a request of `httpx.AsyncClient`."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        received = incoming(request.method, (path, query), request.headers, body)
        try:
            with self._lock:
                return _whole(self._simulator(received))
        except NetworkFault as trouble:
            return _troubled(trouble, request)


def _whole(response: Response) -> httpx.Response:
    return httpx.Response(
        response.status, headers=dict(response.headers), content=response.content
    )


_LOST = {
    "timeout": httpx.ReadTimeout,
    "reset": httpx.ReadError,
    "closed": httpx.RemoteProtocolError,
}


def _troubled(trouble: NetworkFault, request: httpx.Request) -> httpx.Response:
    """Return the part of a response that arrives, or raise httpx's exception."""
    match trouble:
        # `from None` here and below: the exception of the simulator would show up in
        # the chain of an error that a real network raises without one.
        case ConnectionRefused():
            raise httpx.ConnectError("simulated: refused", request=request) from None
        case AnswerLost():
            raise _LOST[trouble.end]("simulated: lost", request=request) from None
        case AnswerTruncated():
            return _cut(trouble)
        case AnswerDelayed():
            return _late(trouble, request)
    raise trouble


def _late(delayed: AnswerDelayed, request: httpx.Request) -> httpx.Response:
    # No sleep: the timeout that the client would run into is raised immediately.
    timeout = request.extensions.get("timeout", {}).get("read")
    if timeout is not None and timeout < delayed.seconds:
        raise httpx.ReadTimeout("simulated: slow", request=request) from None
    return _whole(delayed.response)


def _cut(truncated: AnswerTruncated) -> httpx.Response:
    answer = _whole(truncated.response)
    return httpx.Response(
        answer.status_code, headers=answer.headers, stream=_Cut(truncated.arrived)
    )


class _Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends in a broken connection."""

    def __init__(self, arrived: bytes) -> None:
        self._arrived = arrived

    def __iter__(self) -> Iterator[bytes]:
        yield self._arrived
        raise httpx.RemoteProtocolError("simulated: truncated")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part
