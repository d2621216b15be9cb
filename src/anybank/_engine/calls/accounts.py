"""Calls about accounts and their transactions."""

from __future__ import annotations

from collections.abc import Collection

from ...model import operations as ask
from ...model.accounts import Account, NewAccount, Transaction
from ...model.pages import Page
from .call import Call, CallBuilder
from .lookups import resolve_by_content


class AccountCalls(CallBuilder):
    """Calls about accounts."""

    def create(
        self, new: NewAccount, idempotency_key: str | None = None
    ) -> Call[Account]:
        """Open an account."""
        return self.ask_create(ask.CreateAccount, new, idempotency_key)

    def get(self, account_id: str) -> Call[Account]:
        """Read an account."""
        return self.ask(ask.GetAccount(id=account_id))

    def resolve(
        self, error: BaseException | None, new: NewAccount, known: Collection[str]
    ) -> Call[Account | None]:
        """Look for the account of a failed create, by its content."""
        customer_id = next(iter(new.customer_ids), None)
        return resolve_by_content(
            self,
            error,
            new,
            create=ask.CreateAccount,
            listing=lambda token: ask.ListAccounts(
                customer_id=customer_id, token=token
            ),
            known=known,
        )

    def list(
        self, customer_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Account]]:
        """Read a page of accounts."""
        size = self.page_size(page_size)
        return self.ask_page(
            ask.ListAccounts(customer_id=customer_id, token=token, page_size=size)
        )

    def delete(self, account_id: str) -> Call[None]:
        """Delete an account."""
        return self.ask(ask.DeleteAccount(id=account_id))


class TransactionCalls(CallBuilder):
    """Calls about transactions."""

    def get(self, transaction_id: str) -> Call[Transaction]:
        """Read a transaction."""
        return self.ask(ask.GetTransaction(id=transaction_id))

    def list(
        self, account_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Transaction]]:
        """Read a page of transactions."""
        size = self.page_size(page_size)
        return self.ask_page(
            ask.ListTransactions(account_id=account_id, token=token, page_size=size)
        )
