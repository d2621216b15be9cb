# Generated from aio_router.py by `make sync`: edit that file instead.

"""The router: one client for customers who are at different banks.

Importing this module is cheap: a resource, and with it the model, is imported when it is
first used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from ..errors import (
    AnybankError,
    ConfigurationError,
    Conflict,
    Effect,
    InvalidInput,
    Issue,
    NotFound,
    Outcome,
)
from ..model.features import Feature
from ..model.ids import is_usable
from ..model.unset import UNSET, Unset
from ..sensitive import Sensitive, shield_methods
from .directory import (
    Directory,
    DirectoryEntry,
    EntryState,
    Location,
    require_key,
)
from .health import BankHealth
from .routes import Routes, changed_meanwhile, in_state
from .threads import directly

if TYPE_CHECKING:
    from .._engine.observation import RawResponse
    from ..adapter.wire import Json
    from ..client import Bank
    from .by_key import AccountsByKey, KycByKey, TransactionsByKey
    from .customers_by_key import CustomersByKey
    from .raw_types import RawResourcesByKey


class Router:
    """One client for several banks, at which customers are known by the app's own keys.

    `banks` are open banks by the names that the directory stores. `directory` stores where
    each customer is, and `default` names the bank of new customers; a router with one bank
    needs none. `settle_after` is the number of seconds for which a create may be under way
    in another process, with all its retries: until then `resolve` does not free its key.
    `now` returns the time in seconds since 1970. Raises ConfigurationError.
    """

    def __init__(
        self,
        banks: Mapping[str, Bank],
        *,
        directory: Directory,
        default: str | None = None,
        settle_after: float = 600.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not banks:
            raise ConfigurationError("a router needs at least one bank")
        if default is not None and default not in banks:
            raise ConfigurationError("default: the router has no bank with this name")
        if not all(hasattr(bank, "close") for bank in banks.values()):
            raise ConfigurationError(
                "banks: a Router takes open Banks, and an AsyncRouter open AsyncBanks"
            )
        self.banks: Mapping[str, Bank] = dict(banks)
        self._default = default or (next(iter(banks)) if len(banks) == 1 else None)
        self._settle_after = settle_after
        self._directory = directory
        self._routes = Routes(self.banks, directory, now)

    @cached_property
    def customers(self) -> CustomersByKey:
        """The customers."""
        from .customers_by_key import CustomersByKey  # noqa: PLC0415  # the model

        return CustomersByKey(self._routes, self._default, self._settle_after)

    @cached_property
    def kyc(self) -> KycByKey:
        """The verification of customers."""
        from .by_key import KycByKey  # noqa: PLC0415  # the model

        return KycByKey(self._routes)

    @cached_property
    def accounts(self) -> AccountsByKey:
        """The accounts."""
        from .by_key import AccountsByKey  # noqa: PLC0415  # the model

        return AccountsByKey(self._routes)

    @cached_property
    def transactions(self) -> TransactionsByKey:
        """The transactions."""
        from .by_key import TransactionsByKey  # noqa: PLC0415  # the model

        return TransactionsByKey(self._routes)

    def with_options(
        self,
        *,
        timeout: float | Unset = UNSET,
        retries: int | Unset = UNSET,
        extra_headers: Mapping[str, str | Sensitive] | None = None,
        extra_body: Mapping[str, Json] | None = None,
    ) -> Self:
        """Return a router whose banks have other options; it has the same directory.

        The options are those of `Bank.with_options`, for each bank. Closing one of the
        routers closes both.
        """
        banks = {
            name: bank.with_options(
                timeout=timeout,
                retries=retries,
                extra_headers=extra_headers,
                extra_body=extra_body,
            )
            for name, bank in self.banks.items()
        }
        return self._with_banks(banks)

    def _with_banks(self, banks: Mapping[str, Bank]) -> Self:
        """Return a router with other banks and the same directory."""
        return type(self)(
            banks,
            directory=self._directory,
            default=self._default,
            settle_after=self._settle_after,
            now=self._routes.now,
        )

    @property
    def with_raw_response(self) -> RawResourcesByKey:
        """The resources, with methods that return a RawResponse around the value.

        It has the response that the value was read from, at the bank where the customer
        is. There are no listings, which may read several banks: use
        `banks[name].with_raw_response`.
        """
        from . import raw_responses  # noqa: PLC0415  # rarely needed

        # The types are generated.
        raw: Any = raw_responses.RawResourcesByKey(self._observed_by)
        return cast("RawResourcesByKey", raw)

    def _observed_by(self, observe: Callable[[RawResponse[Any]], None]) -> Self:
        """Return a router that passes the RawResponse of each call to a function."""
        banks = {
            name: bank._observed_by(observe)  # noqa: SLF001  # our own class
            for name, bank in self.banks.items()
        }
        return self._with_banks(banks)

    def locate(self, key: str) -> Location:
        """Return where a customer is.

        Raises NotFound for a key that the directory does not have, and Conflict while a
        create of it is under way or unresolved.
        """
        _, location = self._routes.located(key)
        return location

    def key_of(self, provider: str, customer_id: str) -> str | None:
        """Return the key that leads to a customer of a bank, or None.

        None is also the answer for the copy that a moved customer left at another bank.
        """
        directory = self._directory
        keys = directly(directory.keys_of, provider, [customer_id])
        return keys.get(customer_id)

    def move(
        self,
        key: str,
        *,
        to: str,
        customer_id: str,
        expected: Location | None = None,
    ) -> Location:
        """Record that a customer is at another bank now, and return the new location.

        Nothing is sent to a bank: copy the customer first. The change is atomic: a call
        that starts after it goes to the new bank. With `expected`, a location that `locate`
        returned, Conflict is raised if the customer has moved or was updated since; an
        update that is under way is made at both banks. Raises Conflict if another key
        has the customer at the new bank.
        """
        target = self._location(to, customer_id)
        while True:
            entry, location = self._routes.located(key)
            if entry.state is EntryState.DELETING:
                raise Conflict(
                    "a deletion of this customer has not ended: repeat it, or wait",
                    outcome=Outcome.NOT_SENT,
                )
            if expected is not None and not _is_same(location, expected):
                raise changed_meanwhile()
            if location == target:
                return location
            moved = in_state(entry, entry.state, self._routes.now(), target)
            if directly(self._directory.replace, entry, moved):
                return Location(to, customer_id, moved.version)
            # An update has given the entry a new version, or another process moved it.
            if self.locate(key) != location:
                raise changed_meanwhile()

    def assign(self, key: str, *, to: str, customer_id: str) -> Location:
        """Give a key to a customer who exists at a bank, and return the location.

        Use it for customers from before the router, and for a create that `resolve` could
        not look up. Nothing is sent to the bank. Raises Conflict if the key leads to
        another customer, or another key to this one.
        """
        target = self._location(to, customer_id)
        entry = self._routes.find(key)
        if entry is None:
            added = DirectoryEntry(
                key=require_key(key),
                provider=to,
                customer_id=customer_id,
                state=EntryState.LOCATED,
                changed_at=self._routes.now(),
            )
            if directly(self._directory.insert, added):
                return Location(to, customer_id, added.version)
            raise changed_meanwhile()
        if entry.location is not None:
            if entry.location == target:
                return entry.location
            raise Conflict(
                "the key leads to another customer: use move() if the customer has moved",
                outcome=Outcome.NOT_SENT,
            )
        now = self._routes.now()
        located = in_state(entry, EntryState.LOCATED, now, target)
        self._routes.change(entry, located)
        return Location(to, customer_id, located.version)

    def forget(self, key: str) -> None:
        """Remove a key from the directory; nothing is sent to a bank.

        Use it after you have checked with the bank that the customer of an unresolved
        create does not exist, or to hand a customer to another key. Raises NotFound.
        """
        entry = self._routes.entry(key)
        if not self._routes.remove(entry):
            raise changed_meanwhile()

    def check(self) -> Mapping[str, BankHealth]:
        """Return the health of each bank, after one request to each, without retries."""
        return {name: _check(name, bank) for name, bank in self.banks.items()}

    def close(self) -> None:
        """Close the banks, and the directory if it has connections."""
        for bank in self.banks.values():
            bank.close()
        close = getattr(self._directory, "close", None)
        if close is not None:
            directly(close)

    def _location(self, provider: str, customer_id: str) -> Location:
        if provider not in self.banks:
            raise ConfigurationError("to: the router has no bank with this name")
        if not is_usable(customer_id):
            rule = "the id of a customer"
            issue = Issue(
                "customer_id", Effect.BLOCKED, rule, "anybank", f"must be {rule}"
            )
            raise InvalidInput([issue])
        return Location(provider, customer_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {' '.join(self.banks)}>"


# A key may be an e-mail address.
shield_methods(Router)


def _is_same(location: Location, expected: Location) -> bool:
    return location == expected and location.version == expected.version


_UNKNOWN_CUSTOMER = "00000000-0000-4000-8000-000000000000"
"""An id that no customer has, for a bank that offers neither a check nor a listing."""


def _check(name: str, bank: Bank) -> BankHealth:
    once = bank.with_options(retries=0)
    supports = bank.capabilities.supports
    probe = Feature.CUSTOMERS_GET
    try:
        if supports(Feature.CREDENTIALS_CHECK):
            probe = Feature.CREDENTIALS_CHECK
            once.credentials.check()
        elif supports(Feature.CUSTOMERS_LIST):
            probe = Feature.CUSTOMERS_LIST
            once.customers.list(page_size=1).first()
        else:
            once.customers.get(_UNKNOWN_CUSTOMER)
    except AnybankError as error:
        is_healthy = probe is Feature.CUSTOMERS_GET and isinstance(error, NotFound)
        return BankHealth(
            provider=name,
            is_healthy=is_healthy,
            probe=probe,
            error=None if is_healthy else error,
        )
    return BankHealth(provider=name, is_healthy=True, probe=probe)
