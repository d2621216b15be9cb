"""The declaration of Acme, an invented bank."""

from __future__ import annotations

from datetime import date

from anybank import AccountKind, AccountNumberStatus, AddressKind, PhoneKind
from anybank.declaration import (
    NATURAL,
    AdapterLevel,
    AdapterStatus,
    Capabilities,
    FieldRule,
    Idempotency,
    Limits,
    ReadRule,
    feature_rules,
    full,
    unreturned,
)
from anybank.errors import AlreadyExists, Conflict, NotFound, Rejected
from anybank.model.accounts import (
    Account,
    AccountNumber,
    AccountNumberChanges,
    Balance,
    NewAccount,
    NewAccountNumber,
)
from anybank.model.addresses import Address
from anybank.model.credit import (
    CreditApplication,
    EmploymentStatus,
    NewCreditApplication,
)
from anybank.model.customers import Customer, NewCustomer
from anybank.model.events import Event, NewWebhookSubscription, WebhookSubscription
from anybank.model.kyc import KycCheck, StartKyc
from anybank.model.money import Money
from anybank.model.phones import Phone
from anybank.model.transactions import Transaction

from .hooks import KINDS

PAGE = "Acme docs"
KEY = "Idempotency-Key"


def fixed(native: str, **more: object) -> FieldRule:
    """Return the rule of a field that is required and cannot be updated."""
    return FieldRule(
        create="required",
        update="never",
        native=native,
        source=PAGE,
        **more,  # type: ignore[arg-type] # passed through
    )


def free(native: str | None = None, **more: object) -> FieldRule:
    """Return the rule of a field that is optional and can be updated."""
    return FieldRule(native=native, source=PAGE, **more)  # type: ignore[arg-type] # passed through


PERSON = {
    "first_name": fixed("given", length=(2, 30)),
    "last_name": FieldRule(
        create="required", native="family", length=(2, 30), source=PAGE
    ),
    "preferred_name": free("nick", default_from="first_name"),
    "date_of_birth": fixed("born"),
    "ssn": fixed("ssn", read="masked"),
    "emails": free("mails", items=(0, 2), clearable=True),
    "phones": free("phones", items=(0, 2)),
    "addresses": free("homes", items=(0, 3)),
    "external_id": free("reference", update="never", length=(1, 60)),
}
HOME = {
    "line1": fixed("street", length=(1, 40)),
    "city": fixed("city"),
    "state": fixed("state", pattern="[A-Z]{2}"),
    "postal_code": fixed("zip", pattern="[0-9]{5}"),
    "country": FieldRule(create="refused", implied="US", source=PAGE),
    "kind": free(
        "kind",
        values={AddressKind.HOME: "HOME", AddressKind.MAILING: "MAIL"},
    ),
}
PHONE = {
    "number": fixed("number", pattern=r"\+1[0-9]{10}"),
    "kind": free("use", values={PhoneKind.MOBILE: "CELL", PhoneKind.HOME: "LAND"}),
}
SORTS = {AccountKind.CHECKING: "CHECKING", AccountKind.SAVINGS: "SAVINGS"}
ACCOUNT = {
    "customer_ids": fixed("owners", items=(1, None)),
    "kind": fixed("sort", values=SORTS),
    "name": free("label"),
    "currency": fixed("currency"),
}
NUMBER_STATES = {
    AccountNumberStatus.ACTIVE: "NEW",
    AccountNumberStatus.DISABLED: "OFF",
}
NUMBER = {
    "account_id": fixed("account"),
    "name": free("label"),
}
NUMBER_CHANGES = {
    "name": free("label"),
    "status": free("state", values=NUMBER_STATES),
}
APPLICATION = {
    "program_id": fixed("program"),
    "customer_id": fixed("person"),
    "employment_status": free(
        "work",
        values={EmploymentStatus.EMPLOYED: "job", EmploymentStatus.OTHER: "other"},
        submit="required",
    ),
    "total_annual_income": free("income"),
    "monthly_housing_payment": FieldRule(create="refused", update="never"),
}
MONEY = {
    "minor_units": fixed("cents"),
    "currency": FieldRule(create="refused", implied="USD", source=PAGE),
}
CHECK = {
    "program_id": fixed("program"),
    "idempotency_key": free(),
    "ssn": free("ssn"),
    "email": free("mail"),
}
HOOK = {
    "url": fixed("url"),
    "events": fixed("events", values={kind: word for word, kind in KINDS.items()}),
    "description": free("about"),
    "secret": FieldRule(create="refused"),
}


