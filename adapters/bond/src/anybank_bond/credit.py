"""Credit applications at Bond: reading and writing. Amounts are whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
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

from .kyc import word
from .rules import APPLICATION, DOLLARS

# No page lists the statuses. These are the ones that the samples show.
STATUSES: Mapping[str, ApplicationStatus] = {
    "created": ApplicationStatus.CREATED,
    "submitted": ApplicationStatus.SUBMITTED,
    # A submit returns kyc_started where its webhook event says submitted.
    # https://docs.bond.tech/docs/submitting-a-credit-application
    "kyc_started": ApplicationStatus.SUBMITTED,
    "under_review": ApplicationStatus.IN_REVIEW,
    "pending": ApplicationStatus.IN_REVIEW,
    "approved": ApplicationStatus.APPROVED,
    "denied": ApplicationStatus.DENIED,
    "resubmit_required": ApplicationStatus.RESUBMIT_REQUIRED,
}

_EMPLOYMENT = APPLICATION["employment_status"]


@frozen(kw_only=True)
class WireApplicant:
    """The applicant inside an application, without the copy of the customer's data.

    "Managing credit applications" repeats the customer here, flattened and with a token
    in place of the SSN. Those members stay in `raw`.
    """

    customer_id: str | None = None
    employment_status: str | None = None
    total_annual_income: Decimal | None = None
    monthly_housing_payment: Decimal | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccounts:
    """The accounts inside an application."""

    # Null until the application is approved.
    security_deposit_account_id: str | None = None


@frozen(kw_only=True)
class WireApplication:
    """An application as Bond sends it. Source: "Managing credit applications"."""

    application_id: str
    program_id: str | None = None
    date_created: datetime | None = None
    date_updated: datetime | None = None
    application_status: str | None = None
    applicant: WireApplicant | None = None
    accounts: WireAccounts | None = None


@frozen(kw_only=True)
class WirePage:
    """A page of applications. Source: "Managing credit applications"."""

    has_more: bool
    # An application that cannot be read is one record, so each is read on its own.
    data: list[Any]


@frozen(kw_only=True)
class WireAdverseAction:
    """The reasons for which an application was denied.

    Source: Bond docs, "Retrieving adverse actions for a credit application",
    https://docs.bond.tech/docs/retrieving-adverse-actions-for-a-credit-application
    """

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
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireApplication, _application, _NAMES)


def applications(raw: Json, *, backwards: bool = False) -> Page[CreditApplication]:
    """Read a page of applications; its token is the id of the last application."""
    wire = read(raw, WirePage)
    page = read_each(wire.data, WireApplication, _application, _NAMES)
    # The parameters starting_after and ending_before exclude each other, so a page that
    # was read backwards has no token to continue forwards.
    if not wire.has_more or not wire.data or backwards:
        return page
    # Without a cursor the same page would be read again and again.
    if not page.items:
        message = "no application of the page has an id to continue from"
        raise UnexpectedResponse(message, path="$.data")
    return evolve(page, next_token=page.items[-1].id)


def _application(wire: WireApplication, raw: Json) -> CreditApplication:
    applicant = wire.applicant or WireApplicant()
    accounts = wire.accounts or WireAccounts()
    currency = applicant.currency or DOLLARS
    return CreditApplication(
        id=wire.application_id,
        program_id=wire.program_id,
        customer_id=applicant.customer_id,
        status=STATUSES.get(
            word(wire.application_status or ""), ApplicationStatus.UNKNOWN
        ),
        native_status=wire.application_status,
        employment_status=_employment(applicant.employment_status),
        # "Managing credit applications": both amounts are integers in cents.
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


def _employment(status: str | None) -> EmploymentStatus | None:
    if status is None:
        return None
    return _EMPLOYMENT.member(status) or EmploymentStatus.UNKNOWN


def adverse_action(raw: Json) -> AdverseAction:
    """Read the reasons for which an application was denied."""
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
    """Write an application to create."""
    return {
        "program_id": new.program_id,
        "applicant": {"customer_id": new.customer_id, **_applicant(new)},
    }


def changes(changes: CreditApplicationChanges) -> Json:
    """Write the changed fields of an application, and no others."""
    return {"applicant": _applicant(changes)}


def _applicant(
    source: NewCreditApplication | CreditApplicationChanges,
) -> dict[str, Json]:
    return present(
        employment_status=_EMPLOYMENT.word(source.employment_status),
        total_annual_income=_cents(source.total_annual_income),
        monthly_housing_payment=_cents(source.monthly_housing_payment),
    )


def _cents(amount: Any) -> int | None:
    return amount.minor_units if isinstance(amount, Money) else None


def filters(
    *, customer_id: str | None, after: str | None, before: str | None, size: int | None
) -> dict[str, str | int | None]:
    """Return the query of a list."""
    # "Managing credit applications" allows a limit of 50; all of its samples send 100.
    return {
        "limit": min(size or _LARGEST_PAGE, _LARGEST_PAGE),
        "customer_id": customer_id,
        "starting_after": after,
        "ending_before": before,
    }


_LARGEST_PAGE = 50


def path(application_id: str) -> str:
    """Return the path of an application."""
    return f"/credit/applications/{segment(application_id)}"
