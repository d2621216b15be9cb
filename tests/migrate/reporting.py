"""A parser for report pages, and journals to report on."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

from anybank import migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.transitions import Transition
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder

_SENT = (State.READY, State.IN_FLIGHT)
_MADE = (*_SENT, State.CREATED)
_WAYS: Mapping[State, tuple[State, ...]] = {
    State.BLOCKED: (),
    State.QUARANTINED: (*_SENT, State.UNKNOWN, State.QUARANTINED),
    State.AMBIGUOUS: (*_SENT, State.AMBIGUOUS),
    State.FAILED: (*_SENT, State.FAILED),
    State.CREATED: _MADE,
    State.VERIFIED: (*_MADE, State.VERIFIED),
    State.MISMATCHED: (*_MADE, State.MISMATCHED),
    State.ROLLED_BACK: (*_MADE, State.DELETING, State.ROLLED_BACK),
}
_VOID = ("meta", "line", "rect", "polyline")


class Page(HTMLParser):
    """Parses a page, checks that every element is closed, and lists its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    @property
    def text(self) -> str:
        """All words of the page, as one line."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.loads += [
            name for name in attributes if name in ("src", "srcset", "style")
        ]
        self.loads += [tag] if tag in ("script", "link", "img", "iframe") else []
        self.links += [attributes["href"] or ""] if "href" in attributes else []
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page_of(journal: Path) -> tuple[Page, str]:
    """Write the report of a journal and parse it."""
    path = journal.with_name("report.html")
    migrate.report(journal=journal, html=path)
    text = path.read_text("utf-8")
    return Page(text), text


def moved(tmp_path: Path, *faults: str) -> Moving:
    """Move four customers, with some lost responses."""
    target = Faults().around(SonderSimulator())
    target.schedule(*faults)
    moving = bond_to_sonder(tmp_path, target=target)
    moving.plan()
    moving.apply(concurrency=1)
    moving.verify()
    return moving


def written(
    path: Path,
    records: Mapping[str, State],
    known: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    target: str = "sonder",
) -> Path:
    """Write a journal in which each id has a state."""
    facts = {"source": '{"provider": "bond"}', "target": f'{{"provider": "{target}"}}'}
    with Journal.create(path, **facts) as journal:
        for source_id, last in records.items():
            (record,) = journal.add_records([source_id], 1).values()
            for state in _WAYS[last]:
                more = known.get(source_id, {}) if state is last else {}
                journal.write([Transition(record.number, state, more)])
    return path
