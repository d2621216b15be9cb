"""The conformance test of Sonder, for `anybank conformance sonder` and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from anybank.model.accounts import Account, AccountKind, Balance
from anybank.model.customers import Customer
from anybank.model.transactions import Transaction
from anybank.testing import AdapterConformance

from .adapter import Sonder
from .simulator import SonderSimulator

# The customer that "Retrieve A Customer" prints. https://dev.sonderlabs.io/customers
_PRINTED = Customer(
    provider="sonder",
    id="SU18VxiTglfSSSEIbbV3MJRmBZm1VVds",
    account_ids=["aub36832", "wlf47906"],
    first_name="Sarah",
    middle_name="Jane",
    last_name="Smith",
    preferred_name="Sarah",
    date_of_birth=date(1990, 1, 1),
    emails=["sara@example.com"],
)


class SonderConformance(AdapterConformance):
    """Sonder and its simulator, with the transactions that no operation creates."""

    adapter = Sonder
    simulator = SonderSimulator
    samples = {"cassettes": {"customers-get": _PRINTED}}  # noqa: RUF012  # never mutated

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the base's signature
        """Create a transaction: "Transactions" shows no operation that does."""
        if kind != "transaction":
            return None
        account = simulator.seed_account([simulator.seed_customer()])
        transaction: str = simulator.seed_transaction(account)
        return transaction

    def seed_expected(self, simulator: Any, bank: Any) -> Iterator[Any]:  # noqa: ARG002  # the base's signature
        """Create an account with a transaction, whose amounts have no unit."""
        customer = simulator.seed_customer()
        account = simulator.seed_account(
            [customer], type="SAVINGS", name="Rainy day", amount=1234.56, currency="USD"
        )
        yield Balance(account_id=account, native=Decimal("1234.56"))
        transaction = simulator.seed_transaction(
            account,
            amount=-19.99,
            date="2024-02-29",
            currency="USD",
            settlementType="DEBIT",
            originalTransactionDescription="Rent",
        )
        yield Transaction(
            id=transaction,
            account_id=account,
            native_amount=Decimal("-19.99"),
            native_kind="DEBIT",
            currency="USD",
            posted_on=date(2024, 2, 29),
            description="Rent",
        )
        yield Account(
            id=account,
            customer_ids=[customer],
            kind=AccountKind.SAVINGS,
            native_kind="SAVINGS",
            name="Rainy day",
            currency="USD",
            native_amount=Decimal("1234.56"),
            transaction_ids=[transaction],
        )
