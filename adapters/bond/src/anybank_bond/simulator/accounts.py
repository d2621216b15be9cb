"""Accounts, as far as the later pages describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .customers import find_customer
from .errors import refused
from .kyc import refuse_program
from .ledger import Ledger
from .records import Record, Table
from .validation import UUID_TEXT, Schema, one_of, optional, required, text
from .world import World, body_of

_TYPES = ("deposit", "security_deposit")
_SCHEMA = Schema(
    {
        "program_id": required(UUID_TEXT),
        "customer_id": required(text()),
        "type": required(one_of(_TYPES)),
        "description": optional(text()),  # API reference, schema account-write
    }
)
_CHANGE = Schema({"status": required(one_of(("active", "inactive")))})
_OWN: Mapping[str, dict[str, Any]] = {
    "deposit": {},
    "security_deposit": {"credit_account_id": None},
}
_ROUTING_NUMBER = "000000000"  # belongs to no bank


@define(kw_only=True, repr=False, eq=False)
class Account(Record):
    """An account of a customer, without cards."""

    program_id: str
    customer_id: str
    type: str
    number: str
    description: str | None = None
    status: str = "active"


@frozen(repr=False, eq=False)
class Accounts:
    """The accounts of every brand."""

    world: World
    ledger: Ledger
    table: Table[Account] = field(factory=Table)

    def create(self, request: Request) -> Response:
        """Answer POST /accounts; businesses are not simulated."""
        body = body_of(request)
        if problems := _SCHEMA.problems(body):
            raise refused(400, "create_account_schema", problems)
        customer = find_customer(self.world, request, body["customer_id"])
        refuse_program(self.world, body["program_id"])
        account = self.open(
            customer.brand_id, customer.id, body["program_id"], body["type"]
        )
        account.description = body.get("description")
        return answer_json(201, self._show(account))

    def open(
        self, brand_id: str, customer_id: str, program_id: str, type: str
    ) -> Account:
        """Open an account without a request, as an approved application does."""
        account = Account(
            id=self.world.uuid(),
            brand_id=brand_id,
            created=self.world.clock(),
            program_id=program_id,
            customer_id=customer_id,
            type=type,
            number=self.world.digits(12),
        )
        return self.table.add(account)

    def list(self, request: Request) -> Response:
        """Answer GET /accounts, with the filter customer_id."""
        customer_id = dict(request.query).get("customer_id")
        listed = [
            self._show(account)
            for account in self.table.of(self.world.brand(request))
            if customer_id in (None, account.customer_id)
        ]
        return answer_json(200, listed)

    def get(self, request: Request, account_id: str) -> Response:
        """Answer GET /accounts/{id}."""
        return answer_json(200, self._show(self._find(request, account_id)))

    def update(self, request: Request, account_id: str) -> Response:
        """Answer PATCH /accounts/{id}, which changes the status."""
        account = self._find(request, account_id)
        body = body_of(request)
        if problems := _CHANGE.problems(body):
            raise refused(400, "edit_account_schema", problems)
        account.status = body["status"]
        return answer_json(200, self._show(account))

    def close(self, request: Request, account_id: str) -> Response:
        """Answer DELETE /accounts/{id}, whose form the stored pages do not show.

        Nor do they say what becomes of the money: an account with a balance is refused.
        """
        account = self._find(request, account_id)
        # A vendor that closed it would have to send the money somewhere.
        if self.ledger.current(account.id) or self.ledger.available(account.id):
            raise refused(400, "invalid_account_status", "The account has a balance.")
        account.status = "closed"
        return answer_json(200, self._show(account))

    def _find(self, request: Request, account_id: str) -> Account:
        if account := self.world.find(self.table, account_id, request):
            return account
        raise refused(404, "account_dne", "Account does not exist.")

    def _show(self, account: Account) -> dict[str, Any]:
        balance = {
            "current_balance": self.ledger.current(account.id),
            "available_balance": self.ledger.available(account.id),
            "previous_statement_balance": 0,
            "locked_balance": 0,
            "currency": "USD",
        }
        return {
            "account_id": account.id,
            "program_id": account.program_id,
            "customer_id": account.customer_id,
            "type": account.type,
            "status": account.status,
            **({"description": account.description} if account.description else {}),
            "routing_number": _ROUTING_NUMBER,
            "account_number": account.number,
            "balance": balance,
            "cards": [],
            account.type: dict(_OWN[account.type]),
        }
