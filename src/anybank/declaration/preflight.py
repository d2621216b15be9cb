"""What a declaration says of a value, before anything is sent.

`check` finds every field that will not arrive as given; `settle` makes of the value what
will be sent: defaults filled in, what was consented to dropped, the primary address first.
An adapter is given settled values and writes them as they stand.
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
from .consent import accepted_names, is_loss_accepted, without_indexes
from .text_rules import RESPELLED, fit_text, text_problem
from .vocabulary import NOT_RULED, UNDECLARED, Capabilities, FieldRule, Implied

T = TypeVar("T")

UPDATES: dict[type, type] = {
    CustomerChanges: NewCustomer,
    CreditApplicationChanges: NewCreditApplication,
}
"""Whose rules a value of changes is checked by."""


SUBMIT = "submit=required"
"""The rule of a field that is required later, when an application is submitted."""


def rules_of(value: object) -> type:
    """Return the type whose rules a value is checked by."""
    return UPDATES.get(type(value), type(value))


@attrs.frozen
class Prepared(Generic[T]):
    """A value as it will be written, and what that changes in what was given."""

    value: T
    issues: Sequence[Issue] = ()


def check(
    capabilities: Capabilities,
    value: object,
    *,
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> list[Issue]:
    """Find every field of a value that the vendor will not take and keep as it is.

    `kyc_passed=True` applies the rules for a customer who has passed KYC. With `today`,
    births after it or before 1900 are refused; without it, as for a person who was read
    from another vendor, no birth is.
    """
    kind = rules_of(value)
    if not capabilities.rules(kind):
        return []
    changing = type(value) in UPDATES
    finder = _Finder(
        capabilities, changing=changing, kyc_passed=bool(kyc_passed), today=today
    )
    return [*_extras(capabilities, value), *finder.fields(value, kind, "")]


def _extras(capabilities: Capabilities, value: Any) -> Iterator[Issue]:
    """Refuse extras of the wrong type; those of other vendors are theirs."""
    given = getattr(value, "extras", {}).get(capabilities.provider)
    kind = capabilities.extras
    if given is None or (kind is not None and isinstance(given, kind)):
        return
    name = f"extras[{capabilities.provider!r}]"
    said = f"must be {kind.__name__}" if kind else "is not something this vendor has"
    yield Issue(name, Effect.BLOCKED, "extras", "anybank", said)


def require(
    capabilities: Capabilities,
    value: T,
    *,
    accept_loss: Collection[str] | str = (),
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> Prepared[T]:
    """Return the settled value and what changed in it, or raise InvalidInput.

    Raises FieldNotUpdatable where a change touches a field that may not change.
    """
    accept_loss = accepted_names(rules_of(value), accept_loss)
    issues = check(capabilities, value, kyc_passed=kyc_passed, today=today)
    refused = [issue for issue in issues if _stands(issue, accept_loss)]
    if fixed := [issue for issue in refused if issue.rule.startswith("update=")]:
        raise FieldNotUpdatable(fixed)
    if refused:
        raise InvalidInput(refused)
    return Prepared(settle(capabilities, value), tuple(issues))


def _stands(issue: Issue, accept_loss: Collection[str] | str) -> bool:
    if issue.effect is Effect.DROPPED:
        return not is_loss_accepted(issue, accept_loss)
    return blocks(issue)


def blocks(issue: Issue) -> bool:
    """Tell whether an issue blocks the write itself, and not only a later submission."""
    return issue.effect is Effect.BLOCKED and issue.rule != SUBMIT


@attrs.frozen
class _Finder:
    capabilities: Capabilities
    changing: bool
    kyc_passed: bool
    today: date | None

    def fields(self, value: Any, kind: type, path: str) -> Iterator[Issue]:
        rules = self.capabilities.rules(kind)
        for field in attrs.fields(type(value)):
            given = getattr(value, field.name)
            if field.name in NOT_RULED or given is UNSET:
                continue
            rule = rules.get(field.name, UNDECLARED)
            place = _Place(path + field.name, rule, self.capabilities.title)
            if self.changing and not path:
                yield from self._change(place, given)
            if is_absent(given):
                yield from self._absent(place, value)
            elif rule.create == "refused" and given != field.default:
                yield from _refused(place, given)
            elif rule.create != "refused":
                yield from self._given(place, value, given)

    def _change(self, place: _Place, given: Any) -> Iterator[Issue]:
        rule = place.rule
        if rule.update == "never":
            yield place.blocked("update=never", "cannot be changed")
        elif rule.update == "before_kyc" and self.kyc_passed:
            yield from _after_kyc(place, given)

    def _absent(self, place: _Place, value: Any) -> Iterator[Issue]:
        rule = place.rule
        if self.changing and "." not in place.name:
            if not rule.clearable and rule.update != "never":
                yield place.blocked("clear", "cannot be cleared")
        elif default_of(rule, value) is not None:
            said = f"is missing: {rule.note or 'the declared default is written'}"
            yield place.issue(Effect.DEFAULTED, "default", said)
        elif rule.meant is not None and rule.read == "returned":
            said = f"is missing: it will read as {_named(rule.meant)}"
            yield place.issue(Effect.DEFAULTED, "implied", said)
        elif rule.create == "required" and not place.name.endswith(".primary"):
            yield place.blocked("create=required", "is required and missing")
        elif rule.submit == "required":
            yield place.blocked(SUBMIT, "is missing, and required to submit it")

    def _given(self, place: _Place, value: Any, given: Any) -> Iterator[Issue]:
        if place.rule.changed:
            yield place.issue(Effect.CHANGED, "changed", place.rule.changed)
        if isinstance(given, tuple):
            yield from self._items(place, given)
        elif isinstance(given, Ssn) and not _is_whole(place.rule, given):
            yield _masked_ssn(place)
        elif isinstance(given, Enum):
            yield from _member(place, given)
        elif isinstance(given, date):
            yield from self._birth(place, given)
        elif isinstance(given, str):
            yield from _text(place, given, getattr(value, "country", None))
        elif attrs.has(type(given)):
            yield from self.fields(given, type(given), place.name + ".")

    def _birth(self, place: _Place, given: date) -> Iterator[Issue]:
        if self.today and (message := birth_date_problem(given, self.today)):
            yield Issue(place.name, Effect.BLOCKED, "birth", "anybank", message)

    def _items(self, place: _Place, items: Sequence[Any]) -> Iterator[Issue]:
        order = _order(items)
        fewest, most = place.rule.items or (0, None)
        if len(items) < fewest:
            yield place.blocked(f"items>={fewest}", f"needs at least {fewest}")
        yield from _beyond(place, order, most)
        for index in sorted(order[:most]):
            item = items[index]
            here = attrs.evolve(place, name=f"{place.name}[{index}]")
            if isinstance(item, str):
                yield from _text(here, item)
            elif attrs.has(type(item)):
                yield from self.fields(item, type(item), here.name + ".")
        if items and isinstance(items[0], Address):
            yield from self._primary(place, items)

    def _primary(self, place: _Place, addresses: Sequence[Address]) -> Iterator[Issue]:
        rule = self.capabilities.rule(Address, "primary")
        only_secondary = self.changing and self.kyc_passed
        if rule.create != "required" or only_secondary or _has_primary(addresses):
            return
        yield place.blocked("primary", "need one that is marked primary")


@attrs.frozen
class _Place:
    """A field, its rule, and whose rule it is."""

    name: str
    rule: FieldRule
    vendor: str

    def issue(self, effect: Effect, rule: str, said: str) -> Issue:
        message = f"{said} ({self.vendor})"
        return Issue(self.name, effect, rule, self.rule.source, message)

    def blocked(self, rule: str, said: str) -> Issue:
        note = f": {self.rule.note}" if self.rule.note else ""
        return self.issue(Effect.BLOCKED, rule, said + note)

    def misfit(self, rule: str, said: str) -> Issue:
        if self.rule.misfit == "blocked":
            return self.blocked(rule, said)
        return self.dropped(rule, f"{said}, so it would be left out")

    def dropped(self, rule: str, said: str) -> Issue:
        way_out = f"accept_loss={{{without_indexes(self.name)!r}}} goes without it"
        return self.issue(Effect.DROPPED, rule, f"{said}; {way_out}")


def is_absent(given: object) -> bool:
    """Tell whether a field has nothing to write: no value, no items, kind UNKNOWN."""
    if given is None or given == ():
        return True
    return isinstance(given, Enum) and given.name == "UNKNOWN"


def default_of(rule: FieldRule, value: Any) -> Any:
    """Return what is written for a field that a person lacks, or None."""
    if rule.default_from:
        return getattr(value, rule.default_from, None) or None
    return rule.default


def _refused(place: _Place, given: Any) -> Iterator[Issue]:
    implied = place.rule.implied
    if isinstance(implied, Implied) or given == implied:
        return
    if given in (place.rule.values or ()):
        said = f"{given.name} is taken for {_named(implied)}"
        yield place.issue(Effect.CHANGED, "values", said)
    elif implied is not None:
        yield place.misfit(f"implied={implied}", f"can only be {_named(implied)}")
    else:
        yield place.dropped("create=refused", "is not taken")


def _named(implied: Any) -> str:
    return implied.name if isinstance(implied, Enum) else str(implied)


def _after_kyc(place: _Place, given: Any) -> Iterator[Issue]:
    """Refuse what is fixed once KYC is passed; secondary addresses are not."""
    if place.name != "addresses" or place.rule.when == "":
        yield place.blocked("update=before_kyc", "cannot be changed after KYC")
        return
    for index, address in enumerate(given or ()):
        if is_primary(address, alone=len(given) == 1):
            here = attrs.evolve(place, name=f"addresses[{index}]")
            yield here.blocked(
                "update=before_kyc", "the primary one is fixed after KYC"
            )


def is_primary(address: Address, *, alone: bool) -> bool:
    """Tell whether an address is the primary one: marked so, or alone and unmarked."""
    return alone if address.primary is None else address.primary


def _has_primary(addresses: Sequence[Address]) -> bool:
    alone = len(addresses) == 1
    return any(is_primary(address, alone=alone) for address in addresses)


def _order(items: Sequence[Any]) -> Sequence[int]:
    """Return the places of items in the order in which they are written."""
    places = range(len(items))
    if not items or not isinstance(items[0], Address):
        return places
    alone = len(items) == 1
    return sorted(places, key=lambda at: not is_primary(items[at], alone=alone))


def _beyond(place: _Place, order: Sequence[int], most: int | None) -> Iterator[Issue]:
    for index in [] if most is None else sorted(order[most:]):
        here = attrs.evolve(place, name=f"{place.name}[{index}]")
        yield here.dropped(f"items<={most}", f"is one more than the {most} taken")


def _masked_ssn(place: _Place) -> Issue:
    said = "is a mask: supply the full number from your own store"
    if place.rule.create == "required":
        return place.blocked("full number", said)
    return place.dropped("full number", said)


def _member(place: _Place, given: Enum) -> Iterator[Issue]:
    rule = place.rule
    if rule.values is None:
        return
    if given not in rule.values:
        known = ", ".join(member.name for member in rule.values)
        yield place.misfit("values", f"has no word for {given.name}, only for {known}")
    elif (reads_as := rule.member(rule.values[given])) is not given:
        said = f"{given.name} is written as {reads_as.name}"
        yield place.issue(Effect.CHANGED, "values", said)


def _text(place: _Place, given: str, country: str | None = None) -> Iterator[Issue]:
    spelling = fit_text(place.rule, given, country)
    if spelling is None:
        yield place.misfit(*(text_problem(place.rule, given, country) or ("", "")))
    elif spelling != given:
        yield place.issue(Effect.CHANGED, "spelling", RESPELLED)


def settle(capabilities: Capabilities, value: T) -> T:
    """Return the value as it will be written, all losses taken as accepted."""
    kind = type(value)
    rules = capabilities.rules(rules_of(value))
    if not rules:
        return value
    settled: dict[str, Any] = {}
    for field in attrs.fields(kind):  # type: ignore[arg-type] # an attrs value
        given = getattr(value, field.name)
        if field.name not in NOT_RULED and given is not UNSET:
            rule = rules.get(field.name, UNDECLARED)
            given = _settled(
                capabilities, rule, given, value=value, default=field.default
            )
        settled[field.name] = given
    made: T = unchecked(kind, settled)
    return made


def _settled(
    capabilities: Capabilities,
    rule: FieldRule,
    given: Any,
    *,
    value: Any,
    default: Any,
) -> Any:
    changing = type(value) in UPDATES
    if is_absent(given) and not changing:
        kept = (default_of(rule, value), rule.meant, given)
        return next((each for each in kept if each is not None), None)
    if rule.create == "refused":
        return given if rule.implied is not None else default
    if isinstance(given, tuple):
        return _settled_items(capabilities, rule, given)
    kept = _kept(rule, given, getattr(value, "country", None))
    lost = kept is None and given is not None
    return UNSET if lost and changing else kept


def _kept(rule: FieldRule, given: Any, country: str | None = None) -> Any:
    """Return a value as it keeps its rule; None for one that does not: it is left out."""
    if isinstance(given, Ssn):
        return given if _is_whole(rule, given) else None
    if not isinstance(given, str) or isinstance(given, Enum):
        return given
    return fit_text(rule, given, country)


def _is_whole(rule: FieldRule, ssn: Ssn) -> bool:
    return rule.masks or not ssn.is_masked


def _settled_items(capabilities: Capabilities, rule: FieldRule, items: Any) -> Any:
    _, most = rule.items or (0, None)
    marked = (_marked(items[at], alone=len(items) == 1) for at in _order(items)[:most])
    kept = (_kept(rule, item) for item in marked)
    return tuple(settle(capabilities, item) for item in kept if item is not None)


def _marked(item: Any, *, alone: bool) -> Any:
    """Return an address that says whether it is the primary one; other items as are."""
    if not isinstance(item, Address) or item.primary is not None:
        return item
    return attrs.evolve(item, primary=alone)
