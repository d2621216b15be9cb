"""The resources of accounts: one method for each operation."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Unpack

from ..model.accounts import (
    Account,
    AccountNumber,
    AccountNumberChanges,
    Balance,
    ExternalAccount,
    NewAccount,
    NewAccountNumber,
)
from .aio_resources import BankResource
from .calls.accounts import AccountCalls, AccountNumberCalls, ExternalAccountCalls
from .extra_content import ExtraContent
from .paging import AsyncListing


class Accounts(BankResource[AccountCalls]):
    """The accounts at a bank."""

    async def create(
        self,
        new: NewAccount,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> Account:
        """Open an account."""
        return await self._run(
            self._calls.create(new, idempotency_key),
            **extra,
        )

    async def get(self, account_id: str) -> Account:
        """Read an account."""
        return await self._run(self._calls.get(account_id))

    async def resolve(
        self,
        error: BaseException | None,
        new: NewAccount,
        *,
        known: Collection[str] = (),
        idempotency_key: str | None = None,
    ) -> Account | None:
        """Look for the account of a create; None means it does not exist.

        `error` is the exception that ended the create, or None. If the capabilities say
        `listed_by_key`, the account is looked up by the key of the error or of the
        argument. Otherwise its content is compared: an account with the same content
        counts even if an earlier create made it, unless its id is in `known`. Raises
        Conflict for several matches, and Unsupported if the vendor has no listing.
        """
        return await self._run(self._calls.resolve(error, new, known, idempotency_key))

    def list(
        self,
        *,
        customer_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> AsyncListing[Account]:
        """List the accounts, of all customers or of one."""
        page = functools.partial(self._calls.list, customer_id, page_size=page_size)
        return AsyncListing(self._run, page, token)

    async def delete(self, account_id: str) -> None:
        """Delete an account."""
        return await self._run(self._calls.delete(account_id))

    async def balance(self, account_id: str) -> Balance:
        """Read what an account holds, with one request."""
        return await self._run(self._calls.balance(account_id))

    async def close(self, account_id: str) -> Account:
        """Close an account and return its new state; most banks require that it is empty."""
        return await self._run(self._calls.close(account_id))


class AccountNumbers(BankResource[AccountNumberCalls]):
    """The numbers under which accounts receive money."""

    async def create(
        self,
        new: NewAccountNumber,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> AccountNumber:
        """Create an account number."""
        return await self._run(
            self._calls.create(new, idempotency_key),
            **extra,
        )

    async def get(self, account_number_id: str) -> AccountNumber:
        """Read an account number by its id."""
        return await self._run(self._calls.get(account_number_id))

    async def resolve(
        self,
        error: BaseException | None,
        new: NewAccountNumber,
        *,
        known: Collection[str] = (),
        idempotency_key: str | None = None,
    ) -> AccountNumber | None:
        """Look for the account number of a create, as `accounts.resolve` does."""
        return await self._run(self._calls.resolve(error, new, known, idempotency_key))

    def list(
        self,
        *,
        account_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> AsyncListing[AccountNumber]:
        """List the account numbers, of all accounts or of one."""
        page = functools.partial(self._calls.list, account_id, page_size=page_size)
        return AsyncListing(self._run, page, token)

    async def update(
        self,
        account_number_id: str,
        changes: AccountNumberChanges,
        **extra: Unpack[ExtraContent],
    ) -> AccountNumber:
        """Change an account number and return its new state."""
        return await self._run(
            self._calls.update(account_number_id, changes),
            **extra,
        )


class ExternalAccounts(BankResource[ExternalAccountCalls]):
    """The accounts at other banks that are stored at this bank."""

    async def get(self, external_account_id: str) -> ExternalAccount:
        """Read an external account."""
        return await self._run(self._calls.get(external_account_id))

    def list(
        self, *, token: str | None = None, page_size: int | None = None
    ) -> AsyncListing[ExternalAccount]:
        """List the external accounts."""
        page = functools.partial(self._calls.list, page_size=page_size)
        return AsyncListing(self._run, page, token)
