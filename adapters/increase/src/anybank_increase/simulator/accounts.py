"""Accounts, account numbers and external accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .entities import Entities
from .ledger import Ledger
from .problems import Refused
from .tables import Row, Table, body_of, equals, is_in, moment, require
from .validation import Shape, one_of, text

ROUTING_NUMBER = "101050001"
"""The routing number of the document's examples."""
PROGRAM = "program_i2v2os4mwza1oetokh9i"

_ACH = Shape({"debit_status": one_of("allowed", "blocked")}, required=("debit_status",))
_CHECKS = Shape(
    {"status": one_of("allowed", "check_transfers_only")}, required=("status",)
)
_ACCOUNT = Shape(
    {
        "name": text(),
        "entity_id": text(),
        "informational_entity_id": text(),
        "program_id": text(),
        "funding": one_of("deposits"),
    },
    required=("name",),
)
_RENAME = Shape({"name": text()})
_NUMBER = Shape(
    {
        "account_id": text(),
        "name": text(),
        "inbound_ach": _ACH,
        "inbound_checks": _CHECKS,
    },
    required=("account_id", "name"),
)
_NUMBER_CHANGES = Shape(
    {
        "name": text(),
        "status": one_of("active", "disabled", "canceled"),
        "inbound_ach": _ACH,
        "inbound_checks": _CHECKS,
    }
)
_EXTERNAL = Shape(
    {
        "description": text(),
        "routing_number": text(9, 9),
        "account_number": text(1, 17),
        "funding": one_of("checking", "savings", "general_ledger", "other"),
        "account_holder": one_of("business", "individual", "unknown"),
    },
    required=("routing_number", "account_number", "description"),
)
_EXTERNAL_CHANGES = Shape(
    {
        **{name: _EXTERNAL.fields[name] for name in ("description", "funding")},
        "account_holder": one_of("business", "individual"),
        "status": one_of("active", "archived"),
    }
)


