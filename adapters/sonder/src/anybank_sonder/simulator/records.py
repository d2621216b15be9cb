"""The records of the simulator; no repr shows their values."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field

from anybank.sensitive import Sensitive


@define(kw_only=True, repr=False, eq=False)
class Customer:
    """A customer; `fields` are the fields that responses show, by Sonder's names."""

    id: str
    ssn: Sensitive
    document_locator_number: Sensitive
    fields: dict[str, Any]
    account_ids: list[str] = field(factory=list)


@define(kw_only=True, repr=False, eq=False)
class Account:
    """An account, with the ids of its customers."""

    id: str
    fields: dict[str, Any]
    customer_ids: list[str]
    transaction_ids: list[str] = field(factory=list)


@define(repr=False, eq=False)
class Ssns:
    """The number of customers by SSN, so that a second one is found without a search."""

    _counts: Counter[Sensitive] = field(factory=Counter)

    def add(self, ssn: Sensitive) -> None:
        """Count a customer's number."""
        self._counts[_digits(ssn)] += 1

    def remove(self, ssn: Sensitive) -> None:
        """Forget a customer's number."""
        self._counts[_digits(ssn)] -= 1

    def __contains__(self, ssn: Sensitive) -> bool:
        return self._counts[_digits(ssn)] > 0


def _digits(ssn: Sensitive) -> Sensitive:
    """Return the digits alone, by which numbers are compared (§11)."""
    return Sensitive("".join(filter(str.isdecimal, ssn.reveal())))
