"""Credit applications, stored and in responses (bond.md §5.3, §7.5; "Managing credit applications")."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define

from .records import Customer, Record
from .stamps import naive, offset, zulu
from .switches import BondSwitches
from .views import masked_ssn, middle_name

FINANCES = ("employment_status", "total_annual_income", "monthly_housing_payment")
_PERSON = {
    "first_name": "first_name",
    "last_name": "last_name",
    "dob": "date_of_birth",  # row 45
    "email": "email",
}
_PLACE = ("street", "street2", "city", "state", "country", "zip_code")
_REST_ONLY = ("terms_accepted", "currency", "employment_status", "street")


@define(kw_only=True, repr=False, eq=False)
class AdverseAction:
    """The reasons for which an application was denied."""

    id: str
    created: datetime
    reason: str = "Unable to verify identity"


@define(kw_only=True, repr=False, eq=False)
class Application(Record):
    """A credit application; the personal data come from the customer (§5.2)."""

    customer: Customer
    program_id: str
    finances: dict[str, Any]
    ssn_token: str
    updated: datetime
    status: str = "created"
    security_deposit_account_id: str | None = None
    adverse_action: AdverseAction | None = None


def show(application: Application, switches: BondSwitches) -> dict[str, Any]:
    """Return an application as the credit service returns it."""
    return {
        "application_id": application.id,
        "program_id": application.program_id,
        "date_created": zulu(application.created),
        "date_updated": zulu(application.updated),
        "application_status": application.status,
        "applicant": _applicant(application, switches),
        "accounts": {
            "security_deposit_account_id": application.security_deposit_account_id
        },
    }


def show_adverse_action(application: Application) -> dict[str, Any] | None:
    """Return the reasons for a denial, None for another status."""
    action = application.adverse_action
    if action is None:
        return None
    return {
        "id": action.id,
        "application_id": application.id,
        "date_created": zulu(action.created),
        "date_updated": zulu(action.created),
        "service": "kyc",
        "reasons": [action.reason],
    }


def event(
    application: Application, name: str, moment: datetime, switches: BondSwitches
) -> dict[str, Any]:
    """Return a credit event; an adverse action has `sent_time` (row 44)."""
    data = show(application, switches)
    data["applicant"] = _applicant_in_event(application, data["applicant"])
    if name == "submitted":
        data["application_status"] = name  # row 36
    time = {"occurred_at": offset(moment)}
    if name == "adverse_action":
        time = {"sent_time": naive(moment)}
        data["adverse_action"] = show_adverse_action(application)
    details = {"resource": "credit.application", "data": data}
    return {"event": f"credit.application.{name}", **time, "details": details}


def _applicant(application: Application, switches: BondSwitches) -> dict[str, Any]:
    customer = application.customer
    fields, address = customer.fields, customer.primary
    return {
        "customer_id": customer.id,
        "address_id": address.id,
        **{name: application.finances.get(name) for name in FINANCES},
        "terms_accepted": True,
        "currency": "USD",
        **{shown: fields[name] for name, shown in _PERSON.items() if name in fields},
        "middle_name": "",  # as in "Managing credit applications", where customers leave it out
        **middle_name(customer, switches),
        **{name: address.fields[name] for name in _PLACE},
        **({"ssn": application.ssn_token} if customer.ssn else {}),  # row 19
    }


def _applicant_in_event(
    application: Application, applicant: dict[str, Any]
) -> dict[str, Any]:
    customer = application.customer
    phone: dict[str, Any] = {
        name: customer.fields[name]
        for name in ("phone", "phone_country_code")
        if name in customer.fields
    }
    shown = {name: applicant[name] for name in applicant if name not in _REST_ONLY}
    street = {"street1": applicant["street"]}  # row 45
    return {**shown, **street, **phone, **masked_ssn(customer, "XXXXX{}")}
