"""`anybank new-adapter`: create the package of an adapter for a new vendor."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ..errors import ConfigurationError
from .output import line
from .scaffold import create
from .scaffold.openapi import Generated, Generator


@click.command("new-adapter")
@click.argument("name")
@click.option(
    "--to",
    "parent",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help=(
        "The directory to create the package in; it is created, too. Default: the "
        "current directory."
    ),
)
@click.option(
    "--from",
    "document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's OpenAPI document, a local file in JSON or YAML.",
)
@click.option(
    "--operations",
    help=(
        "With --from: what to write about, separated by commas: operation ids, "
        "paths, tags, or methods and paths. customers.get=getPerson or "
        "'customers.get=GET /people/{id}' says what an operation is. Default: a guess."
    ),
)
def new_adapter(
    *, name: str, parent: Path, document: Path | None, operations: str | None
) -> None:
    """Create the package of an adapter for the bank NAME, with one working feature.

    The package contains a declaration, an adapter, a simulator and the tests of the
    conformance kit, and these tests pass. Existing files are never overwritten.

    With --from, the package also has the wire classes, rules and flows that the vendor's
    OpenAPI document describes. What is guessed is marked TODO, and the conformance kit
    fails until nothing is. Nothing is downloaded.
    """
    if document is None:
        if operations is not None:
            raise ConfigurationError("--operations needs --from")
        _print_next(create(name, parent))
        return
    generator = Generator(document, _split(operations))
    directory = create(name, parent, generator.texts)
    _print_guesses(generator.generated)
    _print_next(directory)


def _split(operations: str | None) -> list[str]:
    names = (operations or "").split(",")
    return [name.strip() for name in names if name.strip()]


def _print_guesses(generated: Generated) -> None:
    line(f"{len(generated.operations)} operations, {generated.classes} wire classes:")
    line()
    features = {guess.operation: guess.feature for guess in generated.guesses}
    width = max(map(len, features.values()), default=0)
    for operation in generated.operations:
        line(f"  {features.get(operation, ''):<{width}}  {operation.title}")
    line()


def _print_next(directory: Path) -> None:
    line(f"created {directory}; next:")
    line()
    line(f"  cd {shlex.quote(str(directory))}")
    line('  python -m pip install --upgrade "pip>=25.1"')
    line("  pip install --editable . --group dev")
    line("  python -m pytest")
