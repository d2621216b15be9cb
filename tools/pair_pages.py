"""Write the generated parts of the pages about one move: `python -m tools.pair_pages`.

A page of docs/migrating is prose, in which each part between the markers
`<!-- generated: NAME -->` and `<!-- end -->` is written from the declarations of the two
banks. A test fails if a part is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen
from tools.declared_pages import link_to, table

from anybank.adapter.converter import word_tables
from anybank.cli.advice import advice
from anybank.cli.diff import TITLES, rows_of_features
from anybank.declaration import Capabilities, Feature
from anybank.declaration.diff import FeatureChange, diff
from anybank.errors import Effect, Issue
from anybank.model.addresses import Address
from anybank.model.customers import NewCustomer
from anybank.model.events import EventKind, NewWebhookSubscription
from anybank.model.kyc import KycStatus
from anybank.model.phones import Phone
from anybank.plugins import find

DIRECTORY = Path(__file__).parents[1] / "docs" / "migrating"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SIZES = (1_000, 10_000, 100_000)
_NONE = "none"
_HEADS = ("field", "what happens", "what to do", "rule", "page")


@frozen
class Pair:
    """The declarations of the bank that customers leave and of the one that they join."""

    source: Capabilities
    target: Capabilities

    @classmethod
    def of_page(cls, path: Path) -> Pair:
        """Return the pair of a page, whose name is `SOURCE-to-TARGET.md`."""
        # The declarations of the classes, because options would depend on the machine.
        names = path.stem.split("-to-")
        return cls(*(find(name).adapter.capabilities for name in names))

    @property
    def both(self) -> tuple[Capabilities, Capabilities]:
        """The source and the target."""
        return self.source, self.target

    @property
    def titles(self) -> tuple[str, str]:
        """The names of both banks."""
        return self.source.title, self.target.title


def page(text: str, pair: Pair) -> str:
    """Return the text of a page with every generated part written again."""

    def written(match: re.Match[str]) -> str:
        lines = "\n".join(_PARTS[match[2]](pair))
        return f"{match[1]}\n{lines}\n\n{match[3]}"

    return _PART.sub(written, text)


def paths() -> Sequence[Path]:
    """Return the pages."""
    return sorted(DIRECTORY.glob("*-to-*.md"))


def _adapters(pair: Pair) -> Iterator[str]:
    for declared in pair.both:
        yield f"- {declared.title} is {declared.status}."


def _names(pair: Pair) -> Iterator[str]:
    rows = [
        (f"`{prefix}{name}`", *words)
        for kind, prefix in (
            (NewCustomer, ""),
            (Address, "addresses."),
            (Phone, "phones."),
        )
        for name in {**pair.source.rules(kind), **pair.target.rules(kind)}
        if any(words := [_native(each, kind, name) for each in pair.both])
    ]
    empty = [tuple(cell or _NONE for cell in row) for row in rows]
    return table(("anybank", *pair.titles), empty)


def _native(declared: Capabilities, kind: type, name: str) -> str:
    """Return the vendor's name of a field, or "" where the vendor does not have it."""
    rule = declared.rule(kind, name)
    is_known = rule.is_accepted or rule.read != "never"
    # Other ids have no name of their own: a vendor spreads them over several members.
    has_name = rule.native or name != "government_ids"
    return f"`{rule.native or name}`" if is_known and has_name else ""


def _fields(pair: Pair) -> Iterator[str]:
    result, sources = diff(*pair.both), dict[str, int]()
    for effect, title in TITLES.items():
        same: dict[Sequence[str], list[str]] = {}
        for issue in result.of(effect):
            at = sources.setdefault(issue.source, len(sources) + 1)
            same.setdefault(_cells(issue, at), []).append(f"`{issue.field}`")
        if same:
            rows = [(", ".join(names), *cells) for cells, names in same.items()]
            yield f"**{title}**\n"
            yield from table(_HEADS, rows)
            yield ""
    yield "The pages that state the rules:\n"
    yield from (f"{number}. {link_to(source)}" for source, number in sources.items())


def _cells(issue: Issue, source: int) -> tuple[str, ...]:
    step = advice(issue)
    if issue.remedy.accept_loss:  # its name would keep equal rows apart
        step = "; ".join(filter(None, (issue.remedy.text, "`--accept-loss`")))
    return issue.message, step or "nothing", f"`{issue.rule}`", str(source)


def _supplement(pair: Pair) -> Iterator[str]:
    rows = [("`source_id`", "every customer", f"the id at {pair.source.title}")]
    rows += [
        (f"`{issue.field}`", _for_whom(issue), issue.message)
        for issue in diff(*pair.both).of(Effect.MISSING)
    ]
    return table(("column", "needed for", "why"), rows)


