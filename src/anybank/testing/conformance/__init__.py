"""The conformance kit: checks an adapter against its own declaration.

    from anybank.testing import AdapterConformance

    class TestAcme(AdapterConformance):
        adapter = Acme
        simulator = AcmeSimulator

Each module of checks covers one subject: `idempotency`, `paging`, `privacy`, ...
"""

from . import (
    access_tokens,
    accounts,
    cassettes,
    composed_customers,
    credit_applications,
    declarations,
    documents,
    errors,
    expected_values,
    extras,
    fields,
    idempotency,
    list_filters,
    lookups,
    member_names,
    migrations,
    page_tokens,
    paging,
    printed_errors,
    privacy,
    purity,
    read_backs,
    reading,
    reads,
    rejections,
    retries,
    subscriptions,
    temporary_credentials,
    unexpected_responses,
    updates,
    uploads,
    verification,
    webhooks,
    words,
)
from .kit import AdapterConformance, run
from .printed_errors import PrintedError
from .registry import (
    CHECKS,
    CheckResult,
    ConformanceCheck,
    iterate_results,
    run_check,
    run_subject,
)
from .subject import Subject
from .webhooks import PrintedEvent, SignedDelivery

__all__ = [
    "CHECKS",
    "AdapterConformance",
    "CheckResult",
    "ConformanceCheck",
    "PrintedError",
    "PrintedEvent",
    "SignedDelivery",
    "Subject",
    "access_tokens",
    "accounts",
    "cassettes",
    "composed_customers",
    "credit_applications",
    "declarations",
    "documents",
    "errors",
    "expected_values",
    "extras",
    "fields",
    "idempotency",
    "iterate_results",
    "list_filters",
    "lookups",
    "member_names",
    "migrations",
    "page_tokens",
    "paging",
    "printed_errors",
    "privacy",
    "purity",
    "read_backs",
    "reading",
    "reads",
    "rejections",
    "retries",
    "run",
    "run_check",
    "run_subject",
    "subscriptions",
    "temporary_credentials",
    "unexpected_responses",
    "updates",
    "uploads",
    "verification",
    "webhooks",
    "words",
]
