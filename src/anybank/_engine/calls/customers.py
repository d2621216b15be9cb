"""Calls about customers and their addresses."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from attrs import evolve

from ...adapter.wire import Flow
from ...declaration.consent import ALL, accepted_names
from ...declaration.preflight import Prepared
from ...declaration.returned_values import complete
from ...model import operations as ask
from ...model.addresses import Address
from ...model.customers import Customer, CustomerChanges, NewCustomer
from ...model.features import Feature
from ...model.pages import Page
from .call import Call, CallBuilder, Loss, argument_error
from .lookups import (
    Match,
    certainly_failed,
    find_one,
    lookup_unsupported,
    match_by_field,
    no_result,
    resolve_by_content,
)


class CustomerCalls(CallBuilder):
    """Calls about customers."""

    def create(
        self,
        new: NewCustomer | Prepared[NewCustomer],
        accept_loss: Loss,
        idempotency_key: str | None = None,
        *,
        read_back: bool = True,
    ) -> Call[Customer]:
        """Create a customer; its `issues` report what was changed or dropped."""
        return self.ask_create(
            ask.CreateCustomer,
            new,
            idempotency_key,
            accept_loss=accept_loss,
            read_back=read_back,
        )

    def get(self, customer_id: str) -> Call[Customer]:
        """Read a customer."""
        return self.ask(ask.GetCustomer(id=customer_id))

    def list(self, token: str | None, page_size: int | None) -> Call[Page[Customer]]:
        """Read a page of customers."""
        size = self.page_size(page_size, declared=True)
        return self.ask_page(ask.ListCustomers(token=token, page_size=size))

    def update(
        self,
        customer_id: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Customer]:
        """Change a customer; raises FieldNotUpdatable for a field that is final."""
        self.require_feature(ask.UpdateCustomer.feature)
        prepared = self.prepare(changes, accept_loss=accept_loss, kyc_passed=kyc_passed)
        question = ask.UpdateCustomer(
            id=customer_id, changes=prepared.value, kyc_passed=kyc_passed
        )
        return self.ask(question, changes, issues=prepared.issues)

    def delete(self, customer_id: str) -> Call[None]:
        """Delete a customer."""
        return self.ask(ask.DeleteCustomer(id=customer_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewCustomer,
        idempotency_key: str | None = None,
    ) -> Call[Customer | None]:
        """Look for the customer of a failed create, by reference or idempotency key."""
        feature = Feature.CUSTOMERS_CREATE
        self.require_feature(feature)
        by_key = self.idempotency(feature).listed_by_key
        if idempotency_key is not None and not by_key:
            self.key_for(feature, idempotency_key)  # raises if the vendor has no keys
            message = "the vendor cannot look up by key: omit it"
            raise argument_error("idempotency_key", "no look-up by key", message)
        if certainly_failed(error, feature):
            return Call(Feature.CUSTOMERS_LIST, no_result())
        key = idempotency_key or getattr(error, "idempotency_key", None)
        flow = self._find_by_key(key) if by_key else self._find_by_reference(new)
        finish = partial(
            complete,
            capabilities=self.adapter.capabilities,
        )
        return Call(Feature.CUSTOMERS_LIST, flow, new, finish)

    def _find_by_key(self, key: str | None) -> Flow[Customer | None]:
        self.require_feature(Feature.CUSTOMERS_LIST)
        if not key:
            message = "must be the key of the create: its error's key, or your own"
            raise argument_error("idempotency_key", "a key", message)
        return find_one(
            lambda token: self.begin(
                ask.ListCustomers(token=token, idempotency_key=key)
            ),
            lambda _: Match.YES,
            "this idempotency key",
        )

    def _find_by_reference(self, new: NewCustomer) -> Flow[Customer | None]:
        idempotency = self.idempotency(Feature.CUSTOMERS_CREATE)
        name = idempotency.lookup_field
        if name is None:
            raise lookup_unsupported(self, Feature.CUSTOMERS_LIST)
        self.require_feature(Feature.CUSTOMERS_LIST)
        reference = getattr(new, name)
        if reference is None:
            message = "must have been set in the create that is looked for"
            raise argument_error(name, "client reference", message)
        # The vendor's filter saves the pages of all other customers. What it returns is
        # compared all the same, because a vendor may ignore it.
        chosen = reference if idempotency.listed_by_reference else None
        return find_one(
            lambda token: self.begin(
                ask.ListCustomers(token=token, external_id=chosen)
            ),
            match_by_field(name, reference),
            f"this {name}",
        )


class AddressCalls(CallBuilder):
    """Calls about single addresses of a customer."""

    def create(
        self,
        customer_id: str,
        new: Address,
        *,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Address]:
        """Add an address."""
        self.require_feature(ask.CreateCustomerAddress.feature)
        prepared = self._prepare(new, kyc_passed=kyc_passed, loss=accept_loss)
        question = ask.CreateCustomerAddress(customer_id=customer_id, new=prepared)
        return self.ask(question, new)

    def list(self, customer_id: str, token: str | None) -> Call[Page[Address]]:
        """Read the addresses."""
        del token  # no vendor splits them into pages
        return self.ask_page(ask.ListCustomerAddresses(customer_id=customer_id))

    def update(
        self,
        customer_id: str,
        address: Address,
        *,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Address]:
        """Replace the address with the same id."""
        if address.id is None:
            message = "must be the id of the address to replace"
            raise argument_error("id", "an id", message)
        self.require_feature(ask.UpdateCustomerAddress.feature)
        prepared = self._prepare(address, kyc_passed=kyc_passed, loss=accept_loss)
        question = ask.UpdateCustomerAddress(
            customer_id=customer_id, id=address.id, address=prepared
        )
        return self.ask(question, address)

    def delete(self, customer_id: str, address_id: str) -> Call[None]:
        """Delete an address."""
        return self.ask(
            ask.DeleteCustomerAddress(customer_id=customer_id, id=address_id)
        )

    def resolve(
        self,
        error: BaseException | None,
        customer_id: str,
        new: Address,
        known: Collection[str],
    ) -> Call[Address | None]:
        """Look for the address of a failed create, by its content."""
        return resolve_by_content(
            self,
            error,
            new,
            create=ask.CreateCustomerAddress,
            listing=lambda _: ask.ListCustomerAddresses(customer_id=customer_id),
            prepare=lambda new: self._prepare(new, kyc_passed=None, loss=ALL),
            known=known,
        )

    def _prepare(
        self, address: Address, *, kyc_passed: bool | None, loss: Loss
    ) -> Address:
        """Prepare one address, also by the rules for a customer's addresses after KYC."""
        names = accepted_names(Address, loss)
        marked = evolve(address, primary=bool(address.primary))
        if kyc_passed:
            # The rules after KYC are declared for the list of a customer's addresses.
            changes = CustomerChanges(addresses=[marked])
            whole = {name if name == ALL else f"addresses.{name}" for name in names}
            self.prepare(changes, accept_loss=whole, kyc_passed=True)
        return self.prepare(marked, accept_loss=names).value
