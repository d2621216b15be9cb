"""Calls about accounts, their numbers and external accounts."""

from __future__ import annotations

import re
from collections.abc import Collection

from ...model import operations as ask
from ...model.accounts import (
    Account,
    AccountNumber,
    AccountNumberChanges,
    Balance,
    ExternalAccount,
    NewAccount,
    NewAccountNumber,
)
from ...model.pages import Page
from .call import Call, CallBuilder, argument_error
from .lookups import resolve_by_content, resolve_by_key

_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){3,16}")
"""4 to 17 digits, the form of an account number."""


class AccountCalls(CallBuilder):
    """Calls about accounts."""

    def create(
        self, new: NewAccount, idempotency_key: str | None = None
    ) -> Call[Account]:
        """Open an account."""
        return self.ask_create(ask.CreateAccount, new, idempotency_key)

    def get(self, account_id: str) -> Call[Account]:
        """Read an account."""
        require_account_id(self, account_id)
        return self.ask(ask.GetAccount(id=account_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewAccount,
        known: Collection[str],
        idempotency_key: str | None,
    ) -> Call[Account | None]:
        """Look for the account of a failed create, by idempotency key or content."""
        by_key = resolve_by_key(
            self,
            error,
            new,
            create=ask.CreateAccount,
            listing=lambda token, key: ask.ListAccounts(
                token=token, idempotency_key=key
            ),
            idempotency_key=idempotency_key,
        )
        if by_key is not None:
            return by_key
        # One owner is enough: a listing has all accounts of an owner.
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
        require_account_id(self, account_id)
        return self.ask(ask.DeleteAccount(id=account_id))

    def balance(self, account_id: str) -> Call[Balance]:
        """Read the balance of an account."""
        require_account_id(self, account_id)
        return self.ask(ask.GetBalance(account_id=account_id))

    def close(self, account_id: str) -> Call[Account]:
        """Close an account."""
        require_account_id(self, account_id)
        return self.ask(ask.CloseAccount(id=account_id))


class AccountNumberCalls(CallBuilder):
    """Calls about account numbers."""

    def create(
        self, new: NewAccountNumber, idempotency_key: str | None = None
    ) -> Call[AccountNumber]:
        """Create an account number."""
        require_account_id(self, new.account_id)
        return self.ask_create(ask.CreateAccountNumber, new, idempotency_key)

    def get(self, account_number_id: str) -> Call[AccountNumber]:
        """Read an account number."""
        require_account_id(self, account_number_id, "account_number_id")
        return self.ask(ask.GetAccountNumber(id=account_number_id))

    def resolve(
        self,
        error: BaseException | None,
        new: NewAccountNumber,
        known: Collection[str],
        idempotency_key: str | None,
    ) -> Call[AccountNumber | None]:
        """Look for the number of a failed create, by idempotency key or content."""
        require_account_id(self, new.account_id)
        by_key = resolve_by_key(
            self,
            error,
            new,
            create=ask.CreateAccountNumber,
            listing=lambda token, key: ask.ListAccountNumbers(
                token=token, idempotency_key=key
            ),
            idempotency_key=idempotency_key,
        )
        if by_key is not None:
            return by_key
        account_id = new.account_id
        return resolve_by_content(
            self,
            error,
            new,
            create=ask.CreateAccountNumber,
            listing=lambda token: ask.ListAccountNumbers(
                account_id=account_id, token=token
            ),
            known=known,
        )

    def list(
        self, account_id: str | None, token: str | None, page_size: int | None
    ) -> Call[Page[AccountNumber]]:
        """Read a page of account numbers."""
        require_account_id(self, account_id)
        size = self.page_size(page_size)
        return self.ask_page(
            ask.ListAccountNumbers(account_id=account_id, token=token, page_size=size)
        )

    def update(
        self, account_number_id: str, changes: AccountNumberChanges
    ) -> Call[AccountNumber]:
        """Change an account number."""
        self.require_feature(ask.UpdateAccountNumber.feature)
        require_account_id(self, account_number_id, "account_number_id")
        prepared = self.prepare(changes).value
        question = ask.UpdateAccountNumber(id=account_number_id, changes=prepared)
        return self.ask(question, changes)


class ExternalAccountCalls(CallBuilder):
    """Calls about accounts at other banks."""

    def get(self, external_account_id: str) -> Call[ExternalAccount]:
        """Read an external account."""
        require_account_id(self, external_account_id, "external_account_id")
        return self.ask(ask.GetExternalAccount(id=external_account_id))

    def list(
        self, token: str | None, page_size: int | None
    ) -> Call[Page[ExternalAccount]]:
        """Read a page of external accounts."""
        size = self.page_size(page_size)
        return self.ask_page(ask.ListExternalAccounts(token=token, page_size=size))


def require_account_id(
    calls: CallBuilder, account_id: str | None, name: str = "account_id"
) -> None:
    """Raise InvalidInput for an account number in the place of an id.

    An id becomes part of a URL, and an account number must not. Digits alone are an
    account number, unless the vendor's ids of accounts are declared to be digits.
    """
    is_number = isinstance(account_id, str) and _NUMBER.fullmatch(account_id.strip())
    if is_number and not calls.adapter.capabilities.numeric_account_ids:
        message = (
            "is an account number: pass the id that the bank returned, such as the `id` "
            "of an Account"
        )
        raise argument_error(name, "an id", message)
