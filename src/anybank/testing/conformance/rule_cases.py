"""Values that satisfy or break declared rules, and comparisons with what is read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import attrs
from attrs import frozen

from ...declaration.field_checks import default_of
from ...declaration.vocabulary import Capabilities, FieldRule, fields_without_rules
from ...model.accounts import AccountKind, NewAccount, NewAccountNumber
from ...model.addresses import AddressKind
from ...model.credit import EmploymentStatus, NewCreditApplication
from ...model.events import NewWebhookSubscription
from ...model.kyc import NewKycDocument, StartKyc
from ...model.phones import PhoneKind
from ...model.values import item_types
from ..strategies import accepts
from .subject import Subject

FULL_NAME = "full_name"
"""The field of a vendor that has one name field instead of several."""
_KINDS = (AccountKind, AddressKind, EmploymentStatus, PhoneKind)
# Too long, empty, and characters that hardly any pattern accepts. A text that a rule
# accepts all the same is dropped by `accepts`.
_INVALID_TEXTS = ("9" * 61, "", "!", "\u2603 \u2603", "anybank~~", "x" * 500, "a-b_c d")


@frozen
class Case:
    """A value to create, chosen for one rule of one of its fields."""

    kind: type
    name: str
    rule: str
    value: Any

    @property
    def place(self) -> str:
        """The field as the declaration names it: `Address.line1`."""
        return f"{self.kind.__name__}.{self.name}"


def base_values(subject: Subject) -> dict[str, Any]:
    """Return one value for each declared create, by its feature."""
    values: dict[str, Any] = {}
    if subject.supports("customers.create"):
        values["customers.create"] = subject.person
    kinds: tuple[tuple[str, type], ...] = (
        ("kyc.start", StartKyc),
        ("kyc.upload_document", NewKycDocument),
        ("credit_applications.create", NewCreditApplication),
        ("accounts.create", NewAccount),
        ("account_numbers.create", NewAccountNumber),
        ("webhook_subscriptions.create", NewWebhookSubscription),
    )
    for feature, kind in kinds:
        if subject.supports(feature):
            values[feature] = subject.values(kind)[0]
    return values


def invalid_cases(declared: Capabilities, base: Any) -> Iterator[Case]:
    """Yield values that each break one rule, and that the declaration rejects."""
    for field in _ruled_fields(declared, base):
        for rule, value in _invalid_values(field.base, field.name, field.rule):
            case = field.case(rule, value)
            if case and not accepts(declared, case.value):
                yield case


def boundary_cases(declared: Capabilities, base: Any) -> Iterator[Case]:
    """Yield values at the boundary of a rule, which the declaration accepts."""
    for field in _ruled_fields(declared, base):
        current = getattr(field.base, field.name)
        for rule, value in _boundary_values(current, field.rule):
            case = field.case(rule, value)
            if case and accepts(declared, case.value):
                yield case


@frozen
class _RuledField:
    """A field of a value or of one of its parts, with its rule.

    `embed` returns the whole value for a changed part.
    """

    base: Any
    name: str
    rule: FieldRule
    embed: Callable[[Any], Any]

    def case(self, rule: str, value: Any) -> Case | None:
        """Return a case with another value in this field, None if its type rejects it."""
        try:
            whole = self.embed(attrs.evolve(self.base, **{self.name: value}))
        except ValueError:  # the value's own check, which is the same for every vendor
            return None
        return Case(type(self.base), self.name, rule, whole)


def _ruled_fields(declared: Capabilities, base: Any) -> Iterator[_RuledField]:
    yield from _fields(declared, base, lambda value: value)
    kind: Any = type(base)
    for name, part in item_types(kind).items():
        item = next(iter(getattr(base, name, ())), None)
        if isinstance(item, part):
            yield from _fields(
                declared,
                item,
                lambda value, name=name: attrs.evolve(base, **{name: [value]}),  # type: ignore[misc] # a default binds the loop's
            )


def _fields(
    declared: Capabilities, base: Any, embed: Callable[[Any], Any]
) -> Iterator[_RuledField]:
    rules = declared.rules(type(base))
    skipped = fields_without_rules(rules)
    for name, rule in rules.items():
        known = name in attrs.fields_dict(type(base)) and name not in skipped
        # The order of the addresses decides `primary`, so it cannot be broken alone.
        if known and name != "primary":
            own = rule.for_kind(getattr(base, "kind", None))
            yield _RuledField(base, name, own, embed)


def _invalid_values(base: Any, name: str, rule: FieldRule) -> Iterator[tuple[str, Any]]:
    default = attrs.fields_dict(type(base))[name].default
    current = getattr(base, name)
    if rule.create == "required" and default_of(rule, base) is None:
        yield "create='required'", () if isinstance(current, tuple) else None
    if rule.create == "refused":
        for value in _refused_values(name, default):
            yield "create='refused'", value
        return
    if rule.items and current:
        fewest, most = rule.items
        if fewest:
            yield f"items={rule.items}", ()
        if most is not None:
            yield f"items={rule.items}", (*current, *[current[0]] * most)
    if isinstance(current, str) and (rule.pattern or rule.length or rule.pattern_in):
        yield from (("pattern or length", text) for text in _INVALID_TEXTS)
    if rule.values and current is not None:
        members: Any = type(next(iter(rule.values)))
        is_list = isinstance(current, tuple)
        others = [member for member in members if member not in rule.values]
        yield from (("values", (it,) if is_list else it) for it in others)


def _refused_values(name: str, default: Any) -> Iterator[Any]:
    """Yield values of the right type for a field that the declaration refuses."""
    if default is None:
        yield "US" if name == "country" else "Anybank"
        yield "FR" if name == "country" else "Anybank Two"


def names_field(name: str, issues: Any) -> bool:
    """Return True if one of the issues is about the field *name*."""
    return any(re.search(rf"\b{name}\b", issue.field) for issue in issues)


def _boundary_values(current: Any, rule: FieldRule) -> Iterator[tuple[str, Any]]:
    if rule.create == "refused" or current in (None, ()):
        return
    if rule.length and isinstance(current, str):
        for size in rule.length:
            yield f"length={rule.length}", (current * size)[:size]
    if rule.items and rule.items[0]:
        yield f"items={rule.items}", current[: rule.items[0]]
    for member in rule.values or ():
        is_list = isinstance(current, tuple)
        yield f"values[{member!r}]", (member,) if is_list else member


def differences(declared: Any, written: Any, read: Any, path: str = "") -> list[str]:
    """Return the fields that were not read back as their rules declare."""
    places: list[str] = []
    kind = getattr(written, "kind", None)
    for name, declared_rule in declared.rules(type(written)).items():
        rule = declared_rule.for_kind(kind)
        before, after = getattr(written, name, None), getattr(read, name, None)
        if name == FULL_NAME and rule.read == "returned":
            places += [] if getattr(read, name, None) == written.name else [path + name]
        elif rule.create == "refused":
            places += _implied_differences(rule, name, read, path)
        elif before is None or not hasattr(read, name):
            continue
        # zip_longest: an item that is missing or added is a difference too.
        elif isinstance(before, tuple) and rule.read == "returned" and not rule.changed:
            for item, returned in zip_longest(before, tuple(after or ())):
                places += _item_differences(declared, item, returned, f"{path}{name}")
        elif not _agrees(declared, type(written), name, before, after):
            places.append(path + name)
    return places


def _implied_differences(rule: FieldRule, name: str, read: Any, path: str) -> list[str]:
    """Return a field whose value is implied but was read as another one."""
    value = getattr(read, name, None)
    is_constant = isinstance(rule.implied, str)
    return [path + name] if is_constant and value not in (rule.implied, None) else []


def _item_differences(declared: Any, item: Any, returned: Any, path: str) -> list[str]:
    if item is None or returned is None or isinstance(item, str):
        return [] if item == returned else [path]
    return differences(declared, item, returned, f"{path}.")


def _is_mask_of(mask: Any, number: Any) -> bool:
    is_token = mask.is_masked and mask.last_four is None
    return bool(is_token or (mask.is_masked and mask.agrees_with(number)))


def _agrees(declared: Any, kind: type, name: str, before: Any, after: Any) -> bool:
    rule = declared.rule(kind, name)
    if rule.read == "never":
        return not after
    if rule.changed:
        return True
    if rule.read == "masked":
        # A mask agrees with the number by its last four digits. A token has none.
        return after is not None and _is_mask_of(after, before)
    if isinstance(before, _KINDS) and rule.values:
        return after is rule.member(rule.word(before) or "")
    return bool(before == after)
