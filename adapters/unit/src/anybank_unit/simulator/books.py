"""Deposit accounts and their transactions: a balance is the sum of its transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define

from anybank.adapter.wire import Request, Response

from .filters import (
    always,
    at_least,
    at_most,
    chosen,
    has_tags,
    has_words,
    never,
    of,
    of_type,
    one_of,
    since,
    until,
)
from .people import People
from .tables import (
    Refused,
    Row,
    Table,
    answer,
    answer_row,
    data_of,
    reference,
    related_ids,
)
from .validation import require_valid

ROUTING = "812345678"
_ACCOUNTS = {
    "customerId": of("customer"),
    "status": one_of("status"),
    "type": of_type("Account"),
    "fromBalance": at_least("balance"),
    "toBalance": at_most("balance"),
    "tags": has_tags,
}
_TRANSACTIONS = {
    "accountId": of("account"),
    "accountIds": of("account"),
    "customerId": of("customer"),
    "type": of_type("Transaction"),
    "direction": one_of("direction"),
    "fromAmount": at_least("amount"),
    "toAmount": at_most("amount"),
    "query": has_words("summary", "description"),
    "tags": has_tags,
    "since": since,
    "until": until,
    # The simulator has no cards and no fees.
    "cardId": never,
    "excludeFees": always,
}


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
        owners = _owners(data.get("relationships"))
        row = self.replay(
            "account", data, lambda: self.open(owners, **data["attributes"])
        )
        return answer_row(row, 201)

    def open(self, owners: Sequence[str], **attributes: Any) -> Row:
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

    def get(self, request: Request, account: str) -> Response:
        """Answer `GET /accounts/{id}`."""
        return self._answer(request, self.accounts.find(account))

    def list(self, request: Request) -> Response:
        """Answer `GET /accounts`."""
        test = chosen(request, _ACCOUNTS)
        return self.accounts.page(request, test, included=self._included)

    def update(self, request: Request, account: str) -> Response:
        """Answer `PATCH /accounts/{id}`."""
        row, data = self.accounts.find(account), data_of(request)
        require_valid(data, "depositAccount", "change")
        row["attributes"] |= data["attributes"]
        return answer_row(row)

    def freeze(self, request: Request, account: str) -> Response:
        """Answer `POST /accounts/{id}/freeze`."""
        reason = data_of(request)["attributes"].get("reason")
        if reason not in ("Fraud", "Other"):
            complaint = ("/data/attributes/reason", "is Fraud or Other")
            raise Refused(400, "Bad Request", [complaint])
        return self._turn(account, "Open", "Frozen", "frozen", freezeReason=reason)

    def unfreeze(self, request: Request, account: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /accounts/{id}/unfreeze`."""
        return self._turn(account, "Frozen", "Open", "unfrozen", freezeReason=None)

    def reopen(self, request: Request, account: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /accounts/{id}/reopen`."""
        return self._turn(account, "Closed", "Open", "reopened", closeReason=None)

    def _turn(
        self, account: str, before: str, after: str, event: str, **reason: str | None
    ) -> Response:
        """Change the status of an account that has the status before."""
        row = self.accounts.find(account)
        attributes = row["attributes"]
        if attributes["status"] != before:
            raise Refused(409, f"the account is not {before}")
        attributes |= {"status": after, **reason}
        for name in [name for name, value in reason.items() if value is None]:
            del attributes[name]
        owner = self.people.customers.find(related_ids(row, "customer")[0])
        self.emit(f"account.{event}", account=row, customer=owner)
        return answer_row(row)

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
        self, request: Request, transaction: str, account: str | None = None
    ) -> Response:
        """Answer `GET /accounts/{id}/transactions/{id}`, and the same without account."""
        return self._answer(request, self._transaction(transaction, account))

    def update_transaction(
        self, request: Request, account: str, transaction: str
    ) -> Response:
        """Answer `PATCH /accounts/{id}/transactions/{id}`, which changes its tags."""
        row, data = self._transaction(transaction, account), data_of(request)
        require_valid(data, "transaction", "change")
        row["attributes"] |= data["attributes"]
        return answer_row(row)

    def list_transactions(self, request: Request) -> Response:
        """Answer `GET /transactions`."""
        test = chosen(request, _TRANSACTIONS)
        return self.transactions.page(request, test, included=self._included)

    def _transaction(self, transaction: str, account: str | None) -> Row:
        row = self.transactions.find(transaction)
        if account is not None and related_ids(row, "account") != [account]:
            raise Refused(404, "Not Found")
        return row

    def _answer(self, request: Request, row: Row) -> Response:
        """Return a resource with the related ones that `include` names."""
        names = dict(request.query).get("include")
        more = {"included": self._included(names, [row])} if names else {}
        return answer(200, {"data": row, **more})

    def _included(self, names: str, rows: Sequence[Row]) -> Sequence[Row]:
        tables = {"customer": self.people.customers, "account": self.accounts}
        included: dict[tuple[str, str], Row] = {}
        for name in names.split(","):
            if name not in tables:
                raise Refused(400, "include names customer or account")
            for item in (item for row in rows for item in related_ids(row, name)):
                included[name, item] = tables[name].find(item)
        return list(included.values())


def _owners(relationships: Any) -> Sequence[str]:
    """Return the ids of the customers in the relationships of a new account."""
    related = relationships if isinstance(relationships, dict) else {}
    links = [related.get(name) for name in ("customer", "customers")]
    datas = [link.get("data") for link in links if isinstance(link, dict)]
    items = [
        item for data in datas for item in (data if isinstance(data, list) else [data])
    ]
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    owners = [owner for owner in ids if isinstance(owner, str)]
    if not owners or len(owners) != len(ids):
        complaint = ("/data/relationships/customer", "is required")
        raise Refused(400, "Bad Request", [complaint])
    return owners
