"""Credit applications at Bond (bond.md §5); amounts are whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json
from anybank.errors import UnexpectedResponse
from anybank.model.credit import (
    AdverseAction,
    ApplicationStatus,
    CreditApplication,
    CreditApplicationChanges,
    EmploymentStatus,
    NewCreditApplication,
)
from anybank.model.money import Money
from anybank.model.pages import Page
from anybank.model.unset import UNSET

from .kyc import word
from .rules import APPLICATION, DOLLARS

STATUSES: Mapping[str, ApplicationStatus] = {
    "created": ApplicationStatus.CREATED,
    "submitted": ApplicationStatus.SUBMITTED,
    # The answer to a submit says this, its event "submitted" (bond.md §13 row 36).
    "kyc_started": ApplicationStatus.SUBMITTED,
    "under_review": ApplicationStatus.IN_REVIEW,
    "pending": ApplicationStatus.IN_REVIEW,
    "approved": ApplicationStatus.APPROVED,
    "denied": ApplicationStatus.DENIED,
    "resubmit_required": ApplicationStatus.RESUBMIT_REQUIRED,
}

_EMPLOYMENT_RULE = APPLICATION["employment_status"]


@frozen(kw_only=True)
class WireApplicant:
    """The applicant inside an application, as far as it is not the customer's."""

    customer_id: str | None = None
    employment_status: str | None = None
    total_annual_income: Decimal | None = None
    monthly_housing_payment: Decimal | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccounts:
    """The accounts inside an application."""

    security_deposit_account_id: str | None = None


@frozen(kw_only=True)
class WireApplication:
    """An application as Bond sends it (§5.3)."""

    application_id: str
    program_id: str | None = None
    date_created: datetime | None = None
    date_updated: datetime | None = None
    application_status: str | None = None
    applicant: WireApplicant | None = None
    accounts: WireAccounts | None = None


@frozen(kw_only=True)
class WirePage:
    """A page of applications (§5.5)."""

    has_more: bool
    data: list[Any]


@frozen(kw_only=True)
class WireAdverseAction:
    """Why an application was denied (§5.4)."""

    id: str
    application_id: str
    date_created: datetime | None = None
    service: str | None = None
    reasons: list[str] | None = None


_NAMES = {
    **named(APPLICATION, "applicant."),
    "program_id": "program_id",
    "date_created": "created_at",
    "date_updated": "updated_at",
    "application_status": "status",
    "applicant.customer_id": "customer_id",
    "applicant.currency": "total_annual_income",
    "accounts.security_deposit_account_id": "security_deposit_account_id",
}


def application(raw: Json) -> CreditApplication:
    """Read an application."""
    return _application(read(raw, WireApplication), raw)


def created(raw: Json) -> CreditApplication:
    """Read the answer to a new application."""
    return read_created(raw, WireApplication, _application, _NAMES)


def _application(wire: WireApplication, raw: Json) -> CreditApplication:
    applicant = wire.applicant or WireApplicant()
    accounts = wire.accounts or WireAccounts()
    currency = applicant.currency or DOLLARS
    return CreditApplication(
        id=wire.application_id,
        program_id=wire.program_id,
        customer_id=applicant.customer_id,
        status=STATUSES.get(word(wire.application_status or ""), _UNKNOWN),
        native_status=wire.application_status,
        employment_status=_employment(applicant.employment_status),
        total_annual_income=money(
            applicant.total_annual_income, currency, "$.applicant.total_annual_income"
        ),
        monthly_housing_payment=money(
            applicant.monthly_housing_payment,
            currency,
            "$.applicant.monthly_housing_payment",
        ),
        security_deposit_account_id=accounts.security_deposit_account_id,
        created_at=wire.date_created,
        updated_at=wire.date_updated,
        raw=raw,
    )


_UNKNOWN = ApplicationStatus.UNKNOWN


def _employment(said: str | None) -> EmploymentStatus | None:
    if said is None:
        return None
    return _EMPLOYMENT_RULE.member(said) or EmploymentStatus.UNKNOWN


def page(raw: Json, *, backwards: bool = False) -> Page[CreditApplication]:
    """Read a page; the cursor is the last application of it."""
    wire = read(raw, WirePage)
    found = read_each(wire.data, WireApplication, _application, _NAMES)
    if not wire.has_more or not wire.data or backwards:
        return found
    if not found.items:
        raise UnexpectedResponse("no application of the page has an id", path="$.data")
    return evolve(found, next_token=found.items[-1].id)


def adverse_action(raw: Json) -> AdverseAction:
    """Read why an application was denied."""
    wire = read(raw, WireAdverseAction)
    return AdverseAction(
        id=wire.id,
        application_id=wire.application_id,
        service=wire.service,
        reasons=tuple(wire.reasons or ()),
        created_at=wire.date_created,
        raw=raw,
    )


def new_application(new: NewCreditApplication) -> Json:
    """Write a new application (§5.2)."""
    applicant = {"customer_id": new.customer_id, **_applicant(new)}
    return {"program_id": new.program_id, "applicant": applicant}


def changes(changes: CreditApplicationChanges) -> Json:
    """Write what changes of an application, and nothing else."""
    return {"applicant": _applicant(changes)}


def _applicant(
    given: NewCreditApplication | CreditApplicationChanges,
) -> dict[str, Json]:
    fields = {
        "employment_status": given.employment_status
        and _EMPLOYMENT_RULE.word(given.employment_status),
        "total_annual_income": _cents(given.total_annual_income),
        "monthly_housing_payment": _cents(given.monthly_housing_payment),
    }
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value is not UNSET
    }


def _cents(amount: Any) -> Any:
    return amount.minor_units if isinstance(amount, Money) else None
