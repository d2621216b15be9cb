"""Accounts and transactions, as far as the pages describe them (sonder.md §8, §9, §11).

The stored copies of the pages end before the responses of the operations on accounts.
The simulator returns responses by analogy with customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import json_of

from .answers import Refused
from .customers import Customers
from .records import Account
from .validation import Check, Fields, items, matching, text
from .world import World, find_record, refuse_faults

_OWNERS = "associatedCustomerIds"
_CHECKS: Mapping[str, Check] = {
    _OWNERS: items(text),
    "name": text,
    "currency": matching(r"[A-Z]{3}", "an ISO 4217 code"),
    # "Accounts" describes the form of a type; the stored copy ends before the list.
    "type": matching(r"[A-Z]+(_[A-Z]+)*", "capitals with underscores"),
}
_CREATE = Fields(_CHECKS)
_UPDATE = Fields(
    {name: _CHECKS[name] for name in (_OWNERS, "name")},
    # "Update": the text may list the id among the parameters, as it does for customers.
    tolerated=frozenset({"accountId"}),
)
_FORBIDDEN = ("amount", "currency", "customers", "flags", "transactions", "type")
"""The members that the vendor or the ledger decides, by the names of the page."""


@frozen(repr=False, eq=False)
class Accounts:
    """The accounts of one Sonder, and their transactions."""

    world: World
    customers: Customers

    def create(self, request: Request) -> Response:
        """Answer `POST /account`: an account has at least one customer (§8)."""
        body = self.world.body(request, _CREATE)
        owners = self._owners(body.pop(_OWNERS))
        return self.world.answer({"accountId": self.add(owners, body).id})

    def add(self, customer_ids: list[str], fields: Mapping[str, Any]) -> Account:
        """Store a new account, and associate it with its customers."""
        known = {"amount": 0, "flags": [], **fields}
        account = Account(id=self.world.account_id(), fields=known, customer_ids=[])
        self.world.accounts[account.id] = account
        self._associate(account, customer_ids)
        return account

    def get(self, request: Request, account_id: str) -> Response:  # noqa: ARG002  # what a GET carries changes nothing
        """Answer `GET /account/{id}`."""
        return self.world.answer(self._view(self._find(account_id)))

    def update(self, request: Request, account_id: str) -> Response:
        """Answer `PUT` or `PATCH /account/{id}` with the whole account."""
        account = self._find(account_id)
        changes = self._changes(request)
        if _OWNERS in changes:
            self._associate(account, self._owners(changes.pop(_OWNERS)))
        account.fields |= changes
        return self.world.answer(self._view(account))

    def _changes(self, request: Request) -> dict[str, Any]:
        body, switches = json_of(request), self.world.switches
        named = [name for name in _FORBIDDEN if isinstance(body, dict) and name in body]
        if named and switches.forbidden_updates == "refuse":
            raise Refused(400, f"{', '.join(named)} cannot be updated")
        strict = switches.unknown_fields == "reject" and not named
        refuse_faults(_UPDATE.problems(body, whole=False, strict=strict))
        return _UPDATE.known(body)

    def delete(self, request: Request, account_id: str) -> Response:  # noqa: ARG002  # a DELETE has no body
        """Answer `DELETE /account/{id}`; its customers lose it."""
        self._associate(self._find(account_id), [])
        del self.world.accounts[account_id]
        return self.world.answer({})

    def transaction(self, request: Request, transaction_id: str) -> Response:  # noqa: ARG002  # what a GET carries changes nothing
        """Answer `GET /transaction/{id}`."""
        record = find_record(self.world.transactions, transaction_id, "transaction")
        return self.world.answer(record)

    def attach(self, account_id: str, fields: Mapping[str, Any]) -> str:
        """Add a transaction to an account, and return its id."""
        account = self._find(account_id)
        transaction = {
            "transactionId": self.world.uuid(),
            "accountId": account_id,
            **fields,
        }
        self.world.transactions[transaction["transactionId"]] = transaction
        account.transaction_ids.append(transaction["transactionId"])
        return str(transaction["transactionId"])

    def _owners(self, customer_ids: list[str]) -> list[str]:
        """Return the ids without repeats; refuse an unknown customer."""
        if not all(identifier in self.world.customers for identifier in customer_ids):
            raise Refused(400, f"{_OWNERS} names a customer that does not exist")
        return list(dict.fromkeys(customer_ids))

    def _associate(self, account: Account, customer_ids: list[str]) -> None:
        """Associate an account with these customers, and with no others."""
        for former in account.customer_ids:
            self.customers.find(former).account_ids.remove(account.id)
        for owner in customer_ids:
            self.customers.find(owner).account_ids.append(account.id)
        account.customer_ids = customer_ids

    def _find(self, account_id: str) -> Account:
        return find_record(self.world.accounts, account_id, "account")

    def _view(self, account: Account) -> dict[str, Any]:
        return {
            "accountId": account.id,
            **dict(sorted(account.fields.items())),
            "customers": self._listed_customers(account),
            "transactions": self._listed_transactions(account),
        }

    def _listed_customers(self, account: Account) -> list[Any]:
        """Return the customers in the form that the switch sets (row 25)."""
        if self.world.switches.account_customers == "ids":
            return account.customer_ids
        records = map(self.customers.find, account.customer_ids)
        return [self.customers.view(record) for record in records]

    def _listed_transactions(self, account: Account) -> list[Any]:
        """Return the transactions as objects or as ids: the pages differ (row 25)."""
        if self.world.switches.account_transactions == "ids":
            return account.transaction_ids
        transactions = self.world.transactions
        return [transactions[identifier] for identifier in account.transaction_ids]
