"""Calls that a type checker must refuse: each line says so to mypy and to pyright.

mypy runs with `warn_unused_ignores`, so a call that it accepts makes it fail.
"""

from __future__ import annotations

from anybank import (
    Bank,
    CreditApplicationChanges,
    CustomerChanges,
    GovernmentId,
    GovernmentIdKind,
    InMemoryDirectory,
    KycEvidence,
    Money,
    NewCreditApplication,
    NewCustomer,
    NewKycDocument,
    NewWebhookSubscription,
    Phone,
    Router,
    StartKyc,
    WebhookSubscriptionChanges,
)

bank = Bank("bond", identity="i", authorization="a")

GovernmentId(kind=GovernmentIdKind.PASSPORT)  # type: ignore[call-arg]
GovernmentId(kind="passport", number="X1")  # type: ignore[arg-type]
KycEvidence(verifier="alloy")  # type: ignore[call-arg]
NewKycDocument(kind="visa", content="text", media_type="image/png")  # type: ignore[arg-type]
NewCustomer(government_ids=["X1"])  # type: ignore[list-item]
StartKyc(program_id=3)  # type: ignore[arg-type]
NewCreditApplication(program_id="p")  # type: ignore[call-arg]
NewWebhookSubscription(url="u")  # type: ignore[call-arg]
NewWebhookSubscription(url="u", events=5)  # type: ignore[arg-type]
WebhookSubscriptionChanges(events=None)  # type: ignore[arg-type]
CustomerChanges(emails=3)  # type: ignore[arg-type]
CustomerChanges(emails=None)  # type: ignore[arg-type]
CustomerChanges(first_nam="Ada")  # type: ignore[call-arg]
CreditApplicationChanges(total_annual_income=3)  # type: ignore[arg-type]
NewCustomer(first_name=3)  # type: ignore[arg-type]
NewCustomer(phones=["+15551112222"])  # type: ignore[list-item]
NewCustomer(ssn=912456789)  # type: ignore[arg-type]
NewCustomer(date_of_birth="1990-04-01")  # type: ignore[arg-type]
Phone(5551112222)  # type: ignore[arg-type]
Money("1.00")  # type: ignore[arg-type]
bank.customers.create({})  # type: ignore[arg-type]
bank.customers.update("c1", NewCustomer())  # type: ignore[arg-type]
bank.customers.get(3)  # type: ignore[arg-type]
Router({"bond": bank}, directory={})  # type: ignore[arg-type]
bank.with_raw_response.customers.get("c1").id.upper()  # type: ignore[attr-defined]
bank.with_raw_response.customers.get(3)  # type: ignore[arg-type]
banks = Router({"bond": bank}, directory=InMemoryDirectory())
banks.with_raw_response.customers.get("user-17").id.upper()  # type: ignore[attr-defined]
banks.with_raw_response.customers.list()  # type: ignore[attr-defined]
