"""The shared state: random numbers, switches and records."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from string import ascii_letters, ascii_lowercase, digits
from typing import Any, TypeVar

from attrs import field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import json_of

from .answers import Refused, success
from .records import Account, Customer, Ssns
from .switches import SonderSwitches
from .validation import Fields

T = TypeVar("T")


@frozen(repr=False, eq=False)
class World:
    """The state of one simulated Sonder."""

    uuid: Callable[[], str]
    random: random.Random
    switches: SonderSwitches
    customers: dict[str, Customer] = field(factory=dict)
    accounts: dict[str, Account] = field(factory=dict)
    transactions: dict[str, dict[str, Any]] = field(factory=dict)
    ssns: Ssns = field(factory=Ssns)

    def answer(self, data: Any) -> Response:
        """Return a success with a new request id."""
        return success(self.uuid(), data)

    def customer_id(self) -> str:
        """Return 32 letters of both cases and digits (§6)."""
        return "".join(self.random.choices(ascii_letters + digits, k=32))

    def account_id(self) -> str:
        """Return three lower-case letters and five digits that no account has (§6)."""
        # Account ids are short enough to repeat by chance; customer ids are not.
        while True:
            letters = self.random.choices(ascii_lowercase, k=3)
            identifier = "".join(letters + self.random.choices(digits, k=5))
            if identifier not in self.accounts:
                return identifier

    def body(self, request: Request, fields: Fields, *, whole: bool = True) -> Any:
        """Return the known members of a body, or refuse it with its faults."""
        body = json_of(request)
        strict = self.switches.unknown_fields == "reject"
        refuse_faults(fields.problems(body, whole=whole, strict=strict))
        return fields.known(body)


def refuse_faults(problems: Iterator[str]) -> None:
    """Refuse a request that has a problem."""
    if faults := sorted(set(problems)):
        raise Refused(400, "; ".join(faults))


def find_record(records: Mapping[str, T], identifier: str, kind: str) -> T:
    """Return a record; 404 for an unknown or deleted one."""
    try:
        return records[identifier]
    except KeyError:
        raise Refused(404, f"no such {kind}") from None
