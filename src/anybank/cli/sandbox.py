"""`anybank sandbox`: simulated banks over HTTP on this machine."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import click

from ..adapter.options import variable
from ..errors import ConfigurationError
from ..model.kyc import KycStatus
from ..plugins import find, providers
from ..sandbox.faults import Faults
from ..sandbox.server import Running, run_forever, serve
from ..sandbox.simulator import Simulator
from .output import heading, line, warn

_DUPLICATES = "duplicate_ssn"
"""The switch of a simulator that accepts or rejects an SSN for the second time."""


@click.command()
@click.argument("banks", nargs=-1)
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="[BANK=]PORT",
    help="The port of a bank; the name may be omitted for a single bank. Default: a free "
    "port. Repeatable.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=0,
    metavar="MS",
    help="How many milliseconds every response takes.",
)
@click.option(
    "--faults",
    metavar="SPEC",
    help="Faults and how often they happen, such as lost=0.05,429=0.1. The faults are lost, "
    "refused, 429, 500, 503, truncated, malformed, html and slow.",
)
@click.option("--seed", type=int, default=0, help="Seed that selects which calls fail.")
@click.option(
    "--rate-limit",
    type=click.IntRange(1),
    metavar="N",
    help="Respond with 429 after N calls in a minute.",
)
@click.option(
    "--duplicates",
    type=click.Choice(["accept", "reject"]),
    help="Whether a bank accepts the same social security number twice.",
)
@click.option(
    "--kyc",
    type=click.Choice([str(status) for status in KycStatus]),
    metavar="STATUS",
    help="The outcome of every verification, such as passed or failed. Default: as the "
    "vendor's sandbox decides.",
)
def sandbox(
    *,
    banks: Sequence[str],
    ports: Sequence[str],
    latency: float,
    faults: str | None,
    seed: int,
    rate_limit: int | None,
    duplicates: str | None,
    kyc: str | None,
) -> None:
    """Serve simulated BANKS on this machine until you press Ctrl-C. Default: all.

    The command prints lines to paste into another terminal. After that, anybank and your
    own app call the simulated bank instead of the real one. It can be reached only from
    this machine, and its data is lost when it ends. A simulated bank delivers webhooks to
    endpoints of this machine, and another line lets money arrive in an account.
    """
    # A bank that is named twice is served once.
    names = list(dict.fromkeys(banks)) or list(_simulated())
    simulators = {name: _simulator(name, duplicates) for name in names}
    for name, simulator in simulators.items():
        _choose_kyc(name, simulator, kyc)
    serving = serve(
        simulators,
        ports=dict(_port(word, names) for word in ports),
        latency=latency / 1000,
        faults=Faults.parse(faults, seed=seed) if faults else None,
        rate_limit=rate_limit,
    )
    run_forever(serving, lambda running: _announce(running, simulators))


def _simulated() -> Iterator[str]:
    """Yield the banks that have a simulator."""
    for info in providers():
        if info.problem is None and find(info.name).simulator is not None:
            yield info.name


def _simulator(name: str, duplicates: str | None) -> Any:
    factory = find(name).simulator
    if factory is None:
        raise ConfigurationError(f"the plugin of {name} has no simulator")
    simulator = factory()(clock=_now)
    if duplicates is None:
        return simulator
    if not _has_switch(simulator):
        warn(f"note: the simulated {name} does not support --duplicates")
        return simulator
    # Built again rather than changed: switches are frozen.
    return factory()(clock=_now, **{_DUPLICATES: duplicates})


def _choose_kyc(name: str, simulator: Any, kyc: str | None) -> None:
    if kyc is None:
        return
    if not _overrides(simulator, "choose_kyc"):
        warn(f"note: the simulated {name} does not support --kyc")
        return
    simulator.choose_kyc(KycStatus(kyc))


def _now() -> datetime:
    return datetime.now(UTC)


def _has_switch(simulator: Any) -> bool:
    """Return whether a simulator can be set to accept or reject a repeated SSN."""
    switches = type(getattr(simulator, "switches", None))
    return attrs.has(switches) and _DUPLICATES in attrs.fields_dict(switches)


def _port(word: str, names: Sequence[str]) -> tuple[str, int]:
    """Parse `bond=8001`, or `8001` if only one bank is served."""
    name, _, number = word.rpartition("=")
    if not name and len(names) > 1:
        raise click.BadParameter(f"name the bank of this port: {names[0]}={word}")
    if not number.isdecimal():
        raise click.BadParameter(f"{word!r} is not a port; write {names[0]}=8001")
    return name or names[0], int(number)


def _announce(running: Running, simulators: Mapping[str, Any]) -> None:
    for name, simulator in simulators.items():
        heading(f"{name}: {running.base_url(name)}")
        for export in _exports(name, running.base_url(name), simulator.credentials):
            line(export)
        if _overrides(simulator, "simulate_payment"):
            line("# Let money arrive in an account (a negative amount leaves it):")
            line(_payment(running.payments_url(name)))
        line()
    line("Press Ctrl-C to stop.")


def _overrides(simulator: Any, method: str) -> bool:
    """Return whether a simulator has a method of its own; the base class's refuses."""
    own: Any = getattr(type(simulator), method, None)
    return own not in (None, getattr(Simulator, method))


def _payment(url: str) -> str:
    """Return the shell command for a payment."""
    body = '{"account_id": "ACCOUNT", "amount": "250.00"}'
    return f"curl {shlex.quote(url)} -d {shlex.quote(body)}"


def _exports(name: str, url: str, credentials: Mapping[str, str]) -> Iterable[str]:
    """Yield a shell command for each variable to set, quoted for the shell."""
    values = {"base_url": url, **credentials}
    for option, value in values.items():
        yield f"export {variable(name, option)}={shlex.quote(value)}"
