"""A bank that opens an account with each customer, and returns the key of a create, is examined."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.seeds import AcmeConformance

from anybank import Account, Customer
from anybank.adapter.wire import Flow
from anybank.declaration import Feature
from anybank.model import operations as ask
from anybank.model.pages import Page
from anybank.testing.conformance import run_check

REQUIRED = {"customer_id": "each customer has one account"}


class OwnAccounts(Acme):
    """Acme, if each person had one account, and the key of a create were returned."""

    capabilities = evolve(
        ACME,
        features={
            **ACME.features,
            Feature.ACCOUNTS_LIST: evolve(
                ACME.features[Feature.ACCOUNTS_LIST], requires=REQUIRED
            ),
        },
    )

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        """Return the key with the customer."""
        customer = yield from super().create_customer(query)
        return evolve(customer, brand_id=query.idempotency_key)

    def create_account(self, query: ask.CreateAccount) -> Flow[Account]:
        """Return the account of the person."""
        yield from super().create_account(query)
        (owner,) = query.new.customer_ids
        return Account(id=owner, customer_ids=[owner])

    def list_accounts(self, query: ask.ListAccounts) -> Flow[Page[Account]]:
        """Return the account of the person."""
        yield from super().list_accounts(query)
        owner = query.customer_id or ""
        return Page(items=[Account(id=owner, customer_ids=[owner])])


class OwnAccountsConformance(AcmeConformance):
    adapter = OwnAccounts

    def seed_expected(self, simulator: Any, bank: Any) -> Any:
        """Return two people with an account each, of whom one account is named."""
        yield Account(id="person-1", customer_ids=["person-1"])
        yield Customer(id="person-2", provider="acme")


@pytest.mark.parametrize(
    "check",
    [
        "async_bank_matches_bank",
        "listings_are_complete_and_end",
        "people_without_accounts_have_none",
    ],
)
def test_the_kit_passes_accounts_of_their_owners(check: str) -> None:
    """One account for each customer is a complete listing, and no account of others."""
    result = run_check(OwnAccountsConformance.subject(), check)
    assert (result.passed, result.message, result.skipped) == (True, "", "")


def test_records_that_are_seeded_once_are_missing_from_other_listings() -> None:
    """A seed that returns one transaction again is no complete listing."""

    class Repeating(AcmeConformance):
        def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:
            """Create the first transaction only."""
            known = getattr(simulator, "first", None)
            if kind != "transaction" or known is None:
                known = simulator.first = super().seed(kind, simulator, bank)
            return str(known) if known else None

    result = run_check(Repeating.subject(), "listings_are_complete_and_end")
    assert "transactions.list returned 1 of 2 records" in result.message
