"""The operations that a bank may offer."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """An operation of a bank: what an adapter declares and a call runs."""

    CUSTOMERS_CREATE = "customers.create"
    CUSTOMERS_GET = "customers.get"
    CUSTOMERS_LIST = "customers.list"
    CUSTOMERS_UPDATE = "customers.update"
    CUSTOMERS_DELETE = "customers.delete"
    CUSTOMER_ADDRESSES_CREATE = "customer_addresses.create"
    CUSTOMER_ADDRESSES_LIST = "customer_addresses.list"
    CUSTOMER_ADDRESSES_UPDATE = "customer_addresses.update"
    CUSTOMER_ADDRESSES_DELETE = "customer_addresses.delete"
    KYC_START = "kyc.start"
    KYC_GET = "kyc.get"
    KYC_UPLOAD_DOCUMENT = "kyc.upload_document"
    CREDIT_APPLICATIONS_CREATE = "credit_applications.create"
    CREDIT_APPLICATIONS_GET = "credit_applications.get"
    CREDIT_APPLICATIONS_LIST = "credit_applications.list"
    CREDIT_APPLICATIONS_UPDATE = "credit_applications.update"
    CREDIT_APPLICATIONS_SUBMIT = "credit_applications.submit"
    CREDIT_APPLICATIONS_ADVERSE_ACTION = "credit_applications.adverse_action"
    WEBHOOKS_VERIFY = "webhooks.verify"
    WEBHOOK_SUBSCRIPTIONS_CREATE = "webhook_subscriptions.create"
    WEBHOOK_SUBSCRIPTIONS_LIST = "webhook_subscriptions.list"
    WEBHOOK_SUBSCRIPTIONS_UPDATE = "webhook_subscriptions.update"
    WEBHOOK_SUBSCRIPTIONS_DELETE = "webhook_subscriptions.delete"
    EVENTS_GET = "events.get"
    EVENTS_LIST = "events.list"
    ACCOUNTS_CREATE = "accounts.create"
    ACCOUNTS_GET = "accounts.get"
    ACCOUNTS_LIST = "accounts.list"
    ACCOUNTS_DELETE = "accounts.delete"
    ACCOUNTS_BALANCE = "accounts.balance"
    ACCOUNTS_CLOSE = "accounts.close"
    ACCOUNT_NUMBERS_CREATE = "account_numbers.create"
    ACCOUNT_NUMBERS_GET = "account_numbers.get"
    ACCOUNT_NUMBERS_LIST = "account_numbers.list"
    ACCOUNT_NUMBERS_UPDATE = "account_numbers.update"
    EXTERNAL_ACCOUNTS_GET = "external_accounts.get"
    EXTERNAL_ACCOUNTS_LIST = "external_accounts.list"
    TRANSACTIONS_GET = "transactions.get"
    TRANSACTIONS_LIST = "transactions.list"
    CREDENTIALS_CHECK = "credentials.check"
    CREDENTIALS_CREATE_TEMPORARY = "credentials.create_temporary"

    deletes: bool
    """True for operations that succeed if the record does not exist afterwards."""

    def __init__(self, name: str) -> None:
        self.deletes = name.endswith(".delete")

    @classmethod
    def group(cls, name: str) -> tuple[Feature, ...]:
        """Return the feature of a name, or all features of a resource for `"accounts.*"`.

        Raises ValueError for a name without any feature.
        """
        resource, _, operation = name.partition(".")
        if operation != "*":
            return (cls(name),)
        features = tuple(item for item in cls if item.startswith(f"{resource}."))
        if not features:
            raise ValueError(f"{name!r} names no features")
        return features

    @property
    def reads(self) -> bool:
        """True for operations that change nothing at the vendor."""
        return self.partition(".")[2] in _READING


_READING = ("get", "list", "balance", "adverse_action", "verify", "check")
"""The operations that change nothing, of all resources."""
