"""The three clients under test: Bank, and AsyncBank over each of its engines."""

from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest
from tests.fakes import Toy

from anybank import AsyncBank, Bank, HttpOptions
from anybank.model.customers import Customer

VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
    "ANYBANK_HTTP_ENGINE",
    "ANYBANK_TOY_HTTP_ENGINE",
    "ANYBANK_TOY_TOKEN",
    *(name for key in ("http", "https", "all", "no") for name in (f"{key}_proxy",)),
    *(name for key in ("HTTP", "HTTPS", "ALL", "NO") for name in (f"{key}_PROXY",)),
)
"""What a machine may happen to be configured with, and tests set."""

UNGIVEN = object()
"""An argument that leaves the word to the environment."""

Get = Callable[..., Coroutine[Any, Any, Customer]]


def _options(options: Mapping[str, Any], **http: Any) -> dict[str, Any]:
    arguments = {"token": "t", "retries": 0, "timeout": 5.0, **options}
    left = {name: value for name, value in arguments.items() if value is not UNGIVEN}
    return {**left, "http": HttpOptions(**http)}


async def sync_get(http: Mapping[str, Any], **options: Any) -> Customer:
    """Read a customer with Bank, in a thread of its own."""

    def get() -> Customer:
        with Bank(Toy, **_options(options, **http)) as bank:
            return bank.customers.get("c1")

    return await asyncio.to_thread(get)


def async_get(engine: str) -> Get:
    """Return a function that reads a customer with AsyncBank over an engine."""

    async def get(http: Mapping[str, Any], **options: Any) -> Customer:
        own = _options(options, **{"engine": engine, **http})
        async with AsyncBank(Toy, **own) as bank:
            return await bank.customers.get("c1")

    return get


CALLERS: dict[str, Get] = {
    "Bank": sync_get,
    "AsyncBank httpx": async_get("httpx"),
    "AsyncBank aiohttp": async_get("aiohttp"),
}

every_caller = pytest.mark.parametrize("get", CALLERS.values(), ids=CALLERS)


def frames_of(error: BaseException) -> str:
    """Return an error as an error tracker shows it: our frames with their variables."""
    shown = "".join(traceback.format_exception(error))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "anybank" in frame.f_globals.get("__name__", ""):
            shown += repr(frame.f_locals)
    return shown


def unknown_hosts(*args: Any, **kwargs: Any) -> Any:
    """Replace the resolver by one that knows this machine only."""
    host = args[0].decode() if isinstance(args[0], bytes) else args[0]
    if host.startswith(("127.", "localhost")):
        return _resolve(*args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


_resolve = socket.getaddrinfo
