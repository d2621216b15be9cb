"""What Acme accepts and returns: one rule for each field, with the page it is from."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.options import credential
from anybank.declaration import (
    SAFE,
    Capabilities,
    Feature,
    FeatureRule,
    FieldRule,
    Limits,
    Support,
)
from anybank.model.customers import NewCustomer
from anybank.sensitive import Sensitive

PAGE = "Acme docs, People"

PERSON = {
    "first_name": FieldRule(create="required", native="given", source=PAGE),
    "last_name": FieldRule(create="required", native="family", source=PAGE),
    "date_of_birth": FieldRule(create="required", native="born", source=PAGE),
    "ssn": FieldRule(create="required", read="masked", source=PAGE),
}

ACME = Capabilities(
    provider="acme",
    title="Acme",
    hosts={
        "sandbox": "https://sandbox.acme.example/v1",
        "production": "https://acme.example/v1",
    },
    features={
        Feature.CUSTOMERS_GET: FeatureRule(
            support=Support.FULL, source=PAGE, idempotency=SAFE
        ),
    },
    fields={NewCustomer: PERSON},
    limits=Limits(calls_per_minute=300, calls_source=PAGE),
)


@frozen(kw_only=True)
class AcmeOptions:
    """The options of `Bank("acme", ...)`."""

    api_key: Sensitive = credential("the key of the X-Key header")
