"""Compare a value with a vendor's declaration before anything is sent.

`prepare` walks a value once. It returns the value as it will be written (defaults filled
in, the primary address first, what the vendor cannot store left out) and an Issue for each
field that will not arrive unchanged. Adapters receive prepared values only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

import attrs

from ..errors import NO_REMEDY, Effect, FieldNotUpdatable, InvalidInput, Issue, Remedy
from ..model._fields import unchecked
from ..model.addresses import Address
from ..model.credit import CreditApplicationChanges, NewCreditApplication
from ..model.customers import CustomerChanges, NewCustomer
from ..model.unset import UNSET
from ..sensitive import Ssn
from .birth_dates import birth_date_problem
from .consent import accepted_names, is_loss_accepted, without_indexes
from .text_rules import RESPELLED, fit_text, text_problem
from .vocabulary import (
    UNDECLARED,
    Capabilities,
    FieldRule,
    Implied,
    fields_without_rules,
)

T = TypeVar("T")

UPDATES: dict[type, type] = {
    CustomerChanges: NewCustomer,
    CreditApplicationChanges: NewCreditApplication,
}
"""The type whose rules apply to each type of changes."""

SUBMIT = "submit=required"
"""The rule of a field that is required later, when an application is submitted."""

FULL_NUMBER = "full number"
"""The rule of an SSN that may not be a mask or a token."""


def rules_of(value: object) -> type:
    """Return the type whose rules apply to a value."""
    return UPDATES.get(type(value), type(value))


@attrs.frozen
class Prepared(Generic[T]):
    """A value as it will be written, and the issues that the original has."""

    value: T
    issues: Sequence[Issue] = ()


def prepare(
    capabilities: Capabilities,
    value: T,
    *,
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> Prepared[T]:
    """Return a value as it will be written if every loss is accepted, and its issues.

    `kyc_passed=True` applies the rules for a customer who has passed KYC. With `today`,
    dates of birth after it or before 1900 are issues; without it, as for a customer who
    was read from another vendor, none is.
    """
    if not capabilities.rules(rules_of(value)):
        return Prepared(value)
    walk = _Walk(
        capabilities=capabilities,
        changing=type(value) in UPDATES,
        kyc_passed=bool(kyc_passed),
        today=today,
        issues=[*_extras(capabilities, value)],
    )
    return Prepared(walk.value(value), tuple(walk.issues))


def prepare_or_raise(
    capabilities: Capabilities,
    value: T,
    *,
    accept_loss: Collection[str] | str = (),
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> Prepared[T]:
    """Return a prepared value; raise InvalidInput where an issue stops it.

    Raises FieldNotUpdatable where a change touches a field that may not change.
    """
    names = accepted_names(rules_of(value), accept_loss)
    prepared = prepare(capabilities, value, kyc_passed=kyc_passed, today=today)
    stopping = [issue for issue in prepared.issues if stops(issue, names)]
    if fixed := [issue for issue in stopping if issue.rule.startswith("update=")]:
        raise FieldNotUpdatable(fixed)
    if stopping:
        raise InvalidInput(stopping)
    return prepared


def stops(issue: Issue, accept_loss: Collection[str] | str = ()) -> bool:
    """Tell whether an issue stops a write: a block, or a loss that is not accepted."""
    if issue.effect is Effect.DROPPED:
        return not is_loss_accepted(issue, accept_loss)
    return blocks(issue)


def blocks(issue: Issue) -> bool:
    """Tell whether an issue blocks the write itself, and not only a later submission."""
    return issue.effect is Effect.BLOCKED and issue.rule != SUBMIT


def _extras(capabilities: Capabilities, value: Any) -> Iterator[Issue]:
    """Block extras of the wrong type; those for other vendors are not checked."""
    extras = getattr(value, "extras", {}).get(capabilities.provider)
    kind = capabilities.extras
    if extras is None or (kind is not None and isinstance(extras, kind)):
        return
    name = f"extras[{capabilities.provider!r}]"
    message = f"must be {kind.__name__}" if kind else "is not something this vendor has"
    yield Issue(name, Effect.BLOCKED, "extras", "anybank", message)


@attrs.define(kw_only=True)
class _Walk:
    """One walk through a value: every method returns what will be written."""

    capabilities: Capabilities
    changing: bool
    kyc_passed: bool
    today: date | None
    issues: list[Issue]

    def value(self, value: Any, path: str = "", *, primary: bool | None = None) -> Any:
        """Prepare each field; `primary` marks an address that does not say what it is."""
        rules = self.capabilities.rules(rules_of(value))
        skipped = fields_without_rules(rules)
        prepared: dict[str, Any] = {}
        for field in attrs.fields(type(value)):
            content = getattr(value, field.name)
            if field.name not in skipped and content is not UNSET:
                rule = rules.get(field.name, UNDECLARED)
                at = _Field(
                    path + field.name, rule, self.capabilities.title, self.issues
                )
                content = self._field(at, value, content, field.default)
                if field.name == "primary" and primary is not None and _is_stored(rule):
                    content = primary
            prepared[field.name] = content
        return unchecked(type(value), prepared) if rules else value

    def _field(self, at: _Field, value: Any, content: Any, default: Any) -> Any:
        changing = self.changing and "." not in at.name
        if changing:
            self._change(at, content)
        if is_absent(content):
            if not changing:
                has_word = at.name == "kind" and _native_word(at, value) is not None
                return (_read_native if has_word else _fill)(at, value, content)
            if not at.rule.clearable and at.rule.update != "never":
                at.block("clear", f"cannot be cleared at {at.vendor}")
        elif at.rule.create == "refused" and content != default:
            _refuse(at, content)
        if at.rule.create == "refused":
            return content if _is_stored(at.rule) else default
        prepared = content if content is None else self._accept(at, value, content)
        is_lost = prepared is None and content is not None
        return UNSET if is_lost and changing else prepared

    def _change(self, at: _Field, content: Any) -> None:
        if at.rule.update == "never":
            at.block("update=never", f"cannot be changed at {at.vendor}")
        elif at.rule.update == "before_kyc" and self.kyc_passed:
            _block_after_kyc(at, content)

    def _accept(self, at: _Field, value: Any, content: Any) -> Any:
        """Prepare the content of a field that the vendor accepts; None leaves it out."""
        if at.rule.changed:
            at.report(Effect.CHANGED, "changed", f"{at.rule.changed} ({at.vendor})")
        if isinstance(content, tuple):
            return self._items(at, content)
        if isinstance(content, Ssn):
            return _ssn(at, content)
        if isinstance(content, Enum):
            _check_member(at, content)
        elif isinstance(content, date):
            self._check_birth(at, content)
        elif isinstance(content, str):
            return _text(at, content, getattr(value, "country", None))
        elif attrs.has(type(content)):
            return self.value(content, at.name + ".")
        return content

    def _check_birth(self, at: _Field, birth: date) -> None:
        if self.today and (message := birth_date_problem(birth, self.today)):
            issue = Issue(at.name, Effect.BLOCKED, "birth", "anybank", message)
            self.issues.append(issue)

    def _items(self, at: _Field, items: Sequence[Any]) -> Any:
        """Prepare the items of a list in their order, and return them in that of writing."""
        order = _writing_order(items)
        fewest, most = at.rule.items or (0, None)
        if len(items) < fewest:
            at.block(f"items>={fewest}", f"{at.vendor} needs at least {fewest}")
        for index in [] if most is None else sorted(order[most:]):
            at.item(index).drop(f"items<={most}", f"{at.vendor} accepts at most {most}")
        alone = len(items) == 1
        prepared = {
            index: self._item(at.item(index), items[index], alone=alone)
            for index in sorted(order[:most])
        }
        if items and isinstance(items[0], Address):
            self._check_primary(at, items)
        written = (prepared[index] for index in order[:most])
        return tuple(item for item in written if item is not None)

    def _item(self, at: _Field, item: Any, *, alone: bool) -> Any:
        if isinstance(item, str):
            return _text(at, item)
        if not attrs.has(type(item)):
            return item
        is_unmarked = isinstance(item, Address) and item.primary is None
        return self.value(item, at.name + ".", primary=alone if is_unmarked else None)

    def _check_primary(self, at: _Field, addresses: Sequence[Address]) -> None:
        rule = self.capabilities.rule(Address, "primary")
        only_secondary = self.changing and self.kyc_passed
        if rule.create == "required" and not only_secondary:
            alone = len(addresses) == 1
            if not any(is_primary(address, alone=alone) for address in addresses):
                at.block("primary", f"{at.vendor} needs one that is marked primary")


@attrs.define
class _Field:
    """A field by its path, its rule, and the list to which its issues go."""

    name: str
    rule: FieldRule
    vendor: str
    issues: list[Issue]

    def item(self, index: int) -> _Field:
        return _Field(f"{self.name}[{index}]", self.rule, self.vendor, self.issues)

    def report(
        self, effect: Effect, rule: str, message: str, remedy: Remedy = NO_REMEDY
    ) -> None:
        source = self.rule.source
        self.issues.append(Issue(self.name, effect, rule, source, message, remedy))

    def block(self, rule: str, message: str, advice: str = "") -> None:
        self.report(Effect.BLOCKED, rule, message, Remedy(advice or self.rule.note))

    def drop(self, rule: str, message: str, advice: str = "") -> None:
        remedy = Remedy(advice, accept_loss=without_indexes(self.name))
        self.report(Effect.DROPPED, rule, message, remedy)

    def misfit(self, rule: str, message: str) -> None:
        """Block a value that breaks its rule, or drop it where the vendor can do without."""
        report = self.block if self.rule.misfit == "blocked" else self.drop
        report(rule, message)


def is_absent(content: object) -> bool:
    """Tell whether a field has nothing to write: no value, no items, kind UNKNOWN."""
    if content is None or content == ():
        return True
    return isinstance(content, Enum) and content.name == "UNKNOWN"


def default_of(rule: FieldRule, value: Any) -> Any:
    """Return what is written for a field that a person lacks, or None."""
    if rule.default_from:
        return getattr(value, rule.default_from, None) or None
    return rule.default


def _native_word(at: _Field, value: Any) -> str | None:
    """Return the vendor's own word that a caller passed for a kind, or None."""
    word: str | None = getattr(value, "native_kind", None)
    return None if at.rule.create == "refused" else word


