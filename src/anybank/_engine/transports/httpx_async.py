"""Requests over httpx's asynchronous transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httpx

from ...adapter.wire import Failure, Request, Response
from . import live_host_guard as _network_guard
from .custom_transport import Guest
from .failures import observed_failure
from .httpx_sync import (
    CLOSED,
    TOO_SLOW,
    TWO_LENGTHS,
    Connection,
    Endpoint,
    hushed,
    received,
    too_large,
)
from .per_loop import running_loop
from .response_body import TooLarge, Undecodable
from .streams import Deadline, distrusted, has_two_lengths, holds_unread

_GRACE = 0.1
"""Seconds after which an exchange is ended from outside: a transport of the caller's
times out by itself before, and says of what."""


class AsyncWire(Connection):
    """An asynchronous connection to one endpoint, over a transport of httpx's."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport,
        *,
        is_own: bool = False,
    ) -> None:
        super().__init__(endpoint)
        self._own = transport if is_own else None  # knows processes and loops itself
        self._guest = Guest(transport)
        if is_own and endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.async_trace(endpoint.host)

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        deadline = Deadline(self._endpoint.timeout)
        message = self._written(request, deadline)
        try:
            with hushed(deadline):
                if self._own is not None:  # its streams keep the deadline
                    return await self._exchange(self._own, message, deadline)
                guest = self._guest.value(running_loop())
                async with asyncio.timeout(deadline + _GRACE):
                    return await self._exchange(guest, message, deadline)
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return observed_failure(error, deadline)

    async def _exchange(
        self,
        transport: httpx.AsyncBaseTransport,
        message: httpx.Request,
        deadline: Deadline,
    ) -> Response | Failure:
        answer = await transport.handle_async_request(message)
        came = await self._read(answer, deadline)
        self._keep_cookies(answer, message)
        return came

    async def _read(
        self, answer: httpx.Response, deadline: Deadline
    ) -> Response | Failure:
        body = self._body(answer)
        try:
            if has_two_lengths(answer):
                return TWO_LENGTHS
            async for chunk in _pieces(answer):
                body.feed(chunk)
                if deadline.passed:
                    return TOO_SLOW
            if holds_unread(answer):
                await distrusted(answer).aclose()
            return received(answer, body.content())
        except Undecodable:
            return received(answer, b"")
        except TooLarge:
            return too_large(answer.status_code, body.limit)
        finally:
            await answer.aclose()

    async def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        transport = self._own or self._guest.existing(running_loop())
        if transport is not None:
            await transport.aclose()


def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    if answer.is_stream_consumed:
        return _once(answer.content)
    return aiter(cast("httpx.AsyncByteStream", answer.stream))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
