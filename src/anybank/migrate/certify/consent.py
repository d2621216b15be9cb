"""Consent to what cannot be undone, given beforehand or when all of it has been told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...errors import ConfigurationError

Asked: TypeAlias = Callable[[Sequence[str]], bool]
"""Is told what will happen and what cannot be undone, and answers whether it may."""

Consent: TypeAlias = bool | Asked


def require_consent(given: Consent, lines: Sequence[str], what: str) -> None:
    """Refuse to go on without consent; the refusal says all that was to be known."""
    if not (given if isinstance(given, bool) else given(lines)):
        said = f"nothing was {what}: it needs consent (--yes; yes=True)."
        raise ConfigurationError(" ".join((said, *lines)))