_CENTS = "every amount is in cents"
READS = {
    Account: ReadRule(
        source=PAGE,
        never={
            "program_id": "Acme has no programs",
            "routing_number": "Acme has no routing numbers",
            "balance": "use accounts.balance",
            "native_amount": _CENTS,
            "opened_at": "an account has no time",
            "closed_at": "an account has no time",
            "transaction_ids": "use transactions.list",
        },
    ),
    Balance: ReadRule(
        source=PAGE,
        never={
            "available": "Acme shows the current balance",
            "as_of": "a balance has no time",
            "native": _CENTS,
        },
    ),
    Transaction: ReadRule(
        source=PAGE,
        never={
            "native_amount": _CENTS,
            "posted_on": "a transaction has a time",
            "balance_after": "a transaction has no balance",
        },
    ),
    Customer: unreturned(PAGE),
    KycCheck: unreturned(
        PAGE,
        program_id="Acme has no programs",
        documents="a check has no documents",
        attempts_left="a check can be repeated",
    ),
    CreditApplication: unreturned(PAGE),
    WebhookSubscription: unreturned(PAGE),
    AccountNumber: unreturned(PAGE),
    Event: ReadRule(
        source=PAGE,
        never={
            "customer_id": "an event is about an account",
            "application_id": "an event is about an account",
        },
    ),
}


ACME = Capabilities(
    provider="acme",
    title="Acme Bank",
    status=AdapterStatus(
        AdapterLevel.SIMULATED, "an invented bank", as_of=date(2026, 1, 1)
    ),
    hosts={"sandbox": "https://sandbox.acme.example/v1"},
    features=feature_rules(
        {
            "customers.create": full(
                PAGE,
                idempotency=Idempotency(
                    "client_reference",
                    reference="external_id",
                    listed_by_reference=True,
                ),
            ),
            "customers.get": full(PAGE),
            "customers.list": full(PAGE, stable_listing=True),
            "customers.update": full(PAGE, idempotency=NATURAL),
            "customers.delete": full(PAGE, idempotency=NATURAL),
            "kyc.start": full(
                PAGE, idempotency=Idempotency("rejects_duplicate", header=KEY)
            ),
            "kyc.get": full(PAGE),
            "credit_applications.create": full(PAGE),
            "credit_applications.get": full(PAGE),
            "credit_applications.list": full(PAGE),
            "credit_applications.update": full(PAGE, idempotency=NATURAL),
            "credit_applications.submit": full(PAGE, idempotency=NATURAL),
            "accounts.create": full(
                PAGE, idempotency=Idempotency("replays", header=KEY)
            ),
            "accounts.*": full(PAGE, idempotency=NATURAL),
            "account_numbers.create": full(PAGE),
            "account_numbers.*": full(PAGE, idempotency=NATURAL),
            "transactions.*": full(PAGE),
            "events.*": full(PAGE),
            "webhooks.verify": full(PAGE),
            "webhook_subscriptions.create": full(PAGE),
            "webhook_subscriptions.*": full(PAGE, idempotency=NATURAL),
        }
    ),
    fields={
        NewCustomer: PERSON,
        Address: HOME,
        Phone: PHONE,
        NewAccount: ACCOUNT,
        NewAccountNumber: NUMBER,
        AccountNumberChanges: NUMBER_CHANGES,
        NewCreditApplication: APPLICATION,
        Money: MONEY,
        StartKyc: CHECK,
        NewWebhookSubscription: HOOK,
    },
    reads=READS,
    limits=Limits(
        calls_per_minute=300,
        calls_source=PAGE,
        page_sizes=(2, 5, 10),
        page_source=PAGE,
    ),
    errors={
        "taken": AlreadyExists,
        "not_there": NotFound,
        "bad_input": Rejected,
        "used_key": Conflict,
    },
)
