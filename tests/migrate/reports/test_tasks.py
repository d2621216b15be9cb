"""Records that need a person: the response, what to check, and the commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.reporting import moved, page_of, written

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.reports import Task, html_page, tasks


def task_of(tmp_path: Path, state: State, source_id: str = "b1", **known: Any) -> Task:
    """Return the task of a record in a state."""
    path = written(tmp_path / "move.db", {source_id: state}, {source_id: known})
    (task,) = migrate.Report.read(path).waiting
    return task


def test_who_is_in_quarantine_is_listed_with_what_to_do(tmp_path: Path) -> None:
    """Each quarantined record has its id and what a person has to check."""
    journal = moved(tmp_path, "lost").journal
    page, _ = page_of(journal)
    with Journal.open(journal) as opened:
        (doubtful,) = opened.records({State.QUARANTINED})
    assert "Quarantined: 1" in page.text
    assert f"resolve {doubtful.source_id} --exists TARGET_ID" in page.text
    assert "Search Sonder Labs, in its own tools" in page.text


def test_a_command_that_was_not_completed_is_refused(tmp_path: Path) -> None:
    """The placeholder TARGET_ID is not accepted as an id."""
    written(tmp_path / "move.db", {"b1": State.QUARANTINED})
    with pytest.raises(
        ConfigurationError, match="must replace TARGET_ID; nothing was recorded"
    ):
        migrate.resolve(
            journal=tmp_path / "move.db", source_id="b1", exists="TARGET_ID"
        )


@pytest.mark.parametrize(
    ("state", "known", "response", "commands"),
    [
        (
            State.AMBIGUOUS,
            {"failure": {"class": "Matched", "target_ids": ["-s1"]}},
            "Matched",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder -- -s1",
                "anybank migrate resolve b1 --exists=-s1 --journal {}",
                "anybank migrate resolve b1 --absent --journal {}",
            ),
        ),
        (
            State.MISMATCHED,
            {"target_id": "s1", "mismatches": ["emails", "ssn"]},
            "different: emails, ssn",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder s1",
                "anybank migrate verify --journal {}",
            ),
        ),
        (
            State.MISMATCHED,
            {"target_id": "s1", "mismatches": ["emails", "phones.0.kind"]},
            "different: emails, phones.0.kind",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder s1",
                "anybank migrate overwrite --ids FILE --journal {}",
                "anybank migrate verify --journal {}",
            ),
        ),
        (
            State.MISMATCHED,
            {"target_id": "s1", "mismatches": ["source"]},
            "changed at the source since it was sent",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder s1",
                "anybank migrate overwrite --ids FILE --journal {}",
            ),
        ),
        (
            State.MISMATCHED,
            {"target_id": "s1", "mismatches": ["gone"]},
            "no longer at the target",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder s1",
                "anybank migrate verify --journal {}",
            ),
        ),
        (
            State.AMBIGUOUS,
            {"failure": {"class": "FoundDifferent", "target_ids": ["s1"]}},
            "FoundDifferent",
            (
                "anybank customers get --bank bond b1",
                "anybank customers get --bank sonder s1",
                "anybank migrate resolve b1 --exists s1 --journal {}",
                "anybank migrate resolve b1 --absent --journal {}",
                "anybank migrate overwrite --ids FILE --journal {}",
            ),
        ),
        (
            State.FAILED,
            {"failure": {"class": "Conflict", "status": 409, "code": "taken"}},
            "Conflict, HTTP 409, taken",
            (
                "anybank migrate retry --code taken --journal {}",
                "anybank migrate apply --journal {}",
            ),
        ),
    ],
)
def test_each_state_has_its_commands(
    tmp_path: Path,
    state: State,
    known: Mapping[str, Any],
    response: str,
    commands: tuple[str, ...],
) -> None:
    """A task has the response, and commands with the record and the journal."""
    task = task_of(tmp_path, state, **known)
    assert task.response == response
    path = str(tmp_path / "move.db")
    assert task.commands == tuple(command.format(path) for command in commands)


def test_a_long_list_says_how_much_longer_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page lists the first records, and the command that lists all."""
    monkeypatch.setattr(html_page, "_MOST_LISTED", 2)
    path = written(tmp_path / "move.db", dict.fromkeys("abcde", State.FAILED))
    page, text = page_of(path)
    assert text.count('<ol class="tasks">') == 1
    assert "And 3 more. anybank migrate report --json" in page.text
    assert len(migrate.Report.read(path).waiting) == 5


def test_what_a_bank_is_called_is_looked_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list does not look plugins up for each of its records."""
    requests: list[str] = []

    def title_of(name: str) -> str:
        requests.append(name)
        return name

    monkeypatch.setattr(tasks, "title_of", title_of)
    path = written(tmp_path / "move.db", dict.fromkeys("abcde", State.QUARANTINED))
    assert len(migrate.Report.read(path).waiting) == 5
    assert requests == ["bond", "sonder"]


@pytest.mark.parametrize(
    ("target", "named"), [("sonder", True), ("file", False), ("uninstalled", True)]
)
@pytest.mark.parametrize("fields", [["emails"], ["source"]])
def test_overwriting_is_named_where_the_target_can_be_changed(
    tmp_path: Path, target: str, fields: list[str], *, named: bool
) -> None:
    """A command that the target's declaration forbids is not suggested."""
    known = {"b1": {"target_id": "s1", "mismatches": fields}}
    path = written(tmp_path / "move.db", {"b1": State.MISMATCHED}, known, target)
    (task,) = migrate.Report.read(path).waiting
    assert any("overwrite" in command for command in task.commands) is named
    assert ("overwrit" in task.check.lower()) is named


def test_nobody_is_read_from_a_file(tmp_path: Path) -> None:
    """A neutral file is not a bank, so no command shows one of its customers."""
    known = {"b1": {"target_id": "s1", "mismatches": ["emails"]}}
    path = written(tmp_path / "move.db", {"b1": State.MISMATCHED}, known, "file")
    (task,) = migrate.Report.read(path).waiting
    assert [command for command in task.commands if "customers get" in command] == [
        "anybank customers get --bank bond b1"
    ]


@pytest.mark.parametrize(
    ("fields", "verbs"),
    [
        (["emails"], {"overwrite", "verify"}),
        (["source"], {"overwrite"}),
        (["gone"], {"verify"}),
    ],
)
def test_a_reason_names_the_commands_that_help(
    tmp_path: Path, fields: list[str], verbs: set[str]
) -> None:
    """A deleted customer is not overwritten, and a changed one not read back."""
    known = {"b1": {"target_id": "s1", "mismatches": fields}}
    path = written(tmp_path / "move.db", {"b1": State.MISMATCHED}, known)
    (reason,) = migrate.Report.read(path).summary.reasons
    assert set(re.findall(r"`anybank migrate (\w+)`", reason.remedy)) == verbs
