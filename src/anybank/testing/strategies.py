"""Strategies of hypothesis for invented people, as a declaration accepts them.

from anybank.testing.strategies import customers

@given(customers(Bank("bond").capabilities))
def test_our_import(new: NewCustomer) -> None: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from typing import Any, TypeAlias, TypeVar

import attrs
from attrs import evolve
from hypothesis import strategies as st

from ..declaration.preflight import blocks, check
from ..declaration.vocabulary import Capabilities, FieldRule
from ..errors import Effect
from ..model.accounts import NewAccount
from ..model.addresses import Address, AddressKind
from ..model.countries import COUNTRIES
from ..model.credit import EmploymentStatus, NewCreditApplication
from ..model.customers import NewCustomer
from ..model.events import NewWebhookSubscription
from ..model.kyc import StartKyc
from ..model.money import Money
from ..model.phones import Phone, PhoneKind
from ..sensitive import DocumentLocatorNumber, Ssn

T = TypeVar("T")
Strategy: TypeAlias = st.SearchStrategy[T]
Rules: TypeAlias = Mapping[str, FieldRule]

FREE = FieldRule()
"""The rule of a field where there is no declaration: anything, or nothing."""

_LETTERS = st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F)
_PRINTED = st.characters(
    min_codepoint=0x20, max_codepoint=0x24F, categories=("L", "N", "P", "S", "Zs")
)
_NAMES = st.text(_LETTERS, min_size=2, max_size=20)
_TEXTS = st.text(_PRINTED, min_size=1, max_size=50).filter(str.strip)
_STREETS = st.builds("{} {} St.".format, st.integers(1, 9999), _NAMES)
_NUMBERS = st.one_of(
    st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"\+4420[0-9]{8}", fullmatch=True),
    st.from_regex(r"\+331[0-9]{8}", fullmatch=True),
)
_SSNS = st.from_regex(r"[0-9]{9}", fullmatch=True).map(Ssn)
_IDS = st.uuids(version=4).map(str)
_EMAILS = st.builds(
    "{}@example.com".format, st.from_regex(r"[a-z]{1,12}", fullmatch=True)
)


def customers(
    capabilities: Capabilities, **fixed: Strategy[Any]
) -> Strategy[NewCustomer]:
    """Return people whom a declaration accepts: nothing in them is blocked or dropped.

    `fixed` gives strategies for single fields of NewCustomer.
    """
    fields = {**_person(_rules(capabilities, NewCustomer), capabilities), **fixed}
    return st.builds(NewCustomer, **fields).filter(
        lambda new: accepts(capabilities, new)
    )


def values(
    capabilities: Capabilities, kind: type[T], /, **fixed: Strategy[Any]
) -> Strategy[T]:
    """Return values of a kind (StartKyc, NewAccount, ...) that a declaration accepts.

    `fixed` gives strategies for single fields: for a program's id, which no rule tells.
    """
    makers: dict[type, Callable[..., Strategy[Any]]] = {
        NewCustomer: customers,
        Address: addresses,
    }
    if kind in makers:
        return makers[kind](capabilities, **fixed)
    ruled = _ruled(capabilities.rules(kind))
    plain = _plain(kind, capabilities)
    needed = {each.name for each in attrs.fields(kind) if each.default is attrs.NOTHING}  # type: ignore[arg-type] # an attrs class
    fields = {
        name: each if name in needed else ruled(name, each)
        for name, each in plain.items()
    }
    return st.builds(kind, **{**fields, **fixed}).filter(
        lambda value: accepts(capabilities, value)
    )


def people() -> Strategy[NewCustomer]:
    """Return people of every kind, accepted or not: each field may be anything."""
    return st.builds(NewCustomer, **_person({}, None))


def accepts(capabilities: Capabilities, value: object) -> bool:
    """Tell whether a declaration takes a value without a loss."""
    issues = check(capabilities, value)
    return not any(blocks(each) or each.effect is Effect.DROPPED for each in issues)


def addresses(
    capabilities: Capabilities | None = None, **fixed: Strategy[Any]
) -> Strategy[Address]:
    """Return addresses that are not marked as primary."""
    rules = _rules(capabilities, Address) if capabilities else {}
    return _countries(rules).flatmap(
        lambda country: st.builds(Address, **{**_address(rules, country), **fixed})
    )


def phones(capabilities: Capabilities | None = None) -> Strategy[Phone]:
    """Return phones."""
    rules = capabilities.rules(Phone) if capabilities else {}
    return st.builds(
        Phone,
        _written(rules.get("number", FREE), _NUMBERS),
        _members(rules.get("kind", FREE), PhoneKind, PhoneKind.MOBILE),
    )


def _rules(capabilities: Capabilities, kind: type[Any]) -> Rules:
    """Return a rule for each field: what is not declared is refused.

    To draw it and to filter it out again would refuse nearly everybody.
    """
    refused = dict.fromkeys(attrs.fields_dict(kind), FieldRule(create="refused"))
    declared = capabilities.rules(kind)
    return {**refused, **declared} if declared else {}


def _person(rules: Rules, capabilities: Capabilities | None) -> dict[str, Any]:
    texts = {
        "first_name": _NAMES,
        "middle_name": _NAMES,
        "last_name": _NAMES,
        "preferred_name": _NAMES,
        "external_id": _TEXTS,
    }
    others: dict[str, Strategy[Any]] = {
        "date_of_birth": st.dates(date(1920, 1, 1), date(2004, 12, 31)),
        "ssn": _SSNS,
        "document_locator_number": st.integers(1, 10**14 - 1).map(
            DocumentLocatorNumber
        ),
    }
    lists: dict[str, Strategy[Any]] = {
        "emails": _EMAILS,
        "phones": phones(capabilities),
        "addresses": addresses(capabilities),
    }
    ruled = _ruled(rules)
    return {
        **{
            name: ruled(name, _texts(rules, name, each)) for name, each in texts.items()
        },
        **{name: ruled(name, each) for name, each in others.items()},
        **{name: _list(rules.get(name, FREE), each) for name, each in lists.items()},
    }


def _plain(kind: type, capabilities: Capabilities) -> dict[str, Strategy[Any]]:
    """Return strategies for the fields of a value that is neither person nor address."""
    return _PLAIN[kind](capabilities, capabilities.rules(kind))


def _of_check(capabilities: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    return {
        "program_id": _written(rules.get("program_id", FREE), _IDS),
        "ssn": _SSNS,
        "phone": phones(capabilities),
        "email": _EMAILS,
        "ip": st.just("192.0.2.7"),
    }


def _of_application(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    employed = rules.get("employment_status", FREE)
    money = st.integers(1, 10**9).map(Money)
    return {
        "program_id": _written(rules.get("program_id", FREE), _IDS),
        "customer_id": _IDS,
        "employment_status": _members(
            employed, EmploymentStatus, EmploymentStatus.OTHER
        ),
        "total_annual_income": money,
        "monthly_housing_payment": money,
    }


def _of_account(_: Capabilities, rules: Rules) -> dict[str, Strategy[Any]]:
    kinds = st.sampled_from(["deposit", "CHECKING"])
    return {
        "customer_ids": _IDS.map(lambda one: [one]),
        "kind": _written(rules.get("kind", FREE), kinds),
        "name": _written(rules.get("name", FREE), _NAMES),
        "currency": st.just("USD"),
        "program_id": _written(rules.get("program_id", FREE), _IDS),
    }


def _of_subscription(_: Capabilities, __: Rules) -> dict[str, Strategy[Any]]:
    return {
        "url": st.builds("https://app.example.com/{}".format, _IDS),
        "events": st.just(["anybank.event"]),
        "description": _NAMES,
    }


_PLAIN: Mapping[type, Callable[[Capabilities, Rules], dict[str, Strategy[Any]]]] = {
    StartKyc: _of_check,
    NewCreditApplication: _of_application,
    NewAccount: _of_account,
    NewWebhookSubscription: _of_subscription,
}


def _texts(rules: Rules, name: str, plain: Strategy[str]) -> Strategy[str]:
    return _written(rules.get(name, FREE), plain)


def _ruled(rules: Rules) -> Callable[[str, Strategy[Any]], Strategy[Any]]:
    """Return what gives a field its value, none, or either, as its rule has it."""

    def ruled(name: str, strategy: Strategy[Any]) -> Strategy[Any]:
        rule = rules.get(name, FREE)
        if rule.create == "required":
            return strategy
        return st.none() if rule.create == "refused" else st.none() | strategy

    return ruled


def _written(
    rule: FieldRule, plain: Strategy[str], country: str | None = None
) -> Strategy[str]:
    """Return texts that keep a rule: some as people write them, some at its edges."""
    pattern = rule.pattern_in.get(country or "", rule.pattern)
    fewest, most = rule.length or (1, 60)

    def fits(text: str) -> bool:
        matches = pattern is None or re.fullmatch(pattern, text)
        long_enough = fewest <= len(text) <= most
        # "null" is how some vendors say that there is nothing: it reads as None.
        return bool(matches) and text.strip() not in ("", "null") and long_enough

    if pattern is None:
        return plain.filter(fits)
    edges = st.from_regex(pattern, fullmatch=True, alphabet=_PRINTED)
    return st.one_of(plain, edges).filter(fits)


def _list(rule: FieldRule, item: Strategy[Any]) -> Strategy[Any]:
    if rule.create == "refused":
        return st.just(())
    fewest, most = rule.items or (0, None)
    return st.lists(item, min_size=fewest, max_size=3 if most is None else most).map(
        _with_a_primary
    )


def _with_a_primary(items: list[Any]) -> list[Any]:
    """Mark the last of several addresses as the primary one; the others are not."""
    if len(items) < 2 or not isinstance(items[0], Address):
        return items
    return [*items[:-1], evolve(items[-1], primary=True)]


def _countries(rules: Rules) -> Strategy[str]:
    rule = rules.get("country", FREE)
    if rule.implied is not None:
        return st.just(str(rule.implied))
    return st.just("US") | st.sampled_from(sorted(COUNTRIES))


def _address(rules: Rules, country: str) -> dict[str, Strategy[Any]]:
    ruled = _ruled(rules)
    plain = {
        "line1": _STREETS,
        "line2": _TEXTS,
        "city": _NAMES,
        "state": st.sampled_from(["CA", "NY", "Bavaria"]),
        "postal_code": st.from_regex(r"[0-9]{5}", fullmatch=True),
    }
    texts = {
        name: ruled(name, _written(rules.get(name, FREE), each, country))
        for name, each in plain.items()
    }
    kinds = _members(rules.get("kind", FREE), AddressKind, AddressKind.PHYSICAL)
    return {"country": st.just(country), "kind": kinds, **texts}


def _members(rule: FieldRule, kind: type[Enum], usual: Enum) -> Strategy[Any]:
    """Return the members that a rule has words for; the usual one where it has none."""
    if rule.create == "refused":
        return st.just(usual)
    members = kind if rule.values is None else list(rule.values)
    return st.sampled_from([each for each in members if each.name != "UNKNOWN"])
