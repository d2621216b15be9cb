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

from ..errors import Effect, FieldNotUpdatable, InvalidInput, Issue
from ..model._fields import unchecked
from ..model.addresses import Address
from ..model.credit import CreditApplicationChanges, NewCreditApplication
from ..model.customers import CustomerChanges, NewCustomer
from ..model.unset import UNSET
from ..sensitive import Ssn
from .birth_dates import birth_date_problem
from .consent import accepted_names, is_loss_accepted
from .field_checks import (
    SUBMIT,
    FieldPath,
    check_member,
    fill_absent,
    fit_ssn,
    fit_to_rule,
    is_absent,
    is_stored,
    native_word,
    read_native,
    report_refused,
)
from .vocabulary import UNDECLARED, Capabilities, fields_without_rules

T = TypeVar("T")

UPDATES: dict[type, type] = {
    CustomerChanges: NewCustomer,
    CreditApplicationChanges: NewCreditApplication,
}
"""The type whose rules apply to each type of changes."""


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
                at = FieldPath(
                    path + field.name, rule, self.capabilities.title, self.issues
                )
                content = self._field(at, value, content, field.default)
                if field.name == "primary" and primary is not None and is_stored(rule):
                    content = primary
            prepared[field.name] = content
        return unchecked(type(value), prepared) if rules else value

    def _field(self, at: FieldPath, value: Any, content: Any, default: Any) -> Any:
        changing = self.changing and "." not in at.name
        if changing:
            self._change(at, content)
        if is_absent(content):
            if not changing:
                has_word = at.name == "kind" and native_word(at, value) is not None
                return (read_native if has_word else fill_absent)(at, value, content)
            if not at.rule.clearable and at.rule.update != "never":
                at.block("clear", f"cannot be cleared at {at.vendor}")
        elif at.rule.create == "refused" and content != default:
            report_refused(at, content)
        if at.rule.create == "refused":
            return content if is_stored(at.rule) else default
        prepared = content if content is None else self._accept(at, value, content)
        is_lost = prepared is None and content is not None
        return UNSET if is_lost and changing else prepared

    def _change(self, at: FieldPath, content: Any) -> None:
        if at.rule.update == "never":
            at.block("update=never", f"cannot be changed at {at.vendor}")
        elif at.rule.update == "before_kyc" and self.kyc_passed:
            _block_after_kyc(at, content)

    def _accept(self, at: FieldPath, value: Any, content: Any) -> Any:
        """Prepare the content of a field that the vendor accepts; None leaves it out."""
        if at.rule.changed:
            at.report(Effect.CHANGED, "changed", f"{at.rule.changed} ({at.vendor})")
        if isinstance(content, tuple):
            return self._items(at, content)
        if isinstance(content, Ssn):
            return fit_ssn(at, content)
        if isinstance(content, Enum):
            check_member(at, content)
        elif isinstance(content, date):
            self._check_birth(at, content)
        elif isinstance(content, str):
            return fit_to_rule(at, content, getattr(value, "country", None))
        elif attrs.has(type(content)):
            return self.value(content, at.name + ".")
        return content

    def _check_birth(self, at: FieldPath, birth: date) -> None:
        if self.today and (message := birth_date_problem(birth, self.today)):
            issue = Issue(at.name, Effect.BLOCKED, "birth", "anybank", message)
            self.issues.append(issue)

    def _items(self, at: FieldPath, items: Sequence[Any]) -> Any:
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

    def _item(self, at: FieldPath, item: Any, *, alone: bool) -> Any:
        if isinstance(item, str):
            return fit_to_rule(at, item)
        if not attrs.has(type(item)):
            return item
        is_unmarked = isinstance(item, Address) and item.primary is None
        return self.value(item, at.name + ".", primary=alone if is_unmarked else None)

    def _check_primary(self, at: FieldPath, addresses: Sequence[Address]) -> None:
        rule = self.capabilities.rule(Address, "primary")
        only_secondary = self.changing and self.kyc_passed
        if rule.create == "required" and not only_secondary:
            alone = len(addresses) == 1
            if not any(is_primary(address, alone=alone) for address in addresses):
                at.block("primary", f"{at.vendor} needs one that is marked primary")


def _block_after_kyc(at: FieldPath, content: Any) -> None:
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
