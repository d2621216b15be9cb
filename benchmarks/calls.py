"""CPU time of reading one customer, compared with other clients."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import httpx
from benchmarks.server import serving
from benchmarks.tables import Row, report
from benchmarks.timing import AsyncCall, Opened, cpu_of, cpu_of_calls, measure_in_turns

import increase
from anybank import AsyncBank, Bank, HttpOptions

# Enough to keep every client busy: twice the default of a migration.
IN_FLIGHT = 32
CALLS = 640
ROUNDS = 5
KEYS: dict[str, Any] = {"identity": "invented", "authorization": "invented"}


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[AsyncCall]:
    """Read a customer of Bond with AsyncBank."""
    # Without a rate limit, which would be the only thing measured.
    async with AsyncBank("bond", base_url=url, rate_limit=None, **KEYS) as bank:
        yield lambda: bank.customers.get("c1")


@asynccontextmanager
async def without_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    """Read a customer of Bond with AsyncBank over httpx, without the extra `fast`."""
    http = HttpOptions(engine="httpx")
    async with AsyncBank(
        "bond", base_url=url, rate_limit=None, http=http, **KEYS
    ) as bank:
        yield lambda: bank.customers.get("c1")


@asynccontextmanager
async def plain_httpx(url: str) -> AsyncIterator[AsyncCall]:
    """Read the customer with httpx alone."""
    async with httpx.AsyncClient(base_url=url) as client:

        async def call() -> object:
            return (await client.get("/customers/c1")).json()

        yield call


@asynccontextmanager
async def plain_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    """Read the customer with aiohttp alone."""
    async with aiohttp.ClientSession(url) as session:

        async def call() -> object:
            async with session.get("/customers/c1") as response:
                return await response.json()

        yield call


@asynccontextmanager
async def sdk(url: str, *, fast: bool) -> AsyncIterator[AsyncCall]:
    """Read an entity with the official client of Increase."""
    client = increase.AsyncIncrease(
        api_key="invented",
        base_url=url,
        http_client=increase.DefaultAioHttpClient() if fast else None,
    )
    async with client:
        yield lambda: client.entities.retrieve("entity_1")


CONTENDERS: dict[str, Callable[[str], Opened]] = {
    "plain httpx.AsyncClient": plain_httpx,
    "plain aiohttp": plain_aiohttp,
    "the SDK increase": partial(sdk, fast=False),
    "the SDK increase over aiohttp": partial(sdk, fast=True),
    "AsyncBank without the extra": without_aiohttp,
    "AsyncBank": ours,
}


def measure_async(url: str) -> list[Row]:
    """Measure the asynchronous clients with 32 requests in flight."""
    seconds = measure_in_turns(
        {
            name: partial(cpu_of_calls, partial(opened, url), CALLS, IN_FLIGHT)
            for name, opened in CONTENDERS.items()
        },
        ROUNDS,
    )
    own = seconds["AsyncBank"]
    rows = [
        Row(f"{name}, {IN_FLIGHT} in flight", _ms(seconds[name])) for name in seconds
    ]
    for name, limit in (
        ("plain httpx.AsyncClient", 0.40),
        ("the SDK increase over aiohttp", 0.75),
    ):
        ratio = own / seconds[name]
        rows.append(Row(f"AsyncBank / {name}", _ms(own), ratio, limit))
    return rows


def measure_sync(url: str) -> list[Row]:
    """Measure Bank and httpx.Client, one request after the other."""
    with (
        Bank("bond", base_url=url, rate_limit=None, **KEYS) as bank,
        httpx.Client(base_url=url) as client,
    ):
        seconds = measure_in_turns(
            {
                "httpx.Client": lambda: cpu_of(
                    lambda: client.get("/customers/c1").json(), 300
                ),
                "Bank": lambda: cpu_of(lambda: bank.customers.get("c1"), 300),
            },
            ROUNDS,
        )
    ratio = seconds["Bank"] / seconds["httpx.Client"]
    return [
        Row("plain httpx.Client, one at a time", _ms(seconds["httpx.Client"])),
        Row("Bank / plain httpx.Client", _ms(seconds["Bank"]), ratio, 1.15),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    with serving() as url:
        rows = [*measure_async(url), *measure_sync(url)]
    report("CPU of one GET of a customer", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
