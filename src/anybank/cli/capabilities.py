"""`anybank capabilities`: the declaration of a bank, as tables or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import click
from attrs import define, field

from ..adapter.base import Adapter
from ..adapter.options import CREDENTIAL, HELP, variable
from ..declaration.diff import creation_verifies
from ..declaration.idempotency import Idempotency
from ..declaration.sources import address_of, day_of
from ..declaration.vocabulary import Capabilities, FieldRule, Implied
from ..model.features import Feature
from ..plugins import find
from .bank_declaration import declaration, options
from .output import emit_json, heading, line, paragraph, table


@click.command()
@click.argument("bank")
@click.option(
    "--json", "as_json", is_flag=True, help="Write the whole declaration as JSON."
)
def capabilities(bank: str, *, as_json: bool) -> None:
    """Show what BANK supports, and which fields it accepts and returns, with sources.

    anybank checks every call against this data before it sends anything. The policies
    that are set in the environment are applied. The command sends no request.
    """
    declared, adapter = declaration(bank), find(bank).adapter
    if as_json:
        emit_json(_document(declared, adapter))
        return
    heading(f"{declared.title} ({bank})")
    if declared.status is not None:
        paragraph(f"{declared.status}.", indent="  ")
    for note in declared.notes:
        paragraph(note, indent="  ")
    if declared.create_verifies:
        paragraph(f"{creation_verifies(declared)}.", indent="  ")
    line()
    sources = _Sources()
    _features(declared, sources)
    for kind in declared.fields:
        _fields(declared, kind, sources)
    _extras(declared)
    _never_returned(declared, sources)
    _limits(declared, sources)
    _options(bank, adapter)
    table("Sources", ("", "page", "address"), sources.rows())


@define
class _Sources:
    """Numbers the pages that rules come from, which are too long for a table."""

    numbers: dict[str, int] = field(factory=dict)

    def number(self, source: str) -> str:
        if not source:
            return ""
        return str(self.numbers.setdefault(source, len(self.numbers) + 1))

    def rows(self) -> list[tuple[str, str, str]]:
        return [
            (str(number), source, f"{address_of(source)} {day_of(source)}".strip())
            for source, number in self.numbers.items()
        ]


def _document(declared: Capabilities, adapter: type[Adapter]) -> dict[str, Any]:
    fields = {
        field.name: getattr(declared, field.name)
        for field in attrs.fields(Capabilities)
    }
    features = {feature: declared.feature(feature) for feature in Feature}
    names = [option.name for option in options(adapter)]
    extras = {
        kind.__name__: {"class": own.__name__, "fields": names}
        for kind, own, names in own_fields(declared)
    }
    return {**fields, "features": features, "options": names, "extras": extras}


def _features(declared: Capabilities, sources: _Sources) -> None:
    rows = []
    for feature in Feature:
        rule = declared.feature(feature)
        # Only an operation that can be called has an answer to this.
        when_repeated = rule.support.works and effect_of_repeating(rule.idempotency)
        rows.append(
            (
                feature.value,
                rule.support.value.replace("_", " "),
                when_repeated or "",
                rule.remarks,
                sources.number(rule.source),
            )
        )
    columns = ("feature", "support", "when repeated", "note", "page")
    table("Features", columns, rows)


_REPEATED = {
    "safe": "safe",
    "natural": "same effect",
    "replays": "same response",
    "rejects_duplicate": "rejected",
    "none": "happens twice",
}


def effect_of_repeating(rule: Idempotency) -> str:
    """Return in words what happens when an operation is sent twice."""
    effect = _REPEATED.get(rule.kind) or f"happens twice; lookup by {rule.reference}"
    limits = [f"key in {rule.header}"] if rule.header else []
    if rule.lifetime:
        limits.append(f"for {rule.lifetime / 3600:g} h")
    if rule.kind != "client_reference" and rule.lookup_field:
        limits.append(f"lookup by {rule.lookup_field}")
    return " ".join((effect, *(f"({limit})" for limit in limits)))


def _fields(declared: Capabilities, kind: type, sources: _Sources) -> None:
    columns = ("field (theirs)", "create", "read", "update", "rules", "page")
    rows = [
        (*field_row(name, rule), sources.number(rule.source))
        for name, rule in declared.rules(kind).items()
    ]
    table(kind.__name__, columns, rows)


def _extras(declared: Capabilities) -> None:
    """Show the fields that only this vendor has, by the value that takes them."""
    rows = [
        (kind.__name__, own.__name__, ", ".join(names))
        for kind, own, names in own_fields(declared)
    ]
    if rows:
        title = f'Extras, passed as extras={{"{declared.provider}": ...}}'
        table(title, ("value", "class", "fields"), rows)


def own_fields(declared: Capabilities) -> Iterator[tuple[type, type, list[str]]]:
    """Yield each value that has extras, with their class and its fields."""
    for kind, own in declared.extras.items():
        attributes: Any = own
        yield kind, own, [field.name for field in attrs.fields(attributes)]


def _never_returned(declared: Capabilities, sources: _Sources) -> None:
    rows = [
        (field, reason, sources.number(source))
        for field, reason, source in never_returned(declared)
    ]
    if rows:
        table("Never returned", ("field", "reason", "page"), rows)


def never_returned(declared: Capabilities) -> Iterator[tuple[str, str, str]]:
    """Yield each field that is never returned, with the reason and the page."""
    for kind, rule in declared.reads.items():
        for name, reason in rule.never.items():
            yield f"{kind.__name__}.{name}", reason, rule.source


def field_row(name: str, rule: FieldRule) -> tuple[str, ...]:
    """Return a field's name, its create, read and update rules, and others in words."""
    native = f" ({rule.native})" if rule.native not in (None, name) else ""
    update = rule.update.replace("_", " ")
    return name + native, rule.create, rule.read, update, "; ".join(_in_words(rule))


