"""What the arguments of several commands have in common."""

from __future__ import annotations

import os
from typing import TypeAlias

from ...errors import ConfigurationError

AnyPath: TypeAlias = "str | os.PathLike[str]"


def require_positive(name: str, number: int | None) -> None:
    """Refuse a number of things that is none; None is no number."""
    if number is not None and number < 1:
        raise ConfigurationError(f"{name} must be at least 1")
