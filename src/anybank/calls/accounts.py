"""Calls about accounts and their transactions."""

from __future__ import annotations

from ..capabilities import Feature
from ..model import operations as ask
from ..model.accounts import Account, NewAccount, Transaction
from ..model.pages import Page
from .call import Asker, Call, mint


class AccountCalls(Asker):
    """Calls about accounts."""

    def create(self, new: NewAccount) -> Call[Account]:
        """Open an account."""
        feature = Feature.ACCOUNTS_CREATE
        self.require_feature(feature)
        settled = self.settled(new).value
        key = mint()
        question = ask.CreateAccount(new=settled, idempotency_key=key)
        flow = self.adapter.create_account
        return self.ask_keyed(feature, flow, question, key, about=new)

    def get(self, account_id: str) -> Call[Account]:
        """Read an account."""
        question = ask.GetAccount(id=account_id)
        return self.ask(Feature.ACCOUNTS_GET, self.adapter.get_account, question)

    def list(
        self, customer_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Account]]:
        """Read a page of accounts."""
        question = ask.ListAccounts(
            customer_id=customer_id, token=token, page_size=page_size
        )
        return self.ask(Feature.ACCOUNTS_LIST, self.adapter.list_accounts, question)

    def delete(self, account_id: str) -> Call[None]:
        """Delete an account."""
        question = ask.DeleteAccount(id=account_id)
        flow = self.adapter.delete_account
        return self.ask_deletion(Feature.ACCOUNTS_DELETE, flow, question)


class TransactionCalls(Asker):
    """Calls about transactions."""

    def get(self, transaction_id: str) -> Call[Transaction]:
        """Read a transaction."""
        question = ask.GetTransaction(id=transaction_id)
        return self.ask(
            Feature.TRANSACTIONS_GET, self.adapter.get_transaction, question
        )

    def list(
        self, account_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Transaction]]:
        """Read a page of transactions."""
        question = ask.ListTransactions(
            account_id=account_id, token=token, page_size=page_size
        )
        flow = self.adapter.list_transactions
        return self.ask(Feature.TRANSACTIONS_LIST, flow, question)
