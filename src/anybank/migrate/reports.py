"""The report: one page that shows where a migration stands, and that needs no other file.

It names ids, fields, rules and codes; a person's data are not in the journal, so they
cannot be here. Everything is escaped, and the page may load nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import islice
from pathlib import Path

from .commands import AnyPath
from .crosswalks import written_whole
from .journal import Journal, Record
from .states import FOR_A_PERSON, State
from .styles import COLOURS, STYLE
from .summary import Reason, Summary, summarise

_LISTED = 500
"""How many records of a state are listed one by one."""

_LISTED_STATES = (
    State.QUARANTINED,
    State.AMBIGUOUS,
    State.MISMATCHED,
    State.FAILED,
)
_NONE = "\N{EN DASH}"
_LOSSES = ("dropped", "changed", "defaulted", "missing")


def report(*, journal: AnyPath, html: AnyPath) -> None:
    """Write the report of a journal; works at any time, also while another runs."""
    with Journal.open(journal) as opened, written_whole(Path(html)) as file:
        file.writelines(_page(opened, summarise(opened, "report")))


def _page(journal: Journal, summary: Summary) -> Iterator[str]:
    title = f"{summary.source} → {summary.target}"
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>Migration {escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<header>
<p class="quiet">Migration report, {_now()}</p>
<h1>{escape(title)}</h1>
<p class="lead">{escape(_verdict(summary))}</p>
</header>
"""
    yield _figures(summary)
    yield _outcomes(summary)
    waiting = [each for each in summary.reasons if each.remedy]
    yield _section("What waits for a person", _reasons(waiting), "Nothing does.")
    yield from _lists(journal, summary)
    changed = [each for each in summary.reasons if _is_loss(each)]
    yield _section(
        "What is different at the target",
        _losses(changed),
        "Nothing: every field is kept.",
    )
    yield _section("What remains to be said", _notes(summary), "")
    yield "</main>\n</body>\n</html>\n"


def _now() -> str:
    return datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")


def _is_loss(reason: Reason) -> bool:
    return reason.effect in _LOSSES and not reason.remedy


def _verdict(summary: Summary) -> str:
    records, open_ = summary.totals["records"], summary.open
    verified = summary.counts[State.VERIFIED]
    if records and verified == records:
        return f"All {records:,} customers were moved, read back and found as promised."
    if not open_:
        return f"All {records:,} customers were moved; verify has not read back all."
    return (
        f"{records - open_:,} of {records:,} customers are moved; {open_:,} are open."
    )


def _figures(summary: Summary) -> str:
    figures = (
        ("at the source", summary.totals["inventory"]),
        ("verified", summary.counts[State.VERIFIED]),
        ("in the crosswalk", summary.totals["crosswalk"]),
        ("open", summary.open),
        ("must pass KYC again", summary.kyc_again),
    )
    shown = "".join(
        f"<div><dd>{count:,}</dd><dt>{escape(name)}</dt></div>"
        for name, count in figures
    )
    return f'<dl class="figures">{shown}</dl>\n'


def _outcomes(summary: Summary) -> str:
    """Draw the states as one bar, with a legend that says the same in words."""
    found = [
        (state, summary.counts[state]) for state in COLOURS if summary.counts[state]
    ]
    total = sum(count for _, count in found) or 1
    words = ", ".join(f"{count} {_word(state)}" for state, count in found)
    bars, legend, left = [], [], 0.0
    for state, count in found:
        width = 1000 * count / total
        bars.append(
            f'<rect x="{left:.2f}" width="{width:.2f}" height="28" '
            f'class="{state}"><title>{count:,} {_word(state)}</title></rect>'
        )
        legend.append(
            f'<li><i class="{state}"></i>{_word(state)} <b>{count:,}</b> '
            f'<span class="quiet">{100 * count / total:.1f} %</span></li>'
        )
        left += width
    return (
        '<section><h2>Outcomes</h2><svg class="bar" viewBox="0 0 1000 28" '
        f'preserveAspectRatio="none" role="img" aria-label="{escape(words)}">'
        f'{"".join(bars)}</svg><ul class="legend">{"".join(legend)}</ul></section>\n'
    )


def _word(state: str) -> str:
    return state.replace("_", " ")


def _section(title: str, content: str, otherwise: str) -> str:
    shown = content or f'<p class="quiet">{escape(otherwise)}</p>'
    return f"<section><h2>{escape(title)}</h2>{shown}</section>\n"


def _reasons(reasons: Iterable[Reason]) -> str:
    rows = [
        (
            f"{each.count:,}",
            _effect(each),
            _code(each.field or _NONE),
            escape(each.message),
            escape(each.remedy),
            "<br>".join(map(_code, each.examples)),
        )
        for each in reasons
    ]
    return _table(
        ("records", "fate", "field", "why", "what to do", "for example"), rows
    )


def _losses(reasons: Iterable[Reason]) -> str:
    rows = [
        (f"{each.count:,}", _effect(each), _code(each.field), escape(each.message))
        for each in reasons
    ]
    return _table(("records", "fate", "field", "what happens"), rows)


def _effect(reason: Reason) -> str:
    return f'<span class="tag">{escape(_word(reason.effect))}</span>'


def _lists(journal: Journal, summary: Summary) -> Iterator[str]:
    """List one by one what a person must look at."""
    for state in _LISTED_STATES:
        count = summary.counts[state]
        if not count:
            continue
        rows = [
            (_code(each.source_id), _code(_target(each)), escape(_came(each)))
            for each in islice(journal.records({state}), _LISTED)
        ]
        heads = ("source id", "at the target", "what came")
        more = f"<p>…and {count - _LISTED:,} more.</p>" if count > _LISTED else ""
        intro = f"<p>To do: {escape(FOR_A_PERSON[state])}.</p>"
        yield _section(
            f"{_word(state).capitalize()}: {count:,}",
            intro + _table(heads, rows) + more,
            "",
        )


def _target(record: Record) -> str:
    found = record.failure.get("target_ids") or [record.target_id or record.reference]
    return ", ".join(map(str, filter(None, found))) or _NONE


def _came(record: Record) -> str:
    failure = record.failure
    parts = (failure.get("class"), failure.get("status"), failure.get("code"))
    return " ".join(str(part) for part in parts if part) or "no answer"


def _notes(summary: Summary) -> str:
    notes = [
        f"{summary.kyc_again:,} customers must pass KYC again: it does not travel.",
        "Nothing was changed at the source. What was made at the target stays there.",
        *(
            f"Still to do at {each.provider}: at least {each.calls:,} calls"
            f"{f', {each.minutes:.1f} minutes' if each.minutes else ''}."
            for each in summary.efforts
            if each.calls
        ),
    ]
    if summary.totals["without_supplement"]:
        count = summary.totals["without_supplement"]
        notes.append(f"The supplement has no row for {count:,} customers.")
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-name="{escape(name)}"><div>{cell}</div></td>'
            for name, cell in zip(heads, row, strict=True)
        )
        + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
