"""Hypothesis strategies for invented customers that a declaration accepts.

from anybank.testing.strategies import customers

@given(customers(Bank("bond").capabilities))
def test_our_import(new: NewCustomer) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date
from functools import cache, partial
from typing import Any, TypeVar

import attrs
from attrs import evolve
from hypothesis import strategies as st

from ..declaration.preflight import blocks, prepare
from ..declaration.vocabulary import NOT_RULED, Capabilities, FieldRule
from ..errors import Effect
from ..model._fields import NEVER_NULL, is_personal, is_text
from ..model.accounts import AccountKind, NewAccount, NewAccountNumber
from ..model.addresses import Address, AddressKind
from ..model.countries import COUNTRIES
from ..model.credit import EmploymentStatus, NewCreditApplication
from ..model.customers import NewCustomer
from ..model.events import NewWebhookSubscription
from ..model.government_ids import TAX_IDS, GovernmentId, GovernmentIdKind
from ..model.kyc import NewKycDocument, StartKyc
from ..model.kyc_evidence import KycEvidence
from ..model.money import Money
from ..model.phones import Phone, PhoneKind
from ..model.values import field_types
from ..sensitive import DocumentLocatorNumber, Sensitive, Ssn
from .rule_strategies import (
    FREE,
    LETTERS,
    PRINTED,
    Rules,
    Strategy,
    matching_texts,
    members_of,
    with_presence,
)

T = TypeVar("T")

_NAMES = st.text(LETTERS, min_size=2, max_size=20)
_TEXTS = st.text(PRINTED, min_size=1, max_size=50).filter(str.strip)
_STREETS = st.builds("{} {} St.".format, st.integers(1, 9999), _NAMES)
# Numbers of three countries. An area code of the US starts with 2 to 9.
_NUMBERS = st.one_of(
    st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"\+4420[0-9]{8}", fullmatch=True),
    st.from_regex(r"\+331[0-9]{8}", fullmatch=True),
)
# No rules about areas: the sandboxes of vendors use numbers that the authority never
# assigns.
_NINE_DIGITS = st.from_regex(r"[0-9]{9}", fullmatch=True)
_SSNS = _NINE_DIGITS.map(Ssn)
_DOCUMENT_NUMBERS = st.from_regex(r"[A-Z]{1,2}[0-9]{6,9}", fullmatch=True)
_IDS = st.uuids(version=4).map(str)
_EMAILS = st.builds(
    "{}@example.com".format, st.from_regex(r"[a-z]{1,12}", fullmatch=True)
)


def customers(
    capabilities: Capabilities, **fixed: Strategy[Any]
) -> Strategy[NewCustomer]:
    """Generate customers that a declaration accepts without blocking or dropping a field.

    `fixed` are strategies for single fields of NewCustomer.
    """
    rules = _rules(capabilities, NewCustomer)
    people = [
        st.builds(NewCustomer, **{**_person(chosen, capabilities), **fixed})
        for chosen in _choices(rules)
    ]
    # The strategies follow the rules one by one. The filter catches rules across
    # fields.
    return (
        st.one_of(people)
        .map(lambda new: _confirmed(capabilities, new))
        .filter(lambda new: accepts(capabilities, new))
    )


def _choices(rules: Rules) -> Iterator[Rules]:
    """Yield the rules for each choice of a field of which the vendor stores one of several."""
    names = next((rule.one_of for rule in rules.values() if rule.one_of), ())
    for chosen in names:
        others = dict.fromkeys(set(names) - {chosen}, FieldRule(create="refused"))
        fewest = (1, (rules[chosen].items or (0, None))[1])
        required = evolve(rules[chosen], create="required", items=fewest)
        yield {**rules, **others, chosen: required}
    if not names:
        yield rules


def _confirmed(capabilities: Capabilities, new: NewCustomer) -> NewCustomer:
    """Return a customer with the extras that confirm the kinds of its government ids."""
    confirmed_by = capabilities.rule(GovernmentId, "kind").confirmed_by
    kinds = [identity.kind for identity in new.government_ids]
    names = [confirmed_by[kind] for kind in kinds if kind in confirmed_by]
    kind = capabilities.extras.get(NewCustomer)
    if not names or kind is None:
        return new
    extras = kind(**dict.fromkeys(names, True))
    return evolve(new, extras={**new.extras, capabilities.provider: extras})


def values(
    capabilities: Capabilities, kind: type[T], /, **fixed: Strategy[Any]
) -> Strategy[T]:
    """Generate values of a type (StartKyc, NewAccount, ...) that a declaration accepts.

    `fixed` are strategies for single fields that no rule describes, such as a program id.
    """
    strategies: dict[type, Callable[..., Strategy[Any]]] = {
        NewCustomer: customers,
        Address: addresses,
    }
    if kind in strategies:
        return strategies[kind](capabilities, **fixed)
    ruled = with_presence(capabilities.rules(kind))
    plain = _plain(kind, capabilities)
    mandatory = {
        field.name
        for field in attrs.fields(kind)  # type: ignore[arg-type] # an attrs class
        if field.default is attrs.NOTHING or NEVER_NULL in field.metadata
    }
    fields = {
        name: strategy if name in mandatory else ruled(name, strategy)
        for name, strategy in plain.items()
    }
    return st.builds(kind, **{**fields, **fixed}).filter(
        lambda value: accepts(capabilities, value)
    )


def people() -> Strategy[NewCustomer]:
    """Generate customers with any value in any field, accepted by a vendor or not."""
    return st.builds(NewCustomer, **_person({}, None))


def accepts(capabilities: Capabilities, value: object) -> bool:
    """Return True if a declaration accepts a value without dropping a field."""
    issues = prepare(capabilities, value).issues
    return not any(blocks(issue) or issue.effect is Effect.DROPPED for issue in issues)


def addresses(
    capabilities: Capabilities | None = None, **fixed: Strategy[Any]
) -> Strategy[Address]:
    """Generate addresses that are not marked as primary."""
    rules = _rules(capabilities, Address) if capabilities else {}

    @cache  # Hypothesis examines every new strategy, which takes longer than a draw.
    def in_country(country: str) -> Strategy[Address]:
        return st.builds(Address, **{**_address(rules, country), **fixed})

    return _countries(rules).flatmap(in_country)


def phones(capabilities: Capabilities | None = None) -> Strategy[Phone]:
    """Generate phones."""
    rules = capabilities.rules(Phone) if capabilities else {}
    return st.builds(
        Phone,
        matching_texts(rules.get("number", FREE), _NUMBERS),
        members_of(rules.get("kind", FREE), PhoneKind, PhoneKind.MOBILE),
    )


def government_ids(
    capabilities: Capabilities | None = None, kind: GovernmentIdKind | None = None
) -> Strategy[GovernmentId]:
    """Generate government ids of one kind, or of all.

    There are no SSNs among them, because customers have these in a field of their own.
    """
    rules = capabilities.rules(GovernmentId) if capabilities else {}
    if kind:
        return _government_id(rules, kind)
    kinds = members_of(
        rules.get("kind", FREE), GovernmentIdKind, GovernmentIdKind.OTHER
    )
    of_kind = cache(partial(_government_id, rules))
    return kinds.filter(lambda kind: kind is not GovernmentIdKind.SSN).flatmap(of_kind)


def _government_id(rules: Rules, kind: GovernmentIdKind) -> Strategy[GovernmentId]:
    own = {name: rule.for_kind(kind) for name, rule in rules.items()}
    ruled = with_presence(own)
    numbers = _NINE_DIGITS if kind in TAX_IDS else _DOCUMENT_NUMBERS
    return st.builds(
        GovernmentId,
        kind=st.just(kind),
        number=numbers,
        country=ruled("country", st.just("US") | st.sampled_from(sorted(COUNTRIES))),
        state=ruled("state", st.sampled_from(["CA", "NY"])),
        expires=ruled("expires", st.dates(date(2090, 1, 1), date(2099, 12, 31))),
        description=ruled("description", _NAMES),
        document_id=ruled("document_id", _IDS),
    )


def _evidence(capabilities: Capabilities | None = None) -> Strategy[KycEvidence]:
    rules = capabilities.rules(KycEvidence) if capabilities else {}
    ruled = with_presence(rules)
    return st.builds(
        KycEvidence,
        verifier=matching_texts(rules.get("verifier", FREE), _NAMES),
        reference=matching_texts(rules.get("reference", FREE), _IDS),
        method=ruled("method", _NAMES),
        outcome=ruled("outcome", _NAMES),
        verified_at=ruled("verified_at", st.datetimes(timezones=st.just(UTC))),
    )


def _rules(capabilities: Capabilities, kind: type[Any]) -> Rules:
    """Return a rule for each field; an undeclared field is refused.

    Generating such fields and filtering them out would discard nearly every customer.
    """
    refused = dict.fromkeys(attrs.fields_dict(kind), FieldRule(create="refused"))
    declared = capabilities.rules(kind)
    return {**refused, **declared} if declared else {}


def _person(rules: Rules, capabilities: Capabilities | None) -> dict[str, Any]:
    return {
        field.name: _customer_field(field, rules, capabilities)
        for field in attrs.fields(NewCustomer)
        if field.name not in NOT_RULED
    }


def _customer_field(
    field: Any, rules: Rules, capabilities: Capabilities | None
) -> Strategy[Any]:
    """Generate a customer's field by its type; a new field of a known type needs no code."""
    kind, rule = field_types(NewCustomer)[field.name], rules.get(field.name, FREE)
    if kind in _ITEMS:
        return _list(rule, _ITEMS[kind](capabilities))
    if kind is str:
        texts = _NAMES if is_personal(field) else _TEXTS
        return with_presence(rules)(field.name, matching_texts(rule, texts))
    return with_presence(rules)(field.name, _VALUES[kind])


