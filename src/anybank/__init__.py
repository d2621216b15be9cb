"""One typed API for any banking-as-a-service vendor."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import migrate, webhooks
    from ._engine.throttle import Throttle
    from .adapter.wire import Request, Response
    from .aio import AsyncBank
    from .client import Bank
    from .declaration.vocabulary import (
        Capabilities,
        FeatureRule,
        FieldRule,
        Idempotency,
        Limits,
        Support,
    )
    from .errors import (
        AlreadyExists,
        AnybankError,
        AuthenticationFailed,
        ConfigurationError,
        Conflict,
        Effect,
        FieldNotUpdatable,
        InvalidInput,
        Issue,
        NotFound,
        NotSent,
        Outcome,
        OutcomeUnknown,
        ProviderError,
        ProviderUnavailable,
        RateLimited,
        Rejected,
        Remedy,
        TransportError,
        UnexpectedResponse,
        Unsupported,
        WebhookRejected,
    )
    from .http_options import HttpOptions
    from .model.accounts import Account, NewAccount, Transaction
    from .model.addresses import Address, AddressKind
    from .model.credentials import CredentialCheck, TemporaryCredentials
    from .model.credit import (
        AdverseAction,
        ApplicationStatus,
        CreditApplication,
        CreditApplicationChanges,
        EmploymentStatus,
        NewCreditApplication,
    )
    from .model.customers import Customer, CustomerChanges, NewCustomer, Origin
    from .model.events import (
        Event,
        EventKind,
        NewWebhookSubscription,
        WebhookSubscription,
        WebhookSubscriptionChanges,
    )
    from .model.features import Feature
    from .model.kyc import KycCheck, KycDocument, KycStatus, StartKyc
    from .model.money import Money
    from .model.pages import Page
    from .model.phones import Phone, PhoneKind
    from .model.serialization import from_dict, json_schema, to_dict
    from .model.unset import UNSET, Unset
    from .plugins import ProviderInfo, providers
    from .sensitive import DocumentLocatorNumber, Sensitive, Ssn

__all__ = [
    "UNSET",
    "Account",
    "Address",
    "AddressKind",
    "AdverseAction",
    "AlreadyExists",
    "AnybankError",
    "ApplicationStatus",
    "AsyncBank",
    "AuthenticationFailed",
    "Bank",
    "Capabilities",
    "ConfigurationError",
    "Conflict",
    "CredentialCheck",
    "CreditApplication",
    "CreditApplicationChanges",
    "Customer",
    "CustomerChanges",
    "DocumentLocatorNumber",
    "Effect",
    "EmploymentStatus",
    "Event",
    "EventKind",
    "Feature",
    "FeatureRule",
    "FieldNotUpdatable",
    "FieldRule",
    "HttpOptions",
    "Idempotency",
    "InvalidInput",
    "Issue",
    "KycCheck",
    "KycDocument",
    "KycStatus",
    "Limits",
    "Money",
    "NewAccount",
    "NewCreditApplication",
    "NewCustomer",
    "NewWebhookSubscription",
    "NotFound",
    "NotSent",
    "Origin",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "Phone",
    "PhoneKind",
    "ProviderError",
    "ProviderInfo",
    "ProviderUnavailable",
    "RateLimited",
    "Rejected",
    "Remedy",
    "Request",
    "Response",
    "Sensitive",
    "Ssn",
    "StartKyc",
    "Support",
    "TemporaryCredentials",
    "Throttle",
    "Transaction",
    "TransportError",
    "UnexpectedResponse",
    "Unset",
    "Unsupported",
    "WebhookRejected",
    "WebhookSubscription",
    "WebhookSubscriptionChanges",
    "from_dict",
    "json_schema",
    "migrate",
    "providers",
    "to_dict",
    "webhooks",
]

_HOMES = {
    "._engine.throttle": "Throttle",
    ".aio": "AsyncBank",
    ".declaration.vocabulary": "Capabilities FeatureRule FieldRule Idempotency Limits Support",
    ".client": "Bank",
    ".errors": "AlreadyExists AnybankError AuthenticationFailed ConfigurationError Conflict Effect FieldNotUpdatable InvalidInput Issue NotFound NotSent Outcome OutcomeUnknown ProviderError ProviderUnavailable RateLimited Rejected Remedy TransportError UnexpectedResponse Unsupported WebhookRejected",
    ".http_options": "HttpOptions",
    ".model.accounts": "Account NewAccount Transaction",
    ".model.addresses": "Address AddressKind",
    ".model.credentials": "CredentialCheck TemporaryCredentials",
    ".model.credit": "AdverseAction ApplicationStatus CreditApplication CreditApplicationChanges EmploymentStatus NewCreditApplication",
    ".model.customers": "Customer CustomerChanges NewCustomer Origin",
    ".model.events": "Event EventKind NewWebhookSubscription WebhookSubscription WebhookSubscriptionChanges",
    ".model.features": "Feature",
    ".model.kyc": "KycCheck KycDocument KycStatus StartKyc",
    ".model.money": "Money",
    ".model.pages": "Page",
    ".model.phones": "Phone PhoneKind",
    ".model.serialization": "from_dict json_schema to_dict",
    ".model.unset": "UNSET Unset",
    ".plugins": "ProviderInfo providers",
    ".sensitive": "DocumentLocatorNumber Sensitive Ssn",
    ".adapter.wire": "Request Response",
}
"""Where each public name lives: it is imported when it is first asked for."""

_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in ("migrate", "webhooks"):
        return importlib.import_module(f".{name}", __name__)
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("anybank")
    if name not in _HOME:
        raise AttributeError(f"module 'anybank' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
