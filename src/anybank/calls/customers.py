"""Calls about customers and their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from ..capabilities import Feature
from ..errors import AnybankError, Outcome
from ..model import operations as ask
from ..model.addresses import Address
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..model.pages import Ends, Page
from ..preflight import Settled
from ..wire import Flow, Request
from .call import Asker, Call, Loss, begun, blocked, keyed, remembering


class CustomerCalls(Asker):
    """Calls about customers."""

    def create(
        self,
        new: NewCustomer | Settled[NewCustomer],
        accept_loss: Loss,
        key: str | None = None,
        *,
        read_back: bool = True,
    ) -> Call[Customer]:
        """Settle a new customer and make it; the customer tells what was changed."""
        feature = Feature.CUSTOMERS_CREATE
        self.require_feature(feature)
        settled = self.settled(new, accept_loss=accept_loss)
        question = ask.CreateCustomer(
            new=settled.value, idempotency_key=keyed(key), read_back=read_back
        )
        flow = begun(self.adapter.create_customer, question)
        flow = _reporting(remembering(flow, question.idempotency_key, key), settled)
        return Call(feature, flow, new)

    def get(self, customer_id: str) -> Call[Customer]:
        """Read a customer."""
        question = ask.GetCustomer(id=customer_id)
        return self.ask(Feature.CUSTOMERS_GET, self.adapter.get_customer, question)

    def list(self, token: str | None, page_size: int | None) -> Call[Page[Customer]]:
        """Read a page of customers."""
        question = ask.ListCustomers(token=token, page_size=self._page_size(page_size))
        return self.ask(Feature.CUSTOMERS_LIST, self.adapter.list_customers, question)

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
        flow = _reporting(begun(self.adapter.update_customer, question), settled)
        return Call(feature, flow, changes)

    def delete(self, customer_id: str) -> Call[None]:
        """Delete a customer."""
        question = ask.DeleteCustomer(id=customer_id)
        return self.ask_deletion(
            Feature.CUSTOMERS_DELETE, self.adapter.delete_customer, question
        )

    def resolve(self, error: AnybankError, new: NewCustomer) -> Call[Customer | None]:
        """Look whether a create whose outcome is unknown has happened."""
        feature = Feature.CUSTOMERS_LIST
        if error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED):
            return Call(feature, _nothing())
        self._require_reference(new)
        return Call(feature, self._found(new), new)

    def _require_reference(self, new: NewCustomer) -> None:
        create = self.adapter.capabilities.feature(Feature.CUSTOMERS_CREATE)
        if create.idempotency.kind != "client_reference":
            refusal = self.adapter.refuse(Feature.CUSTOMERS_LIST)
            said = "a lost create cannot be looked up: a person must look before it is"
            refusal.args = (f"{said} repeated; {refusal.args[0]}",)
            raise refusal
        self.require_feature(Feature.CUSTOMERS_LIST)
        if new.external_id is None:
            said = "must have been given for a lost create to be found again"
            raise blocked("external_id", "client reference", said)

    def _found(self, new: NewCustomer) -> Flow[Customer | None]:
        token: str | None = None
        ends: Ends[Customer] = Ends()
        while True:
            page = yield from self.adapter.list_customers(
                ask.ListCustomers(token=token)
            )
            for customer in page.items:
                if customer.external_id == new.external_id:
                    return customer
            token = ends.follow(page)
            if token is None:
                return None

    def _page_size(self, page_size: int | None) -> int | None:
        limits = self.adapter.capabilities.limits
        if page_size is None or not limits.page_sizes or page_size in limits.page_sizes:
            return page_size
        said = f"must be {limits.said_sizes}"
        raise blocked("page_size", "page sizes", said, limits.page_source)


class AddressCalls(Asker):
    """Calls about single addresses of a customer."""

    def create(
        self, customer_id: str, new: Address, *, kyc_passed: bool | None, loss: Loss
    ) -> Call[Address]:
        """Add an address."""
        self.require_feature(Feature.CUSTOMER_ADDRESSES_CREATE)
        settled = self._checked(new, kyc_passed=kyc_passed, loss=loss)
        question = ask.CreateCustomerAddress(customer_id=customer_id, new=settled)
        flow = self.adapter.create_customer_address
        return self.ask(Feature.CUSTOMER_ADDRESSES_CREATE, flow, question, new)

    def list(self, customer_id: str, token: str | None) -> Call[Page[Address]]:
        """Read the addresses."""
        del token  # no vendor pages them yet
        question = ask.ListCustomerAddresses(customer_id=customer_id)
        flow = self.adapter.list_customer_addresses
        return self.ask(Feature.CUSTOMER_ADDRESSES_LIST, flow, question)

    def update(
        self,
        customer_id: str,
        address: Address,
        *,
        kyc_passed: bool | None,
        loss: Loss,
    ) -> Call[Address]:
        """Replace the address that has this one's id."""
        if address.id is None:
            raise blocked("id", "an id", "must be that of the address to replace")
        self.require_feature(Feature.CUSTOMER_ADDRESSES_UPDATE)
        settled = self._checked(address, kyc_passed=kyc_passed, loss=loss)
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

    def _checked(
        self, address: Address, *, kyc_passed: bool | None, loss: Loss
    ) -> Address:
        """Apply the customer's rule for addresses to a single one."""
        marked = evolve(address, primary=bool(address.primary))
        if kyc_passed:
            changes = CustomerChanges(addresses=[marked])
            self.settled(changes, accept_loss=loss, kyc_passed=True)
        return self.settled(marked, accept_loss=loss).value


def _reporting(flow: Flow[Customer], settled: Settled[Any]) -> Flow[Customer]:
    customer = yield from flow
    return evolve(customer, issues=settled.issues) if settled.issues else customer


def _nothing() -> Flow[None]:
    yield from _no_requests()


def _no_requests() -> Iterator[Request]:
    return iter(())
