"""Verification, accounts and transactions of a router's customers, by the app's keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, Unpack

from attrs import evolve

from ..errors import Conflict, Effect, InvalidInput, Issue, Outcome
from ..model.transactions import TransactionStatus
from ..sensitive import shield_methods
from .aio_listing import AsyncRoutedListing
from .aio_routes import AsyncRoutes

if TYPE_CHECKING:
    from .._engine.extra_content import ExtraContent
    from .._engine.paging import AsyncListing
    from ..aio import AsyncBank
    from ..model.accounts import Account, Balance, NewAccount
    from ..model.kyc import KycCheck, KycDocument, NewKycDocument, StartKyc
    from ..model.transactions import Transaction

T = TypeVar("T")


class _ByKey:
    """The base of the resources: the routes that lead from a key to a bank."""

    def __init__(self, routes: AsyncRoutes) -> None:
        self._routes = routes

    def __init_subclass__(cls) -> None:
        """Clear personal data from the frames of a failed call."""
        super().__init_subclass__()
        shield_methods(cls)

    def _listing(
        self, key: str, listing: Callable[[AsyncBank, str], AsyncListing[T]]
    ) -> AsyncRoutedListing[T]:
        """Return a listing at the bank where the customer is when it is iterated."""

        async def items() -> AsyncIterator[T]:
            _, location = await self._routes.located(key)
            bank = self._routes.bank(location.provider)
            async for item in listing(bank, location.customer_id):
                yield item

        return AsyncRoutedListing(items)


class KycByKey(_ByKey):
    """The verification of customers, where they are."""

    async def start(
        self, key: str, start: StartKyc, **extra: Unpack[ExtraContent]
    ) -> KycCheck:
        """Start to verify a customer."""
        return await self._routes.run(
            key, lambda bank, customer_id: bank.kyc.start(customer_id, start, **extra)
        )

    async def get(self, key: str, *, program_id: str | None = None) -> KycCheck:
        """Read the status of a customer's verification."""
        return await self._routes.run(
            key,
            lambda bank, customer_id: bank.kyc.get(customer_id, program_id=program_id),
        )

    async def upload_document(
        self,
        key: str,
        new: NewKycDocument,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> KycDocument:
        """Upload a file that shows a document, and add it to a customer."""
        return await self._routes.run(
            key,
            lambda bank, customer_id: bank.kyc.upload_document(
                customer_id, new, idempotency_key=idempotency_key, **extra
            ),
        )

    async def wait(
        self, key: str, *, program_id: str | None = None, timeout: float = 300.0
    ) -> KycCheck:
        """Poll until the verification is decided, as `Bank.kyc.wait` does."""
        return await self._routes.run(
            key,
            lambda bank, customer_id: bank.kyc.wait(
                customer_id, program_id=program_id, timeout=timeout
            ),
        )


class AccountsByKey(_ByKey):
    """The accounts of customers, where they are.

    An account id is the bank's: it belongs to the bank at which the account was opened.
    """

    async def create(
        self,
        new: NewAccount,
        *,
        key: str,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> Account:
        """Open an account for a customer; `new` names no customers itself."""
        _require_no_owner(new)
        return await self._routes.run(
            key,
            lambda bank, customer_id: bank.accounts.create(
                evolve(new, customer_ids=[customer_id]),
                idempotency_key=idempotency_key,
                **extra,
            ),
        )

    async def resolve(
        self,
        error: BaseException | None,
        new: NewAccount,
        *,
        key: str,
        known: Collection[str] = (),
        idempotency_key: str | None = None,
    ) -> Account | None:
        """Look for the account of a create, as `Bank.accounts.resolve` does."""
        _require_no_owner(new)
        return await self._routes.run(
            key,
            lambda bank, customer_id: bank.accounts.resolve(
                error,
                evolve(new, customer_ids=[customer_id]),
                known=known,
                idempotency_key=idempotency_key,
            ),
        )

    async def get(self, account_id: str, *, key: str) -> Account:
        """Read an account; raises Conflict for an account of another customer."""

        async def read(bank: AsyncBank, customer_id: str) -> Account:
            account = await bank.accounts.get(account_id)
            await _require_owner(bank, account, customer_id)
            return account

        return await self._routes.run(key, read)

    def list(
        self, key: str, *, page_size: int | None = None
    ) -> AsyncRoutedListing[Account]:
        """List the accounts of a customer."""
        return self._listing(
            key,
            lambda bank, customer_id: bank.accounts.list(
                customer_id=customer_id, page_size=page_size
            ),
        )

    async def delete(self, account_id: str, *, key: str) -> None:
        """Delete an account; raises Conflict, and deletes nothing, if it is another's."""

        async def delete(bank: AsyncBank, customer_id: str) -> None:
            account = await bank.accounts.get(account_id)
            await _require_owner(bank, account, customer_id)
            await bank.accounts.delete(account_id)

        return await self._routes.run(key, delete)

    async def balance(self, account_id: str, *, key: str) -> Balance:
        """Read what an account holds, at the customer's bank, with one request."""
        return await self._routes.run(
            key, lambda bank, _: bank.accounts.balance(account_id)
        )

    async def close(self, account_id: str, *, key: str) -> Account:
        """Close an account; raises Conflict, and closes nothing, if it is another's."""

        async def close(bank: AsyncBank, customer_id: str) -> Account:
            account = await bank.accounts.get(account_id)
            await _require_owner(bank, account, customer_id)
            return await bank.accounts.close(account_id)

        return await self._routes.run(key, close)


class TransactionsByKey(_ByKey):
    """The transactions on customers' accounts, where they are."""

    async def get(
        self, transaction_id: str, *, key: str, account_id: str | None = None
    ) -> Transaction:
        """Read a transaction; with `account_id`, one of another account is an error."""
        return await self._routes.run(
            key, lambda bank, _: bank.transactions.get(transaction_id, account_id)
        )

    def list(
        self,
        key: str,
        *,
        account_id: str,
        since: datetime | None = None,
        until: datetime | None = None,
        status: TransactionStatus = TransactionStatus.POSTED,
        page_size: int | None = None,
    ) -> AsyncRoutedListing[Transaction]:
        """List the transactions on an account, as `Bank.transactions.list` does."""
        return self._listing(
            key,
            lambda bank, _: bank.transactions.list(
                account_id=account_id,
                since=since,
                until=until,
                status=status,
                page_size=page_size,
            ),
        )


def _require_no_owner(new: NewAccount) -> None:
    """Raise InvalidInput if an account names its customers: the key does."""
    if new.customer_ids:
        rule = "empty: the key names the customer"
        issue = Issue(
            "customer_ids", Effect.BLOCKED, rule, "anybank", f"must be {rule}"
        )
        raise InvalidInput([issue])


async def _require_owner(bank: AsyncBank, account: Account, customer_id: str) -> None:
    """Raise Conflict if the bank says that an account belongs to other customers."""
    owners = account.customer_ids
    if not owners or customer_id in owners:
        return
    # The bank may have given the customer another id since.
    if (await bank.customers.get(customer_id)).id not in owners:
        raise Conflict(
            "the account belongs to another customer than the key",
            outcome=Outcome.NOT_SENT,
        )
