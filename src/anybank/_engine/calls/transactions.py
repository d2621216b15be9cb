"""Calls about transactions."""

from __future__ import annotations

from datetime import UTC, datetime

from ...model import operations as ask
from ...model.pages import Page
from ...model.transactions import Transaction, TransactionStatus
from .accounts import require_account_id
from .call import Call, CallBuilder, argument_error

_LISTED = (TransactionStatus.POSTED, TransactionStatus.PENDING)


class TransactionCalls(CallBuilder):
    """Calls about transactions."""

    def get(
        self, transaction_id: str, account_id: str | None = None
    ) -> Call[Transaction]:
        """Read a transaction."""
        require_account_id(self, transaction_id, "transaction_id")
        require_account_id(self, account_id)
        return self.ask(ask.GetTransaction(id=transaction_id, account_id=account_id))

    def list(
        self,
        token: str | None,
        page_size: int | None,
        *,
        account_id: str | None,
        since: datetime | None,
        until: datetime | None,
        status: TransactionStatus,
    ) -> Call[Page[Transaction]]:
        """Read a page of transactions with one status."""
        require_account_id(self, account_id)
        start, end = _utc("since", since), _utc("until", until)
        if start and end and start > end:
            raise argument_error("since", "before until", "must not be after until")
        if status not in _LISTED:
            message = "must be TransactionStatus.POSTED or TransactionStatus.PENDING"
            raise argument_error("status", "posted or pending", message)
        question = ask.ListTransactions(
            account_id=account_id,
            since=start,
            until=end,
            status=status,
            token=token,
            page_size=self.page_size(page_size),
        )
        return self.ask_page(question)


def _utc(name: str, moment: datetime | None) -> datetime | None:
    """Return a time in UTC; raises InvalidInput for a time without a zone."""
    if moment is None:
        return None
    if moment.utcoffset() is None:
        message = "must be a time with a zone, such as datetime.now(UTC)"
        raise argument_error(name, "a time with a zone", message)
    return moment.astimezone(UTC)
