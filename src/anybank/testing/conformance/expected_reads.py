"""The operations that read a record of each type which an author's seeds may return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...client import Bank
from ...model.accounts import Account, AccountNumber, Balance, ExternalAccount
from ...model.credit import AdverseAction, CreditApplication
from ...model.customers import Customer
from ...model.events import Event
from ...model.features import Feature
from ...model.kyc import KycCheck
from ...model.transactions import Transaction

GETS: Mapping[type, tuple[Feature, Callable[[Bank, Any], Any]]] = {
    Transaction: (
        Feature.TRANSACTIONS_GET,
        lambda bank, expected: bank.transactions.get(expected.id, expected.account_id),
    ),
    Event: (
        Feature.EVENTS_GET,
        lambda bank, expected: bank.events.get(expected.id),
    ),
    Account: (
        Feature.ACCOUNTS_GET,
        lambda bank, expected: bank.accounts.get(expected.id),
    ),
    Balance: (
        Feature.ACCOUNTS_BALANCE,
        lambda bank, expected: bank.accounts.balance(expected.account_id),
    ),
    AccountNumber: (
        Feature.ACCOUNT_NUMBERS_GET,
        lambda bank, expected: bank.account_numbers.get(expected.id),
    ),
    Customer: (
        Feature.CUSTOMERS_GET,
        lambda bank, expected: bank.customers.get(expected.id),
    ),
    ExternalAccount: (
        Feature.EXTERNAL_ACCOUNTS_GET,
        lambda bank, expected: bank.external_accounts.get(expected.id),
    ),
    CreditApplication: (
        Feature.CREDIT_APPLICATIONS_GET,
        lambda bank, expected: bank.credit_applications.get(expected.id),
    ),
    AdverseAction: (
        Feature.CREDIT_APPLICATIONS_ADVERSE_ACTION,
        lambda bank, expected: bank.credit_applications.adverse_action(
            expected.application_id
        ),
    ),
    KycCheck: (
        Feature.KYC_GET,
        lambda bank, expected: bank.kyc.get(
            expected.customer_id, program_id=expected.program_id
        ),
    ),
}
LISTS: Mapping[type, tuple[Feature, Callable[[Bank, Any, Any], Any]]] = {
    Transaction: (
        Feature.TRANSACTIONS_LIST,
        lambda bank, expected, owner: bank.transactions.list(
            status=expected.status, **owner
        ),
    ),
    Event: (Feature.EVENTS_LIST, lambda bank, _, owner: bank.events.list(**owner)),
    Account: (
        Feature.ACCOUNTS_LIST,
        lambda bank, _, owner: bank.accounts.list(**owner),
    ),
    Customer: (Feature.CUSTOMERS_LIST, lambda bank, _, __: bank.customers.list()),
    AccountNumber: (
        Feature.ACCOUNT_NUMBERS_LIST,
        lambda bank, _, owner: bank.account_numbers.list(**owner),
    ),
    ExternalAccount: (
        Feature.EXTERNAL_ACCOUNTS_LIST,
        lambda bank, _, __: bank.external_accounts.list(),
    ),
    CreditApplication: (
        Feature.CREDIT_APPLICATIONS_LIST,
        lambda bank, _, owner: bank.credit_applications.list(**owner),
    ),
}
