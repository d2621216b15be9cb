"""The key that encrypts an exported file, as a command line names it."""

from __future__ import annotations

import click

from .options import Decorator

key_option: Decorator = click.option(
    "--key",
    metavar="file:PATH|env:NAME",
    help="Where to find the key. Default: the location in ANYBANK_FILE_KEY. Do not pass "
    "the key itself: other users of this machine can see arguments.",
)


def require_reference(key: str | None) -> str | None:
    """Raise UsageError if --key holds the key itself, which the shell's history keeps."""
    if key is not None and not key.startswith(("file:", "env:")):
        raise click.UsageError("--key takes file:PATH or env:NAME, not the key itself")
    return key
