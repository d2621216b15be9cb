"""What Acme sends, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import frozen

from anybank.converter import read
from anybank.model.accounts import Account
from anybank.model.addresses import Address, AddressKind
from anybank.model.credit import (
    ApplicationStatus,
    CreditApplication,
    EmploymentStatus,
)
from anybank.model.customers import Customer
from anybank.model.events import WebhookSubscription
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.money import Money
from anybank.model.pages import Page
from anybank.model.phones import Phone, PhoneKind
from anybank.model.values import told
from anybank.sensitive import Sensitive, Ssn
from anybank.wire import Json

from .declaration import APPLICATION, HOME, PHONE

T = TypeVar("T")

STATUSES: Mapping[str, KycStatus] = {
    "WAITING": KycStatus.SUBMITTED,
    "GOOD": KycStatus.PASSED,
    "BAD": KycStatus.FAILED,
}
DECISIONS: Mapping[str, ApplicationStatus] = {
    "NEW": ApplicationStatus.CREATED,
    "YES": ApplicationStatus.APPROVED,
    "NO": ApplicationStatus.DENIED,
}


@frozen(kw_only=True)
class WireHome:
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    kind: str | None = None


@frozen(kw_only=True)
class WirePhone:
    number: str
    use: str | None = None


@frozen(kw_only=True)
class WirePerson:
    id: str
    given: str | None = None
    family: str | None = None
    nick: str | None = None
    born: date | None = None
    ssn: str | None = None
    mails: list[str] | None = None
    phones: list[WirePhone] | None = None
    homes: list[WireHome] | None = None
    reference: str | None = None
    made: datetime | None = None


@frozen(kw_only=True)
class WireCheck:
    state: str


@frozen(kw_only=True)
class WireApplication:
    id: str
    program: str | None = None
    person: str | None = None
    state: str | None = None
    work: str | None = None
    income: int | None = None
    made: datetime | None = None


@frozen(kw_only=True)
class WireAccount:
    id: str
    owners: list[str] | None = None
    sort: str | None = None
    label: str | None = None
    currency: str | None = None
    state: str | None = None


@frozen(kw_only=True)
class WireHook:
    id: str
    url: str | None = None
    events: list[str] | None = None
    about: str | None = None
    on: bool | None = None
    secret: str | None = None


@frozen(kw_only=True)
class WirePage:
    items: list[dict[str, Any]]
    next: str | None = None


def customer(raw: Json) -> Customer:
    wire = read(raw, WirePerson)
    return Customer(
        id=wire.id,
        provider="acme",
        first_name=wire.given,
        last_name=wire.family,
        preferred_name=wire.nick,
        date_of_birth=wire.born,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        emails=tuple(wire.mails or ()),
        phones=tuple(map(phone, wire.phones or ())),
        addresses=tuple(map(address, wire.homes or ())),
        external_id=wire.reference,
        created_at=wire.made,
        raw=raw,
    )


def phone(wire: WirePhone) -> Phone:
    kind = PHONE["kind"].member(wire.use or "") or PhoneKind.UNKNOWN
    return Phone.read(wire.number, kind=kind, native_kind=wire.use)


def address(wire: WireHome) -> Address:
    return told(
        Address,
        line1=wire.street,
        city=wire.city,
        state=wire.state,
        postal_code=wire.zip,
        country="US",
        kind=HOME["kind"].member(wire.kind or "") or AddressKind.UNKNOWN,
        native_kind=wire.kind,
    )


def check(raw: Json, customer_id: str) -> KycCheck:
    wire = read(raw, WireCheck)
    status = STATUSES.get(wire.state, KycStatus.UNKNOWN)
    return KycCheck(
        customer_id=customer_id, status=status, native_status=wire.state, raw=raw
    )


def application(raw: Json) -> CreditApplication:
    wire = read(raw, WireApplication)
    work = APPLICATION["employment_status"].member(wire.work or "")
    return CreditApplication(
        id=wire.id,
        program_id=wire.program,
        customer_id=wire.person,
        status=DECISIONS.get(wire.state or "", ApplicationStatus.UNKNOWN),
        native_status=wire.state,
        employment_status=work or (EmploymentStatus.UNKNOWN if wire.work else None),
        total_annual_income=None if wire.income is None else Money(wire.income),
        created_at=wire.made,
        raw=raw,
    )


def account(raw: Json) -> Account:
    wire = read(raw, WireAccount)
    return Account(
        id=wire.id,
        customer_ids=tuple(wire.owners or ()),
        kind=wire.sort,
        name=wire.label,
        currency=wire.currency,
        status=wire.state,
        raw=raw,
    )


def hook(raw: Json) -> WebhookSubscription:
    wire = read(raw, WireHook)
    return WebhookSubscription(
        id=wire.id,
        url=wire.url,
        events=tuple(wire.events or ()),
        description=wire.about,
        enabled=wire.on,
        secret=Sensitive(wire.secret) if wire.secret else None,
        raw=raw,
    )


def page(raw: Json, item: Callable[[Json], T]) -> Page[T]:
    wire = read(raw, WirePage)
    return Page(list(map(item, wire.items)), wire.next)
