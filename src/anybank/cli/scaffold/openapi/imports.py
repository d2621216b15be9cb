"""The module of each name that a generated file may use."""

from __future__ import annotations

from collections.abc import Mapping

_MODULES: Mapping[str, str] = {
    "attrs": "evolve frozen",
    "collections.abc": "Mapping",
    "datetime": "date",
    "decimal": "Decimal",
    "pathlib": "Path",
    "typing": "Any",
    "anybank.adapter": "Adapter json_api",
    "anybank.adapter.converter": (
        "Reader build constant native neutral neutral_id read_rules_of reads rules_of "
        "separate words_of write writes"
    ),
    "anybank.adapter.credentials": "basic",
    "anybank.adapter.options": "credential",
    "anybank.adapter.problems": "Problem unreadable",
    "anybank.adapter.resources": "Resource",
    "anybank.adapter.wire": (
        "Flow Json Request Response delete get patch post put segment"
    ),
    "anybank.declaration": (
        "AdapterLevel AdapterStatus Capabilities Limits feature_rules full "
        "not_implemented optional read_only required"
    ),
    "anybank.errors": "UnexpectedResponse",
    "anybank.model.accounts": (
        "Account AccountKind AccountNumber AccountStatus Balance ExternalAccount "
        "NewAccount"
    ),
    "anybank.model.addresses": "Address AddressKind",
    "anybank.model.customers": "Customer CustomerStatus NewCustomer",
    "anybank.model.events": "Event NewWebhookSubscription WebhookSubscription",
    "anybank.model.kyc": "KycCheck KycDocument",
    "anybank.model.pages": "Page",
    "anybank.model.phones": "Phone PhoneKind",
    "anybank.model.transactions": "Transaction TransactionKind TransactionStatus",
    "anybank.sandbox.simulator": "Route Simulator answer_json",
    "anybank.sensitive": "Sensitive Ssn",
    "anybank.testing": "AdapterConformance",
}
IMPORTS: Mapping[str, str] = {
    **{name: module for module, names in _MODULES.items() for name in names.split()},
    "dt": "datetime as dt",
    "ask": "anybank.model.operations as ask",
}
"""The module of each name; `as` stands for an import of the module itself."""
