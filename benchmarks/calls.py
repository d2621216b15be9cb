"""CPU of one GET of a customer: ours beside what a user would write or install."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import httpx
from benchmarks.measuring import AsyncCall, Opened, cpu_of, cpu_of_calls, in_turns
from benchmarks.server import serving
from benchmarks.tables import Row, report

import increase
from anybank import AsyncBank, Bank, HttpOptions

IN_FLIGHT = 32
CALLS = 640
ROUNDS = 5
KEYS: dict[str, Any] = {"identity": "invented", "authorization": "invented"}


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[AsyncCall]:
    """Read a customer of Bond with AsyncBank."""
    async with AsyncBank("bond", base_url=url, rate_limit=None, **KEYS) as bank:
        yield lambda: bank.customers.get("c1")


@asynccontextmanager
async def without_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    """Read a customer of Bond where the extra `fast` is not installed."""
    http = HttpOptions(engine="httpx")
    async with AsyncBank(
        "bond", base_url=url, rate_limit=None, http=http, **KEYS
    ) as bank:
        yield lambda: bank.customers.get("c1")


@asynccontextmanager
async def plain_httpx(url: str) -> AsyncIterator[AsyncCall]:
    """Read it by hand with httpx."""
    async with httpx.AsyncClient(base_url=url) as client:

        async def call() -> object:
            return (await client.get("/customers/c1")).json()

        yield call


@asynccontextmanager
async def plain_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    """Read it by hand with aiohttp."""
    async with aiohttp.ClientSession(url) as session:

        async def call() -> object:
            async with session.get("/customers/c1") as answer:
                return await answer.json()

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
    "httpx.AsyncClient, by hand": plain_httpx,
    "aiohttp, by hand": plain_aiohttp,
    "the SDK increase": partial(sdk, fast=False),
    "the SDK increase over aiohttp": partial(sdk, fast=True),
    "AsyncBank without the extra": without_aiohttp,
    "AsyncBank": ours,
}


def asynchronous(url: str) -> list[Row]:
    """Measure the asynchronous clients, 32 requests under way."""
    found = in_turns(
        {
            name: partial(cpu_of_calls, partial(opened, url), CALLS, IN_FLIGHT)
            for name, opened in CONTENDERS.items()
        },
        ROUNDS,
    )
    mine = found["AsyncBank"]
    rows = [Row(f"{name}, {IN_FLIGHT} in flight", _ms(found[name])) for name in found]
    for name, limit in (
        ("httpx.AsyncClient, by hand", 0.40),
        ("the SDK increase over aiohttp", 0.75),
    ):
        ratio = mine / found[name]
        rows.append(Row(f"AsyncBank / {name}", _ms(mine), ratio, limit))
    return rows


def synchronous(url: str) -> list[Row]:
    """Measure Bank and httpx.Client, one request after the other."""
    with (
        Bank("bond", base_url=url, rate_limit=None, **KEYS) as bank,
        httpx.Client(base_url=url) as client,
    ):
        found = in_turns(
            {
                "httpx.Client": lambda: cpu_of(
                    lambda: client.get("/customers/c1").json(), 300
                ),
                "Bank": lambda: cpu_of(lambda: bank.customers.get("c1"), 300),
            },
            ROUNDS,
        )
    ratio = found["Bank"] / found["httpx.Client"]
    return [
        Row("httpx.Client, by hand, one at a time", _ms(found["httpx.Client"])),
        Row("Bank / httpx.Client, by hand", _ms(found["Bank"]), ratio, 1.15),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f} ms"


def main(argv: list[str]) -> None:
    """Measure and report."""
    with serving() as url:
        rows = [*asynchronous(url), *synchronous(url)]
    report("CPU of one GET of a customer", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
