"""Credit applications at Bond: reading and writing. Amounts are whole cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import (
    Reader,
    build,
    money,
    neutral,
    neutral_id,
    read,
    reads,
    words_of,
    write,
    writes,
)
from anybank.adapter.wire import Json, segment
from anybank.declaration import FieldRule, field_rules, optional, required
from anybank.errors import UnexpectedResponse
from anybank.model.addresses import Address, AddressKind
from anybank.model.credit import (
    AdverseAction,
    Applicant,
    ApplicationStatus,
    CreditApplication,
    CreditApplicationChanges,
    EmploymentStatus,
    NewCreditApplication,
)
from anybank.model.pages import Page
from anybank.model.values import unvalidated
from anybank.sensitive import Ssn

from . import sources
from .accounts import DOLLARS
from .kyc import word

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

_EMPLOYMENT: Mapping[EmploymentStatus, str] = {
    EmploymentStatus.EMPLOYED: "employed",
    EmploymentStatus.SELF_EMPLOYED: "self_employed",
    EmploymentStatus.UNEMPLOYED: "unemployed",
    EmploymentStatus.RETIRED: "retired",
    EmploymentStatus.STUDENT: "student",
    EmploymentStatus.OTHER: "other",
}

# All amounts of "Managing credit applications" are in cents and in US dollars.
MONEY = field_rules(
    sources.APPLICATIONS,
    {
        "minor_units": required(),
        "currency": FieldRule(create="refused", implied=DOLLARS),
    },
)
# "Creating a credit application" calls both amounts optional until the submit. The schema
# credit-application-write of the API reference requires them on create.
_AMOUNT = optional(
    submit="required",
    note="whole cents; Bond may reject an application that is created without it",
)
_cents = attrgetter("minor_units")


@frozen(kw_only=True)
class WireApplicant:
    """The applicant inside an application.

    "Managing credit applications" repeats the customer here, with a flattened address and
    a token in place of the SSN.
    """

    customer_id: str | None = neutral("customer_id", required(update="never"))
    employment_status: str | None = neutral(
        "employment_status", optional(values=_EMPLOYMENT, submit="required")
    )
    total_annual_income: Decimal | None = neutral(
        "total_annual_income", _AMOUNT, write=_cents
    )
    monthly_housing_payment: Decimal | None = neutral(
        "monthly_housing_payment", _AMOUNT, write=_cents
    )
    currency: str | None = None
    terms_accepted: bool | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    date_of_birth: date | None = None
    # A token such as tok_sandbox_..., of which no digit is known.
    ssn: str | None = None
    email: str | None = None
    address_id: str | None = None
    street: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class WireAccounts:
    """The accounts inside an application."""

    # Null until the application is approved.
    security_deposit_account_id: str | None = neutral("security_deposit_account_id")


@writes(NewCreditApplication, sources.APPLICATIONS)
@reads(CreditApplication, sources.APPLICATIONS)
@frozen(kw_only=True)
class WireApplication:
    """An application as Bond sends it. Source: "Managing credit applications"."""

    application_id: str = neutral_id()
    # "Creating a credit application": a program and a customer are fixed from the start.
    program_id: str | None = neutral("program_id", required(update="never"))
    date_created: datetime | None = neutral("created_at")
    date_updated: datetime | None = neutral("updated_at")
    application_status: str | None = neutral("status")
    applicant: WireApplicant | None = None
    accounts: WireAccounts | None = None


@frozen(kw_only=True)
class WirePage:
    """A page of applications. Source: "Managing credit applications"."""

    has_more: bool
    # An application that cannot be read is one record, so each is read on its own.
    data: list[Any]


@reads(AdverseAction, sources.CREDIT)
@frozen(kw_only=True)
class WireAdverseAction:
    """The reasons for which an application was denied.

    Source: Bond docs, "Retrieving adverse actions for a credit application",
    https://docs.bond.tech/docs/retrieving-adverse-actions-for-a-credit-application
    """

    id: str
    application_id: str = neutral_id("application_id")
    date_created: datetime | None = neutral("created_at")
    service: str | None = neutral("service")
    reasons: list[str] | None = neutral("reasons")


# "Managing credit applications", the members of an applicant that repeat the customer.
_PERSON = (
    *("first_name", "middle_name", "last_name", "date_of_birth", "ssn", "email"),
    "terms_accepted",
)
_PLACE = ("address_id", "street", "street2", "city", "state", "zip_code", "country")
_NAMES = {
    "applicant.currency": "total_annual_income",
    **{f"applicant.{name}": f"applicant.{name}" for name in _PERSON},
    **{f"applicant.{name}": "applicant.address" for name in _PLACE},
}
"""The neutral names of the members that are no field of an application."""


def applications(raw: Json, cursor: Cursor) -> Page[CreditApplication]:
    """Read a page of applications, with the tokens of the pages next to it."""
    wire = read(raw, WirePage)
    page = APPLICATIONS.each(wire.data)
    # "Managing credit applications": has_more is true if there are more applications in
    # the direction of the request. In the other one there is at least its cursor.
    is_backwards = cursor.before is not None
    has_more = wire.has_more and bool(wire.data)
    # Without an id the same page would be read again and again.
    if has_more and not page.items:
        message = "no application of the page has an id to continue from"
        raise UnexpectedResponse(message, path="$.data")
    has_next = cursor.is_token if is_backwards else has_more
    has_previous = has_more if is_backwards else cursor.after is not None
    if not page.items:
        return page
    return evolve(
        page,
        next_token=page.items[-1].id if has_next else None,
        previous_token=_BEFORE + page.items[0].id if has_previous else None,
    )


_BEFORE = "before:"
"""Marks the token of a page backwards; that of a page forwards is an id alone."""


@frozen
class Cursor:
    """The application after or before which a page is read, and where it comes from."""

    after: str | None = None
    before: str | None = None
    is_token: bool = False

    @classmethod
    def of(cls, token: str | None, before: str | None) -> Cursor:
        """Return the cursor of a page token, or of an application that a caller names."""
        if token is None:
            return cls(before=before)
        if token.startswith(_BEFORE):
            return cls(before=token.removeprefix(_BEFORE), is_token=True)
        return cls(after=token, is_token=True)


def _application(wire: WireApplication, raw: Json) -> CreditApplication:
    applicant = wire.applicant or WireApplicant()
    currency = applicant.currency or DOLLARS
    return build(
        CreditApplication,
        wire,
        raw,
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
        applicant=_person(wire.applicant) if wire.applicant else None,
    )


def _person(wire: WireApplicant) -> Applicant:
    return Applicant(
        first_name=wire.first_name,
        # "" and null occur for a missing middle name.
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        date_of_birth=wire.date_of_birth,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        email=wire.email,
        address=_address(wire),
        terms_accepted=wire.terms_accepted,
    )


def _address(wire: WireApplicant) -> Address | None:
    """Return the address of an applicant; its kind is not among the members."""
    if all(getattr(wire, name) is None for name in _PLACE):
        return None
    return unvalidated(
        Address,
        id=wire.address_id,
        kind=AddressKind.UNKNOWN,
        line1=wire.street,
        line2=wire.street2,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip_code,
        country=wire.country,
    )


def _employment(status: str | None) -> EmploymentStatus | None:
    if status is None:
        return None
    return _MEMBERS.get(status, EmploymentStatus.UNKNOWN)


_APPLICATION = Reader(WireApplication, CreditApplication, _application)
APPLICATIONS = evolve(_APPLICATION, names={**_APPLICATION.names, **_NAMES})
ADVERSE_ACTIONS = Reader(WireAdverseAction, AdverseAction)
_MEMBERS: Mapping[str, EmploymentStatus] = words_of(
    WireApplication, "employment_status"
)


def new_application(new: NewCreditApplication) -> Json:
    """Write an application to create."""
    return write(WireApplication, new)


def changes(changes: CreditApplicationChanges) -> Json:
    """Write the changed fields of an application, and no others."""
    return {"applicant": write(WireApplicant, changes)}


def filters(
    customer_id: str | None, cursor: Cursor, size: int | None
) -> dict[str, str | int | None]:
    """Return the query of a list."""
    # "Managing credit applications" allows a limit of 50; all of its samples send 100.
    return {
        "limit": min(size or _LARGEST_PAGE, _LARGEST_PAGE),
        "customer_id": customer_id,
        "starting_after": cursor.after,
        "ending_before": cursor.before,
    }


_LARGEST_PAGE = 50


def path(application_id: str) -> str:
    """Return the path of an application."""
    return f"/credit/applications/{segment(application_id)}"
