"""The report and the crosswalk: whole, self-contained, and safe to open."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path

import pytest

from anybank import ConfigurationError, migrate
from anybank.migrate.journal import Journal, Move
from anybank.migrate.states import State
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder


class Page(HTMLParser):
    """Reads a page and sees that every element is closed, and nothing is loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [name for name, _ in attrs if name in ("src", "href", "srcset")]
        self.loads += [tag] if tag in ("script", "link", "img", "iframe") else []
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page_of(moving: Moving) -> tuple[Page, str]:
    """Write a report and read it."""
    path = moving.directory / "report.html"
    migrate.report(journal=moving.journal, html=path)
    text = path.read_text("utf-8")
    return Page(text), text


def moved(tmp_path: Path, *faults: str) -> Moving:
    target = Faults().around(SonderSimulator())
    target.schedule(*faults)
    moving = bond_to_sonder(tmp_path, target=target)
    moving.plan()
    moving.apply(concurrency=1)
    moving.verify()
    return moving


def test_a_finished_migration_says_so(tmp_path: Path) -> None:
    """The page opens with the verdict, and nothing waits."""
    page, _ = page_of(moved(tmp_path))
    said = " ".join(page.words)
    assert "All 4 customers were moved, read back and found as promised." in said
    assert "Nothing does." in said


def test_the_page_loads_nothing_and_is_well_formed(tmp_path: Path) -> None:
    """Every element is closed; no script, style or picture comes from elsewhere."""
    page, text = page_of(moved(tmp_path, "lost"))
    assert page.open == []
    assert page.loads == []
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text


def test_the_page_knows_light_dark_and_phones(tmp_path: Path) -> None:
    """It follows the reader's ground and the width of the screen."""
    _, text = page_of(moved(tmp_path))
    assert "prefers-color-scheme:dark" in text
    assert "width=device-width" in text
    assert "@media (max-width:40rem)" in text


def test_who_is_in_quarantine_is_listed_with_what_to_do(tmp_path: Path) -> None:
    """Each record in doubt is named by its id, with what a person has to check."""
    moving = moved(tmp_path, "lost")
    page, _ = page_of(moving)
    said = " ".join(page.words)
    with Journal.open(moving.journal) as journal:
        (doubtful,) = journal.records({State.QUARANTINED})
    assert "Quarantined: 1" in said
    assert doubtful.source_id in said
    assert "whether this person was made" in said


def test_losses_are_a_table(tmp_path: Path) -> None:
    """What is changed, defaulted or dropped is said by field and number."""
    page, _ = page_of(moved(tmp_path))
    said = " ".join(page.words)
    assert "external_id" in said
    assert "PHYSICAL is written as HOME (Sonder Labs)" in said


def test_the_bar_is_told_in_words_too(tmp_path: Path) -> None:
    """Who does not see the bar hears its numbers."""
    _, text = page_of(moved(tmp_path))
    assert 'role="img" aria-label="4 verified"' in text


def test_ids_cannot_write_into_the_page(tmp_path: Path) -> None:
    """An id made of markup is shown, not run."""
    path = tmp_path / "move.db"
    facts = {"source": '{"provider": "bond"}', "target": '{"provider": "<b>"}'}
    with Journal.make(path, **facts) as journal:
        (record,) = journal.add(["<script>alert(1)</script>"], 1).values()
        for state in (State.READY, State.IN_FLIGHT, State.UNKNOWN, State.QUARANTINED):
            journal.move([Move(record.number, state)])
    migrate.report(journal=path, html=tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "<script" not in text
    assert "<b>&lt;" not in text
    assert "&lt;script&gt;" in text


def test_a_crosswalk_has_a_row_for_everyone_moved(tmp_path: Path) -> None:
    """The number of rows is told, and the header is as documented."""
    moving = moved(tmp_path)
    path = tmp_path / "out.csv"
    assert migrate.crosswalk(journal=moving.journal, csv=path) == 4
    with path.open() as file:
        header, *rows = csv.reader(file)
    assert header == ["source_id", "target_id"]
    assert len({target for _, target in rows}) == 4


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A crosswalk into nowhere is one clear line."""
    moving = moved(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        migrate.crosswalk(journal=moving.journal, csv=tmp_path / "no" / "x.csv")
