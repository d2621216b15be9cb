"""What becomes of each field of a customer on the way from one vendor to another.

Each field's rule at the source is compared with the one at the target: nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

import attrs
from attrs import frozen

from ..model.addresses import Address
from ..model.customers import NewCustomer
from ..model.phones import Phone
from .vocabulary import NOT_RULED, Capabilities, FieldRule, Implied


class Verdict(StrEnum):
    """What becomes of a field on the way."""

    LOST = "lost"
    """The source has it and the target does not take it, or not all of it."""
    MISSING = "missing"
    """The source does not tell it in full: it must be supplied."""
    NARROWED = "narrowed"
    """Some values that the source allows are blocked at the target."""
    CHANGED = "changed"
    """The target keeps it in another form."""
    DEFAULTED = "defaulted"
    """The target needs it, and is given a declared default."""
    UNREADABLE = "unreadable"
    """The target takes it and tells less of it than the source does."""
    FIXED = "fixed"
    """It can be changed less at the target than at the source."""


@frozen
class Finding:
    """A field that a move does something to, the rule that does it, and what helps.

    `field` is our name without indexes (`addresses.line2`), `source` the page of the
    vendor that has the rule.
    """

    field: str
    verdict: Verdict
    rule: str
    message: str
    remedy: str = ""
    source: str = ""


_LISTED: dict[str, type] = {"addresses": Address, "phones": Phone}
"""The lists of a customer whose items have rules of their own."""


@frozen
class _Pair:
    """One field, the rules of both sides, and the names of the vendors."""

    field: str
    source: FieldRule
    target: FieldRule
    titles: tuple[str, str]

    @property
    def held(self) -> bool:
        """True where the source has it of a customer: given to it, or implied."""
        return self.source.create != "refused" or self.source.implied is not None

    @property
    def travels(self) -> bool:
        """True where something of it can arrive: the items of a list do then, too."""
        return self.held and self.target.create != "refused"

    @property
    def told(self) -> bool:
        """True where the source tells it in full."""
        return self.source.read == "returned" or self.source.implied is not None

    def found(
        self, verdict: Verdict, rule: str, said: str, remedy: str = ""
    ) -> Finding:
        return Finding(self.field, verdict, rule, said, remedy, self.target.source)

    @property
    def consent(self) -> str:
        note = self.target.note and f"{self.target.note}; or "
        return f"{note}--accept-loss {self.field}"

    def blocked(self, rule: str, said: str) -> Finding:
        """Return the finding of values that do not fit: blocked, or left out."""
        if self.target.misfit == "dropped":
            return self.found(Verdict.LOST, rule, f"{said}; left out", self.consent)
        remedy = self.target.note or "change those at the source, or leave them there"
        return self.found(Verdict.NARROWED, rule, said, remedy)


def findings(source: Capabilities, target: Capabilities) -> Iterator[Finding]:
    """Find what a move does to the fields, value by value and field by field."""
    pairs = {pair.field: pair for pair in _pairs(source, target, NewCustomer)}
    for pair in pairs.values():
        yield from _compare(pair)
    for name, kind in _LISTED.items():
        if pairs[name].travels:
            for pair in _pairs(source, target, kind, f"{name}."):
                yield from _compare(pair)


def _pairs(
    source: Capabilities, target: Capabilities, kind: type, place: str = ""
) -> Iterator[_Pair]:
    titles = (source.title, target.title)
    for name in (each.name for each in attrs.fields(kind)):
        if name not in NOT_RULED:
            before, after = source.rule(kind, name), target.rule(kind, name)
            yield _Pair(place + name, before, after, titles)


def _compare(pair: _Pair) -> Iterator[Finding]:
    if pair.target.create == "refused":
        yield from _refused(pair) if pair.held else ()
    elif not pair.held:
        yield from _lacking(pair, "nobody has one at the source")
    else:
        yield from _written(pair)


def _written(pair: _Pair) -> Iterator[Finding]:
    if not pair.told:
        yield from _untold(pair)
    elif pair.source.create == "optional" and not _fills(pair.source):
        yield from _lacking(pair, "some have none at the source")
    if pair.target.changed:
        yield pair.found(Verdict.CHANGED, "changed", pair.target.changed)
    yield from _members(pair)
    yield from _texts(pair)
    yield from _counts(pair)
    yield from _afterwards(pair)


def _lacking(pair: _Pair, who: str) -> Iterator[Finding]:
    target = pair.target
    if _fills(target):
        yield pair.found(Verdict.DEFAULTED, "default", f"{who}: {_default(target)}")
    elif target.create == "required" and not pair.field.endswith(".primary"):
        said = f"{pair.titles[1]} requires it, and {who}"
        yield pair.found(Verdict.MISSING, "create=required", said, _supply(pair))


def _fills(rule: FieldRule) -> bool:
    """Tell whether a field that a person lacks is filled in."""
    return bool(rule.default_from) or rule.default is not None


def _default(rule: FieldRule) -> str:
    if rule.default_from:
        return f"a copy of {rule.default_from} is written"
    name = getattr(rule.default, "name", None)
    return f"{name or repr(rule.default)} is written"


def _supply(pair: _Pair) -> str:
    """Say where it can come from: a supplement has no column for parts of other lists."""
    is_part = pair.field.startswith("addresses.")
    supplied = is_part or (pair.field != "addresses" and "." not in pair.field)
    place = f"a column {pair.field} in the supplement"
    return "; ".join(
        filter(None, (place if supplied else _AT_THE_SOURCE, pair.target.note))
    )


_AT_THE_SOURCE = "add it at the source, or leave those there"


def _untold(pair: _Pair) -> Iterator[Finding]:
    how = pair.source.read
    said = f"{pair.titles[0]} {_TELLS[how]}"
    if pair.target.create == "required":
        said = f"{said}, and {pair.titles[1]} requires it"
    elif how == "masked" and pair.target.masks:
        said = f"{said}: without a supplement the mask is kept"
    else:
        said = f"{said}: without a supplement it is left behind"
    yield pair.found(Verdict.MISSING, f"read={how}", said, _supply(pair))


def _refused(pair: _Pair) -> Iterator[Finding]:
    implied = pair.target.implied
    if implied is None:
        said = f"{pair.titles[1]} does not take it"
        yield pair.found(Verdict.LOST, "create=refused", said, pair.consent)
    elif not isinstance(implied, Implied) and not _only(pair.source, implied):
        yield pair.blocked(f"implied={implied}", f"only {implied} can be kept")


def _only(rule: FieldRule, implied: object) -> bool:
    """Tell whether a source can have nothing but what the target implies."""
    return rule.create == "refused" and rule.implied == implied


def _members(pair: _Pair) -> Iterator[Finding]:
    target = pair.target
    if not target.values:
        return
    told = _told_members(pair.source, type(next(iter(target.values))))
    if unknown := [member.name for member in told if member not in target.values]:
        said = f"there is no word for {', '.join(unknown)}"
        yield pair.blocked("values", said)
    known = [(member, _read_back(target, member)) for member in told]
    moved = [
        f"{was.name} as {now.name}" for was, now in known if now not in (None, was)
    ]
    if moved:
        said = f"written: {', '.join(moved)}"
        yield pair.found(Verdict.CHANGED, "values", said)


def _told_members(rule: FieldRule, kind: Any) -> list[Any]:
    """Return the members that a source may tell; all of them where it names no words."""
    if rule.values is None:
        return [member for member in kind if member.name != "UNKNOWN"]
    return list(dict.fromkeys(rule.member(word) for _, word in rule.words))


def _read_back(rule: FieldRule, member: Any) -> Any:
    word = rule.word(member)
    return None if word is None else rule.member(word)


def _texts(pair: _Pair) -> Iterator[Finding]:
    source, target = pair.source, pair.target
    if target.length and not _within(source.length, target.length):
        fewest, most = target.length
        said = f"only {fewest} to {most} characters fit"
        yield pair.blocked(f"length={fewest}-{most}", said)
    if _other_pattern(source, target):
        said = f"only {target.pattern_note or f'the form {target.pattern}'}"
        yield pair.blocked("pattern", said)


def _within(inner: tuple[int, int] | None, outer: tuple[int, int]) -> bool:
    return inner is not None and outer[0] <= inner[0] and inner[1] <= outer[1]


def _other_pattern(source: FieldRule, target: FieldRule) -> bool:
    """Tell whether a text may pass the source's pattern and not the target's.

    Whether one pattern allows more than another is not computed: another is another.
    """
    places = (None, *source.pattern_in, *target.pattern_in)
    pairs = ((_pattern(source, at), _pattern(target, at)) for at in places)
    return any(theirs is not None and theirs != ours for ours, theirs in pairs)


def _pattern(rule: FieldRule, country: str | None) -> str | None:
    return rule.pattern_in.get(country or "", rule.pattern)


def _counts(pair: _Pair) -> Iterator[Finding]:
    fewest, most = pair.target.items or (0, None)
    at_least, at_most = pair.source.items or (0, None)
    if most is not None and (at_most is None or at_most > most):
        said = "only the first is taken" if most == 1 else f"only {most} are taken"
        yield pair.found(Verdict.LOST, f"items<={most}", said, pair.consent)
    if fewest > max(at_least, 1):
        yield pair.blocked(f"items>={fewest}", f"at least {fewest} are needed")


_READ = ("never", "masked", "returned")
_UPDATE = ("never", "before_kyc", "always")
_TELLS = {"never": "never tells it", "masked": "tells it masked"}
_CHANGES = {
    "never": "can never be changed",
    "before_kyc": "cannot be changed after KYC",
}


def _afterwards(pair: _Pair) -> Iterator[Finding]:
    """Find what is less than before once a customer has moved."""
    source, target = pair.source, pair.target
    if target.implied is None and _less(_READ, source.read, target.read):
        said = f"{pair.titles[1]} {_TELLS[target.read]}"
        remedy = "cannot be verified by reading back; keep your own copy"
        yield pair.found(Verdict.UNREADABLE, f"read={target.read}", said, remedy)
    if _less(_UPDATE, source.update, target.update):
        when = f" ({target.when})" if target.when else ""
        said = _CHANGES[target.update] + when
        yield pair.found(Verdict.FIXED, f"update={target.update}", said)


def _less(order: Iterable[str], before: str, after: str) -> bool:
    ranks = list(order)
    return ranks.index(after) < ranks.index(before)
