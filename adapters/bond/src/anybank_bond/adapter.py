"""Bond's API as flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from anybank.adapter import Adapter
from anybank.capabilities import Feature
from anybank.errors import (
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    Issue,
    Outcome,
    ProviderError,
)
from anybank.model import operations as ask
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerChanges, NewCustomer
from anybank.model.pages import Page
from anybank.model.unset import UNSET
from anybank.options import credential, option
from anybank.problems import Problem
from anybank.sensitive import Sensitive
from anybank.wire import Flow, Request, Response, delete, get, patch, post, segment

from . import customers, errors
from .declaration import CAPABILITIES, MANAGING, strict_after_kyc

_LARGEST_PAGE = 50


@frozen(kw_only=True)
class BondOptions:
    """What a user of Bond configures."""

    identity: Sensitive = credential("the key id of the Identity header")
    authorization: Sensitive = credential("the secret of the Authorization header")
    strict_kyc: bool = option(
        "refuse every change after KYC, as the KYC page says", default=False
    )


class Bond(Adapter):
    """Bond, API version 0.1."""

    capabilities = CAPABILITIES
    Options = BondOptions

    def __init__(self, options: BondOptions) -> None:
        super().__init__(options)
        if options.strict_kyc:
            self.capabilities = strict_after_kyc(CAPABILITIES)

    def authenticate(self, request: Request, credentials: BondOptions) -> Request:
        """Add the two headers; the secret is sent bare, without "Bearer" (row 33)."""
        return request.with_headers(
            identity=credentials.identity, authorization=credentials.authorization
        )

    def problem(self, response: Response) -> Problem | None:
        """Read Bond's error answers."""
        return errors.problem(self.capabilities, response)

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Make a customer; the path has a trailing slash here alone (row 31)."""
        response = yield post("/customers/", customers.new_customer(query.new))
        return customers.customer(response.json())

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        """Read a customer."""
        response = yield get(f"/customers/{segment(query.id)}")
        return customers.customer(response.json())

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        """Read a page; one that is not full is the last (bond.md §3.5)."""
        page, size = _page_number(query.token), query.page_size or _LARGEST_PAGE
        response = yield get("/customers", query={"page": page, "per_page": size})
        found = customers.customers(response.json())
        return Page(found, str(page + 1) if len(found) >= size else None)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Change what is given; after KYC the primary address goes along unchanged."""
        changes = query.changes
        if query.kyc_passed and changes.addresses:
            current = yield from self._current(query.id)
            changes = evolve(changes, addresses=_beside(current, changes.addresses))
        path = f"/customers/{segment(query.id)}"
        try:
            response = yield patch(path, customers.changes(changes))
        except ProviderError as error:
            if error.code != "kyc_customer":
                raise
            raise self._not_updatable(error, query.changes) from None
        return customers.customer(response.json())

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        """Delete a customer; the answer is a line of text (row 4)."""
        yield delete(f"/customers/{segment(query.id)}")

    def _current(self, customer_id: str) -> Flow[Customer]:
        path = f"/customers/{segment(customer_id)}"
        response = yield get(path, feature=Feature.CUSTOMERS_GET)
        return customers.customer(response.json())

    def _not_updatable(
        self, error: ProviderError, changes: CustomerChanges
    ) -> FieldNotUpdatable:
        """Name the fields that the vendor named, else those that KYC fixes."""
        rules = self.capabilities.rules(NewCustomer)
        fixed = [
            name
            for name, rule in rules.items()
            if rule.update == "before_kyc"
            and getattr(changes, name, UNSET) is not UNSET
        ]
        return FieldNotUpdatable(
            map(_after_kyc, error.field_errors or fixed), outcome=Outcome.REFUSED
        )


def _after_kyc(field: str) -> Issue:
    said = "Bond refused to change it: the customer has passed KYC; contact Bond"
    return Issue(field, Effect.BLOCKED, "update=before_kyc", MANAGING, said)


def _beside(current: Customer, secondary: Sequence[Address]) -> tuple[Address, ...]:
    """Put secondary addresses beside the primary one: the list is sent whole."""
    primary = current.address
    return (*((primary,) if primary else ()), *secondary)


def _page_number(token: Any) -> int:
    if token is None:
        return 1
    if isinstance(token, str) and token.isascii() and token.isdigit() and int(token):
        return int(token)
    said = "must be the next_token of a page"
    raise InvalidInput([Issue("token", Effect.BLOCKED, "token", MANAGING, said)])
