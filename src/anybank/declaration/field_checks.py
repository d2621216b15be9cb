"""Walk through a value and compare each field with its rule.

Every check adds an Issue for a field that will not arrive unchanged, and returns the
content that is written. The walk and the checks are one module, because each field passes
several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from operator import is_
from typing import Any

import attrs

from ..errors import NO_REMEDY, Effect, Issue, Remedy
from ..model._fields import unchecked
from ..model.addresses import Address
from ..model.document_contents import DocumentContent
from ..model.government_id_numbers import GovernmentIdNumber
from ..model.unset import UNSET
from ..sensitive import Ssn
from .birth_dates import birth_date_problem
from .consent import without_indexes
from .expiry_dates import expiry_problem
from .primary_address import is_primary, writing_order
from .text_rules import RESPELLED, fit_text, text_problem
from .vocabulary import Capabilities, FieldRule, Implied, steps_of

SUBMIT = "submit=required"
"""The rule of a field that is required later, when an application is submitted."""

FULL_NUMBER = "full number"
"""The rule of a number that may not be a mask or a token."""


@attrs.define
class FieldPath:
    """A field by its path, its rule, and the list to which its issues go."""

    name: str
    rule: FieldRule
    vendor: str
    issues: list[Issue]

    def item(self, index: int) -> FieldPath:
        """Return the path of an item of a list."""
        return FieldPath(f"{self.name}[{index}]", self.rule, self.vendor, self.issues)

    def report(
        self, effect: Effect, rule: str, message: str, remedy: Remedy = NO_REMEDY
    ) -> None:
        """Add an issue with the source of the rule."""
        source = self.rule.source
        self.issues.append(Issue(self.name, effect, rule, source, message, remedy))

    def block(self, rule: str, message: str, advice: str = "") -> None:
        """Report that the value cannot be written."""
        self.report(Effect.BLOCKED, rule, message, Remedy(advice or self.rule.note))

    def drop(self, rule: str, message: str, advice: str = "") -> None:
        """Report that the field is lost, which needs consent."""
        remedy = Remedy(advice, accept_loss=without_indexes(self.name))
        self.report(Effect.DROPPED, rule, message, remedy)

    def misfit(self, rule: str, message: str) -> None:
        """Block a value that breaks its rule, or drop it if the vendor does not need it."""
        report = self.block if self.rule.misfit == "blocked" else self.drop
        report(rule, message)


@attrs.define(kw_only=True)
class Walk:
    """One walk through a value: every method returns the content that will be written."""

    capabilities: Capabilities
    changing: bool
    kyc_passed: bool
    today: date | None
    extras: Mapping[str, object] | None
    issues: list[Issue]

    def value(self, value: Any, path: str = "", *, primary: bool | None = None) -> Any:
        """Prepare each field; `primary` applies to an address that has no mark itself."""
        kind, is_changed = type(value), False
        own_kind = getattr(value, "kind", None)
        steps = self.capabilities.steps.get(kind)
        prepared: dict[str, Any] = {}
        for name, default, rule in steps or steps_of(kind, {}):
            written = content = getattr(value, name)
            if rule is not None and content is not UNSET:
                own = rule.for_kind(own_kind) if rule.create_for else rule
                at = FieldPath(path + name, own, self.capabilities.title, self.issues)
                written = self._field(at, value, content, default)
                if name == "primary" and primary is not None and is_stored(rule):
                    written = primary
            prepared[name] = written
            # Most values need no change: the same object is returned, without a copy.
            is_changed = is_changed or written is not content
        return unchecked(kind, prepared) if steps and is_changed else value

    def _field(self, at: FieldPath, value: Any, content: Any, default: Any) -> Any:
        # The parts of an address in an update are complete values, as in a create.
        changing = self.changing and "." not in at.name
        if changing:
            self._change(at, content)
        if is_absent(content):
            if not changing:
                has_word = at.name == "kind" and native_word(at, value) is not None
                return (read_native if has_word else fill_absent)(at, value, content)
            is_fixed = not at.rule.clearable and at.rule.update != "never"
            if is_fixed and not has_alternative(at, value):
                at.block("clear", f"cannot be cleared at {at.vendor}")
        elif at.rule.create == "refused" and content != default:
            report_refused(at, content)
        if at.rule.create == "refused":
            return content if is_stored(at.rule) else default
        if at.rule.one_of and drop_for_another(at, value, content):
            return UNSET if changing else default
        prepared = content if content is None else self._accept(at, value, content)
        # In an update, None would clear the field at the vendor: a lost one stays as it
        # is.
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
        if isinstance(content, GovernmentIdNumber):
            fit_number(at, content)
        elif isinstance(content, DocumentContent):
            _check_size(at, content)
        elif isinstance(content, Enum):
            self._check_confirmed(at, content)
            check_member(at, content)
        elif isinstance(content, date):
            self._check_date(at, content)
        elif isinstance(content, str):
            return fit_to_rule(at, content, getattr(value, "country", None))
        elif attrs.has(type(content)):
            return self.value(content, at.name + ".")
        return content

    def _check_confirmed(self, at: FieldPath, member: Enum) -> None:
        """Report a member that needs an extra of the caller, if the value has extras."""
        extra = at.rule.confirmed_by.get(member)
        if not extra or self.extras is None:
            return
        own = self.extras.get(self.capabilities.provider)
        if getattr(own, extra, None) is not True:
            needed = f"extras[{self.capabilities.provider!r}] with {extra}=True"
            message = f"{at.vendor} accepts {member.name} only with {needed}"
            at.block("confirmed_by", message)

    def _check_date(self, at: FieldPath, day: date) -> None:
        rule, problem = _DATES.get(at.name.rpartition(".")[2], ("", None))
        if self.today and problem and (message := problem(day, self.today)):
            self.issues.append(Issue(at.name, Effect.BLOCKED, rule, "anybank", message))

    def _items(self, at: FieldPath, items: Sequence[Any]) -> Any:
        """Prepare the items of a list and return them in the order of writing."""
        # Issues are reported in the caller's order, with the caller's indexes.
        alone = len(items) == 1
        are_addresses = bool(items) and isinstance(items[0], Address)
        has_order = are_addresses and not alone
        order = writing_order(items) if has_order else range(len(items))
        # The vendor's limit cuts the order of writing, so that the primary address
        # stays.
        fewest, most = at.rule.items or (0, None)
        if len(items) < fewest:
            at.block(f"items>={fewest}", f"{at.vendor} needs at least {fewest}")
        for index in [] if most is None else sorted(order[most:]):
            at.item(index).drop(f"items<={most}", f"{at.vendor} accepts at most {most}")
        prepared = {
            index: self._item(at.item(index), items[index], alone=alone)
            for index in sorted(order[:most])
        }
        if are_addresses:
            self._check_primary(at, items)
        written = (prepared[index] for index in order[:most])
        present = tuple(item for item in written if item is not None)
        is_same = len(present) == len(items) and all(map(is_, present, items))
        return items if is_same else present

    def _item(self, at: FieldPath, item: Any, *, alone: bool) -> Any:
        if isinstance(item, Enum):
            require_member(at, item)
            return item
        if isinstance(item, str):
            return fit_to_rule(at, item)
        if not attrs.has(type(item)):
            return item
        is_unmarked = isinstance(item, Address) and item.primary is None
        return self.value(item, at.name + ".", primary=alone if is_unmarked else None)

    def _check_primary(self, at: FieldPath, addresses: Sequence[Address]) -> None:
        rule = self.capabilities.fields.get(Address, {}).get("primary")
        only_secondary = self.changing and self.kyc_passed
        if rule and rule.create == "required" and not only_secondary:
            alone = len(addresses) == 1
            if not any(is_primary(address, alone=alone) for address in addresses):
                at.block("primary", f"{at.vendor} needs one that is marked primary")


_DATES: Mapping[str, tuple[str, Callable[[date, date], str | None]]] = {
    "date_of_birth": ("birth", birth_date_problem),
    "expires": ("expired", expiry_problem),
}
"""The rule of each date that is compared with today, and its check."""


def is_absent(content: object) -> bool:
    """Return whether a field has nothing to write: no value, no items, kind UNKNOWN."""
    if content is None or (isinstance(content, tuple) and not content):
        return True
    return isinstance(content, Enum) and content.name == "UNKNOWN"


def default_of(rule: FieldRule, value: Any) -> Any:
    """Return the content that is written for an absent field, or None."""
    if rule.default_from:
        return getattr(value, rule.default_from, None) or None
    return rule.default


def native_word(at: FieldPath, value: Any) -> str | None:
    """Return the vendor's own word that a caller passed for a kind, or None."""
    word: str | None = getattr(value, "native_kind", None)
    return None if at.rule.create == "refused" else word


