"""The conformance test of Sonder, for `anybank conformance sonder` and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import evolve

from anybank.adapter.problems import Problem
from anybank.errors import (
    Conflict,
    NotFound,
    ProviderUnavailable,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.accounts import Account, AccountKind, Balance
from anybank.model.customers import Customer
from anybank.model.transactions import Transaction
from anybank.testing import AdapterConformance, PrintedError

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


# "Errors" names a type and a message, and the two types; "Customers" shows the envelope.
# https://dev.sonderlabs.io/errors, https://dev.sonderlabs.io/customers
_BAD = {"type": "invalid_request", "message": "no", "documentation_url": "https://x"}
_DOWN = {**_BAD, "type": "api_error"}
_REJECTED = Problem(kind=Rejected, type="invalid_request", message="no")


def _enveloped(error: Any, *, success: bool = False) -> dict[str, Any]:
    ids = {"requestId": "r-1", "log_ref_id": "l-1"}
    return {"data": None, "success": success, "error": error, **ids}


_ERRORS = (
    PrintedError(
        status=400,
        body=_enveloped(_BAD),
        problem=evolve(_REJECTED, request_id="r-1", log_reference="l-1"),
    ),
    PrintedError(status=200, body=_enveloped(_BAD), problem=_REJECTED),
    PrintedError(
        status=200,
        body=_enveloped(_DOWN),
        problem=Problem(kind=ProviderUnavailable, type="api_error"),
    ),
    PrintedError(
        status=200,
        body=_enveloped("invalid_request"),
        problem=Problem(kind=Rejected, type="invalid_request"),
    ),
    PrintedError(status=200, body=_enveloped(None), problem=Problem(kind=Rejected)),
    # A success and an error at once: the outcome is unknown.
    PrintedError(
        status=200,
        body=_enveloped(_BAD, success=True),
        problem=Problem(kind=UnexpectedResponse, type="invalid_request"),
    ),
    PrintedError(status=200, body=_BAD, problem=_REJECTED),
    PrintedError(
        status=404, body=_enveloped(_BAD), problem=evolve(_REJECTED, kind=NotFound)
    ),
    PrintedError(
        status=409, body=_enveloped(_BAD), problem=evolve(_REJECTED, kind=Conflict)
    ),
)


class SonderConformance(AdapterConformance):
    """Sonder and its simulator, with the transactions that no operation creates."""

    adapter = Sonder
    simulator = SonderSimulator
    samples = {  # noqa: RUF012  # never mutated
        "cassettes": {"customers-get": _PRINTED},
        "errors": _ERRORS,
    }

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
        # A second one, so that the account lists two.
        other = simulator.seed_transaction(account, amount=5.25, date="2024-03-01")
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
            transaction_ids=[transaction, other],
        )
