"""What an application uses that a bank does not have, by comparison with declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from .source_uses import SourceUses, UseKind
from .vocabulary import Capabilities, FieldRule


@frozen(kw_only=True)
class PortabilityGap:
    """Something that an application uses and that some of the banks do not have.

    `places` are `file:line`. `lacking` has the reason for each bank that lacks it. A gap is
    `handled` if the application asks with `supports` before it uses a feature, or accepts
    the loss of a field.
    """

    kind: UseKind
    name: str
    places: tuple[str, ...]
    lacking: Mapping[str, str] = field(hash=False)
    handled: bool = False


def gaps(
    files: Mapping[str, SourceUses], banks: Sequence[Capabilities]
) -> tuple[PortabilityGap, ...]:
    """Return what not every one of the banks has, those that are not handled first."""
    missing = [*_used(files, banks), *_required(files, banks)]
    return tuple(sorted(missing, key=lambda gap: (gap.handled, gap.kind, gap.name)))


def value_kinds(banks: Iterable[Capabilities]) -> frozenset[str]:
    """Return the names of the values for whose fields a bank declares rules."""
    return frozenset(kind.__name__ for bank in banks for kind in bank.fields)


def _used(
    files: Mapping[str, SourceUses], banks: Sequence[Capabilities]
) -> Iterator[PortabilityGap]:
    places: dict[tuple[UseKind, str], list[str]] = {}
    for path, uses in files.items():
        for use in uses.uses:
            places.setdefault((use.kind, use.name), []).append(f"{path}:{use.line}")
    guarded = {name for uses in files.values() for name in uses.guarded}
    accepted = {name for uses in files.values() for name in uses.accepted}
    for (kind, name), where in places.items():
        lacking = dict(_lacking(kind, name, banks))
        if not lacking:
            continue
        is_handled = name in guarded or (
            kind is UseKind.FIELD and _is_accepted(name, accepted)
        )
        yield PortabilityGap(
            kind=kind,
            name=name,
            places=tuple(dict.fromkeys(where)),
            lacking=lacking,
            handled=is_handled,
        )


def _is_accepted(name: str, accepted: set[str]) -> bool:
    """Return whether the loss of a field is accepted; an item's field has a longer name."""
    field_name = name.partition(".")[2]
    ends = {loss.rpartition(".")[2] for loss in accepted}
    return "all" in accepted or field_name in accepted | ends


def _lacking(
    kind: UseKind, name: str, banks: Sequence[Capabilities]
) -> Iterator[tuple[str, str]]:
    """Yield each bank that lacks what is used, with the reason."""
    for bank in banks:
        if kind is UseKind.FEATURE:
            rule = bank.feature(name)
            reason = "" if rule.works else rule.reason
        elif kind is UseKind.FIELD:
            reason = _field_reason(bank, name)
        elif kind is UseKind.EXTRAS:
            reason = "" if name == bank.provider else f"belongs to {name} alone"
        else:
            reason = _RAW_REASON if len(banks) > 1 else ""
        if reason:
            yield bank.provider, reason


_RAW_REASON = "is in the words of one vendor, which no declaration describes"


def _field_reason(bank: Capabilities, name: str) -> str:
    kind, _, field_name = name.partition(".")
    rule = _rules(bank, kind).get(field_name)
    if rule is None or rule.is_accepted or rule.implied is not None:
        return ""
    return _reason("is not stored", rule)


def _rules(bank: Capabilities, kind: str) -> Mapping[str, FieldRule]:
    return next((its for of, its in bank.fields.items() if of.__name__ == kind), {})


def _reason(problem: str, rule: FieldRule) -> str:
    source = rule.source and f"see {rule.source}"
    return "; ".join(filter(None, (problem, rule.note, source)))


def _required(
    files: Mapping[str, SourceUses], banks: Sequence[Capabilities]
) -> Iterator[PortabilityGap]:
    """Yield each field that some bank requires and that a call does not pass."""
    places: dict[str, list[str]] = {}
    lacking: dict[str, dict[str, str]] = {}
    for path, uses in files.items():
        for line, kind, passed in uses.built:
            if passed is None:  # the call may pass more than is written out
                continue
            for bank in banks:
                for name, rule in _missing(bank, kind, passed):
                    full = f"{kind}.{name}"
                    places.setdefault(full, []).append(f"{path}:{line}")
                    reason = _reason("is required and not passed", rule)
                    lacking.setdefault(full, {})[bank.provider] = reason
    for full, where in places.items():
        yield PortabilityGap(
            kind=UseKind.FIELD,
            name=full,
            places=tuple(dict.fromkeys(where)),
            lacking=lacking[full],
        )


def _missing(
    bank: Capabilities, kind: str, passed: frozenset[str]
) -> Iterator[tuple[str, FieldRule]]:
    for name, rule in _rules(bank, kind).items():
        is_filled = rule.default is not None or rule.default_from is not None
        # A single address is the primary one without a mark.
        is_required = rule.create == "required" and name != "primary"
        others = rule.alternatives(name)
        if is_required and not is_filled and passed.isdisjoint((name, *others)):
            yield name, rule
