"""The ledger: transactions, holds, and ACH transfers that arrive from another bank.

A balance is never stored. It is the sum of the transactions of an account, and the
available balance is that sum less the holds, so the two cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .problems import Refused
from .tables import Row, Table, body_of, equals, is_in, moment, require
from .validation import Complaint, Shape, text

_ORIGINATOR = {
    "originator_company_descriptive_date": None,
    "originator_company_discretionary_data": None,
    "originator_company_entry_description": "PAYMENT",
    "originator_company_id": "0987654321",
    "originator_company_name": "INVENTED EMPLOYER",
    "receiver_id_number": None,
    "receiver_name": None,
}
_PARAMETERS = {
    "company_descriptive_date": "originator_company_descriptive_date",
    "company_discretionary_data": "originator_company_discretionary_data",
    "company_entry_description": "originator_company_entry_description",
    "company_id": "originator_company_id",
    "company_name": "originator_company_name",
    "receiver_id_number": "receiver_id_number",
    "receiver_name": "receiver_name",
}
"""The members of a transfer, by the parameter of the simulation that sets them."""


def _cents(place: str, value: Any) -> Any:
    # In Python a bool is an int, in JSON it is not.
    if not isinstance(value, int) or isinstance(value, bool):
        yield place, "must be an integer"


def _debit(place: str, value: Any) -> Any:
    complaints: list[Complaint] = list(_cents(place, value))
    if not complaints and value > -1:
        complaints.append((place, "must be at most -1"))
    yield from complaints


_INBOUND_ACH = Shape(
    {
        "account_number_id": text(),
        "amount": _cents,
        **{name: text() for name in _PARAMETERS},
        "standard_entry_class_code": text(),
    },
    required=("account_number_id", "amount"),
)
_HOLD = Shape(
    {"account_id": text(), "amount": _debit, "description": text()},
    required=("account_id", "amount"),
)


@define(repr=False, eq=False)
class Ledger:
    """The transactions and holds of all accounts."""

    transactions: Table
    pending: Table
    transfers: Table
    accounts: Table
    numbers: Table
    digits: Callable[[int], str]
    emit: Callable[[str, Row], None]

    def current(self, account_id: str) -> int:
        """Return the sum of the transactions of an account, in cents."""
        rows = self.transactions.rows.values()
        return sum(row["amount"] for row in rows if row["account_id"] == account_id)

    def held(self, account_id: str) -> int:
        """Return the sum of the holds on an account, in cents: negative or zero."""
        return sum(
            row["held_amount"]
            for row in self.pending.rows.values()
            if row["account_id"] == account_id and row["status"] == "pending"
        )

    def post(
        self,
        account_id: str,
        amount: int,
        *,
        description: str,
        category: str = "other",
        details: Row | None = None,
        route: str | None = None,
    ) -> Row:
        """Post a transaction: a positive amount is money into the account."""
        source: Row = {"category": category}
        if details is not None:
            source[category] = details
        posted = self.transactions.add(
            account_id=account_id,
            amount=amount,
            currency="USD",
            description=description,
            route_id=route,
            route_type="account_number" if route else None,
            source=source,
        )
        self.emit("transaction.created", posted)
        return posted

    def get(self, request: Request, transaction_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /transactions/{id}`."""
        return answer_json(200, self.transactions.find(transaction_id))

    def list(self, request: Request) -> Response:
        """Answer `GET /transactions`."""
        return self.transactions.list(
            request,
            account_id=equals("account_id"),
            route_id=equals("route_id"),
            category__in=_category,
        )

    def hold(self, request: Request) -> Response:
        """Answer `POST /pending_transactions`: hold money on an account."""
        body = body_of(request)
        require(_HOLD("", body))
        self.accounts.find(body["account_id"])
        return self.pending.create(
            request,
            body,
            lambda key: self.add_hold(**body),  # noqa: ARG005  # holds do not show their key
        )

    def add_hold(self, account_id: str, amount: int, description: str = "Hold") -> Row:
        """Hold money without a request."""
        held = self.pending.add(
            account_id=account_id,
            amount=amount,
            completed_at=None,
            currency="USD",
            description=description,
            held_amount=amount,
            route_id=None,
            route_type=None,
            source={"category": "user_initiated_hold", "user_initiated_hold": {}},
            status="pending",
        )
        self.emit("pending_transaction.created", held)
        return held

    def get_pending(self, request: Request, pending_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /pending_transactions/{id}`."""
        return answer_json(200, self.pending.find(pending_id))

    def list_pending(self, request: Request) -> Response:
        """Answer `GET /pending_transactions`."""
        return self.pending.list(
            request,
            account_id=equals("account_id"),
            route_id=equals("route_id"),
            category__in=_category,
            status__in=is_in("status"),
        )

    def release(self, request: Request, pending_id: str) -> Response:  # noqa: ARG002  # it carries no body
        """Answer `POST /pending_transactions/{id}/release`."""
        held = self.pending.find(pending_id)
        if held["status"] != "pending":
            raise Refused("invalid_operation_error", "The hold is released already.")
        held |= {"status": "complete", "completed_at": moment(self.pending.clock())}
        # "Release a user-initiated pending transaction": the transaction stays,
        # complete, and holds nothing.
        held["held_amount"] = 0
        self.emit("pending_transaction.updated", held)
        return answer_json(200, held)

    def simulate_inbound_ach(self, request: Request) -> Response:
        """Answer `POST /simulations/inbound_ach_transfers`: a credit or a debit."""
        body = body_of(request)
        require(_INBOUND_ACH("", body))
        number = self.numbers.find(body["account_number_id"])
        transfer = self._transfer(number, body)
        if reason := self._refusal(number, body["amount"]):
            self._decline(transfer, reason)
        else:
            self._accept(transfer, body["amount"])
        self.emit("inbound_ach_transfer.created", transfer)
        return answer_json(200, transfer)

    def get_inbound_ach(self, request: Request, transfer_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /inbound_ach_transfers/{id}`."""
        return answer_json(200, self.transfers.find(transfer_id))

    def list_inbound_ach(self, request: Request) -> Response:
        """Answer `GET /inbound_ach_transfers`."""
        return self.transfers.list(
            request,
            account_id=equals("account_id"),
            account_number_id=equals("account_number_id"),
            status__in=is_in("status"),
        )

    def receive(self, number: Row, amount: int) -> Row:
        """Post an inbound ACH transfer without a request, and return the transaction."""
        transfer = self._transfer(number, {"amount": amount})
        posted = self._accept(transfer, amount)
        self.emit("inbound_ach_transfer.created", transfer)
        return posted

    def send(self, account_id: str, amount: int) -> Row:
        """Post an ACH transfer to another bank without a request; `amount` is negative."""
        details = {
            "account_number": "987654321",
            "amount": -amount,
            "routing_number": "101050001",
            "statement_descriptor": "SAVINGS",
            "transfer_id": self.transfers.random_id("ach_transfer"),
        }
        return self.post(
            account_id,
            amount,
            description="SAVINGS",
            category="ach_transfer_intention",
            details=details,
        )

    def _refusal(self, number: Row, amount: int) -> str | None:
        if number["status"] != "active":
            return f"ach_route_{number['status']}"
        # A credit needs no permission and no balance. Only debits can be declined
        # below.
        if amount >= 0:
            return None
        if number["inbound_ach"]["debit_status"] == "blocked":
            return "ach_route_disabled"
        available = self.current(number["account_id"]) + self.held(number["account_id"])
        return "insufficient_funds" if available + amount < 0 else None

    def _transfer(self, number: Row, body: Row) -> Row:
        now = self.transfers.clock()
        parameters = {
            name: body[key] for key, name in _PARAMETERS.items() if key in body
        }
        return self.transfers.add(
            **{
                **_ORIGINATOR,
                **parameters,
                "acceptance": None,
                "account_id": number["account_id"],
                "account_number_id": number["id"],
                "addenda": None,
                "amount": abs(body["amount"]),
                "automatically_resolves_at": moment(now),
                "decline": None,
                "direction": "credit" if body["amount"] >= 0 else "debit",
                "effective_date": now.date().isoformat(),
                "international_addenda": None,
                "notification_of_change": None,
                "originator_routing_number": "101050001",
                "settlement": {
                    "settled_at": moment(now),
                    "settlement_schedule": "same_day",
                },
                "standard_entry_class_code": body.get(
                    "standard_entry_class_code", "prearranged_payments_and_deposit"
                ),
                "status": "pending",
                "trace_number": self.digits(15),
                "transfer_return": None,
            }
        )

    def _accept(self, transfer: Row, amount: int) -> Row:
        named = {name: transfer[name] for name in _ORIGINATOR}
        details = {
            **named,
            "addenda": None,
            "amount": transfer["amount"],
            "trace_number": transfer["trace_number"],
            "transfer_id": transfer["id"],
        }
        posted = self.post(
            transfer["account_id"],
            amount,
            description=transfer["originator_company_name"],
            category="inbound_ach_transfer",
            details=details,
            route=transfer["account_number_id"],
        )
        accepted = {"accepted_at": posted["created_at"], "transaction_id": posted["id"]}
        transfer |= {"status": "accepted", "acceptance": accepted}
        return posted

    def _decline(self, transfer: Row, reason: str) -> None:
        transfer["status"] = "declined"
        transfer["decline"] = {
            "declined_at": transfer["created_at"],
            "declined_transaction_id": self.transfers.random_id("declined_transaction"),
            "reason": reason,
        }


def _category(row: Row, categories: str) -> bool:
    return row["source"]["category"] in categories.split(",")
