"""Builds the bodies of Acme's requests."""

from __future__ import annotations

from typing import Any

from anybank.adapter.wire import Json, present
from anybank.model.accounts import (
    AccountNumberChanges,
    NewAccount,
    NewAccountNumber,
)
from anybank.model.addresses import Address
from anybank.model.credit import CreditApplicationChanges, NewCreditApplication
from anybank.model.customers import CustomerChanges, NewCustomer
from anybank.model.events import NewWebhookSubscription, WebhookSubscriptionChanges
from anybank.model.kyc import StartKyc
from anybank.model.phones import Phone
from anybank.model.unset import UNSET

from .declaration import ACCOUNT, APPLICATION, HOME, NUMBER_CHANGES, PHONE


def person(new: NewCustomer) -> Json:
    return present(
        given=new.first_name,
        family=new.last_name,
        nick=new.preferred_name,
        born=new.date_of_birth,
        ssn=new.ssn,
        mails=list(new.emails) or None,
        phones=list(map(phone, new.phones)) or None,
        homes=list(map(home, new.addresses)) or None,
        reference=new.external_id,
    )


def person_changes(changes: CustomerChanges) -> Json:
    return {
        name: value
        for name, value in {
            "family": changes.last_name,
            "nick": changes.preferred_name,
            "mails": _each(changes.emails, str),
            "phones": _each(changes.phones, phone),
            "homes": _each(changes.addresses, home),
        }.items()
        if value is not UNSET
    }


def _each(items: Any, write: Any) -> Any:
    return items if items is UNSET else list(map(write, items or ()))


def phone(new: Phone) -> Json:
    return present(number=new.number, use=PHONE["kind"].word(new.kind))


def home(address: Address) -> Json:
    return present(
        street=address.line1,
        city=address.city,
        state=address.state,
        zip=address.postal_code,
        kind=HOME["kind"].word(address.kind),
    )


def check(start: StartKyc) -> Json:
    return present(program=start.program_id, ssn=start.ssn, mail=start.email)


def application(new: NewCreditApplication) -> Json:
    return {
        **present(program=new.program_id, person=new.customer_id),
        **finances(new.employment_status, new.total_annual_income),
    }


def application_changes(changes: CreditApplicationChanges) -> Json:
    return finances(changes.employment_status, changes.total_annual_income)


def finances(work: Any, income: Any) -> dict[str, Json]:
    return present(
        work=APPLICATION["employment_status"].word(work) if work else None,
        income=income.minor_units if income else None,
    )


def account(new: NewAccount) -> Json:
    return present(
        owners=list(new.customer_ids),
        sort=ACCOUNT["kind"].word(new.kind),
        label=new.name,
        currency=new.currency,
    )


def number(new: NewAccountNumber) -> Json:
    return present(account=new.account_id, label=new.name)


def number_changes(changes: AccountNumberChanges) -> Json:
    word = NUMBER_CHANGES["status"].word(changes.status)
    return present(label=changes.name or None, state=word)


def hook(new: NewWebhookSubscription) -> Json:
    return present(url=new.url, events=list(new.events), about=new.description)


def hook_changes(changes: WebhookSubscriptionChanges) -> Json:
    fields = {"url": changes.url, "about": changes.description, "on": changes.enabled}
    events = {} if changes.events is UNSET else {"events": list(changes.events or ())}
    return {**{n: v for n, v in fields.items() if v is not UNSET}, **events}
