"""Account transfers, which move money between two accounts at Increase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .ledger import Ledger
from .problems import Refused
from .tables import Row, Table, body_of, equals, moment, require
from .validation import Complaint, Shape, boolean, text


def _positive(place: str, value: Any) -> Iterator[Complaint]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield place, "must be an integer of at least 1"


_TRANSFER = Shape(
    {
        "account_id": text(),
        "amount": _positive,
        "description": text(),
        "destination_account_id": text(),
        "require_approval": boolean,
    },
    required=("account_id", "amount", "description", "destination_account_id"),
)


@define(repr=False, eq=False)
class Transfers:
    """The account transfers. Each posts a transaction in both accounts."""

    table: Table
    ledger: Ledger

    def create(self, request: Request) -> Response:
        """Answer `POST /account_transfers`."""
        body = body_of(request)
        require(_TRANSFER("", body))
        for name in ("account_id", "destination_account_id"):
            if self.ledger.accounts.find(body[name])["status"] != "open":
                raise Refused("invalid_operation_error", "An account is closed.")
        return self.table.create(request, body, lambda key: self._add(key=key, **body))

    def _add(
        self, *, key: str | None, require_approval: bool = False, **members: Any
    ) -> Row:
        if not require_approval:
            self._require_funds(members)
        transfer = self.table.add(
            **members,
            approval=None,
            cancellation=None,
            created_by={
                "category": "api_key",
                "api_key": {"description": "My API key"},
                "oauth_application": None,
                "user": None,
            },
            currency="USD",
            destination_transaction_id=None,
            idempotency_key=key,
            pending_transaction_id=None,
            status="pending_approval",
            transaction_id=None,
        )
        if not require_approval:
            self._complete(transfer)
        self.ledger.emit("account_transfer.created", transfer)
        return transfer

    def get(self, request: Request, transfer_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /account_transfers/{id}`."""
        return answer_json(200, self.table.find(transfer_id))

    def list(self, request: Request) -> Response:
        """Answer `GET /account_transfers`."""
        return self.table.list(
            request,
            account_id=equals("account_id"),
            idempotency_key=equals("idempotency_key"),
        )

    def approve(self, request: Request, transfer_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /account_transfers/{id}/approve`."""
        transfer = self._waiting(transfer_id)
        self._require_funds(transfer)
        self._complete(transfer)
        now = moment(self.table.clock())
        return self._decided(
            transfer, approval={"approved_at": now, "approved_by": None}
        )

    def cancel(self, request: Request, transfer_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /account_transfers/{id}/cancel`."""
        transfer = self._waiting(transfer_id)
        canceled = {"canceled_at": moment(self.table.clock()), "canceled_by": None}
        return self._decided(transfer, status="canceled", cancellation=canceled)

    def _waiting(self, transfer_id: str) -> Row:
        transfer = self.table.find(transfer_id)
        if transfer["status"] != "pending_approval":
            raise Refused("invalid_operation_error", "The transfer is decided already.")
        return transfer

    def _require_funds(self, transfer: Row) -> None:
        account = transfer["account_id"]
        available = self.ledger.current(account) + self.ledger.held(account)
        if available < transfer["amount"]:
            raise Refused(
                "invalid_operation_error", "The account has too little money."
            )

    def _complete(self, transfer: Row) -> None:
        source, target = transfer["account_id"], transfer["destination_account_id"]
        intention = {
            **{name: transfer[name] for name in ("amount", "currency", "description")},
            "destination_account_id": target,
            "source_account_id": source,
            "transfer_id": transfer["id"],
        }
        posted = [
            self.ledger.post(
                account,
                sign * transfer["amount"],
                description=transfer["description"],
                category="account_transfer_intention",
                details=intention,
            )["id"]
            for account, sign in ((source, -1), (target, 1))
        ]
        transfer |= {
            "status": "complete",
            "transaction_id": posted[0],
            "destination_transaction_id": posted[1],
        }

    def _decided(self, transfer: Row, **members: Any) -> Response:
        transfer |= members
        self.ledger.emit("account_transfer.updated", transfer)
        return answer_json(200, transfer)
