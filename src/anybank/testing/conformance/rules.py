"""What keeps a declared rule, what breaks it, and what should be read of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import attrs
from attrs import frozen

from ...declaration.preflight import default_of
from ...declaration.vocabulary import NOT_RULED, Capabilities, FieldRule
from ...model.accounts import NewAccount
from ...model.addresses import Address, AddressKind
from ...model.credit import EmploymentStatus, NewCreditApplication
from ...model.events import NewWebhookSubscription
from ...model.kyc import StartKyc
from ...model.phones import Phone, PhoneKind
from ..strategies import accepts
from .subject import Subject

WHOLE = "full_name"
"""The field of a vendor that tells the parts of a name as one."""
_PARTS: dict[str, type] = {"addresses": Address, "phones": Phone}
_TEXTS = ("9" * 61, "", "!", "\u2603 \u2603", "anybank~~", "x" * 500, "a-b_c d")


@frozen
class Case:
    """A value that keeps or breaks one rule of a field; `name` is the field's place."""

    kind: type
    name: str
    rule: str
    value: Any

    @property
    def place(self) -> str:
        """The field, as a declaration has it."""
        return f"{self.kind.__name__}.{self.name}"


def bases(subject: Subject) -> dict[str, Any]:
    """Return the values that are given to creates, by the feature that takes them."""
    given: dict[str, Any] = {}
    if subject.supports("customers.create"):
        given["customers.create"] = subject.person
    kinds: tuple[tuple[str, type], ...] = (
        ("kyc.start", StartKyc),
        ("credit_applications.create", NewCreditApplication),
        ("accounts.create", NewAccount),
        ("webhook_subscriptions.create", NewWebhookSubscription),
    )
    for feature, kind in kinds:
        if subject.supports(feature):
            given[feature] = subject.values(kind)[0]
    return given


def broken(declared: Capabilities, base: Any) -> Iterator[Case]:
    """Yield values that each break one rule, and that the declaration should refuse."""
    for ruled in _ruled(declared, base):
        for broke, value in _wrong(ruled.base, ruled.name, ruled.rule):
            case = ruled.case(broke, value)
            if case and not accepts(declared, case.value):
                yield case


def edges(declared: Capabilities, base: Any) -> Iterator[Case]:
    """Yield values at the edges of their rules, which the declaration accepts."""
    for ruled in _ruled(declared, base):
        now = getattr(ruled.base, ruled.name)
        for edge, value in _at_the_edge(now, ruled.rule):
            case = ruled.case(edge, value)
            if case and accepts(declared, case.value):
                yield case


@frozen
class _Ruled:
    """A field of a value or of one of its parts, and its rule."""

    base: Any
    name: str
    rule: FieldRule
    whole: Callable[[Any], Any]

    def case(self, rule: str, value: Any) -> Case | None:
        """Return the whole value with another one here; None where nobody takes it."""
        try:
            given = self.whole(attrs.evolve(self.base, **{self.name: value}))
        except ValueError:  # the value itself refuses it, for every vendor
            return None
        return Case(type(self.base), self.name, rule, given)


def _ruled(declared: Capabilities, base: Any) -> Iterator[_Ruled]:
    yield from _fields(declared, base, lambda value: value)
    for name, part in _PARTS.items():
        item = next(iter(getattr(base, name, ())), None)
        if isinstance(item, part):
            yield from _fields(
                declared,
                item,
                lambda value, name=name: attrs.evolve(base, **{name: [value]}),  # type: ignore[misc] # a default binds the loop's
            )


def _fields(
    declared: Capabilities, base: Any, whole: Callable[[Any], Any]
) -> Iterator[_Ruled]:
    for name, rule in declared.rules(type(base)).items():
        known = name in attrs.fields_dict(type(base)) and name not in NOT_RULED
        if known and name != "primary":
            yield _Ruled(base, name, rule, whole)


def _wrong(base: Any, name: str, rule: FieldRule) -> Iterator[tuple[str, Any]]:
    default = attrs.fields_dict(type(base))[name].default
    now = getattr(base, name)
    if rule.create == "required" and default_of(rule, base) is None:
        yield "create='required'", () if isinstance(now, tuple) else None
    if rule.create == "refused":
        for value in _other_values(name, default):
            yield "create='refused'", value
        return
    if rule.items and now:
        fewest, most = rule.items
        if fewest:
            yield f"items={rule.items}", ()
        if most is not None:
            yield f"items={rule.items}", (*now, *[now[0]] * most)
    if isinstance(now, str) and (rule.pattern or rule.length or rule.pattern_in):
        yield from (("pattern or length", text) for text in _TEXTS)
    if rule.values is not None:
        for member in type(now) if now is not None else ():
            yield "values", member


def _other_values(name: str, default: Any) -> Iterator[Any]:
    """Yield values for a field that is refused, of the type that it would have."""
    if default is None:
        yield "US" if name == "country" else "Anybank"
        yield "FR" if name == "country" else "Anybank Two"


def refused_for(name: str, issues: Any) -> bool:
    """Tell whether a refusal is about a field."""
    return any(re.search(rf"\b{name}\b", issue.field) for issue in issues)


def _at_the_edge(now: Any, rule: FieldRule) -> Iterator[tuple[str, Any]]:
    if rule.create == "refused" or now in (None, ()):
        return
    if rule.length and isinstance(now, str):
        for size in rule.length:
            yield f"length={rule.length}", (now * size)[:size]
    if rule.items and rule.items[0]:
        yield f"items={rule.items}", now[: rule.items[0]]
    for member in rule.values or ():
        yield f"values[{member!r}]", member


def differences(declared: Any, given: Any, found: Any, path: str = "") -> list[str]:
    """Return the fields that are told otherwise than their rules say."""
    places: list[str] = []
    for name, rule in declared.rules(type(given)).items():
        one, other = getattr(given, name, None), getattr(found, name, None)
        if name == WHOLE and rule.read == "returned":
            places += [] if getattr(found, name, None) == given.name else [path + name]
        elif rule.create == "refused":
            places += _implied(rule, name, found, path)
        elif one is None or not hasattr(found, name):
            continue
        elif isinstance(one, tuple) and rule.read == "returned":
            for item, told in zip_longest(one, tuple(other or ())):
                places += _item(declared, item, told, f"{path}{name}")
        elif not _as_told(declared, type(given), name, one, other):
            places.append(path + name)
    return places


def _implied(rule: FieldRule, name: str, found: Any, path: str) -> list[str]:
    """Find a field whose meaning is implied, and that is read as something else."""
    other = getattr(found, name, None)
    constant = isinstance(rule.implied, str)
    return [path + name] if constant and other not in (rule.implied, None) else []


def _item(declared: Any, item: Any, told: Any, path: str) -> list[str]:
    if item is None or told is None or isinstance(item, str):
        return [] if item == told else [path]
    return differences(declared, item, told, f"{path}.")


def _as_told(declared: Any, kind: type, name: str, one: Any, other: Any) -> bool:
    rule = declared.rule(kind, name)
    if rule.read == "never":
        return not other
    if rule.changed:
        return True
    if rule.read == "masked":
        return other is None or (other.is_masked and other.agrees_with(one))
    if isinstance(one, (AddressKind, PhoneKind, EmploymentStatus)) and rule.values:
        return other is rule.member(rule.word(one) or "")
    return bool(one == other)
