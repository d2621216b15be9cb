"""`anybank providers`: which banks are installed, and which of them work."""

from __future__ import annotations

import click

from ..plugins import ProviderInfo
from ..plugins import providers as installed
from .output import emit_json, line, table


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def providers(*, as_json: bool) -> None:
    """List the banks that are installed, the unusable ones with the reason.

    A bank is a plugin: `pip install "anybank[bond]"` adds one. The variable
    ANYBANK_PLUGINS (names, separated by commas) pins which may load.
    """
    found = installed()
    if as_json:
        emit_json(found)
    elif found:
        columns = ("name", "vendor", "distribution", "version", "state")
        table("", columns, map(_row, found))
    else:
        line('no bank is installed; try: pip install "anybank[bond,sonder]"')


def _row(info: ProviderInfo) -> tuple[str, ...]:
    state = f"quarantined: {info.problem}" if info.problem else "ok"
    return info.name, info.title, info.distribution, info.version, state
