"""What a vendor says of the credentials in use, and short-lived ones for a front end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from ..sensitive import Personal, Sensitive
from ._fields import hidden
from .pydantic_support import PydanticSupport


@frozen(kw_only=True)
class CredentialCheck(PydanticSupport, Personal):
    """What the vendor said to the credentials; it raises AuthenticationFailed to bad ones.

    `verified` is False where the vendor has no call for it. `server_time` is the vendor's
    clock, to hold ours against.
    """

    verified: bool = True
    note: str = ""
    server_time: datetime | None = None
    raw: Mapping[str, Any] = hidden()


@frozen(kw_only=True)
class TemporaryCredentials(PydanticSupport, Personal):
    """Credentials for one customer, by the names of the provider's options."""

    credentials: Mapping[str, Sensitive]
    note: str = ""
