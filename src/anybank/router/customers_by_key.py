# Generated from aio_customers_by_key.py by `make sync`: edit that file instead.

"""The customers of all banks of a router, by the app's own keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Unpack

from attrs import evolve

from ..errors import (
    AlreadyExists,
    AnybankError,
    ConfigurationError,
    Conflict,
    NotFound,
    Outcome,
)
from ..model.features import Feature
from ..sensitive import shield_methods
from .directory import DirectoryEntry, EntryState, Location, require_key
from .listing import RoutedListing
from .references import (
    Loss,
    lookup_key,
    reference_of,
    require_same_reference,
    with_references,
)
from .routes import (
    Routes,
    changed_meanwhile,
    had_no_effect,
    in_state,
    unresolved,
)
from .threads import directly

if TYPE_CHECKING:
    from .._engine.extra_content import ExtraContent
    from ..client import Bank
    from ..declaration.preflight import Prepared
    from ..model.customers import Customer, CustomerChanges, NewCustomer


class CustomersByKey:
    """The customers of all banks; a key is your own id of a customer."""

    def __init__(
        self, routes: Routes, default: str | None, settle_after: float
    ) -> None:
        self._routes = routes
        self._default = default
        self._settle_after = settle_after

    def create(
        self,
        new: NewCustomer | Prepared[NewCustomer],
        *,
        key: str,
        provider: str | None = None,
        accept_loss: Loss = (),
        idempotency_key: str | None = None,
        read_back: bool = True,
        **extra: Unpack[ExtraContent],
    ) -> Customer:
        """Create a customer at the default bank, or at *provider*, under a key.

        The key is reserved in the directory before anything is sent, so that no other
        process creates it too. Where the bank looks a lost create up by `external_id` and
        none is set, the key becomes the `external_id`. Raises AlreadyExists for a key that
        has a customer, and Conflict for one whose create is under way or unresolved.
        After an unknown outcome the reservation stays until `resolve` has settled it. The
        other arguments and errors are those of `Bank.customers.create`.
        """
        require_key(key)
        name, bank = self._bank_for_new(provider)
        new, idempotency_key = with_references(bank, new, key, idempotency_key)
        entry = DirectoryEntry(
            key=key,
            provider=name,
            state=EntryState.RESERVED,
            reference=reference_of(new),
            idempotency_key=idempotency_key,
            changed_at=self._routes.now(),
        )
        may_be_sent = False
        try:
            self._reserve(entry)
            may_be_sent = True
            customer = bank.customers.create(
                new,
                accept_loss=accept_loss,
                idempotency_key=idempotency_key,
                read_back=read_back,
                **extra,
            )
        except BaseException as error:
            self._end(entry, error, may_be_sent=may_be_sent)
            raise
        self._locate(entry, customer.id)
        return customer

    def get(self, key: str) -> Customer:
        """Read a customer; raises NotFound for a key that the directory does not have."""

        def read(bank: Bank, customer_id: str) -> Customer:
            customer = bank.customers.get(customer_id)
            self._follow_id(key, customer_id, customer.id)
            return customer

        return self._routes.run(key, read)

    def list(self, *, page_size: int | None = None) -> RoutedListing[Customer]:
        """List the customers of all banks to whom a key leads, each once.

        A customer whom a migration has copied is listed where the directory says, and not
        at the other bank. Customers of a bank that has no listing are read one by one. The
        keys of the listed customers are held in memory.
        """
        return RoutedListing(partial(self._all, page_size))

    def update(
        self,
        key: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None = None,
        accept_loss: Loss = (),
        **extra: Unpack[ExtraContent],
    ) -> Customer:
        """Change a customer and return its new state.

        If the customer moves while the bank makes the change, it is made at the new bank
        as well. The other arguments and errors are those of `Bank.customers.update`:
        `extra_body` and `extra_headers` go to whichever bank has the customer, so that
        `extras` are the safer way out.
        """
        while True:
            entry, location = self._routes.located(key)
            bank = self._routes.bank(location.provider)
            try:
                customer = bank.customers.update(
                    location.customer_id,
                    changes,
                    kyc_passed=kyc_passed,
                    accept_loss=accept_loss,
                    **extra,
                )
            except NotFound:
                _, now = self._routes.located(key)
                if now == location:
                    raise
                continue
            except BaseException as error:
                if not had_no_effect(error):
                    with suppress(AnybankError):
                        self._routes.touch(entry)
                raise
            if self._routes.touch(entry):
                self._follow_id(key, location.customer_id, customer.id)
                return customer

    def delete(self, key: str) -> None:
        """Delete a customer, and then the key.

        After an unknown outcome the key stays, and a repeated deletion that does not find
        the customer counts as a success.
        """
        while True:
            entry, location = self._routes.located(key)
            bank = self._routes.bank(location.provider)
            is_repeated = entry.state is EntryState.DELETING
            if is_repeated:
                break
            deleting = in_state(entry, EntryState.DELETING, self._routes.now())
            # It fails after an update, or a move, in another process.
            if directly(self._routes.directory.replace, entry, deleting):
                entry = deleting
                break
        try:
            bank.customers.delete(location.customer_id)
        except BaseException as error:
            if is_repeated and isinstance(error, NotFound):
                self._remove(entry)
                return
            if had_no_effect(error) and not is_repeated:
                located = in_state(entry, EntryState.LOCATED, self._routes.now())
                with suppress(AnybankError):
                    self._routes.change(entry, located)
            raise
        self._remove(entry)

    def resolve(
        self, error: BaseException | None, new: NewCustomer, *, key: str
    ) -> Customer | None:
        """Look for the customer of a create; None means that it does not exist.

        A customer that exists gets the key, and without one the key is free again. The
        create is never repeated. Pass the error's `idempotency_key` to the next create, where
        the bank has keys: a request that timed out may still be under way. `new` is what was
        to be created, and `error` the exception that ended the create, or None.

        Raises Conflict while another process may still be creating the customer. Raises
        Unsupported if the bank offers no look-up: a person then checks with the bank, and
        records the answer with `Router.assign` or `Router.forget`.
        """
        del error  # the directory knows more: another process may have created the key
        entry = self._routes.find(key)
        if entry is None:
            return None
        if entry.location is not None:
            return self.get(key)
        require_same_reference(entry, new)
        bank = self._routes.bank(entry.provider)
        customer = bank.customers.resolve(
            None,
            evolve(new, external_id=entry.reference),
            idempotency_key=lookup_key(bank, entry),
        )
        if customer is not None:
            self._locate(entry, customer.id)
            return customer
        self._require_ended(entry)
        if self._routes.remove(entry):
            return None
        return self.resolve(None, new, key=key)

    def _remove(self, entry: DirectoryEntry) -> None:
        """Remove the key of a deleted customer."""
        current = entry
        while not self._routes.remove(current):
            stored = self._routes.find(entry.key)
            # Another process may have removed the key, and a new customer may have it.
            if stored is None or stored.state is not EntryState.DELETING:
                return
            if stored.location != entry.location:
                # The copy of the customer at the target has just been verified.
                self.delete(entry.key)
                return
            current = stored

    def _bank_for_new(self, provider: str | None) -> tuple[str, Bank]:
        name = provider or self._default
        if name is None:
            raise ConfigurationError(
                "the router has no default bank: pass default= to it, or provider= to the "
                "create"
            )
        if name not in self._routes.banks:
            raise ConfigurationError("provider: the router has no bank with this name")
        return name, self._routes.banks[name]

    def _follow_id(self, key: str, old: str, new: str) -> None:
        """Record the id that a bank has given a customer since, after its decision."""
        if new == old:
            return
        entry, location = self._routes.located(key)
        if location.customer_id != old:
            return
        place = Location(location.provider, new)
        renamed = in_state(entry, entry.state, self._routes.now(), place)
        # The old id works as well, so that a later call may record the new one.
        with suppress(AnybankError):
            directly(self._routes.directory.replace, entry, renamed)

    def _reserve(self, entry: DirectoryEntry) -> None:
        """Add the entry of a create; raises Conflict if the key has one already."""
        if directly(self._routes.directory.insert, entry):
            return
        stored = self._routes.find(entry.key)
        if stored is None:
            raise changed_meanwhile()
        if stored.location is None:
            raise unresolved()
        raise AlreadyExists(
            "the directory has a customer with this key", outcome=Outcome.NOT_SENT
        )

    def _end(
        self, entry: DirectoryEntry, error: BaseException, *, may_be_sent: bool
    ) -> None:
        """Free the key of a create that had no effect; mark any other as unknown."""
        from .._engine.calls.lookups import certainly_failed  # noqa: PLC0415  # loaded

        has_failed = not may_be_sent or certainly_failed(
            error, Feature.CUSTOMERS_CREATE
        )
        # The error of the create counts. If the directory fails as well, the entry stays
        # reserved, and `resolve` settles it later.
        with suppress(AnybankError):
            if has_failed:
                self._routes.remove(entry)
                return
            unknown = in_state(entry, EntryState.UNKNOWN, self._routes.now())
            self._routes.change(entry, unknown)
        if not has_failed and isinstance(error, AnybankError):
            error.retryable = False  # the key is in use until it is resolved

    def _locate(self, entry: DirectoryEntry, customer_id: str) -> None:
        """Record the customer of a create."""
        location = Location(entry.provider, customer_id)
        located = in_state(entry, EntryState.LOCATED, self._routes.now(), location)
        try:
            if directly(self._routes.directory.replace, entry, located):
                return
            current = self._routes.find(entry.key)
        except AnybankError as error:
            error.outcome, error.retryable = Outcome.DONE, False
            raise
        # Another process may have resolved the same create.
        if current is None or current.location != location:
            raise Conflict(
                "the customer exists, but the directory's entry of its key has changed: "
                "check the key with locate(), and record the customer with assign()",
                outcome=Outcome.DONE,
            )

    def _require_ended(self, entry: DirectoryEntry) -> None:
        """Raise Conflict while another process may be sending the create of an entry."""
        left = entry.changed_at + self._settle_after - self._routes.now()
        if entry.state is EntryState.RESERVED and left > 0:
            raise Conflict(
                "the create of this key may still be under way: call resolve again in "
                f"{left:.0f} seconds",
                retry_after=left,
                outcome=Outcome.NOT_SENT,
            )

    def _all(self, page_size: int | None) -> Iterator[Customer]:
        listed: set[str] = set()
        for name, bank in self._routes.banks.items():
            if not bank.capabilities.supports(Feature.CUSTOMERS_LIST):
                continue
            for page in bank.customers.list(page_size=page_size).pages():
                for key, customer in self._keyed(name, page.items):
                    if key not in listed:
                        listed.add(key)
                        yield customer
        # Those at a bank without a listing, and those who have moved meanwhile.
        for entry in self._routes.entries():
            if entry.location is None or entry.key in listed:
                continue
            customer_now = self._if_there(entry)
            if customer_now is not None:
                yield customer_now

    def _keyed(
        self, provider: str, customers: Collection[Customer]
    ) -> Collection[tuple[str, Customer]]:
        """Return the customers to whom a key leads, each with the key."""
        ids = [customer.id for customer in customers]
        if not ids:
            return ()
        keys = directly(self._routes.directory.keys_of, provider, ids)
        return [(keys[item.id], item) for item in customers if item.id in keys]

    def _if_there(self, entry: DirectoryEntry) -> Customer | None:
        """Read a customer, or return None if the key has been deleted meanwhile."""
        try:
            return self.get(entry.key)
        except NotFound:
            if self._routes.find(entry.key) is None:
                return None
            raise


shield_methods(CustomersByKey)
