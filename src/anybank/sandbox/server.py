"""Serve simulators over HTTP on loopback, each on its own port."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from types import ModuleType
from urllib.parse import urljoin

from attrs import frozen

from .._engine.transports.proxies import is_loopback
from ..errors import ConfigurationError
from .faults import Faults, RateLimitedBank, SimulatedBank
from .payments import PATH, PayableBank, WithPayments
from .webhook_deliveries import WebhookSender


@frozen
class Running:
    """The simulators that are served, with the URL of each."""

    urls: Mapping[str, str]

    def base_url(self, name: str) -> str:
        """Return the base URL of a simulator, for a Bank's `base_url`."""
        return self.urls[name]

    def payments_url(self, name: str) -> str:
        """Return the URL to which a payment is posted, as JSON.

        `{"account_id": "...", "amount": "250.00"}` lets 250 dollars arrive, and a negative
        amount lets them leave.
        """
        return urljoin(self.urls[name], PATH)


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
    """Serve simulators until the block ends, by default on free ports.

    A call that a fault keeps from arriving does not count against the rate limit. Webhooks
    are delivered when they are due by the simulator's clock, and to this machine only.

    Args:
        banks: the simulators by name.
        host: a loopback address.
        ports: the port of each simulator by name.
        latency: the seconds that every response takes.
        faults: the faults of each simulator.
        rate_limit: the calls a minute that each simulator accepts.

    Yields:
        The URLs of the simulators.
    """
    chosen = _ports(banks, ports or {})
    server = _server()
    # All sockets listen before the first server starts: a port in use is reported
    # before anything runs, and connections wait in the backlog.
    with ExitStack() as stack:
        sockets = {
            name: stack.enter_context(_listener(host, port))
            for name, port in chosen.items()
        }
        served = [
            (
                sockets[name],
                server.SimulatorApp(_served(bank, faults, rate_limit), latency),
            )
            for name, bank in banks.items()
        ]
        senders = [bank for bank in banks.values() if isinstance(bank, WebhookSender)]
        stack.enter_context(server.listening(served, senders))
        yield Running({name: _url(sockets[name], banks[name]) for name in banks})


def run_forever(
    serving: AbstractContextManager[Running], announce: Callable[[Running], object]
) -> None:
    """Serve until Ctrl-C or SIGTERM, after a call of `announce` in the main thread."""
    stopped: SimpleQueue[None] = SimpleQueue()  # its put is safe in a signal handler
    with _on_signals(lambda: stopped.put(None)), serving as running:
        announce(running)
        stopped.get()


@contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    # Signal handlers belong to the process: they are put back for the program that
    # called `run_forever`.
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
    """Import the server, which needs the extra `sandbox`."""
    try:
        from . import _uvicorn  # noqa: PLC0415  # an extra
    except ImportError:
        raise ConfigurationError(
            'the sandbox needs uvicorn: pip install "anybank[sandbox]"'
        ) from None
    return _uvicorn


def _ports(
    banks: Mapping[str, SimulatedBank], ports: Mapping[str, int]
) -> dict[str, int]:
    """Return the port of each simulator, 0 for a free one."""
    for name in ports:
        if name not in banks:
            raise ConfigurationError(f"ports: no simulator is named {name}")
    return {name: ports.get(name, 0) for name in banks}


def _listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port of loopback."""
    # A simulator accepts a password that is printed in its source. It must not be
    # reachable from another machine.
    if not is_loopback(host):
        raise ConfigurationError(
            f"host {host} is not a loopback address. Simulators are served to this "
            "machine only"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from None


def _served(
    bank: SimulatedBank, faults: Faults | None, rate_limit: int | None
) -> SimulatedBank:
    """Return a simulator with its faults, and with payments that no fault affects."""
    wrapped = _wrapped(bank, faults, rate_limit)
    return WithPayments(wrapped, bank) if isinstance(bank, PayableBank) else wrapped


def _wrapped(
    bank: SimulatedBank, faults: Faults | None, rate_limit: int | None
) -> SimulatedBank:
    """Wrap a simulator in the rate limit, and both in the faults."""
    if rate_limit is not None:
        # The limit counts what arrives at the vendor, so faults on the way there are
        # outside of it.
        bank = RateLimitedBank(bank, rate_limit, _clock())
    return faults.around(bank) if faults else bank


def _clock() -> Callable[[], datetime]:
    """Return a clock that never goes back."""
    # The rate limit would admit or refuse wrongly while the system clock is being set.
    start, zero = datetime.now(UTC), time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - zero)


def _url(listener: socket.socket, bank: SimulatedBank) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{bank.base_path}"
