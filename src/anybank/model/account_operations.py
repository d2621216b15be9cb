"""The questions about accounts, their numbers and their transactions (see `operations`)."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from .accounts import (
    Account,
    AccountNumber,
    AccountNumberChanges,
    Balance,
    ExternalAccount,
    NewAccount,
    NewAccountNumber,
)
from .features import Feature
from .pages import Page
from .questions import CreateQuestion, Question
from .transactions import Transaction, TransactionStatus


@frozen(kw_only=True)
class CreateAccount(CreateQuestion[NewAccount, Account]):
    """Open an account."""

    feature = Feature.ACCOUNTS_CREATE
    method = "create_account"


@frozen(kw_only=True)
class GetAccount(Question[Account]):
    """Read an account."""

    feature = Feature.ACCOUNTS_GET
    method = "get_account"

    id: str


@frozen(kw_only=True)
class ListAccounts(Question[Page[Account]]):
    """Read a page of accounts.

    `idempotency_key` restricts the page to what a create with this key created. It is set
    only if the create is declared `listed_by_key`.
    """

    feature = Feature.ACCOUNTS_LIST
    method = "list_accounts"

    customer_id: str | None = None
    token: str | None = None
    page_size: int | None = None
    idempotency_key: str | None = None


@frozen(kw_only=True)
class DeleteAccount(Question[None]):
    """Delete an account."""

    feature = Feature.ACCOUNTS_DELETE
    method = "delete_account"

    id: str


@frozen(kw_only=True)
class GetBalance(Question[Balance]):
    """Read the balance of an account, with one request."""

    feature = Feature.ACCOUNTS_BALANCE
    method = "get_balance"

    account_id: str


@frozen(kw_only=True)
class CloseAccount(Question[Account]):
    """Close an account and return its new state."""

    feature = Feature.ACCOUNTS_CLOSE
    method = "close_account"

    id: str


@frozen(kw_only=True)
class CreateAccountNumber(CreateQuestion[NewAccountNumber, AccountNumber]):
    """Create an account number."""

    feature = Feature.ACCOUNT_NUMBERS_CREATE
    method = "create_account_number"


@frozen(kw_only=True)
class GetAccountNumber(Question[AccountNumber]):
    """Read an account number."""

    feature = Feature.ACCOUNT_NUMBERS_GET
    method = "get_account_number"

    id: str


@frozen(kw_only=True)
class ListAccountNumbers(Question[Page[AccountNumber]]):
    """Read a page of account numbers; `idempotency_key` as in ListAccounts."""

    feature = Feature.ACCOUNT_NUMBERS_LIST
    method = "list_account_numbers"

    account_id: str | None = None
    token: str | None = None
    page_size: int | None = None
    idempotency_key: str | None = None


@frozen(kw_only=True)
class UpdateAccountNumber(Question[AccountNumber]):
    """Change an account number and return its new state."""

    feature = Feature.ACCOUNT_NUMBERS_UPDATE
    method = "update_account_number"

    id: str
    changes: AccountNumberChanges


@frozen(kw_only=True)
class GetExternalAccount(Question[ExternalAccount]):
    """Read an account at another bank."""

    feature = Feature.EXTERNAL_ACCOUNTS_GET
    method = "get_external_account"

    id: str


@frozen(kw_only=True)
class ListExternalAccounts(Question[Page[ExternalAccount]]):
    """Read a page of accounts at other banks."""

    feature = Feature.EXTERNAL_ACCOUNTS_LIST
    method = "list_external_accounts"

    token: str | None = None
    page_size: int | None = None


@frozen(kw_only=True)
class GetTransaction(Question[Transaction]):
    """Read a transaction."""

    feature = Feature.TRANSACTIONS_GET
    method = "get_transaction"

    id: str
    account_id: str | None = None


@frozen(kw_only=True)
class ListTransactions(Question[Page[Transaction]]):
    """Read a page of transactions with one status, POSTED or PENDING.

    `since` is included and `until` excluded; both are in UTC.
    """

    feature = Feature.TRANSACTIONS_LIST
    method = "list_transactions"

    account_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: TransactionStatus = TransactionStatus.POSTED
    token: str | None = None
    page_size: int | None = None
