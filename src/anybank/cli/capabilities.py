"""`anybank capabilities`: the declaration of a bank, as tables or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import click
from attrs import define, field

from ..adapter.base import Adapter
from ..adapter.options import CREDENTIAL, HELP, variable
from ..declaration.vocabulary import Capabilities, FieldRule, Idempotency, Implied
from ..model.features import Feature
from ..plugins import find
from .declarations import declaration, options
from .output import emit_json, heading, line, paragraph, table


@click.command()
@click.argument("bank")
@click.option("--json", "as_json", is_flag=True, help="Write the whole declaration.")
def capabilities(bank: str, *, as_json: bool) -> None:
    """Show what BANK can do, and what it takes and tells, each with its source.

    This is the data by which anybank refuses before it sends: the policies set in
    the environment are applied. Nothing is asked of the bank.
    """
    declared, adapter = declaration(bank), find(bank).adapter
    if as_json:
        emit_json(_document(declared, adapter))
        return
    heading(f"{declared.title} ({bank})")
    for note in declared.notes:
        paragraph(note, indent="  ")
    line()
    sources = _Sources()
    _features(declared, sources)
    for kind in declared.fields:
        _fields(declared, kind, sources)
    _limits(declared, sources)
    _options(bank, adapter)
    table("Sources", ("", "page"), sources.rows())


@define
class _Sources:
    """Numbers the pages that rules come from, so that a table has room for the rules."""

    numbers: dict[str, int] = field(factory=dict)

    def number(self, source: str) -> str:
        if not source:
            return ""
        return str(self.numbers.setdefault(source, len(self.numbers) + 1))

    def rows(self) -> list[tuple[str, str]]:
        return [(str(number), source) for source, number in self.numbers.items()]


def _document(declared: Capabilities, adapter: type[Adapter]) -> dict[str, Any]:
    whole = {
        each.name: getattr(declared, each.name) for each in attrs.fields(Capabilities)
    }
    features = {feature: declared.feature(feature) for feature in Feature}
    names = [each.name for each in options(adapter)]
    return {**whole, "features": features, "options": names}


def _features(declared: Capabilities, sources: _Sources) -> None:
    rows = []
    for feature in Feature:
        rule = declared.feature(feature)
        again = rule.support.works and repeated(rule.idempotency)
        rows.append(
            (
                feature.value,
                rule.support.value.replace("_", " "),
                again or "",
                rule.note,
                sources.number(rule.source),
            )
        )
    columns = ("feature", "support", "sent twice", "note", "page")
    table("Features", columns, rows)


_REPEATED = {
    "safe": "safe",
    "natural": "same effect",
    "replays": "answered as before",
    "rejects_duplicate": "refused",
    "none": "done twice",
}


def repeated(rule: Idempotency) -> str:
    """Say what happens when an operation is sent twice."""
    said = _REPEATED.get(rule.kind) or f"done twice; found by {rule.reference}"
    limits = [f"key in {rule.header}"] if rule.header else []
    if rule.lifetime:
        limits.append(f"for {rule.lifetime / 3600:g} h")
    return " ".join((said, *(f"({limit})" for limit in limits)))


def _fields(declared: Capabilities, kind: type, sources: _Sources) -> None:
    columns = ("field (theirs)", "create", "read", "update", "rules", "page")
    rows = [
        (*field_row(name, rule), sources.number(rule.source))
        for name, rule in declared.rules(kind).items()
    ]
    table(kind.__name__, columns, rows)


def field_row(name: str, rule: FieldRule) -> tuple[str, ...]:
    """Return a field, whether it is taken, told and changed, and its rules in words."""
    native = f" ({rule.native})" if rule.native not in (None, name) else ""
    update = rule.update.replace("_", " ")
    said = "; ".join(_in_words(rule))
    return name + native, rule.create, rule.read, update, said


def _in_words(rule: FieldRule) -> Iterator[str]:
    """Say every rule of a field that is not in a column of its own."""
    yield from _form(rule)
    yield from _when_absent(rule)
    if rule.when:
        yield f"update: {rule.when}"
    if rule.changed:
        yield f"changed: {rule.changed}"
    if rule.misfit == "dropped":
        yield "a misfit is left out with consent"
    if rule.clearable:
        yield "can be cleared"
    if rule.note:
        yield rule.note


def _form(rule: FieldRule) -> Iterator[str]:
    if rule.items:
        yield _count(*rule.items)
    if rule.length:
        yield f"{rule.length[0]} to {rule.length[1]} characters"
    if rule.pattern:
        yield rule.pattern_note or f"of the form {rule.pattern}"
    if rule.values:
        yield ", ".join(_words(rule))


def _count(fewest: int, most: int | None) -> str:
    return f"at least {fewest}" if most is None else f"{fewest} to {most}"


def _words(rule: FieldRule) -> Iterable[str]:
    for member, word in rule.words:
        name = getattr(member, "name", str(member))
        yield name if name == word else f"{name} is {word}"


def _when_absent(rule: FieldRule) -> Iterator[str]:
    if rule.default_from:
        yield f"where absent, {rule.default_from} is written"
    elif rule.default is not None:
        yield f"where absent, {_value(rule.default)} is written"
    if rule.implied is not None:
        yield f"silence means {_value(rule.implied)}"


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
            ("page sizes", limits.said_sizes, sources.number(limits.page_source))
        )
    table("Hosts and limits", ("what", "figure", "page"), rows)


def _options(bank: str, adapter: type[Adapter]) -> None:
    rows = [
        (
            variable(bank, each.name),
            "required" if CREDENTIAL in each.metadata else _default(each.default),
            each.metadata.get(HELP, ""),
        )
        for each in options(adapter)
    ]
    table("Options", ("variable", "default", "what it is"), rows)


def _default(default: Any) -> str:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type] # a class at run time
        return ""
    return "none" if default is None else str(default)
