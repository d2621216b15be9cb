"""Reads Acme's responses into the neutral types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import evolve, frozen

from anybank.adapter.converter import Build, Names, named, read, read_created, read_each
from anybank.adapter.wire import Json
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountNumber,
    AccountNumberStatus,
    AccountStatus,
    Balance,
)
from anybank.model.addresses import Address, AddressKind
from anybank.model.bank_account_numbers import BankAccountNumber
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
from anybank.model.values import unvalidated
from anybank.sensitive import Sensitive, Ssn

from .declaration import (
    ACCOUNT,
    APPLICATION,
    HOME,
    NUMBER,
    NUMBER_CHANGES,
    PERSON,
    PHONE,
)

T = TypeVar("T")
W = TypeVar("W")

STATUSES: Mapping[str, KycStatus] = {
    "WAITING": KycStatus.SUBMITTED,
    "GOOD": KycStatus.PASSED,
    "BAD": KycStatus.FAILED,
}
DECISIONS: Mapping[str, ApplicationStatus] = {
    "NEW": ApplicationStatus.CREATED,
    "SENT": ApplicationStatus.SUBMITTED,
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
    person: str | None = None


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
    digits: str | None = None
    state: str | None = None


@frozen(kw_only=True)
class WireBalance:
    id: str
    cents: int = 0


@frozen(kw_only=True)
class WireNumber:
    id: str
    account: str | None = None
    label: str | None = None
    digits: str | None = None
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
class WireRemoved:
    removed: str


@frozen(kw_only=True)
class WirePage:
    items: list[Any]
    next: str | None = None


PERSON_NAMES = {
    **named(PERSON),
    **named(HOME, "homes[].", "addresses[]."),
    **named(PHONE, "phones[].", "phones[]."),
    "made": "created_at",
}
APPLICATION_NAMES = {**named(APPLICATION), "made": "created_at", "state": "status"}
_STATUSES = {"NEW": AccountStatus.OPEN, "SHUT": AccountStatus.CLOSED}
NUMBER_NAMES = {**named(NUMBER), "state": "status", "digits": "number"}
ACCOUNT_NAMES = {
    **named(ACCOUNT),
    "state": "status",
    "digits": "account_number",
}
HOOK_NAMES = {"about": "description", "on": "enabled"}


def customer(raw: Json) -> Customer:
    return build_customer(read(raw, WirePerson), raw)


def created_customer(raw: Json) -> Customer:
    return read_created(raw, WirePerson, build_customer, PERSON_NAMES)


def customers(raw: Json) -> Page[Customer]:
    return page(raw, WirePerson, build_customer, PERSON_NAMES)


def build_customer(wire: WirePerson, raw: Json) -> Customer:
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
    return unvalidated(
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
        customer_id=wire.person or customer_id,
        status=status,
        native_status=wire.state,
        raw=raw,
    )


def application(raw: Json) -> CreditApplication:
    return _application(read(raw, WireApplication), raw)


def created_application(raw: Json) -> CreditApplication:
    return read_created(raw, WireApplication, _application, APPLICATION_NAMES)


def applications(raw: Json) -> Page[CreditApplication]:
    return page(raw, WireApplication, _application, APPLICATION_NAMES)


def _application(wire: WireApplication, raw: Json) -> CreditApplication:
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
    return _account(read(raw, WireAccount), raw)


def created_account(raw: Json) -> Account:
    return read_created(raw, WireAccount, _account, ACCOUNT_NAMES)


def accounts(raw: Json) -> Page[Account]:
    return page(raw, WireAccount, _account, ACCOUNT_NAMES)


def _account(wire: WireAccount, raw: Json) -> Account:
    return Account(
        id=wire.id,
        customer_ids=tuple(wire.owners or ()),
        kind=ACCOUNT["kind"].member(wire.sort or "") or AccountKind.UNKNOWN,
        native_kind=wire.sort,
        name=wire.label,
        currency=wire.currency,
        status=_STATUSES.get(wire.state or "", AccountStatus.UNKNOWN),
        native_status=wire.state,
        account_number=BankAccountNumber.read(wire.digits) if wire.digits else None,
        raw=raw,
    )


def balance(raw: Json) -> Balance:
    wire = read(raw, WireBalance)
    return Balance(account_id=wire.id, current=Money(wire.cents), raw=raw)


def number(raw: Json) -> AccountNumber:
    return _number(read(raw, WireNumber), raw)


def created_number(raw: Json) -> AccountNumber:
    return read_created(raw, WireNumber, _number, NUMBER_NAMES)


def numbers(raw: Json) -> Page[AccountNumber]:
    return page(raw, WireNumber, _number, NUMBER_NAMES)


def _number(wire: WireNumber, raw: Json) -> AccountNumber:
    status = NUMBER_CHANGES["status"].member(wire.state or "")
    return AccountNumber(
        id=wire.id,
        account_id=wire.account,
        name=wire.label,
        number=BankAccountNumber.read(wire.digits) if wire.digits else None,
        status=status or AccountNumberStatus.UNKNOWN,
        native_status=wire.state,
        raw=raw,
    )


def hook(raw: Json) -> WebhookSubscription:
    return _hook(read(raw, WireHook), raw)


def created_hook(raw: Json) -> WebhookSubscription:
    return read_created(raw, WireHook, _hook, HOOK_NAMES)


def hooks(raw: Json) -> Page[WebhookSubscription]:
    return page(raw, WireHook, _hook, HOOK_NAMES)


def _hook(wire: WireHook, raw: Json) -> WebhookSubscription:
    return WebhookSubscription(
        id=wire.id,
        url=wire.url,
        events=tuple(wire.events or ()),
        description=wire.about,
        enabled=wire.on,
        secret=Sensitive(wire.secret) if wire.secret else None,
        raw=raw,
    )


def removed(raw: Json, identifier: str) -> None:
    if read(raw, WireRemoved).removed != identifier:
        raise UnexpectedResponse(
            "the response is about another record", path="$.removed"
        )


def page(raw: Json, kind: type[W], build: Build[W, T], names: Names) -> Page[T]:
    wire = read(raw, WirePage)
    return evolve(read_each(wire.items, kind, build, names), next_token=wire.next)
