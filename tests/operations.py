"""Every operation of a bank with valid arguments, by its feature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes import home, james

from anybank import (
    AccountKind,
    AccountNumberChanges,
    CreditApplicationChanges,
    CustomerChanges,
    NewAccount,
    NewAccountNumber,
    NewCreditApplication,
    NewKycDocument,
    NewWebhookSubscription,
    StartKyc,
    WebhookSubscriptionChanges,
)

Operation = Callable[[Any], Any]

_PROGRAM = "22222222-2222-4222-8222-222222222222"
_APPLICATION = NewCreditApplication(program_id=_PROGRAM, customer_id="c1")
_SUBSCRIPTION = NewWebhookSubscription(url="https://app.example.com", events=["kyc.*"])
_ACCOUNT = NewAccount(
    customer_ids=["c1"], kind=AccountKind.DEPOSIT, program_id=_PROGRAM, currency="USD"
)

OPERATIONS: dict[str, Operation] = {
    "customers.create": lambda bank: bank.customers.create(james()),
    "customers.get": lambda bank: bank.customers.get("c1"),
    "customers.list": lambda bank: bank.customers.list(),
    "customers.update": lambda bank: bank.customers.update("c1", CustomerChanges()),
    "customers.delete": lambda bank: bank.customers.delete("c1"),
    "customer_addresses.create": lambda bank: bank.customer_addresses.create(
        "c1", home()
    ),
    "customer_addresses.list": lambda bank: bank.customer_addresses.list("c1"),
    "customer_addresses.update": lambda bank: bank.customer_addresses.update(
        "c1", home(id="a1")
    ),
    "customer_addresses.delete": lambda bank: bank.customer_addresses.delete(
        "c1", "a1"
    ),
    "kyc.start": lambda bank: bank.kyc.start("c1", StartKyc(program_id=_PROGRAM)),
    "kyc.get": lambda bank: bank.kyc.get("c1", program_id=_PROGRAM),
    "kyc.upload_document": lambda bank: bank.kyc.upload_document(
        "c1", NewKycDocument(kind="visa", content=b"scan", media_type="image/png")
    ),
    "credit_applications.create": lambda bank: bank.credit_applications.create(
        _APPLICATION
    ),
    "credit_applications.get": lambda bank: bank.credit_applications.get("a1"),
    "credit_applications.list": lambda bank: bank.credit_applications.list(),
    "credit_applications.update": lambda bank: bank.credit_applications.update(
        "a1", CreditApplicationChanges()
    ),
    "credit_applications.submit": lambda bank: bank.credit_applications.submit("a1"),
    "credit_applications.adverse_action": lambda bank: (
        bank.credit_applications.adverse_action("a1")
    ),
    "webhook_subscriptions.create": lambda bank: bank.webhook_subscriptions.create(
        _SUBSCRIPTION
    ),
    "webhook_subscriptions.list": lambda bank: bank.webhook_subscriptions.list(),
    "webhook_subscriptions.update": lambda bank: bank.webhook_subscriptions.update(
        "s1", WebhookSubscriptionChanges(enabled=False)
    ),
    "webhook_subscriptions.delete": lambda bank: bank.webhook_subscriptions.delete(
        "s1"
    ),
    "events.get": lambda bank: bank.events.get("e1"),
    "events.list": lambda bank: bank.events.list(),
    "accounts.create": lambda bank: bank.accounts.create(_ACCOUNT),
    "accounts.get": lambda bank: bank.accounts.get("a1"),
    "accounts.list": lambda bank: bank.accounts.list(),
    "accounts.delete": lambda bank: bank.accounts.delete("a1"),
    "accounts.balance": lambda bank: bank.accounts.balance("a1"),
    "accounts.close": lambda bank: bank.accounts.close("a1"),
    "account_numbers.create": lambda bank: bank.account_numbers.create(
        NewAccountNumber(account_id="a1", name="Payroll")
    ),
    "account_numbers.get": lambda bank: bank.account_numbers.get("n1"),
    "account_numbers.list": lambda bank: bank.account_numbers.list(),
    "account_numbers.update": lambda bank: bank.account_numbers.update(
        "n1", AccountNumberChanges(name="Old payroll")
    ),
    "external_accounts.get": lambda bank: bank.external_accounts.get("e1"),
    "external_accounts.list": lambda bank: bank.external_accounts.list(),
    "transactions.get": lambda bank: bank.transactions.get("t1"),
    "transactions.list": lambda bank: bank.transactions.list(),
    "credentials.check": lambda bank: bank.credentials.check(),
    "credentials.create_temporary": lambda bank: bank.credentials.create_temporary(
        "c1"
    ),
}