def _for_whom(issue: Issue) -> str:
    is_never_read = issue.rule.startswith("read=")
    return "every customer" if is_never_read else "customers who have none"


def _lost(pair: Pair) -> Iterator[str]:
    return _features(diff(*pair.both).features_lost)


def _gained(pair: Pair) -> Iterator[str]:
    return _features(diff(*pair.both).features_gained)


def _features(changes: Sequence[FeatureChange]) -> Iterator[str]:
    heads = ("resource", "operations", "reason")
    rows = [
        (f"`{name}`", operations, reason)
        for name, operations, reason in rows_of_features(changes)
    ]
    return table(heads, rows)


def _never(pair: Pair) -> Iterator[str]:
    lost = diff(*pair.both).reads_lost
    rows = [(f"`{issue.field}`", issue.message) for issue in lost]
    return table(("field", "reason"), rows)


def _kyc(pair: Pair) -> Iterator[str]:
    words = [_statuses(declared) for declared in pair.both]
    rows = [
        (f"`{status.name}`", *(_code(each.get(status, ())) for each in words))
        for status in KycStatus
        if any(status in each for each in words)
    ]
    return table(("`KycCheck.status`", *pair.titles), rows)


def _statuses(declared: Capabilities) -> Mapping[KycStatus, Sequence[str]]:
    """Return the vendor's words of each status."""
    if not declared.supports(Feature.KYC_GET):
        return {}
    package, _, _ = find(declared.provider).adapter.__module__.rpartition(".")
    members = vars(import_module(f"{package}.kyc")).values()
    wires = [it for it in members if isinstance(it, type) and attrs.has(it)]
    tables = [table for wire in wires for table in word_tables(wire).values()]
    tables += [it for it in members if isinstance(it, Mapping)]
    words: dict[KycStatus, list[str]] = {}
    for word, status in next(filter(_is_of_statuses, tables)).items():
        words.setdefault(status, []).append(word)
    return words


def _is_of_statuses(table: Mapping[Any, Any]) -> bool:
    return all(isinstance(it, KycStatus) for it in table.values())


def _events(pair: Pair) -> Iterator[str]:
    rules = [each.rule(NewWebhookSubscription, "events") for each in pair.both]
    rows = [
        (f"`{kind.name}`", *(_code((rule.word(kind) or "").split()) for rule in rules))
        for kind in EventKind
        if any(rule.word(kind) for rule in rules)
    ]
    return table(("`Event.kind`", *pair.titles), rows)


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or _NONE


def _time(pair: Pair) -> Iterator[str]:
    for declared in pair.both:
        limits = declared.limits
        yield (
            f"- {declared.title}: {limits.calls_per_minute:,} calls a minute "
            f"({link_to(limits.calls_source)})"
        )
    yield ""
    heads = ("customers", "`plan`", "`apply`", "`verify`")
    yield from table(heads, (_times(pair, size) for size in _SIZES))


def _times(pair: Pair, size: int) -> tuple[str, ...]:
    calls = calls_of(pair, size)
    return (f"{size:,}", *(_duration(pair, *each) for each in calls.values()))


def calls_of(pair: Pair, size: int) -> Mapping[str, tuple[int, int]]:
    """Return the least calls of each command to the source and the target.

    Listings of the target, look-ups and retries come on top.
    """
    pages = pair.source.limits.page_sizes
    listing = pair.source.feature(Feature.CUSTOMERS_LIST)
    passes = 1 if listing.stable_listing else 2
    # Each pass ends with a page that has nobody; without a listing each customer is read.
    reads = passes * (ceil(size / max(pages)) + 1) if listing.works else size
    return {"plan": (reads, 0), "apply": (size, size), "verify": (0, size)}


def _duration(pair: Pair, *calls: int) -> str:
    limits = [declared.limits.calls_per_minute or 0 for declared in pair.both]
    needed = [count / limit for count, limit in zip(calls, limits, strict=True)]
    minutes = ceil(max(needed))
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:.1f} h"


def _consequences(pair: Pair) -> Iterator[str]:
    result = diff(*pair.both)
    for sentence in (result.consequence, *result.notes):
        first, _, rest = sentence.partition(" ")
        is_operation = first in {feature.value for feature in Feature}
        first = f"`{first}`" if is_operation else f"{first[0].upper()}{first[1:]}"
        yield f"- {first} {rest}."


_PARTS = {
    "adapters": _adapters,
    "names": _names,
    "fields": _fields,
    "supplement": _supplement,
    "lost": _lost,
    "gained": _gained,
    "never": _never,
    "kyc": _kyc,
    "events": _events,
    "time": _time,
    "consequences": _consequences,
}


def main() -> None:
    """Write the generated parts of every page."""
    for path in paths():
        path.write_text(page(path.read_text("utf-8"), Pair.of_page(path)), "utf-8")


if __name__ == "__main__":
    main()
