"""Write the declarations of the adapters as pages: `python -m tools.declared_pages`.

The feature matrix and the page of each vendor are generated from the declarations. A test
fails if the pages in docs/ are out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tools.conformance_rows import conformance_rows

from anybank.cli.capabilities import (
    effect_of_repeating,
    field_row,
    never_returned,
    own_fields,
)
from anybank.declaration import Capabilities, Feature, Support
from anybank.declaration.diff import creation_verifies
from anybank.declaration.sources import address_of
from anybank.plugins import find, providers

DIRECTORY = Path(__file__).parents[1] / "docs" / "vendors"
_GENERATED = (
    "<!-- Generated from the declarations: edit them and run `make pages`. -->\n"
)
_MATRIX = """\
The features that each adapter declares.
A call to a feature that is not supported raises an error with the reason before any request is sent.

An adapter is *live* where the vendor offers the API today and publishes a specification of it, *documented* where only pages describe the API, and *simulated* where the vendor has retired the API.
"""
_PAGE = """\
`anybank capabilities {name}` prints the same tables. [{title}](../{name}.md) explains the facts behind them.
"""
_CONFORMANCE = """\
The [modes](../../conformance.md#modes) in which the conformance kit checks this adapter. `anybank providers {name}` shows the attestations on your machine and the [tier](../../conformance.md#tiers).
"""
_WORDS = {
    Support.FULL: "yes",
    Support.PARTIAL: "partly",
    Support.EMULATED: "by other means",
    Support.UNSUPPORTED: "not offered by the vendor",
    Support.NOT_IMPLEMENTED: "not yet implemented",
    Support.UNKNOWN: "not documented by the vendor",
}


def pages() -> Mapping[str, str]:
    """Return each page by its path below docs/vendors."""
    # The declaration of the class: options of an environment would make the pages
    # depend on the machine.
    declared = [find(info.name).adapter.capabilities for info in providers()]
    own = {
        f"declared/{capabilities.provider}.md": _page(capabilities)
        for capabilities in declared
    }
    return {"index.md": _matrix(declared), **own}


def _matrix(declared: Sequence[Capabilities]) -> str:
    rows = [
        (
            f"`{feature.value}`",
            *(
                _WORDS[capabilities.feature(feature).support]
                for capabilities in declared
            ),
        )
        for feature in Feature
    ]
    statuses = (str(it.status.level.value) if it.status else "" for it in declared)
    days = (str(it.status.as_of) if it.status else "" for it in declared)
    rows = [("the adapter is", *statuses), ("as of", *days), *rows]
    listed = [
        f"- {capabilities.title}: [facts]({capabilities.provider}.md), "
        f"[declaration](declared/{capabilities.provider}.md)"
        for capabilities in declared
    ]
    return "\n".join(
        (
            "# Vendors\n",
            _GENERATED,
            _MATRIX,
            *table(
                ("feature", *(capabilities.title for capabilities in declared)), rows
            ),
            "",
            *listed,
            "",
        )
    )


def _page(declared: Capabilities) -> str:
    sources: dict[str, int] = {}
    verifies = (f"{creation_verifies(declared)}.",) if declared.create_verifies else ()
    notes = (*declared.notes, *verifies)
    lines = [
        f"# The declaration of {declared.title}\n",
        _GENERATED,
        _PAGE.format(name=declared.provider, title=declared.title),
        *([f"The adapter is {declared.status}.\n"] if declared.status else []),
        *(f"- {note}" for note in notes),
        *([""] if notes else []),
        "## Features\n",
        *_features(declared, sources),
    ]
    for kind, rules in declared.fields.items():
        rows = [
            (
                *map(_code_first, enumerate(field_row(name, rule))),
                _at(rule.source, sources),
            )
            for name, rule in rules.items()
        ]
        heads = ("field (theirs)", "create", "read", "update", "rules", "page")
        lines += [f"\n## {kind.__name__}\n", *table(heads, rows)]
    extras = [
        (kind.__name__, f"`{own.__name__}`", ", ".join(f"`{name}`" for name in names))
        for kind, own, names in own_fields(declared)
    ]
    if extras:
        lines += ["\n## Extras\n", *table(("value", "class", "fields"), extras)]
    absent = [
        (f"`{field}`", reason, _at(source, sources))
        for field, reason, source in never_returned(declared)
    ]
    if absent:
        lines += ["\n## Never returned\n", *table(("field", "reason", "page"), absent)]
    lines += ["\n## Conformance\n", _CONFORMANCE.format(name=declared.provider)]
    lines += table(("mode", "run"), conformance_rows(declared.provider))
    listed = [(str(number), link_to(source)) for source, number in sources.items()]
    return "\n".join([*lines, "\n## Sources\n", *table(("", "page"), listed), ""])


def _features(declared: Capabilities, sources: dict[str, int]) -> Iterator[str]:
    rows = []
    for feature in Feature:
        rule = declared.feature(feature)
        when_repeated = (
            effect_of_repeating(rule.idempotency) if rule.support.works else ""
        )
        name, word = f"`{feature.value}`", _WORDS[rule.support]
        rows.append(
            (name, word, when_repeated, rule.remarks, _at(rule.source, sources))
        )
    return table(("feature", "support", "when repeated", "note", "page"), rows)


def _code_first(cell: tuple[int, str]) -> str:
    at, text = cell
    return f"`{text}`" if at == 0 else text


def _at(source: str, sources: dict[str, int]) -> str:
    return str(sources.setdefault(source, len(sources) + 1)) if source else ""


def link_to(source: str) -> str:
    """Return the title of a page, with a link where its address is declared."""
    address = address_of(source)
    return f"[{source}]({address})" if address else source


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield _row(heads)
    yield _row(["---"] * len(heads))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = DIRECTORY / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
