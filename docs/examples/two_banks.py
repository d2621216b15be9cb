"""An app whose customers move from Bond to Sonder while it serves them.

`sign_up`, `profile` and `change_email` are what the app does for its users, by the app's own
ids. `cut_over` runs next to it, after `anybank migrate verify`, and moves each customer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from anybank import (
    AnybankError,
    Conflict,
    Customer,
    CustomerChanges,
    NewCustomer,
    NotFound,
    Outcome,
    Router,
)

LOSS = {"document_locator_number"}
"""What the app can do without: Sonder stores it, and Bond does not."""


def sign_up(banks: Router, user_id: str, new: NewCustomer) -> Customer:
    """Create the customer of a user, once."""
    while True:
        try:
            return banks.customers.create(new, key=user_id, accept_loss=LOSS)
        except AnybankError as error:
            if error.outcome is not Outcome.UNKNOWN:
                raise
            # The answer was lost. Look, and create only what does not exist.
            customer = banks.customers.resolve(error, new, key=user_id)
        if customer is not None:
            return customer


def profile(banks: Router, user_id: str) -> Customer:
    """Read the customer of a user, wherever the customer is."""
    return banks.customers.get(user_id)


def change_email(banks: Router, user_id: str, email: str) -> Customer:
    """Change the e-mail address of a user, wherever the customer is."""
    return banks.customers.update(user_id, CustomerChanges(emails=[email]))


def cut_over(banks: Router, crosswalk: Path, old: str, new: str) -> list[str]:
    """Move the customers of a crosswalk; return the copies that no user has any more.

    It may be stopped and started again.
    """
    without_user = []
    for source_id, target_id in _pairs(crosswalk):
        user_id = banks.key_of(old, source_id)
        if user_id is not None:
            try:
                move(banks, user_id, new, target_id)
            except NotFound:
                user_id = None  # the user has closed the account this moment
        if user_id is None and banks.key_of(new, target_id) is None:
            without_user.append(target_id)
    return without_user


def move(banks: Router, user_id: str, to: str, customer_id: str) -> None:
    """Move one customer, with every change that the app has made until then."""
    while True:
        before = banks.locate(user_id)
        if before.provider == to:
            return
        latest = banks.customers.get(user_id)
        banks.banks[to].customers.update(
            customer_id, CustomerChanges(emails=latest.emails, phones=latest.phones)
        )
        try:
            banks.move(user_id, to=to, customer_id=customer_id, expected=before)
        except Conflict:
            if banks.locate(user_id).version == before.version:
                raise
            continue  # the app has changed the customer since `before`: copy again
        return


def _pairs(crosswalk: Path) -> Iterator[tuple[str, str]]:
    with crosswalk.open() as file:
        for row in csv.DictReader(file):
            yield row["source_id"], row["target_id"]
