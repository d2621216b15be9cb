"""The health of a bank, as a router checks it."""

from __future__ import annotations

from attrs import field, frozen

from ..errors import AnybankError


@frozen(kw_only=True)
class BankHealth:
    """Whether a bank responds and accepts the credentials.

    `probe` is the operation that was called. `error` is the error of an unhealthy bank.
    """

    provider: str
    is_healthy: bool
    probe: str
    error: AnybankError | None = field(default=None, eq=False)
