"""`anybank new-adapter`: a distribution for a vendor that is not there yet."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from .output import line
from .scaffold import create


@click.command("new-adapter")
@click.argument("name")
@click.option(
    "--to",
    "parent",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Write it into this directory, and not into the one you are in.",
)
def new_adapter(*, name: str, parent: Path) -> None:
    """Write a distribution for a new bank NAME: one feature works, and its tests pass.

    It has a declaration, an adapter, a simulator and the conformance kit's tests; nothing
    that is there is written over.
    """
    made = create(name, parent)
    line(f"{made} is written; next:")
    line()
    line(f"  cd {shlex.quote(str(made))}")
    line('  python -m pip install --upgrade "pip>=25.1"')
    line("  pip install --editable . --group dev")
    line("  python -m pytest")
