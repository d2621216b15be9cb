"""Deposit accounts and their transactions: a balance is the sum of its transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define

from anybank.adapter.wire import Request, Response

from .people import People
from .tables import (
    Refused,
    Row,
    Table,
    answer_row,
    data_of,
    is_any,
    is_of,
    reference,
    related_ids,
    since,
    until,
)
from .validation import require_valid

ROUTING = "812345678"


@define(repr=False, eq=False)
class Books:
    """The accounts and the transactions."""

    accounts: Table
    transactions: Table
    people: People
    emit: Callable[..., None]
    replay: Callable[[str, Row, Callable[[], Row]], Row]
    digits: Callable[[int], str]

    def create(self, request: Request) -> Response:
        """Answer `POST /accounts`."""
        data = data_of(request)
        require_valid(data, "depositAccount")
        owners = related_ids(
            {"relationships": data.get("relationships", {})}, "customer"
        )
        if not owners:
            complaint = ("/data/relationships/customer", "is required")
            raise Refused(400, "Bad Request", [complaint])
        row = self.replay(
            "account", data, lambda: self.open(owners, **data["attributes"])
        )
        return answer_row(row, 201)

    def open(self, owners: list[str], **attributes: Any) -> Row:
        """Open an account of one or more customers."""
        rows = [self.people.customers.find(owner) for owner in owners]
        if any(row["attributes"]["status"] != "Active" for row in rows):
            raise Refused(409, "a customer is archived")
        attributes.pop("idempotencyKey", None)
        name = rows[0]["attributes"]["fullName"]
        stored = {
            "name": f"{name['first']} {name['last']}",
            "routingNumber": ROUTING,
            "accountNumber": self.digits(10),
            "currency": "USD",
            **dict.fromkeys(("balance", "hold", "available"), 0),
            "tags": {},
            "status": "Open",
            **attributes,
        }
        references = [reference(row, "customer") for row in rows]
        related = (
            {"customers": references} if len(rows) > 1 else {"customer": references[0]}
        )
        row = self.accounts.add("depositAccount", stored, **related)
        self.emit("account.created", account=row, customer=rows[0])
        return row

    def get(self, request: Request, account: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /accounts/{id}`."""
        return answer_row(self.accounts.find(account))

    def list(self, request: Request) -> Response:
        """Answer `GET /accounts`."""
        return self.accounts.list(
            request, customerId=is_of("customer"), status=is_any("status")
        )

    def close(self, request: Request, account: str) -> Response:
        """Answer `POST /accounts/{id}/close`."""
        row, data = self.accounts.find(account), data_of(request)
        attributes = row["attributes"]
        if data.get("type") != "depositAccountClose":
            raise Refused(400, "Bad Request", [("/data/type", "is not valid")])
        if attributes["status"] == "Closed" or attributes["balance"]:
            raise Refused(409, "the account is closed, or its balance is not zero")
        attributes |= {"status": "Closed", "closeReason": "ByCustomer"}
        owner = self.people.customers.find(related_ids(row, "customer")[0])
        self.emit("account.closed", account=row, customer=owner)
        return answer_row(row)

    def post(
        self, account: str, cents: int, kind: str, attributes: Mapping[str, Any]
    ) -> Row:
        """Post a transaction: positive cents into the account, negative out of it."""
        row = self.accounts.find(account)
        if row["attributes"]["status"] != "Open":
            raise Refused(409, "the account is not open")
        for name in ("balance", "available"):
            row["attributes"][name] += cents
        owner = self.people.customers.find(related_ids(row, "customer")[0])
        transaction = self.transactions.add(
            kind,
            {
                "amount": abs(cents),
                "direction": "Credit" if cents > 0 else "Debit",
                "balance": row["attributes"]["balance"],
                **attributes,
            },
            account=reference(row, "account"),
            customer=reference(owner, "customer"),
        )
        self.emit(
            "transaction.created", account=row, customer=owner, transaction=transaction
        )
        return transaction

    def get_transaction(
        self,
        request: Request,  # noqa: ARG002  # a handler's signature
        account: str,
        transaction: str,
    ) -> Response:
        """Answer `GET /accounts/{id}/transactions/{id}`."""
        row = self.transactions.find(transaction)
        if related_ids(row, "account") != [account]:
            raise Refused(404, "Not Found")
        return answer_row(row)

    def list_transactions(self, request: Request) -> Response:
        """Answer `GET /transactions`."""
        return self.transactions.list(
            request,
            accountId=is_of("account"),
            customerId=is_of("customer"),
            since=since,
            until=until,
        )
