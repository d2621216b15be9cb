"""Consent to an irreversible command: granted in advance, or by answering a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...errors import ConfigurationError

Confirm: TypeAlias = Callable[[Sequence[str]], bool]
"""Shows a person the consequences, a line each, and returns the person's decision."""

Consent: TypeAlias = bool | Confirm


def require_consent(consent: Consent, consequences: Sequence[str], action: str) -> None:
    """Raise ConfigurationError, listing the consequences, unless consent is granted.

    *action* is a participle for the message, such as "deleted".
    """
    if not (consent if isinstance(consent, bool) else consent(consequences)):
        problem = (
            f"Nothing was {action}, because this needs consent: pass --yes (yes=True)."
        )
        raise ConfigurationError(" ".join((problem, *consequences)))
