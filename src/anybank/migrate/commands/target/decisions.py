"""What a target has decided about a person: whether the customer is moved, waits or is denied."""

from __future__ import annotations

from ....declaration.vocabulary import Capabilities
from ....model.customers import Customer, CustomerStatus
from ....model.features import Feature
from ...journal.states import State


def decides_later(target: Capabilities) -> bool:
    """Return whether an undecided person is no customer of a target yet.

    Such a target gives the person another id with its decision.
    """
    return target.feature(Feature.CUSTOMERS_GET).id_changes


def state_at(target: Capabilities, customer: Customer) -> State:
    """Return the state of a record whose customer the target returned."""
    if customer.status is CustomerStatus.DENIED:
        return State.DENIED
    if customer.status is CustomerStatus.PENDING and decides_later(target):
        return State.PENDING
    return State.CREATED
