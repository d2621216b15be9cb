"""Find what a migration changes in each field of a customer, from two declarations.

The rules of a field at the source are compared with those at the target; no vendor is
called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from attrs import frozen

from ..errors import NO_REMEDY, Effect, Issue, Remedy
from ..model._fields import spelling_of
from ..model.customers import NewCustomer
from ..model.values import item_types
from .vocabulary import NOT_RULED, Capabilities, FieldRule, Implied


@frozen
class _Pair:
    """A field, its rules at the source and the target, and the titles of the two."""

    field: str
    source: FieldRule
    target: FieldRule
    titles: tuple[str, str]

    @property
    def is_held(self) -> bool:
        """True where the source can have a value: written to it, or implied."""
        return self.source.create != "refused" or self.source.implied is not None

    @property
    def can_arrive(self) -> bool:
        """True where at least some values can be written to the target."""
        return self.is_held and self.target.create != "refused"

    @property
    def is_returned(self) -> bool:
        """True where the source returns the value in full."""
        return self.source.read == "returned" or self.source.implied is not None

    def issue(
        self, effect: Effect, rule: str, message: str, remedy: Remedy = NO_REMEDY
    ) -> Issue:
        return Issue(self.field, effect, rule, self.target.source, message, remedy)

    def dropped(self, rule: str, message: str) -> Issue:
        remedy = Remedy(self.target.note, accept_loss=self.field)
        return self.issue(Effect.DROPPED, rule, message, remedy)

    def narrowed(self, rule: str, message: str) -> Issue:
        """Return the issue of values that the target does not accept."""
        if self.target.misfit == "dropped":
            return self.dropped(rule, message)
        advice = self.target.note or "correct these values at the source"
        return self.issue(Effect.NARROWED, rule, message, Remedy(advice))

    def missing(self, rule: str, message: str) -> Issue:
        return self.issue(Effect.MISSING, rule, message, Remedy(_supply(self)))


def field_changes(source: Capabilities, target: Capabilities) -> Iterator[Issue]:
    """Yield an issue for each field of a customer that does not arrive unchanged."""
    pairs = {pair.field: pair for pair in _pairs(source, target, NewCustomer)}
    for pair in pairs.values():
        yield from _compare(pair)
    for name, kind in item_types(NewCustomer).items():
        if pairs[name].can_arrive:
            for pair in _pairs(source, target, kind, f"{name}."):
                yield from _compare(pair)


def _pairs(
    source: Capabilities, target: Capabilities, kind: type, path: str = ""
) -> Iterator[_Pair]:
    titles = (source.title, target.title)
    for name in (field.name for field in attrs.fields(kind)):
        if name not in NOT_RULED:
            before, after = source.rule(kind, name), target.rule(kind, name)
            yield _Pair(path + name, before, after, titles)


def _compare(pair: _Pair) -> Iterator[Issue]:
    if pair.target.create == "refused":
        yield from _refused(pair) if pair.is_held else ()
    elif not pair.is_held:
        yield from _absent(pair, "the source has none")
    else:
        yield from _written(pair)


def _written(pair: _Pair) -> Iterator[Issue]:
    if not pair.is_returned:
        yield from _not_returned(pair)
    elif pair.source.create == "optional" and not _fills(pair.source):
        yield from _absent(pair, "some customers have none")
    if pair.target.changed:
        yield pair.issue(Effect.CHANGED, "changed", pair.target.changed)
    yield from _members(pair)
    yield from _texts(pair)
    yield from _counts(pair)
    yield from _afterwards(pair)


def _absent(pair: _Pair, reason: str) -> Iterator[Issue]:
    target = pair.target
    if _fills(target):
        yield pair.issue(Effect.DEFAULTED, "default", f"{reason}: {_default(target)}")
    # An address without a mark is no problem by itself: a single one is the primary
    # one.
    elif target.create == "required" and not pair.field.endswith(".primary"):
        message = f"{pair.titles[1]} requires {_one_of(pair)}, and {reason}"
        yield pair.missing("create=required", message)


def _one_of(pair: _Pair) -> str:
    """Return the field that a target requires, with those that it accepts in its place."""
    return " or ".join(("it", *pair.target.alternatives(pair.field)))


def _fills(rule: FieldRule) -> bool:
    """Return whether a default is written for a field without a value."""
    return bool(rule.default_from) or rule.default is not None


def _default(rule: FieldRule) -> str:
    if rule.default_from:
        return f"a copy of {rule.default_from} is written"
    name = getattr(rule.default, "name", None)
    return f"{name or repr(rule.default)} is written"


def _supply(pair: _Pair) -> str:
    """Return how to supply a field: a supplement has columns only for some of them."""
    name, _, part = pair.field.partition(".")
    has_column = spelling_of(attrs.fields_dict(NewCustomer)[name]) is not None
    supplied = has_column != bool(part)
    column = f"add a column {pair.field} to the supplement"
    steps = (column if supplied else "add it at the source", pair.target.note)
    return "; ".join(filter(None, steps))


def _not_returned(pair: _Pair) -> Iterator[Issue]:
    how = pair.source.read
    message = f"{pair.titles[0]} {_RETURNS[how]}"
    if pair.target.create == "required":
        message = f"{message}, and {pair.titles[1]} requires {_one_of(pair)}"
    elif how == "masked" and pair.target.masks:
        message = f"{message}: without a supplement the mask is written"
    else:
        message = f"{message}: without a supplement it is not written"
    yield pair.missing(f"read={how}", message)


def _refused(pair: _Pair) -> Iterator[Issue]:
    implied = pair.target.implied
    if pair.target.changed:
        yield pair.issue(Effect.CHANGED, "changed", pair.target.changed)
    elif implied is None:
        yield pair.dropped("create=refused", f"{pair.titles[1]} does not support it")
    elif not isinstance(implied, Implied) and not _only(pair.source, implied):
        yield pair.narrowed(f"implied={implied}", f"only {implied} is supported")


def _only(rule: FieldRule, implied: object) -> bool:
    """Return whether the source has no value but the one that the target implies."""
    return rule.create == "refused" and rule.implied == implied


def _members(pair: _Pair) -> Iterator[Issue]:
    target = pair.target
    if not target.values:
        return
    members = _returned_members(pair.source, type(next(iter(target.values))))
    if unknown := [member.name for member in members if member not in target.values]:
        yield pair.narrowed("values", f"{', '.join(unknown)} is not supported")
    known = [(member, _read_back(target, member)) for member in members]
    changed = [
        f"{was.name} is written as {now.name}"
        for was, now in known
        if now not in (None, was)
    ]
    if changed:
        yield pair.issue(Effect.CHANGED, "values", ", ".join(changed))


def _returned_members(rule: FieldRule, kind: Any) -> list[Any]:
    """Return the members that the source can return: all where it declares no values."""
    if rule.values is None:
        return [member for member in kind if member.name != "UNKNOWN"]
    return list(dict.fromkeys(rule.member(word) for _, word in rule.words))


def _read_back(rule: FieldRule, member: Any) -> Any:
    word = rule.word(member)  # two members may share a word: the other is then returned
    return None if word is None else rule.member(word)


def _texts(pair: _Pair) -> Iterator[Issue]:
    source, target = pair.source, pair.target
    if target.length and not _within(source.length, target.length):
        fewest, most = target.length
        message = f"must have {fewest} to {most} characters"
        yield pair.narrowed(f"length={fewest}-{most}", message)
    if _other_pattern(source, target):
        message = f"must be {target.pattern_note or f'of the form {target.pattern}'}"
        yield pair.narrowed("pattern", message)


def _within(inner: tuple[int, int] | None, outer: tuple[int, int]) -> bool:
    return inner is not None and outer[0] <= inner[0] and inner[1] <= outer[1]


def _other_pattern(source: FieldRule, target: FieldRule) -> bool:
    """Return whether a text may pass the source's pattern and not the target's.

    Any two different patterns count: whether one includes the other is not computed.
    """
    countries = (None, *source.pattern_in, *target.pattern_in)
    pairs = ((_pattern(source, at), _pattern(target, at)) for at in countries)
    return any(theirs is not None and theirs != ours for ours, theirs in pairs)


def _pattern(rule: FieldRule, country: str | None) -> str | None:
    return rule.pattern_in.get(country or "", rule.pattern)


def _counts(pair: _Pair) -> Iterator[Issue]:
    fewest, most = pair.target.items or (0, None)
    at_least, at_most = pair.source.items or (0, None)
    if most is not None and (at_most is None or at_most > most):
        message = "only the first is written" if most == 1 else f"at most {most}"
        yield pair.dropped(f"items<={most}", message)
    if fewest > max(at_least, 1):  # an absent list is reported by `_absent`
        yield pair.narrowed(f"items>={fewest}", f"at least {fewest} are needed")


_READ = ("never", "masked", "returned")
_UPDATE = ("never", "before_kyc", "always")
_RETURNS = {"never": "never returns it", "masked": "returns it masked"}
_CHANGES = {
    "never": "can never be changed",
    "before_kyc": "cannot be changed after KYC",
}


def _afterwards(pair: _Pair) -> Iterator[Issue]:
    """Yield the fields that can be read or changed less at the target than before."""
    source, target = pair.source, pair.target
    if target.implied is None and _less(_READ, source.read, target.read):
        message = f"{pair.titles[1]} {_RETURNS[target.read]}"
        remedy = Remedy("cannot be verified by reading back; keep your own copy")
        yield pair.issue(Effect.UNREADABLE, f"read={target.read}", message, remedy)
    if _less(_UPDATE, source.update, target.update):
        when = f" ({target.when})" if target.when else ""
        message = _CHANGES[target.update] + when
        yield pair.issue(Effect.FIXED, f"update={target.update}", message)


def _less(order: Iterable[str], before: str, after: str) -> bool:
    ranks = list(order)
    return ranks.index(after) < ranks.index(before)