def _read_native(at: _Field, value: Any, content: Any) -> Any:
    """Return the member that the vendor's own word stands for; report an unknown word."""
    member = at.rule.member(_native_word(at, value) or "")
    if member is None:
        known = ", ".join(word for _, word in at.rule.words)
        at.block("values", f"{at.vendor} has no such word, only {known}")
    return content if member is None else member


def _fill(at: _Field, value: Any, content: Any) -> Any:
    """Report an absent field, and return what is written in its place."""
    rule = at.rule
    default, implied_constant = default_of(rule, value), rule.implied_constant
    if default is not None:
        what = rule.note or "the declared default is written"
        message = f"is missing: {what} ({at.vendor})"
        at.report(Effect.DEFAULTED, "default", message)
    elif implied_constant is not None and rule.read == "returned":
        message = f"is missing: {at.vendor} returns {_name_of(implied_constant)}"
        at.report(Effect.DEFAULTED, "implied", message)
    elif rule.create == "required" and not at.name.endswith(".primary"):
        at.block("create=required", f"{at.vendor} requires it")
    elif rule.submit == "required":
        at.block(SUBMIT, f"{at.vendor} requires it to submit the application")
    return next(
        (each for each in (default, implied_constant) if each is not None), content
    )


def _is_stored(rule: FieldRule) -> bool:
    """Tell whether a vendor stores a field: written, or by what its silence implies."""
    return rule.create != "refused" or rule.implied is not None