_VALUES: Mapping[Any, Strategy[Any]] = {
    date: st.dates(date(1920, 1, 1), date(2004, 12, 31)),
    Ssn: _SSNS,
    DocumentLocatorNumber: st.integers(1, 10**14 - 1).map(DocumentLocatorNumber),
}
"""How the values of each type are generated; texts and lists have rules of their own."""
_ITEMS: Mapping[Any, Callable[[Capabilities | None], Strategy[Any]]] = {
    Sequence[str]: lambda _: _EMAILS,
    Sequence[Phone]: phones,
    Sequence[Address]: addresses,
    Sequence[GovernmentId]: government_ids,
    Sequence[KycEvidence]: _evidence,
}
"""How the items of a list are generated, by the type of the list."""


def _plain(kind: type, capabilities: Capabilities) -> dict[str, Strategy[Any]]:
    """Return strategies for the fields of a value other than a customer or address."""
    return _PLAIN[kind](capabilities, capabilities.rules(kind))


def _kyc_start(capabilities: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    return {
        "program_id": matching_texts(rules.get("program_id", FREE), _IDS),
        "ssn": _SSNS,
        "phone": phones(capabilities),
        "email": _EMAILS,
        "ip": st.just("192.0.2.7"),
    }


def _kyc_document(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    types = st.sampled_from(["image/jpeg", "image/png", "application/pdf"])
    return {
        "kind": matching_texts(rules.get("kind", FREE), _NAMES),
        "content": st.binary(min_size=8, max_size=64),
        "media_type": matching_texts(rules.get("media_type", FREE), types),
    }


def _application(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    employment = rules.get("employment_status", FREE)
    money = st.integers(1, 10**9).map(Money)
    return {
        "program_id": matching_texts(rules.get("program_id", FREE), _IDS),
        "customer_id": _IDS,
        "employment_status": members_of(
            employment, EmploymentStatus, EmploymentStatus.OTHER
        ),
        "total_annual_income": money,
        "monthly_housing_payment": money,
    }


def _account(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    usual = st.sampled_from(["deposit", "CHECKING"])
    kind, word = rules.get("kind", FREE), rules.get("native_kind")
    return {
        "customer_ids": _IDS.map(lambda identifier: [identifier]),
        "kind": st.none()
        if word
        else members_of(kind, AccountKind, AccountKind.DEPOSIT),
        "native_kind": matching_texts(word, usual) if word else st.none(),
        "name": matching_texts(rules.get("name", FREE), _NAMES),
        "currency": st.just("USD"),
        "program_id": matching_texts(rules.get("program_id", FREE), _IDS),
    }


def _account_number(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    return {
        "account_id": _IDS,
        "name": matching_texts(rules.get("name", FREE), _NAMES),
    }


def _subscription(_: Capabilities, __: Rules) -> dict[str, Strategy[Any]]:
    return {
        "url": st.builds("https://app.example.com/{}".format, _IDS),
        "events": st.just(["anybank.event"]),
        "description": _NAMES,
        "secret": st.just(Sensitive("anybank-secret-of-a-subscription")),
    }


_PLAIN: Mapping[type, Callable[[Capabilities, Rules], dict[str, Strategy[Any]]]] = {
    StartKyc: _kyc_start,
    NewKycDocument: _kyc_document,
    NewCreditApplication: _application,
    NewAccount: _account,
    NewAccountNumber: _account_number,
    NewWebhookSubscription: _subscription,
}


def _list(rule: FieldRule, item: Strategy[Any]) -> Strategy[Any]:
    if rule.create == "refused":
        return st.just(())
    fewest, most = rule.items or (0, None)
    return st.lists(item, min_size=fewest, max_size=3 if most is None else most).map(
        _with_a_primary
    )


def _with_a_primary(items: list[Any]) -> list[Any]:
    """Mark the last of several addresses as the primary one."""
    if len(items) < 2 or not isinstance(items[0], Address):
        return items
    return [*items[:-1], evolve(items[-1], primary=True)]


def _countries(rules: Rules) -> Strategy[str]:
    rule = rules.get("country", FREE)
    if rule.implied is not None:
        return st.just(str(rule.implied))
    return st.just("US") | st.sampled_from(sorted(COUNTRIES))


def _address(rules: Rules, country: str) -> dict[str, Strategy[Any]]:
    ruled = with_presence(rules)
    names = [
        field.name
        for field in attrs.fields(Address)
        if is_text(field) and field.name not in NOT_RULED
    ]
    texts = {name: _ADDRESS_TEXTS.get(name, _NAMES) for name in names}
    fields = {
        name: ruled(name, matching_texts(rules.get(name, FREE), strategy, country))
        for name, strategy in texts.items()
    }
    kinds = members_of(rules.get("kind", FREE), AddressKind, AddressKind.PHYSICAL)
    return {"country": st.just(country), "kind": kinds, **fields}


_ADDRESS_TEXTS: Mapping[str, Strategy[str]] = {
    "line1": _STREETS,
    "line2": _TEXTS,
    "state": st.sampled_from(["CA", "NY", "Bavaria"]),
    "postal_code": st.from_regex(r"[0-9]{5}", fullmatch=True),
}
"""The texts of an address that vendors expect in a certain shape; others are names."""
