"""What a vendor says of the credentials in use, and short-lived ones for a front end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..sensitive import Personal, Sensitive
from ._fields import hidden


@frozen(kw_only=True)
class CredentialCheck:
    """Whether the credentials are good; `verified` is False where only guessed."""

    accepted: bool
    verified: bool = True
    note: str = ""
    raw: Mapping[str, Any] = hidden()


@frozen(kw_only=True)
class TemporaryCredentials(Personal):
    """Credentials for one customer, by the names of the provider's options."""

    credentials: Mapping[str, Sensitive]
    note: str = ""
