"""Adapters whose listings do not page backwards as they declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.broken.making import Flow, Table, subject_of

from anybank.declaration import Feature
from anybank.testing.conformance import Subject


def _paging_back(previous: Callable[[Any, Any], str | None]) -> Subject:
    """Return an Acme whose pages of customers have a previous token, as declared."""

    def listed(self: Acme, query: Any) -> Flow:
        page = yield from Acme.list_customers(self, query)
        return evolve(page, previous_token=previous(query, page))

    name = Feature.CUSTOMERS_LIST
    rule = evolve(ACME.feature(name), pages_backwards=True)
    capabilities = evolve(ACME, features={**ACME.features, name: rule})
    members = {"capabilities": capabilities, "list_customers": listed}
    return subject_of(type("PagingBack", (Acme,), members))


def _undeclared() -> Subject:
    def listed(self: Acme, query: Any) -> Flow:
        page = yield from Acme.list_customers(self, query)
        return evolve(page, previous_token=query.token)

    return subject_of(type("PagingBack", (Acme,), {"list_customers": listed}))


BROKEN: Table = {
    "declares to page backwards and does not": (
        "previous_tokens_lead_back",
        lambda: _paging_back(lambda _, page: None),
    ),
    "returns the token of the page itself as the previous one": (
        "previous_tokens_lead_back",
        lambda: _paging_back(lambda query, page: query.token),
    ),
    "has a page before the first one": (
        "previous_tokens_lead_back",
        lambda: _paging_back(lambda _, page: page.items[0].id),
    ),
    "pages backwards without a declaration": (
        "previous_tokens_lead_back",
        _undeclared,
    ),
}
