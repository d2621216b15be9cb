"""Send requests over httpx's asynchronous transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httpx

from ...adapter.wire import Failure, Request, Response
from . import live_host_guard as _network_guard
from .custom_transport import CustomTransport
from .failures import failure_within
from .httpx_sync import (
    CLOSED,
    TOO_SLOW,
    TWO_LENGTHS,
    Connection,
    Endpoint,
    exchange_in_progress,
    has_two_lengths,
    to_response,
    too_large_failure,
)
from .per_loop import running_loop
from .response_body import BodyTooLarge, Undecodable
from .streams import Deadline, has_unread_bytes, mark_unusable

_GRACE = 0.1
"""Extra seconds before an exchange is cancelled: the caller's transport times out first,
and its exception says which step timed out."""


class AsyncHttpxConnection(Connection):
    """Asynchronous connections to one endpoint, over a transport of httpx."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport,
        *,
        is_own: bool = False,
    ) -> None:
        super().__init__(endpoint)
        # Our own transport keeps its pools per process and loop itself.
        self._own = transport if is_own else None
        self._custom = CustomTransport(transport)
        if is_own and endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.async_trace(endpoint.host)

    async def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure:
        """Send a request and read the whole response."""
        if self._closed:
            return CLOSED
        deadline = Deadline(timeout or self._endpoint.timeout)
        message = self._build_request(request, deadline)
        try:
            with exchange_in_progress(deadline):
                if self._own is not None:  # its streams apply the deadline
                    return await self._exchange(self._own, message, deadline)
                transport = self._custom.value(running_loop())
                async with asyncio.timeout(deadline + _GRACE):
                    return await self._exchange(transport, message, deadline)
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure_within(error, deadline)

    async def _exchange(
        self,
        transport: httpx.AsyncBaseTransport,
        message: httpx.Request,
        deadline: Deadline,
    ) -> Response | Failure:
        response = await transport.handle_async_request(message)
        result = await self._read(response, deadline)
        self._keep_cookies(response, message)
        return result

    async def _read(
        self, response: httpx.Response, deadline: Deadline
    ) -> Response | Failure:
        body = self._body(response)
        try:
            if has_two_lengths(response):
                return TWO_LENGTHS
            if not await body.read_async(_chunks(response), deadline.at):
                return TOO_SLOW
            if has_unread_bytes(response):
                await mark_unusable(response).aclose()
            return to_response(response, body.content())
        except Undecodable:
            return to_response(response, b"")
        except BodyTooLarge:
            return too_large_failure(response.status_code, body.limit)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        transport = self._own or self._custom.existing(running_loop())
        if transport is not None:
            await transport.aclose()


def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    if response.is_stream_consumed:
        return _single_chunk(response.content)
    return aiter(cast("httpx.AsyncByteStream", response.stream))


async def _single_chunk(content: bytes) -> AsyncIterator[bytes]:
    yield content
