"""The ledger: transactions, and the balances that are their sums.

"Retrieving transactions" describes the list, "Transactions overview" and "Payment types"
the transaction, "Webhook payloads" the event of each change of state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import define, field, frozen

from anybank.adapter.wire import Request, Response
from anybank.model.money import Money
from anybank.sandbox.simulator import answer_json

from . import schemas
from .errors import refused
from .records import Record, Table
from .stamps import offset
from .world import World

STATES = (
    "start",
    "pending",
    "completed",
    "declined",
    "failed",
    "cancelled",
    "returned",
)
# "Error code dictionary", too_many_trans.
_MOST = 250
_PAYROLL: Mapping[str, Any] = {
    "class_code": "PPD",
    "description": "PAYROLL",
    "products": ["direct deposit", "payroll"],
}


@define(kw_only=True, repr=False, eq=False)
class Transaction(Record):
    """A transaction on an account; `amount` is in cents, positive for money into it."""

    account_id: str
    customer_id: str
    amount: int
    state: str
    updated: datetime
    payment_type: str
    transaction_type: str
    description: str | None = None
    details: Mapping[str, Any] = field(factory=dict)
    balances: Mapping[str, str] = field(factory=dict)
    """The current and the available balance after the last change of state."""


@frozen(repr=False, eq=False)
class Ledger:
    """The transactions of every brand. No balance is stored."""

    world: World
    emit: Callable[[str, dict[str, Any], datetime], None]
    table: Table[Transaction] = field(factory=Table)
    _by_account: dict[str, list[Transaction]] = field(factory=dict)

    def current(self, account_id: str) -> int:
        """Return the sum of the completed transactions of an account, in cents."""
        return sum(
            entry.amount
            for entry in self._by_account.get(account_id, ())
            if entry.state == "completed"
        )

    def available(self, account_id: str) -> int:
        """Return what can be spent: pending money has left, and has not arrived."""
        return self.current(account_id) + sum(
            # A pending deposit cannot be spent yet. A pending withdrawal cannot be
            # spent again.
            min(entry.amount, 0)
            for entry in self._by_account.get(account_id, ())
            if entry.state in ("start", "pending")
        )

    def post(
        self,
        account: Record,
        customer_id: str,
        amount: int,
        *,
        state: str = "completed",
        payment_type: str = "ach",
        transaction_type: str | None = None,
        description: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Transaction:
        """Store a transaction of an account, by default one of payroll by ACH."""
        now, direction = self.world.clock(), "credit" if amount >= 0 else "debit"
        ach = "External ACH Deposit" if amount >= 0 else "External ACH Withdrawal"
        posted = Transaction(
            id=self.world.uuid(),
            brand_id=account.brand_id,
            created=now,
            updated=now,
            account_id=account.id,
            customer_id=customer_id,
            amount=amount,
            state=state,
            payment_type=payment_type,
            transaction_type=transaction_type or ach,
            description=description,
            details={**_PAYROLL, "direction": direction}
            if details is None
            else details,
        )
        self._by_account.setdefault(account.id, []).append(self.table.add(posted))
        self._changed(posted)
        return posted

    def change(self, transaction: Transaction, state: str) -> None:
        """Change the state of a transaction, with an event."""
        transaction.state, transaction.updated = state, self.world.clock()
        self._changed(transaction)

    def get(self, request: Request, transaction_id: str) -> Response:
        """Answer GET /transactions/{id}."""
        if transaction := self.world.find(self.table, transaction_id, request):
            return answer_json(200, _show(transaction))
        raise refused(404, "no_trans", "Transaction does not exist.")

    def list(self, request: Request) -> Response:
        """Answer GET /transactions, by default the latest 20."""
        query = {"page": "1", "count": "20", "order_by": "desc", **dict(request.query)}
        if problems := schemas.TRANSACTION_PAGE.problems(query):
            raise refused(400, "query_params", problems)
        matches = [
            entry
            for entry in self.table.of(self.world.brand(request))
            if _matches(entry, query)
        ]
        if len(matches) > _MOST:
            message = "Max 250 transactions allowed. Reduce search scope."
            raise refused(400, "too_many_trans", message)
        if query["order_by"] == "desc":
            matches.reverse()
        size = int(query["count"])
        start = (int(query["page"]) - 1) * size
        shown = [_show(entry) for entry in matches[start : start + size]]
        return answer_json(200, {"transactions": shown})

    def _changed(self, transaction: Transaction) -> None:
        account_id, now = transaction.account_id, transaction.updated
        transaction.balances = {
            # The page itself calls the two names misleading: they are the current and
            # the available balance.
            "prior_balance": _dollars(self.current(account_id)),
            "new_balance": _dollars(self.available(account_id)),
        }
        event = {
            "event": "transactions",
            "transaction": _show(transaction),
            "occurred_at": offset(now),
        }
        self.emit(transaction.brand_id, event, now)


def _matches(transaction: Transaction, query: Mapping[str, str]) -> bool:
    # No page states the time zone of the two dates; here they are days in UTC.
    day = transaction.created.astimezone(UTC).date().isoformat()
    own = {
        "customer_id": transaction.customer_id,
        "account_id": transaction.account_id,
        "payment_type": transaction.payment_type,
        "transaction_state": transaction.state,
    }
    is_same = all(query.get(name, value) == value for name, value in own.items())
    starts, ends = query.get("start_date", day), query.get("end_date", day)
    return is_same and starts <= day <= ends


def _show(transaction: Transaction) -> dict[str, Any]:
    description = transaction.description
    return {
        "transaction_id": transaction.id,
        "bond_brand_id": transaction.brand_id,
        "customer_id": transaction.customer_id,
        "account_id": transaction.account_id,
        "payment_type": transaction.payment_type,
        "transaction_type": transaction.transaction_type,
        "state": transaction.state,
        **({"description": description} if description else {}),
        "amount": _dollars(transaction.amount),
        "currency": "USD",
        "created_time": offset(transaction.created),
        "updated_time": offset(transaction.updated),
        "balances": dict(transaction.balances),
        "details": dict(transaction.details),
    }


def _dollars(cents: int) -> str:
    return f"{Money(cents).to_decimal():f}"
