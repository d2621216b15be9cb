"""Outages: errors that are about the bank or the network and not about one record."""

from __future__ import annotations

from attrs import frozen

from ....errors import (
    AnybankError,
    ProviderUnavailable,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)

_WHOLE_BODY = (None, "$")
"""The paths of an UnexpectedResponse whose body cannot be read at all.

Such a body is often the HTML page of a proxy, so the bank is at fault and not a customer.
"""


@frozen(kw_only=True)
class Outage:
    """A failure of a bank that stopped a run; no record is at fault.

    `failures` is how many requests in a row failed at `provider`. The last of them
    raised an error of the class `error` and, where the bank responded, had the HTTP
    `status`. `waited` is how many seconds the run waited for the bank.
    """

    provider: str
    error: str
    status: int | None
    failures: int
    waited: float


def is_outage(error: AnybankError) -> bool:
    """Return whether an error is about the bank or the network, not about a customer."""
    if isinstance(error, UnexpectedResponse):
        return not is_about_customer(error)
    return isinstance(error, (ProviderUnavailable, RateLimited, TransportError))


def is_about_customer(error: UnexpectedResponse) -> bool:
    """Return whether a response shows a customer of whom one value cannot be read."""
    return error.path not in _WHOLE_BODY
