"""The check of the credentials in use, and temporary credentials for a front end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from ..sensitive import Personal, Sensitive
from ._fields import hidden
from .pydantic_support import PydanticSupport


@frozen(kw_only=True)
class CredentialCheck(PydanticSupport, Personal):
    """The result of checking valid credentials; invalid ones raise AuthenticationFailed.

    `verified` is False if the vendor has no operation for it. `server_time` is the vendor's
    clock, for comparison with the local one.
    """

    verified: bool = True
    note: str = ""
    server_time: datetime | None = None
    raw: Mapping[str, Any] = hidden()


@frozen(kw_only=True)
class TemporaryCredentials(PydanticSupport, Personal):
    """Credentials for one customer, keyed by the names of the provider's options."""

    credentials: Mapping[str, Sensitive] = field(hash=False)
    note: str = ""