def read_native(at: FieldPath, value: Any, content: Any) -> Any:
    """Return the member that the vendor's own word stands for; report an unknown word."""
    member = at.rule.member(native_word(at, value) or "")
    if member is None:
        known = ", ".join(word for _, word in at.rule.words)
        at.block("values", f"{at.vendor} has no such word, only {known}")
    return content if member is None else member


def fill_absent(at: FieldPath, value: Any, content: Any) -> Any:
    """Report an absent field, and return the content that is written instead."""
    rule, default = at.rule, default_of(at.rule, value)
    implied_constant = rule.implied_constant
    if default is not None:
        consequence = rule.note or "the declared default is written"
        message = f"is missing: {consequence} ({at.vendor})"
        at.report(Effect.DEFAULTED, "default", message)
    elif implied_constant is not None and rule.read == "returned":
        message = f"is missing: {at.vendor} returns {_name_of(implied_constant)}"
        at.report(Effect.DEFAULTED, "implied", message)
    # Whether one of the addresses is primary is checked for the whole list.
    elif rule.create == "required" and not at.name.endswith(".primary"):
        _require(at, value)
    elif rule.submit == "required":
        at.block(SUBMIT, f"{at.vendor} requires it to submit the application")
    candidates = (default, implied_constant)
    return next((value for value in candidates if value is not None), content)


