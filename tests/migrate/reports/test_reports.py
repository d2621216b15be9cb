"""The report is complete, self-contained, safe to open, and useful."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.migrate.reporting import Page, moved, page_of, written

from anybank import ConfigurationError, migrate
from anybank.errors import IssueCount
from anybank.migrate.journal.states import State
from anybank.migrate.reports.progress_bars import FAMILIES


def test_a_finished_migration_says_so(tmp_path: Path) -> None:
    """The page begins with the result, and nothing waits."""
    page, _ = page_of(moved(tmp_path).journal)
    assert "All 4 customers were moved, read back and verified." in page.text
    assert "No customer is waiting." in page.text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State.CREATED, "All 1 customers were moved. Not all are read back yet."),
        (State.BLOCKED, "0 of 1 customers were moved; 1 are open."),
        (State.ROLLED_BACK, "All 1 customers were rolled back. None is at the target."),
    ],
)
def test_the_first_sentence_reports_the_progress(
    tmp_path: Path, state: State, text: str
) -> None:
    """An unfinished migration is reported in the first sentence."""
    page, _ = page_of(written(tmp_path / "move.db", {"b1": state}))
    assert text in page.text


def test_an_empty_journal_has_a_report(tmp_path: Path) -> None:
    """The page says that nothing is planned, and divides nothing by zero."""
    page, _ = page_of(written(tmp_path / "move.db", {}))
    assert "No customer is planned yet." in page.text
    assert "No customer has been moved yet." in page.text


def test_the_page_loads_nothing_and_is_well_formed(tmp_path: Path) -> None:
    """Every element is closed, and the page runs and loads nothing."""
    page, text = page_of(moved(tmp_path, "lost").journal)
    assert page.open == []
    assert page.loads == []
    assert all(link.startswith("data:text/csv") for link in page.links)
    assert "default-src 'none'" in text
    assert "unsafe" not in text


def test_the_page_knows_light_dark_phones_and_paper(tmp_path: Path) -> None:
    """The page follows the colour scheme and the width of its display."""
    _, text = page_of(moved(tmp_path).journal)
    for shown in ("prefers-color-scheme: dark", "width=device-width", "@media print"):
        assert shown in text


def test_each_phase_has_a_number(tmp_path: Path) -> None:
    """Three of four customers were created and read back; one response was lost."""
    result = migrate.Report.read(moved(tmp_path, "lost").journal).progress
    assert [(item.name, item.count, item.total) for item in result] == [
        ("planned", 4, 4),
        ("sent", 4, 4),
        ("at the target", 3, 4),
        ("read back", 3, 4),
        ("verified", 3, 4),
    ]


def test_losses_are_a_table_with_their_sources(tmp_path: Path) -> None:
    """Each change, default and loss has its field, count, rule and page."""
    page, _ = page_of(moved(tmp_path).journal)
    result = migrate.Report.read(tmp_path / "move.db").losses
    kind = next(item for item in result if item.field == "addresses.kind")
    assert (kind.effect, kind.count, kind.rule) == ("changed", 4, "values")
    assert kind.source == "Sonder docs, Customers"
    assert "PHYSICAL is written as HOME (Sonder Labs)" in page.text
    assert "Sonder docs, Customers" in page.text


def test_the_losses_of_most_come_first(tmp_path: Path) -> None:
    """The most frequent losses are at the top."""
    result = migrate.Report.read(moved(tmp_path).journal).losses
    counts = [item.count for item in result]
    assert counts == sorted(counts, reverse=True)


def test_a_bank_without_an_adapter_here_goes_by_its_name(tmp_path: Path) -> None:
    """A report can be written where the adapter is not installed."""
    page, _ = page_of(written(tmp_path / "move.db", {}, target="nowhere"))
    assert "Bond → nowhere" in page.text


def test_the_most_frequent_reason_comes_first(tmp_path: Path) -> None:
    """The reasons are sorted by the number of their records."""
    path = written(tmp_path / "move.db", dict.fromkeys("abc", State.QUARANTINED))
    result = migrate.Report.read(path).summary.reasons
    assert [type(item) for item in result] == [IssueCount]
    page, _ = page_of(path)
    assert "Outcomes by reason" in page.text
    assert "perhaps created: the target offers no way to look it up" in page.text


def test_charts_have_their_numbers_as_text(tmp_path: Path) -> None:
    """Each row has the name and the number of its bar as text."""
    page, _ = page_of(moved(tmp_path).journal)
    assert "verified 4 100.0%" in page.text


def test_ids_cannot_write_into_the_page(tmp_path: Path) -> None:
    """An id that contains markup is shown as text everywhere."""
    evil = {"<script>alert(1)</script>": State.QUARANTINED, '"><b>x': State.VERIFIED}
    known = {'"><b>x': {"target_id": '"><i>y'}}
    path = written(tmp_path / "move.db", evil, known, target="<b>")
    _, text = page_of(path)
    assert "&lt;script&gt;" in text
    assert not [item for item in ("<script", "<b>", "<i>") if item in text]


def test_every_state_has_a_colour() -> None:
    """The outcomes include every state."""
    assert set(FAMILIES) == set(State)


def test_a_report_says_how_much_is_left_to_do(tmp_path: Path) -> None:
    """The page ends with remaining calls, KYC and irreversible effects."""
    moving = moved(tmp_path)
    page, _ = page_of(moving.journal)
    assert (
        "4 customers must pass KYC again, because verification cannot be transferred."
        in page.text
    )
    assert "A deletion is final" in page.text


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """An invalid path causes one clear error and leaves nothing behind."""
    path = written(tmp_path / "move.db", {})
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        migrate.report(journal=path, html=tmp_path / "no" / "x.html")


def test_pages_are_read_to_the_end(tmp_path: Path) -> None:
    """The page reader of these tests detects an element that is not closed."""
    with pytest.raises(AssertionError):
        Page("<p><b></p>")
    assert list(tmp_path.iterdir()) == []
