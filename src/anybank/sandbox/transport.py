"""A simulator as an httpx transport, sync and async: no server, no network."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from ..wire import Request, Response


class SimulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands each request of a Bank or AsyncBank to a simulator, and its answer back."""

    def __init__(self, simulator: Callable[[Request], Response]) -> None:
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of `httpx.Client`."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of `httpx.AsyncClient`."""
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        answer = self._simulator(
            Request(
                method=request.method,
                path=path,
                query=dict(httpx.QueryParams(query).multi_items()),
                headers=dict(request.headers),
                body=request.content or None,
            )
        )
        return httpx.Response(
            answer.status, headers=dict(answer.headers), content=answer.content
        )
