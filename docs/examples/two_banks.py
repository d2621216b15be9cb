"""An app whose customers move from Bond to Sonder while it serves them.

`sign_up`, `profile` and `change_email` are what the app does for its users, by the app's own
ids. `cut_over` runs next to it, after `anybank migrate verify`, and moves each customer.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from anybank import (
    AnybankError,
    Conflict,
    Customer,
    CustomerChanges,
    CustomerStatus,
    NewCustomer,
    NotFound,
    Outcome,
    Router,
)

LOSS = {"document_locator_number"}
"""What the app can do without: Sonder stores it, and Bond does not."""


Changes = Callable[[Customer], CustomerChanges | None]
"""What is copied of a customer before the move; None if the new bank needs nothing."""


def sign_up(banks: Router, user_id: str, new: NewCustomer) -> Customer:
    """Create the customer of a user, once."""
    idempotency_key = None
    while True:
        try:
            return banks.customers.create(
                new,
                key=user_id,
                accept_loss=LOSS,
                idempotency_key=idempotency_key,
            )
        except AnybankError as error:
            if error.outcome is not Outcome.UNKNOWN:
                raise
            # The answer was lost. Look, and create only what does not exist.
            customer = banks.customers.resolve(error, new, key=user_id)
            # The same key again, where the bank has keys: a request that is still under
            # way then creates no second customer.
            idempotency_key = error.idempotency_key
        if customer is not None:
            return customer


def profile(banks: Router, user_id: str) -> Customer:
    """Read the customer of a user, wherever the customer is."""
    return banks.customers.get(user_id)


def change_email(banks: Router, user_id: str, email: str) -> Customer:
    """Change the e-mail address of a user, wherever the customer is."""
    return banks.customers.update(user_id, CustomerChanges(emails=[email]))


def contact_data(latest: Customer) -> CustomerChanges:
    """Return what the app changes, as it is now at the old bank."""
    return CustomerChanges(emails=latest.emails, phones=latest.phones)


def cut_over(
    banks: Router, crosswalk: Path, old: str, new: str, changes: Changes = contact_data
) -> dict[str, str]:
    """Move the customers of a crosswalk; return why each of the others stays, by target id.

    It may be stopped and started again.
    """
    staying = {}
    for source_id, target_id in _pairs(crosswalk):
        if banks.key_of(new, target_id) is not None:
            continue  # moved before
        user_id = banks.key_of(old, source_id)
        if user_id is not None and not is_accepted(banks, new, target_id):
            staying[target_id] = "the new bank has not accepted this person"
        elif user_id is None or not move(banks, user_id, new, target_id, changes):
            staying[target_id] = "no user has this copy: the account is closed"
    return staying


def is_accepted(banks: Router, provider: str, customer_id: str) -> bool:
    """Return whether a bank has a customer and has not denied the person."""
    try:
        customer = banks.banks[provider].customers.get(customer_id)
    except NotFound:
        return False
    return customer.status in (None, CustomerStatus.ACTIVE)


def move(
    banks: Router,
    user_id: str,
    to: str,
    customer_id: str,
    changes: Changes = contact_data,
) -> bool:
    """Move one customer, with every change that the app has made until then.

    The result is False if the user has closed the account meanwhile.
    """
    while True:
        try:
            before = banks.locate(user_id)
            latest = banks.customers.get(user_id)
        except NotFound:
            return False
        if before.provider == to:
            return True
        changed = changes(latest)
        if changed is not None:
            banks.banks[to].customers.update(customer_id, changed)
        try:
            banks.move(user_id, to=to, customer_id=customer_id, expected=before)
        except Conflict:
            if _version(banks, user_id) == before.version:
                raise
            continue  # the app has changed the customer since `before`: copy again
        return True


def _version(banks: Router, user_id: str) -> str | None:
    try:
        return banks.locate(user_id).version
    except NotFound:
        return None


def _pairs(crosswalk: Path) -> Iterator[tuple[str, str]]:
    with crosswalk.open() as file:
        for row in csv.DictReader(file):
            yield row["source_id"], row["target_id"]
