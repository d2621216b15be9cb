"""The crosswalk, as a file and in the report, is exact and safe to open."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.migrate.moving import bond_to_sonder
from tests.migrate.reporting import moved, page_of, written

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.reports import Report, crosswalk_link

FORMULAS = ("=1+1", "+1", "-1", "@sum", "\t=1", "\r=1")


def one(tmp_path: Path, source_id: str, target_id: str) -> Path:
    """Write a journal with one moved customer."""
    known = {source_id: {"target_id": target_id}}
    return written(tmp_path / "move.db", {source_id: State.VERIFIED}, known)


def test_a_crosswalk_has_a_row_for_everyone_moved(tmp_path: Path) -> None:
    """The command returns the number of rows, and the header is as documented."""
    path = tmp_path / "out.csv"
    assert migrate.crosswalk(journal=moved(tmp_path).journal, csv=path) == 4
    with path.open() as file:
        header, *rows = csv.reader(file)
    assert header == ["source_id", "target_id"]
    assert len({target for _, target in rows}) == 4


def test_an_older_copy_of_a_journal_is_no_crosswalk(tmp_path: Path) -> None:
    """Nobody gets a list, or a report, that lacks the customers who were moved since."""
    moving, path = bond_to_sonder(tmp_path), tmp_path / "out.csv"
    moving.plan()
    older = moving.journal.read_bytes()
    moving.apply()
    assert migrate.crosswalk(journal=moving.journal, csv=path) == 4
    complete = path.read_text()
    moving.journal.write_bytes(older)
    for use in (
        lambda: migrate.crosswalk(journal=moving.journal, csv=path),
        lambda: migrate.report(journal=moving.journal, html=path),
        lambda: Report.read(moving.journal),
    ):
        with pytest.raises(ConfigurationError, match="may not be the latest"):
            use()
    assert path.read_text() == complete


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """An invalid path causes one clear error."""
    path = written(tmp_path / "move.db", {})
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        migrate.crosswalk(journal=path, csv=tmp_path / "no" / "x.csv")


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """A pipe or a device, such as /dev/stdout, is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    migrate.crosswalk(journal=one(tmp_path, "b1", "s1"), csv=pipe)
    assert (os.read(reading, 100), pipe.is_fifo()) == (
        b"source_id,target_id\nb1,s1\n",
        True,
    )
    os.close(reading)


def test_what_a_link_names_is_written(tmp_path: Path) -> None:
    """A link to a file stays a link."""
    link, path = tmp_path / "link", tmp_path / "out.csv"
    link.symlink_to(path)
    migrate.crosswalk(journal=one(tmp_path, "b1", "s1"), csv=link)
    assert link.is_symlink()
    assert path.read_text() == "source_id,target_id\nb1,s1\n"


@pytest.mark.parametrize(
    "source_id", ["b1", 'a,"b"', "ö é", "%41", "a\nb", "a\rb", "<&>#?"]
)
def test_the_link_is_the_file_byte_for_byte(tmp_path: Path, source_id: str) -> None:
    """The page's link has exactly the file of the command, whatever the ids are."""
    journal = one(tmp_path, source_id, "s,1")
    page, _ = page_of(journal)
    migrate.crosswalk(journal=journal, csv=tmp_path / "out.csv")
    (link,) = page.links
    kind, _, content = link.partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    assert unquote(content).encode() == (tmp_path / "out.csv").read_bytes()


@pytest.mark.parametrize("evil", FORMULAS)
@pytest.mark.parametrize("column", ["source_id", "target_id"])
def test_a_page_gives_no_file_away_that_calculates(
    tmp_path: Path, evil: str, column: str
) -> None:
    """With an id that is a formula, the page has a warning and no link."""
    ids = {"source_id": "b1", "target_id": "s1", column: evil}
    page, _ = page_of(one(tmp_path, **ids))
    assert page.links == []
    assert "1 customers have an id that a spreadsheet would evaluate" in page.text
    assert "migrate crosswalk --csv crosswalk.csv" in page.text


@pytest.mark.parametrize("evil", FORMULAS)
def test_the_file_of_the_command_is_exact(tmp_path: Path, evil: str) -> None:
    """An id is never changed, since a changed id would be nobody's."""
    migrate.crosswalk(journal=one(tmp_path, evil, "s1"), csv=tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == [evil, "s1"]


def test_an_id_with_a_sign_inside_is_no_formula(tmp_path: Path) -> None:
    """Only the first character can begin a formula."""
    with Journal.open(one(tmp_path, "a=b-c", "s@1")) as journal:
        assert crosswalk_link.count_formula_ids(journal) == 0


def test_too_many_rows_are_left_to_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page does not contain a file that is too large for a mail."""
    monkeypatch.setattr(crosswalk_link, "MOST_ROWS", 3)
    page, _ = page_of(moved(tmp_path).journal)
    assert page.links == []
    assert "4 rows are too many for this page." in page.text
