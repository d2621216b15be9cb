"""The resource of transactions: one method for each operation."""

from __future__ import annotations

import functools
from datetime import datetime

from ..model.transactions import Transaction, TransactionStatus
from .aio_resources import BankResource
from .calls.transactions import TransactionCalls
from .paging import AsyncListing


class Transactions(BankResource[TransactionCalls]):
    """The transactions on accounts."""

    async def get(
        self, transaction_id: str, account_id: str | None = None
    ) -> Transaction:
        """Read a transaction; with `account_id`, one of another account is an error."""
        return await self._run(self._calls.get(transaction_id, account_id))

    def list(
        self,
        *,
        account_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        status: TransactionStatus = TransactionStatus.POSTED,
        token: str | None = None,
        page_size: int | None = None,
    ) -> AsyncListing[Transaction]:
        """List the posted transactions, of all accounts or of one.

        `since` (included) and `until` (excluded) are times with a zone. Pass
        `status=TransactionStatus.PENDING` to list the pending ones instead.
        """
        page = functools.partial(
            self._calls.list,
            page_size=page_size,
            account_id=account_id,
            since=since,
            until=until,
            status=status,
        )
        return AsyncListing(self._run, page, token)
