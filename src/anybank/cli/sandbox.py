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
from ..plugins import find, providers
from ..sandbox.faults import Faults
from ..sandbox.server import Running, run_forever, serve
from .output import heading, line, warn

_DUPLICATES = "duplicate_ssn"
"""The switch of a simulator that takes, or refuses, a number for the second time."""


@click.command()
@click.argument("banks", nargs=-1)
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="[BANK=]PORT",
    help="Serve a bank at a port; a bare number suits a single bank. May be given "
    "again. Free ports where none are given.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=0,
    metavar="MS",
    help="Milliseconds that every answer takes.",
)
@click.option(
    "--faults",
    metavar="SPEC",
    help="What goes wrong, and how often: lost=0.05,429=0.1. The names: lost, refused, "
    "429, 500, 503, truncated, malformed, html, slow.",
)
@click.option("--seed", type=int, default=0, help="Chooses which calls go wrong.")
@click.option(
    "--rate-limit",
    type=click.IntRange(1),
    metavar="N",
    help="Answer 429 after N calls in a minute.",
)
@click.option(
    "--duplicates",
    type=click.Choice(["accept", "reject"]),
    help="Whether a bank takes a social security number twice.",
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
) -> None:
    """Serve simulated BANKS on this machine until Ctrl-C; all of them by default.

    Prints the lines to paste into another terminal, after which anybank and your own
    app talk to the simulated bank instead of the real one. Nobody else can reach it,
    and what it holds is gone when it ends.
    """
    names = list(dict.fromkeys(banks)) or list(_simulated())
    made = {name: _simulator(name, duplicates) for name in names}
    serving = serve(
        made,
        ports=dict(_port(word, names) for word in ports),
        latency=latency / 1000,
        faults=Faults.parse(faults, seed=seed) if faults else None,
        rate_limit=rate_limit,
    )
    run_forever(serving, lambda running: _announce(running, made))


def _simulated() -> Iterator[str]:
    """Yield the banks that can be simulated."""
    for info in providers():
        if info.problem is None and find(info.name).simulator is not None:
            yield info.name


def _simulator(name: str, duplicates: str | None) -> Any:
    make = find(name).simulator
    if make is None:
        raise ConfigurationError(f"the plugin of {name} brings no simulator")
    made = make()(clock=_now)
    if duplicates is None:
        return made
    if not _has_switch(made):
        warn(f"note: the simulated {name} has no such choice as --duplicates")
        return made
    return make()(clock=_now, **{_DUPLICATES: duplicates})


def _now() -> datetime:
    return datetime.now(UTC)


def _has_switch(simulator: Any) -> bool:
    """Tell whether a simulator can be told what to do with a second SSN."""
    switches = type(getattr(simulator, "switches", None))
    return attrs.has(switches) and _DUPLICATES in attrs.fields_dict(switches)


def _port(word: str, names: Sequence[str]) -> tuple[str, int]:
    """Read `bond=8001`, or `8001` where one bank alone is served."""
    name, _, number = word.rpartition("=")
    if not name and len(names) > 1:
        raise click.BadParameter(f"say whose port it is: {names[0]}={word}")
    if not number.isdecimal():
        raise click.BadParameter(f"{word!r} is not a port, such as {names[0]}=8001")
    return name or names[0], int(number)


def _announce(running: Running, made: Mapping[str, Any]) -> None:
    for name, simulator in made.items():
        heading(f"{name}: {running.base_url(name)}")
        for export in _exports(name, running.base_url(name), simulator.credentials):
            line(export)
        line()
    line("Ctrl-C ends it.")


def _exports(name: str, url: str, credentials: Mapping[str, str]) -> Iterable[str]:
    """Yield what a user pastes: quoted for the shell, so that it arrives as it is."""
    values = {"base_url": url, **credentials}
    for option, value in values.items():
        yield f"export {variable(name, option)}={shlex.quote(value)}"
