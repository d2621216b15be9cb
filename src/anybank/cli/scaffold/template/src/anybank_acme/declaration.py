"""What Acme offers: its operations, hosts and limits, with the page of each rule."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from anybank.adapter.converter import read_rules_of, rules_of
from anybank.adapter.options import credential
from anybank.declaration import (
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    Limits,
    feature_rules,
    full,
)
from anybank.sensitive import Sensitive

from . import customers
from .customers import PAGE

ACME = Capabilities(
    provider="acme",
    title="Acme",
    # The day on which you last compared the adapter with the vendor's pages.
    status=AdapterStatus(
        AdapterLevel.DOCUMENTED, "as its pages describe it", as_of=date(2026, 1, 1)
    ),
    hosts={
        "sandbox": "https://sandbox.acme.example/v1",
        "production": "https://acme.example/v1",
    },
    # A feature that is absent is refused without a request. Declare one when its method
    # is written: `partial(PAGE, "why")` where the vendor does less than the name says.
    features=feature_rules({"customers.get": full(PAGE)}),
    # The rules stand with the fields of the wire classes.
    fields=rules_of(customers),
    reads=read_rules_of(customers),
    # The client waits instead of exceeding this. Without a published limit say so in
    # `calls_source`.
    limits=Limits(calls_per_minute=300, calls_source=PAGE),
)


@frozen(kw_only=True)
class AcmeOptions:
    """The options of `Bank("acme", ...)`."""

    api_key: Sensitive = credential("the key of the X-Key header")