def _in_words(rule: FieldRule) -> Iterator[str]:
    """Yield every rule of a field that has no column of its own."""
    yield from _conditions(rule)
    yield from _form(rule)
    yield from _when_absent(rule)
    if rule.when:
        yield f"update: {rule.when}"
    if rule.changed:
        yield f"changed: {rule.changed}"
    if rule.misfit == "dropped":
        yield "a value that does not fit is left out if you consent"
    if rule.clearable:
        yield "can be cleared"
    if rule.overridden:
        yield f"overridden: {', '.join(rule.overridden)}"
    if rule.note:
        yield rule.note


def _conditions(rule: FieldRule) -> Iterator[str]:
    """Yield what the other fields, the kind or the extras of a value decide."""
    if rule.one_of:
        yield f"one of {', '.join(rule.one_of)}"
    for create in ("required", "optional", "refused"):
        members = [member for member, its in rule.create_for.items() if its == create]
        if members:
            yield f"{create} for {_names(members)}"
    for extra in dict.fromkeys(rule.confirmed_by.values()):
        members = [member for member, its in rule.confirmed_by.items() if its == extra]
        yield f"{_names(members)} only with the extra {extra}=True"


def _names(members: Iterable[Any]) -> str:
    return ", ".join(getattr(member, "name", str(member)) for member in members)


def _form(rule: FieldRule) -> Iterator[str]:
    if rule.items:
        yield _count(*rule.items)
    if rule.length:
        yield f"{rule.length[0]} to {rule.length[1]} characters"
    if rule.pattern:
        yield rule.pattern_note or f"must match {rule.pattern}"
    if rule.values:
        yield ", ".join(_words(rule))


def _count(minimum: int, maximum: int | None) -> str:
    return f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"


def _words(rule: FieldRule) -> Iterable[str]:
    for member, word in rule.words:
        name = getattr(member, "name", str(member))
        yield name if name == word else f"{name} is {word}"


def _when_absent(rule: FieldRule) -> Iterator[str]:
    if rule.default_from:
        yield f"default: the value of {rule.default_from}"
    elif rule.default is not None:
        yield f"default: {_value(rule.default)}"
    if rule.implied is not None:
        yield f"implied: {_value(rule.implied)}"


def _value(value: Any) -> str:
    if isinstance(value, Implied):
        return str(value.value)
    return str(getattr(value, "name", None) or repr(value))


def _limits(declared: Capabilities, sources: _Sources) -> None:
    limits = declared.limits
    rows = [(f"host, {name}", url, "") for name, url in declared.hosts.items()]
    calls = str(limits.calls_per_minute or "none")
    rows.append(("calls a minute", calls, sources.number(limits.calls_source)))
    if limits.page_sizes:
        rows.append(
            (
                "page sizes",
                limits.page_sizes_in_words,
                sources.number(limits.page_source),
            )
        )
    table("Hosts and limits", ("limit", "value", "page"), rows)


def _options(bank: str, adapter: type[Adapter]) -> None:
    rows = [
        (
            variable(bank, option.name),
            "required" if CREDENTIAL in option.metadata else _default(option.default),
            option.metadata.get(HELP, ""),
        )
        for option in options(adapter)
    ]
    table("Options", ("variable", "default", "meaning"), rows)


def _default(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type] # a class at run time
        return ""
    return "none" if default is None else str(default)