def _require(at: FieldPath, value: Any) -> None:
    """Report an absent field that the vendor requires, unless it has another one."""
    if not has_alternative(at, value):
        names = " or ".join(("it", *at.rule.alternatives(at.name)))
        at.block("create=required", f"{at.vendor} requires {names}")


def has_alternative(at: FieldPath, value: Any) -> bool:
    """Return whether a value has a field that the vendor stores in place of this one."""
    return any(has_value(value, other) for other in at.rule.alternatives(at.name))


def has_value(value: Any, name: str) -> bool:
    """Return whether a field of a value has something to write."""
    content = getattr(value, name, None)
    return content is not UNSET and not is_absent(content)


def drop_for_another(at: FieldPath, value: Any, content: Any) -> bool:
    """Report a field in whose place the vendor stores one that is listed before it."""
    if is_absent(content) or at.name not in at.rule.one_of:
        return False
    earlier = at.rule.one_of[: at.rule.one_of.index(at.name)]
    written = next((name for name in earlier if has_value(value, name)), None)
    if written:
        message = f"{at.vendor} stores {written} in its place"
        at.drop("one_of", message, f"pass {written} or {at.name}")
    return bool(written)


def is_stored(rule: FieldRule) -> bool:
    """Return whether a vendor stores a field: as it is written, or as it is implied."""
    return rule.create != "refused" or rule.implied is not None


def report_refused(at: FieldPath, content: Any) -> None:
    """Report the content of a field that the vendor refuses, unless it implies it."""
    implied = at.rule.implied
    if isinstance(implied, Implied) or content == implied:
        return
    if at.rule.changed:
        at.report(Effect.CHANGED, "changed", f"{at.rule.changed} ({at.vendor})")
    elif content in (at.rule.values or ()):
        message = f"{content.name} is stored as {_name_of(implied)} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)
    elif implied is not None:
        at.misfit(f"implied={implied}", f"{at.vendor} stores only {_name_of(implied)}")
    else:
        at.drop("create=refused", f"{at.vendor} does not support it")


def _name_of(implied: Any) -> str:
    return implied.name if isinstance(implied, Enum) else str(implied)


def fit_ssn(at: FieldPath, ssn: Ssn) -> Ssn | None:
    """Return the number, or report a mask and return None where the digits are needed."""
    if at.rule.masks or not ssn.is_masked:
        return ssn
    report = at.block if at.rule.create == "required" else at.drop
    message = f"{at.vendor} needs the full number, and only a mask is known"
    report(FULL_NUMBER, message, "supply the full number from your own store")
    return None


def fit_number(at: FieldPath, number: GovernmentIdNumber) -> None:
    """Report a mask where the whole number is needed, and a number of another form."""
    if number.is_masked and not at.rule.masks:
        message = f"{at.vendor} needs the full number, and only a mask is known"
        at.block(FULL_NUMBER, message, "supply the full number from your own store")
    elif not number.is_masked and (problem := text_problem(at.rule, number.reveal())):
        rule, message = problem
        at.misfit(rule, f"{message} ({at.vendor})")


def _check_size(at: FieldPath, content: DocumentContent) -> None:
    """Report a file that is smaller or larger than the vendor accepts."""
    fewest, most = at.rule.length or (0, content.size)
    if not fewest <= content.size <= most:
        message = f"must have {fewest:,} to {most:,} bytes ({at.vendor})"
        at.misfit(f"length={fewest}-{most}", message)


def check_member(at: FieldPath, member: Enum) -> None:
    """Report a member that the vendor does not have, or reads as another one."""
    values = at.rule.values
    if values is None:
        return
    if member not in values:
        require_member(at, member)
    elif (stored := at.rule.members[values[member]]) is not member:
        message = f"{member.name} is written as {stored.name} ({at.vendor})"
        at.report(Effect.CHANGED, "values", message)


def require_member(at: FieldPath, member: Enum) -> None:
    """Report a member that the vendor does not have."""
    values = at.rule.values or ()
    if member not in values:
        known = ", ".join(supported.name for supported in values) or "its own words"
        message = f"{member.name} is not supported, only {known} ({at.vendor})"
        at.misfit("values", message)


def fit_to_rule(at: FieldPath, text: str, country: str | None = None) -> str | None:
    """Return the spelling that the rule accepts; None where neither fits."""
    if not at.rule.limits_text:
        return text
    spelling = fit_text(at.rule, text, country)
    if spelling is None:
        rule, message = text_problem(at.rule, text, country) or ("", "")
        at.misfit(rule, f"{message} ({at.vendor})")
    elif spelling != text:
        at.report(Effect.CHANGED, "spelling", f"{RESPELLED} ({at.vendor})")
    return spelling


def _block_after_kyc(at: FieldPath, content: Any) -> None:
    """Block a change of a field that is fixed after KYC; a `when` frees some addresses."""
    if at.name != "addresses" or at.rule.when == "":
        at.block("update=before_kyc", f"cannot be changed after KYC at {at.vendor}")
        return
    for index, address in enumerate(content or ()):
        if is_primary(address, alone=len(content) == 1):
            message = f"{at.vendor} fixes the primary address after KYC"
            at.item(index).block("update=before_kyc", message)
