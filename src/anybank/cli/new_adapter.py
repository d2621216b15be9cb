"""`anybank new-adapter`: create the package of an adapter for a new vendor."""

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
    help="The directory to create the package in. Default: the current directory.",
)
def new_adapter(*, name: str, parent: Path) -> None:
    """Create the package of an adapter for the bank NAME, with one working feature.

    The package contains a declaration, an adapter, a simulator and the tests of the
    conformance kit, and these tests pass. Existing files are never overwritten.
    """
    directory = create(name, parent)
    line(f"created {directory}; next:")
    line()
    line(f"  cd {shlex.quote(str(directory))}")
    line('  python -m pip install --upgrade "pip>=25.1"')
    line("  pip install --editable . --group dev")
    line("  python -m pytest")
