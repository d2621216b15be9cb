"""Credit applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..sensitive import Personal, Ssn, shielded_class
from ._fields import (
    field_metadata,
    hidden,
    instance_of,
    masked,
    masks_itself,
    personal,
    personal_metadata,
    provider_extras,
    text,
    validate,
)
from .addresses import Address
from .missing import ExplainsMissing
from .money import Money
from .pydantic_support import PydanticSupport
from .required_field import required
from .unset import UNSET, Unset


class ApplicationStatus(StrEnum):
    """The status of a credit application."""

    CREATED = "created"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    DENIED = "denied"
    RESUBMIT_REQUIRED = "resubmit_required"
    UNKNOWN = "unknown"


class EmploymentStatus(StrEnum):
    """The employment status of an applicant."""

    EMPLOYED = "employed"
    SELF_EMPLOYED = "self_employed"
    UNEMPLOYED = "unemployed"
    RETIRED = "retired"
    STUDENT = "student"
    OTHER = "other"
    UNKNOWN = "unknown"


def _money(default: Any = None) -> Any:
    return field(
        default=default, repr=masked, metadata=personal_metadata(instance_of(Money))
    )


@frozen(kw_only=True)
class Applicant(PydanticSupport, Personal):
    """The person of a credit application, as the vendor has copied the customer into it.

    A later change of the customer need not show here. `ssn` is a token or a mask at most
    vendors. `terms_accepted` says whether the applicant has accepted the terms of credit.
    """

    first_name: str | None = personal()
    middle_name: str | None = personal()
    last_name: str | None = personal()
    date_of_birth: date | None = personal()
    ssn: Ssn | None = masks_itself()
    email: str | None = personal()
    address: Address | None = masks_itself()
    terms_accepted: bool | None = None


@frozen(kw_only=True)
class CreditApplication(ExplainsMissing, PydanticSupport, Personal):
    """A credit application as the vendor returns it."""

    id: str
    program_id: str | None = None
    customer_id: str | None = None
    status: ApplicationStatus = ApplicationStatus.UNKNOWN
    native_status: str | None = None
    employment_status: EmploymentStatus | None = personal()
    total_annual_income: Money | None = personal()
    monthly_housing_payment: Money | None = personal()
    security_deposit_account_id: str | None = None
    applicant: Applicant | None = masks_itself()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


@shielded_class
@frozen(kw_only=True)
class NewCreditApplication(PydanticSupport, Personal):
    """A credit application to create for a customer. Amounts are Money."""

    program_id: str = required(metadata=field_metadata(text))
    customer_id: str = required(metadata=field_metadata(text))
    employment_status: EmploymentStatus | None = personal(instance_of(EmploymentStatus))
    total_annual_income: Money | None = _money()
    monthly_housing_payment: Money | None = _money()
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@shielded_class
@frozen(kw_only=True)
class CreditApplicationChanges(PydanticSupport, Personal):
    """Changes to a credit application that is not submitted yet."""

    employment_status: EmploymentStatus | None | Unset = personal(
        instance_of(EmploymentStatus), UNSET
    )
    total_annual_income: Money | None | Unset = _money(UNSET)
    monthly_housing_payment: Money | None | Unset = _money(UNSET)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@frozen(kw_only=True)
class AdverseAction(ExplainsMissing, PydanticSupport, Personal):
    """Why an application was denied, in the words that the applicant must receive."""

    id: str
    application_id: str
    service: str | None = None
    reasons: Sequence[str] = personal(default=())
    created_at: datetime | None = None
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()
