"""Calls about customers and their addresses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import evolve

from ...adapter.wire import Flow
from ...declaration.consent import ALL, accepted_names
from ...declaration.preflight import Prepared
from ...model import operations as ask
from ...model.addresses import Address
from ...model.customers import Customer, CustomerChanges, NewCustomer
from ...model.features import Feature
from ...model.pages import Page
from .call import Asker, Call, Loss, begun, blocked, remembering
from .lookups import (
    ContentAsker,
    Match,
    by_field,
    look,
    never_happened,
    nothing,
    require_lookup,
    unfindable,
)


class CustomerCalls(Asker):
    """Calls about customers."""

    def create(
        self,
        new: NewCustomer | Prepared[NewCustomer],
        accept_loss: Loss,
        idempotency_key: str | None = None,
        *,
        read_back: bool = True,
    ) -> Call[Customer]:
        """Settle a new customer and make it; the customer tells what was changed."""
        feature = Feature.CUSTOMERS_CREATE
        self.require_feature(feature)
        key = self.key_for(feature, idempotency_key)
        settled = self.settled(new, accept_loss=accept_loss)
        question = ask.CreateCustomer(
            new=settled.value, idempotency_key=key, read_back=read_back
        )
        flow = self.answered(feature, self.adapter.create_customer, question)
        flow = remembering(flow, key, idempotency_key, self.repeats(feature))
        return Call(feature, _reporting(flow, settled), new)

    def get(self, customer_id: str) -> Call[Customer]:
        """Read a customer."""
        question = ask.GetCustomer(id=customer_id)
        return self.ask(Feature.CUSTOMERS_GET, self.adapter.get_customer, question)

    def list(self, token: str | None, page_size: int | None) -> Call[Page[Customer]]:
        """Read a page of customers."""
        question = ask.ListCustomers(
            token=token, page_size=self.page_size(page_size, declared=True)
        )
        return self.ask_page(
            Feature.CUSTOMERS_LIST, self.adapter.list_customers, question
        )

    def update(
        self,
        customer_id: str,
        changes: CustomerChanges,
        *,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Customer]:
        """Settle the changes and make them; fields that may not change are refused."""
        feature = Feature.CUSTOMERS_UPDATE
        self.require_feature(feature)
        settled = self.settled(changes, accept_loss=accept_loss, kyc_passed=kyc_passed)
        question = ask.UpdateCustomer(
            id=customer_id, changes=settled.value, kyc_passed=kyc_passed
        )
        flow = self.answered(feature, self.adapter.update_customer, question)
        flow = _reporting(flow, settled)
        return Call(feature, flow, changes)

    def delete(self, customer_id: str) -> Call[None]:
        """Delete a customer."""
        question = ask.DeleteCustomer(id=customer_id)
        return self.ask_deletion(
            Feature.CUSTOMERS_DELETE, self.adapter.delete_customer, question
        )

    def resolve(
        self,
        error: BaseException | None,
        new: NewCustomer,
        idempotency_key: str | None = None,
    ) -> Call[Customer | None]:
        """Look for the customer of a create, by our reference or its idempotency key."""
        feature = Feature.CUSTOMERS_CREATE
        self.require_feature(feature)
        repeats = self.repeats(feature)
        if idempotency_key is not None and not repeats.listed_by_key:
            self.key_for(feature, idempotency_key)
            message = "cannot be looked up here: leave it out"
            raise blocked("idempotency_key", "no look-up by key", message)
        if never_happened(error, feature):
            return Call(Feature.CUSTOMERS_LIST, nothing())
        key = idempotency_key or getattr(error, "idempotency_key", None)
        flow = self._by_key(key) if repeats.listed_by_key else self._by_reference(new)
        return Call(Feature.CUSTOMERS_LIST, flow, new)

    def _by_key(self, key: str | None) -> Flow[Customer | None]:
        self.require_feature(Feature.CUSTOMERS_LIST)
        if not key:
            message = "must be the key of the create: that of its error, or your own"
            raise blocked("idempotency_key", "a key", message)

        def pages(token: str | None) -> Flow[Page[Customer]]:
            question = ask.ListCustomers(token=token, idempotency_key=key)
            return begun(self.adapter.list_customers, question)

        return look(pages, lambda _: Match.YES, "this idempotency key")

    def _by_reference(self, new: NewCustomer) -> Flow[Customer | None]:
        repeats = self.repeats(Feature.CUSTOMERS_CREATE)
        if repeats.kind != "client_reference":
            raise unfindable(self, Feature.CUSTOMERS_LIST)
        self.require_feature(Feature.CUSTOMERS_LIST)
        name = repeats.reference or "external_id"
        reference = getattr(new, name)
        if reference is None:
            message = "must have been sent for a lost create to be found again"
            raise blocked(name, "client reference", message)

        def pages(token: str | None) -> Flow[Page[Customer]]:
            return begun(self.adapter.list_customers, ask.ListCustomers(token=token))

        return look(pages, by_field(name, reference), f"this {name}")


class AddressCalls(ContentAsker):
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
        self.require_feature(Feature.CUSTOMER_ADDRESSES_CREATE)
        settled = self._checked(new, kyc_passed=kyc_passed, loss=accept_loss)
        question = ask.CreateCustomerAddress(customer_id=customer_id, new=settled)
        flow = self.adapter.create_customer_address
        return self.ask(Feature.CUSTOMER_ADDRESSES_CREATE, flow, question, new)

    def list(self, customer_id: str, token: str | None) -> Call[Page[Address]]:
        """Read the addresses."""
        del token  # no vendor pages them yet
        question = ask.ListCustomerAddresses(customer_id=customer_id)
        flow = self.adapter.list_customer_addresses
        return self.ask_page(Feature.CUSTOMER_ADDRESSES_LIST, flow, question)

    def update(
        self,
        customer_id: str,
        address: Address,
        *,
        kyc_passed: bool | None,
        accept_loss: Loss,
    ) -> Call[Address]:
        """Replace the address that has this one's id."""
        if address.id is None:
            raise blocked("id", "an id", "must be that of the address to replace")
        self.require_feature(Feature.CUSTOMER_ADDRESSES_UPDATE)
        settled = self._checked(address, kyc_passed=kyc_passed, loss=accept_loss)
        question = ask.UpdateCustomerAddress(
            customer_id=customer_id, id=address.id, address=settled
        )
        flow = self.adapter.update_customer_address
        return self.ask(Feature.CUSTOMER_ADDRESSES_UPDATE, flow, question, address)

    def delete(self, customer_id: str, address_id: str) -> Call[None]:
        """Remove an address."""
        question = ask.DeleteCustomerAddress(customer_id=customer_id, id=address_id)
        flow = self.adapter.delete_customer_address
        return self.ask_deletion(Feature.CUSTOMER_ADDRESSES_DELETE, flow, question)

    def resolve(
        self,
        error: BaseException | None,
        customer_id: str,
        new: Address,
        known: Collection[str],
    ) -> Call[Address | None]:
        """Look for the address of a create, by its content."""
        create, listing = (
            Feature.CUSTOMER_ADDRESSES_CREATE,
            Feature.CUSTOMER_ADDRESSES_LIST,
        )
        self.require_feature(create)
        if never_happened(error, create):
            return Call(listing, nothing())
        require_lookup(self, create, listing)
        sent = self._checked(new, kyc_passed=None, loss=ALL)
        question = ask.ListCustomerAddresses(customer_id=customer_id)
        flow = self.by_content(
            lambda _: begun(self.adapter.list_customer_addresses, question), sent, known
        )
        return Call(listing, flow, new)

    def _checked(
        self, address: Address, *, kyc_passed: bool | None, loss: Loss
    ) -> Address:
        """Apply the customer's rule for addresses to a single one."""
        names = accepted_names(Address, loss)
        marked = evolve(address, primary=bool(address.primary))
        if kyc_passed:
            changes = CustomerChanges(addresses=[marked])
            whole = {name if name == ALL else f"addresses.{name}" for name in names}
            self.settled(changes, accept_loss=whole, kyc_passed=True)
        return self.settled(marked, accept_loss=names).value


def _reporting(flow: Flow[Customer], settled: Prepared[Any]) -> Flow[Customer]:
    customer = yield from flow
    return evolve(customer, issues=settled.issues) if settled.issues else customer
