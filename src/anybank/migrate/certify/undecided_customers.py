"""Customers whom the source has not accepted, and who are therefore not moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import Effect, Issue, Remedy
from ...model.customers import Customer, CustomerStatus

_UNDECIDED: Mapping[CustomerStatus | None, tuple[str, str]] = {
    CustomerStatus.DENIED: (
        "the source has refused this person, who is not moved",
        "exclude the customer, or let the source decide again and plan again",
    ),
    CustomerStatus.PENDING: (
        "the source has not decided about this person yet",
        "wait for the decision, then plan again",
    ),
}


def status_issues(customer: Customer) -> Iterator[Issue]:
    """Yield why a person whom the source has not accepted is not moved."""
    if customer.status in _UNDECIDED:
        message, fix = _UNDECIDED[customer.status]
        yield Issue("status", Effect.BLOCKED, "status", "", message, Remedy(fix))