@define(repr=False, eq=False)
class Accounts:
    """The accounts of one Increase, with their numbers."""

    table: Table
    numbers: Table
    external: Table
    entities: Entities
    ledger: Ledger
    digits: Callable[[int], str]
    emit: Callable[[str, Row], None]

    def create(self, request: Request) -> Response:
        """Answer `POST /accounts`."""
        body = body_of(request)
        require(_ACCOUNT("", body))
        owner = body.get("entity_id")
        if owner and self.entities.find(owner).record["status"] != "active":
            raise Refused("invalid_operation_error", "The entity is not active.")
        return self.table.create(request, body, lambda key: self.open(key=key, **body))

    def open(self, *, key: str | None = None, **members: Any) -> Row:
        """Open an account without a request."""
        account = self.table.add(
            **{
                "account_revenue_rate": None,
                "bank": "first_internet_bank",
                "closed_at": None,
                "currency": "USD",
                "entity_id": None,
                "funding": "deposits",
                "idempotency_key": key,
                "informational_entity_id": None,
                "interest_rate": "0.00",
                "loan": None,
                "program_id": PROGRAM,
                "status": "open",
                **members,
            }
        )
        # The document: an account without an entity belongs to the entity of the group.
        if account["entity_id"] is None:
            account["entity_id"] = "entity_of_the_group"
        self._count(account, 1)
        self.emit("account.created", account)
        return account

    def get(self, request: Request, account_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /accounts/{id}`."""
        return answer_json(200, self.table.find(account_id))

    def list(self, request: Request) -> Response:
        """Answer `GET /accounts`."""
        return self.table.list(
            request,
            entity_id=equals("entity_id"),
            informational_entity_id=equals("informational_entity_id"),
            program_id=equals("program_id"),
            status__in=is_in("status"),
            idempotency_key=equals("idempotency_key"),
        )

    def update(self, request: Request, account_id: str) -> Response:
        """Answer `PATCH /accounts/{id}`."""
        account = self.table.find(account_id)
        body = body_of(request)
        require(_RENAME("", body))
        account.update(body)
        self.emit("account.updated", account)
        return answer_json(200, account)

    def balance(self, request: Request, account_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /accounts/{id}/balance`: the current and the available balance."""
        current = self.ledger.current(self.table.find(account_id)["id"])
        balance = {
            "type": "balance_lookup",
            "account_id": account_id,
            "current_balance": current,
            "available_balance": current + self.ledger.held(account_id),
            "loan": None,
        }
        return answer_json(200, balance)

    def close(self, request: Request, account_id: str) -> Response:  # noqa: ARG002  # it carries no body
        """Answer `POST /accounts/{id}/close`, which needs a balance of zero."""
        account = self.table.find(account_id)
        # The document does not say what a second close returns. A refusal is the harder
        # case for a client.
        if account["status"] == "closed":
            raise Refused("invalid_operation_error", "The account is closed already.")
        if self.ledger.current(account_id) or self.ledger.held(account_id):
            raise Refused("invalid_operation_error", "The balance is not zero.")
        account |= {"status": "closed", "closed_at": moment(self.table.clock())}
        self._count(account, -1)
        self.emit("account.updated", account)
        return answer_json(200, account)

    def _count(self, account: Row, change: int) -> None:
        """Count the open accounts of an entity, which cannot be archived while it has one."""
        if entity := self.entities.by_id.get(account["entity_id"]):
            entity.open_accounts += change

    def create_number(self, request: Request) -> Response:
        """Answer `POST /account_numbers`."""
        body = body_of(request)
        require(_NUMBER("", body))
        if self.table.find(body["account_id"])["status"] != "open":
            raise Refused("invalid_operation_error", "The account is closed.")
        return self.numbers.create(
            request, body, lambda key: self.add_number(key=key, **body)
        )

    def add_number(self, *, key: str | None = None, **members: Any) -> Row:
        """Create an account number without a request."""
        number = self.numbers.add(
            **{
                "account_number": self.digits(10),
                "idempotency_key": key,
                # The document: "the default is `allowed`".
                "inbound_ach": {"debit_status": "allowed"},
                "inbound_checks": {"status": "check_transfers_only"},
                "routing_number": ROUTING_NUMBER,
                "status": "active",
                **members,
            }
        )
        self.emit("account_number.created", number)
        return number

    def get_number(self, request: Request, number_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /account_numbers/{id}`."""
        return answer_json(200, self.numbers.find(number_id))

    def list_numbers(self, request: Request) -> Response:
        """Answer `GET /account_numbers`."""
        return self.numbers.list(
            request,
            account_id=equals("account_id"),
            status__in=is_in("status"),
            ach_debit_status__in=lambda row, statuses: (
                row["inbound_ach"]["debit_status"] in statuses.split(",")
            ),
            idempotency_key=equals("idempotency_key"),
        )

    def update_number(self, request: Request, number_id: str) -> Response:
        """Answer `PATCH /account_numbers/{id}`; a canceled number stays canceled."""
        number = self.numbers.find(number_id)
        body = body_of(request)
        require(_NUMBER_CHANGES("", body))
        if (
            number["status"] == "canceled"
            and body.get("status", "canceled") != "canceled"
        ):
            raise Refused("invalid_operation_error", "The account number is canceled.")
        number.update(body)
        self.emit("account_number.updated", number)
        return answer_json(200, number)

    def active_number(self, account_id: str) -> Row | None:
        """Return an account number that receives money, or None."""
        return next(
            (
                row
                for row in self.numbers.rows.values()
                if (row["account_id"], row["status"]) == (account_id, "active")
            ),
            None,
        )

    def create_external(self, request: Request) -> Response:
        """Answer `POST /external_accounts`."""
        body = body_of(request)
        require(_EXTERNAL("", body))
        return self.external.create(
            request, body, lambda key: self.add_external(key=key, **body)
        )

    def add_external(self, *, key: str | None = None, **members: Any) -> Row:
        """Store an external account without a request."""
        external = self.external.add(
            **{
                "account_holder": "unknown",
                "funding": "checking",
                "idempotency_key": key,
                "status": "active",
                **members,
            }
        )
        self.emit("external_account.created", external)
        return external

    def get_external(self, request: Request, external_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /external_accounts/{id}`."""
        return answer_json(200, self.external.find(external_id))

    def update_external(self, request: Request, external_id: str) -> Response:
        """Answer `PATCH /external_accounts/{id}`."""
        external = self.external.find(external_id)
        body = body_of(request)
        require(_EXTERNAL_CHANGES("", body))
        external.update(body)
        self.emit("external_account.updated", external)
        return answer_json(200, external)

    def list_external(self, request: Request) -> Response:
        """Answer `GET /external_accounts`."""
        return self.external.list(
            request,
            routing_number=equals("routing_number"),
            status__in=is_in("status"),
            idempotency_key=equals("idempotency_key"),
        )