def _refuse(at: _Field, content: Any) -> None:
    implied = at.rule.implied
    if isinstance(implied, Implied) or content == implied:
        return
    if content in (at.rule.values or ()):
        message = f"{content.name} is stored as {_name_of(implied)} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)
    elif implied is not None:
        at.misfit(f"implied={implied}", f"{at.vendor} stores only {_name_of(implied)}")
    else:
        at.drop("create=refused", f"{at.vendor} does not support it")


def _name_of(implied: Any) -> str:
    return implied.name if isinstance(implied, Enum) else str(implied)


def _block_after_kyc(at: _Field, content: Any) -> None:
    """Block a change of what is fixed once KYC is passed; secondary addresses are not."""
    if at.name != "addresses" or at.rule.when == "":
        at.block("update=before_kyc", f"cannot be changed after KYC at {at.vendor}")
        return
    for index, address in enumerate(content or ()):
        if is_primary(address, alone=len(content) == 1):
            message = f"{at.vendor} fixes the primary address after KYC"
            at.item(index).block("update=before_kyc", message)


def is_primary(address: Address, *, alone: bool) -> bool:
    """Tell whether an address is the primary one: marked so, or alone and unmarked."""
    return alone if address.primary is None else address.primary


def _writing_order(items: Sequence[Any]) -> Sequence[int]:
    """Return the indexes of items in the order of writing: the primary address first."""
    indexes = range(len(items))
    if not items or not isinstance(items[0], Address):
        return indexes
    alone = len(items) == 1
    return sorted(indexes, key=lambda at: not is_primary(items[at], alone=alone))


def _ssn(at: _Field, ssn: Ssn) -> Ssn | None:
    if at.rule.masks or not ssn.is_masked:
        return ssn
    report = at.block if at.rule.create == "required" else at.drop
    message = f"{at.vendor} needs the full number, and only a mask is known"
    report(FULL_NUMBER, message, "supply the full number from your own store")
    return None


def _check_member(at: _Field, member: Enum) -> None:
    values = at.rule.values
    if values is None:
        return
    if member not in values:
        known = ", ".join(each.name for each in values)
        message = f"{member.name} is not supported, only {known} ({at.vendor})"
        at.misfit("values", message)
    elif (stored := at.rule.member(values[member])) is not member:
        message = f"{member.name} is written as {stored.name} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)


def _text(at: _Field, text: str, country: str | None = None) -> str | None:
    """Return the spelling that the rule accepts; None where neither fits."""
    spelling = fit_text(at.rule, text, country)
    if spelling is None:
        rule, message = text_problem(at.rule, text, country) or ("", "")
        at.misfit(rule, f"{message} ({at.vendor})")
    elif spelling != text:
        at.report(Effect.CHANGED, "spelling", f"{RESPELLED} ({at.vendor})")
    return spelling
