"""Calls about accounts and their transactions."""

from __future__ import annotations

from collections.abc import Collection

from ...adapter.wire import Flow
from ...model import operations as ask
from ...model.accounts import Account, NewAccount, Transaction
from ...model.features import Feature
from ...model.pages import Page
from .call import Asker, Call, begun
from .lookups import ContentAsker, never_happened, nothing, require_lookup


class AccountCalls(ContentAsker):
    """Calls about accounts."""

    def create(
        self, new: NewAccount, idempotency_key: str | None = None
    ) -> Call[Account]:
        """Open an account."""
        feature = Feature.ACCOUNTS_CREATE
        self.require_feature(feature)
        key = self.key_for(feature, idempotency_key)
        settled = self.settled(new).value
        question = ask.CreateAccount(new=settled, idempotency_key=key)
        flow = self.adapter.create_account
        return self.ask_keyed(
            feature, flow, question, key, requested=idempotency_key, about=new
        )

    def get(self, account_id: str) -> Call[Account]:
        """Read an account."""
        question = ask.GetAccount(id=account_id)
        return self.ask(Feature.ACCOUNTS_GET, self.adapter.get_account, question)

    def resolve(
        self, error: BaseException | None, new: NewAccount, known: Collection[str]
    ) -> Call[Account | None]:
        """Look for what a create may have created, by its content."""
        create, listing = Feature.ACCOUNTS_CREATE, Feature.ACCOUNTS_LIST
        self.require_feature(create)
        if never_happened(error, create):
            return Call(listing, nothing())
        require_lookup(self, create, listing)
        sent = self.settled(new).value

        def pages(token: str | None) -> Flow[Page[Account]]:
            question = ask.ListAccounts(
                customer_id=next(iter(sent.customer_ids), None), token=token
            )
            return begun(self.adapter.list_accounts, question)

        return Call(listing, self.by_content(pages, sent, known), new)

    def list(
        self, customer_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[Account]]:
        """Read a page of accounts."""
        question = ask.ListAccounts(
            customer_id=customer_id, token=token, page_size=self.page_size(page_size)
        )
        return self.ask_page(
            Feature.ACCOUNTS_LIST, self.adapter.list_accounts, question
        )

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
            account_id=account_id, token=token, page_size=self.page_size(page_size)
        )
        flow = self.adapter.list_transactions
        return self.ask_page(Feature.TRANSACTIONS_LIST, flow, question)
