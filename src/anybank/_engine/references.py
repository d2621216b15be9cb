"""References to secrets: `env:NAME` is a variable, `file:PATH` is a file."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ConfigurationError
from .files import SMALL, read_text


def resolve_reference(text: str, source: str) -> str:
    """Resolve `env:NAME` or `file:PATH`; return any other text unchanged.

    Raises ConfigurationError, naming the option or variable *source*.
    """
    scheme, _, rest = text.partition(":")
    if scheme == "env":
        if rest not in os.environ:
            raise ConfigurationError(f"{source} refers to {rest}, which is not set")
        return os.environ[rest]
    if scheme == "file":
        return _from_file(Path(rest), source)
    return text


def _from_file(path: Path, source: str) -> str:
    try:
        return read_text(path.expanduser(), SMALL).strip()
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    # RuntimeError: there is no home for `~`. ValueError: the path contains a NUL.
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
    raise ConfigurationError(
        f"{source} refers to a file that cannot be read: {path}: {reason}"
    )
