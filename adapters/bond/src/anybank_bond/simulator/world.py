"""The shared state: clock, random numbers, switches, records and keys."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from attrs import define, field, frozen

from anybank.adapter.wire import Request
from anybank.sandbox.simulator import json_of
from anybank.sensitive import Sensitive

from .errors import another_brands
from .records import Customer, Record, Table
from .switches import BondSwitches
from .triggers import Outcome

# The shape of Bond's secrets ("Authentication": 64 characters over the base64
# alphabet). https://docs.bond.tech/docs/authentication
R = TypeVar("R", bound=Record)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LETTERS = _BASE64[:-2]


def header(request: Request, name: str) -> str | None:
    """Return the text of a header, masked ones included."""
    value = request.headers.get(name)
    return str(value.reveal()) if isinstance(value, Sensitive) else value


@define(repr=False, eq=False)
class Key:
    """An API key of a brand; a temporary one expires by time or by use (§2)."""

    brand_id: str
    secret: str
    expires: datetime | None = None
    calls_left: int | None = None

    def admits(self, now: datetime) -> bool:
        """Return whether the key is still valid, and count the call."""
        # A permanent key has neither limit.
        if self.calls_left is None or self.expires is None:
            return True
        self.calls_left -= 1
        return self.calls_left >= 0 and now < self.expires


@define
class Choices:
    """The outcomes that a test chooses, instead of those of the trigger SSNs."""

    kyc: Outcome | None = None
    credit: str | None = None


@frozen(repr=False, eq=False)
class World:
    """The state of one simulated Bond, with its clock and random numbers."""

    clock: Callable[[], datetime]
    uuid: Callable[[], str]
    random: random.Random
    switches: BondSwitches
    keys: dict[str, Key] = field(factory=dict)
    customers: Table[Customer] = field(factory=Table)
    brand_person_ids: dict[tuple[str, str], Customer] = field(factory=dict)
    idempotency_keys: dict[tuple[str, str], datetime] = field(factory=dict)
    choices: Choices = field(factory=Choices)
    _serials: Iterator[int] = field(factory=count)

    def serial(self) -> int:
        """Return the next serial number, which keeps simultaneous records in order."""
        return next(self._serials)

    def brand(self, request: Request) -> str:
        """Return the brand whose key an admitted request carries."""
        # `Keys.admit` has run before any handler, so the key exists.
        return self.keys[header(request, "identity") or ""].brand_id

    def find(self, table: Table[R], identifier: str, request: Request) -> R | None:
        """Return a record or None; refuse a record of another brand."""
        record = table.get(identifier)
        # No page shows the response to the key of another brand. 403 with auth_err
        # fits the meaning of the code; 404 would hide the mistake.
        if record is not None and record.brand_id != self.brand(request):
            raise another_brands()
        return record

    def base64(self, length: int) -> str:
        """Return random text over the base64 alphabet."""
        return "".join(self.random.choices(_BASE64, k=length))

    def letters(self, length: int) -> str:
        """Return random letters and digits."""
        return "".join(self.random.choices(_LETTERS, k=length))

    def digits(self, length: int) -> str:
        """Return random digits."""
        return "".join(self.random.choices("0123456789", k=length))


def body_of(request: Request) -> Mapping[str, Any]:
    """Return the JSON of a body, whatever its content type."""
    body: Mapping[str, Any] = json_of(request)
    return body
