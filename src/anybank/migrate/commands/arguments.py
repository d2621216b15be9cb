"""The types and checks of arguments that several commands share."""

from __future__ import annotations

import os
from typing import TypeAlias

from ...errors import ConfigurationError

AnyPath: TypeAlias = "str | os.PathLike[str]"


def require_positive(name: str, number: int | None) -> None:
    """Raise ConfigurationError unless *number* is None or at least 1."""
    if number is not None and number < 1:
        raise ConfigurationError(f"{name} must be at least 1")
