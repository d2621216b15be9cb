"""Simulators over real HTTP on loopback, each on a port of its own."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from types import ModuleType

from attrs import frozen

from .._engine.transports.proxies import is_loopback
from ..errors import ConfigurationError
from .faults import Faults, RateLimitedBank, SimulatedBank
from .webhook_deliveries import WebhookSender


@frozen
class Running:
    """The simulators that are being served: where each is reached."""

    urls: Mapping[str, str]

    def base_url(self, name: str) -> str:
        """Return the base URL of a simulator, for a Bank's `base_url`."""
        return self.urls[name]


@contextmanager
def serve(
    banks: Mapping[str, SimulatedBank],
    *,
    host: str = "127.0.0.1",
    ports: Mapping[str, int] | None = None,
    latency: float = 0.0,
    faults: Faults | None = None,
    rate_limit: int | None = None,
) -> Iterator[Running]:
    """Serve simulators until the block ends, on free ports where none are given.

    `latency` is in seconds, `rate_limit` in calls a minute for each simulator. What the
    faults do to a call does not count against the limit where it never arrives. Webhooks
    are delivered as they fall due by a simulator's own clock, to this machine only.

    Args:
        banks: the simulators by name.
        host: a loopback address.
        ports: the port of each simulator by name.
        latency: how long every answer takes.
        faults: what goes wrong with each simulator.
        rate_limit: how many calls each simulator admits.

    Yields:
        Where the simulators are reached.
    """
    wanted = _ports(banks, ports or {})
    server = _server()
    with ExitStack() as stack:
        sockets = {
            name: stack.enter_context(_listener(host, port))
            for name, port in wanted.items()
        }
        served = [
            (
                sockets[name],
                server.SimulatorApp(_dressed(bank, faults, rate_limit), latency),
            )
            for name, bank in banks.items()
        ]
        senders = [bank for bank in banks.values() if isinstance(bank, WebhookSender)]
        stack.enter_context(server.listening(served, senders))
        yield Running({name: _url(sockets[name], banks[name]) for name in banks})


def run_forever(
    serving: AbstractContextManager[Running], announce: Callable[[Running], object]
) -> None:
    """Serve until Ctrl-C or SIGTERM; `announce` is told when all are reached.

    It is given what `serve` returns, and called from the main thread.
    """
    stopped: SimpleQueue[None] = SimpleQueue()  # a signal handler may put into it
    with _on_signals(lambda: stopped.put(None)), serving as running:
        announce(running)
        stopped.get()


@contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    former = {
        number: signal.signal(number, lambda *_: stop())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _server() -> ModuleType:
    """Import what needs the extra."""
    try:
        from . import _uvicorn  # noqa: PLC0415  # an extra
    except ImportError:
        raise ConfigurationError(
            'the sandbox needs a server: pip install "anybank[sandbox]"'
        ) from None
    return _uvicorn


def _ports(
    banks: Mapping[str, SimulatedBank], given: Mapping[str, int]
) -> dict[str, int]:
    """Return the port of each simulator, 0 for a free one."""
    for name in given:
        if name not in banks:
            raise ConfigurationError(f"ports: no simulator is named {name}")
    return {name: given.get(name, 0) for name in banks}


def _listener(host: str, port: int) -> socket.socket:
    """Bind a port, which is then nobody else's."""
    if not is_loopback(host):
        raise ConfigurationError(
            f"host {host} is not loopback: simulators are served to this machine only"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from None


def _dressed(
    bank: SimulatedBank, faults: Faults | None, rate_limit: int | None
) -> SimulatedBank:
    """Put the limit around a simulator, and the bad network around both."""
    if rate_limit is not None:
        bank = RateLimitedBank(bank, rate_limit, _clock())
    return faults.around(bank) if faults else bank


def _clock() -> Callable[[], datetime]:
    """Return a clock that nobody can set back."""
    start, zero = datetime.now(UTC), time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - zero)


def _url(listener: socket.socket, bank: SimulatedBank) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{bank.base_path}"
