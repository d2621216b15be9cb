"""The history of a customer, the log of runs, and the next command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import Moving, bond_to_sonder, people, ssn

from anybank import ConfigurationError, migrate
from anybank.migrate import CustomerHistory
from anybank.migrate.journal.location import JournalLocation
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

PERSONAL = ("Ada", "May", "Sample", "example.com", ssn(0), ssn(0)[-4:], "1990")


@pytest.fixture
def moving(
    tmp_path: Path, place: JournalLocation, monkeypatch: pytest.MonkeyPatch
) -> Moving:
    """Return a migration of two customers, run by Grace, on either engine."""
    monkeypatch.setenv("ANYBANK_OPERATOR", "Grace")
    moving = bond_to_sonder(tmp_path, 2)
    moving.place = place
    return moving


def story(moving: Moving, at: int = 0) -> CustomerHistory:
    """Return the history of the customer at an index of the source."""
    return migrate.show(list(people(moving.source))[at], journal=moving.journal)


def runs(moving: Moving) -> list[tuple[str, str, str | None]]:
    """Return the command, operator and outcome of each run."""
    summary = migrate.status(journal=moving.journal)
    return [(run.command, run.operator, run.outcome) for run in summary.runs]


def test_a_history_has_effects_requests_and_times(moving: Moving) -> None:
    """Each event has its command, its operator and its time."""
    moving.plan()
    moving.apply()
    moving.verify()
    history = story(moving)
    assert history.target_id in people(moving.target)
    effects = {field.field: field.effect for field in history.fields}
    assert effects["external_id"] == "dropped"
    assert effects["first_name"] == "kept"
    assert [(item.state, item.request, item.command) for item in history.events] == [
        ("ready", None, "plan"),
        ("in_flight", "create", "apply"),
        ("created", "create", "apply"),
        ("verified", "read", "verify"),
    ]
    assert {entry.operator for entry in history.events} == {"Grace"}
    times = [event.at for event in history.events]
    assert times == sorted(times)
    assert all(time.tzinfo for time in times)


def test_a_history_has_no_value(moving: Moving) -> None:
    """A history has the names of fields, and no value."""
    moving.plan()
    moving.apply()
    history = str(story(moving))
    assert not any(value in history for value in PERSONAL)


def test_a_rejection_is_in_the_history(tmp_path: Path) -> None:
    """The event has the class, status and code of the target's response."""
    faulty = Faults().around(SonderSimulator())
    moving = bond_to_sonder(tmp_path, 1, target=faulty)
    moving.plan()
    faulty.schedule("lost")
    moving.apply()
    states = [event.state for event in story(moving).events]
    assert states[:3] == ["ready", "in_flight", "unknown"]
    assert story(moving).events[2].code.startswith("OutcomeUnknown")


def test_a_plan_that_changes_nothing_is_no_event(moving: Moving) -> None:
    """A customer who was planned three times became ready once."""
    for _ in range(3):
        moving.plan()
    assert [event.state for event in story(moving).events] == ["ready"]


def test_a_crash_is_in_the_history(tmp_path: Path) -> None:
    """A record in flight at a crash is unknown from the next run on."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    for step in range(1, 30):
        moving.crash_at(step, concurrency=1)
        if migrate.status(journal=moving.journal).counts["in_flight"]:
            break
    moving.apply()
    states = [event.state for event in story(moving).events]
    assert states[-2:] == ["unknown", "quarantined"]
    assert ("apply", None) in [(run[0], run[2]) for run in runs(moving)]


def test_an_unknown_id_is_refused(moving: Moving) -> None:
    """The error says which id the command needs."""
    moving.plan()
    with pytest.raises(ConfigurationError, match="has no customer x: use the id that"):
        migrate.show("x", journal=moving.journal)


def test_each_run_is_logged(moving: Moving) -> None:
    """The log has the command, operator and outcome of each run, in order."""
    moving.plan()
    with pytest.raises(ConfigurationError, match="not 0000"):
        moving.apply(plan="0000")
    with migrate.operating("Ken"):
        moving.apply()
    moving.verify()
    assert runs(moving) == [
        ("plan", "Grace", "done"),
        ("apply", "Grace", "failed"),
        ("apply", "Ken", "done"),
        ("verify", "Grace", "done"),
    ]


def test_a_run_that_stops_says_so(tmp_path: Path) -> None:
    """An apply that ends early is not logged as done."""
    target: Any = Faults().around(SonderSimulator())
    target.schedule(*["lost"] * 3)
    moving = bond_to_sonder(tmp_path, 4, target=target)
    moving.plan()
    moving.apply(max_failures=0, concurrency=1)
    assert [run[2] for run in runs(moving)] == ["done", "stopped"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_an_operator_has_a_name(name: str, moving: Moving) -> None:
    """A name with invisible characters is refused before anything else."""
    with (
        pytest.raises(ConfigurationError, match="operator is not a name"),
        migrate.operating(name),
    ):
        moving.plan()


def test_the_log_has_no_path(moving: Moving) -> None:
    """Neither runs nor histories contain the path of a journal or supplement."""
    moving.plan()
    shown = str((runs(moving), story(moving)))
    assert os.sep not in shown


def test_the_next_command_is_named(tmp_path: Path) -> None:
    """From plan to crosswalk, each command says what to type next."""
    moving = bond_to_sonder(tmp_path, 2)
    planned = moving.plan()
    on = f"--journal {moving.journal}"
    assert planned.next_command == f"anybank migrate apply --plan {planned.plan} {on}"
    assert moving.apply().next_command == f"anybank migrate verify {on}"
    assert (
        moving.verify().next_command
        == f"anybank migrate crosswalk --csv crosswalk.csv {on}"
    )


def test_who_waits_is_shown_next(tmp_path: Path) -> None:
    """The next command names a customer who waits, and can be pasted."""
    faulty = Faults().around(SonderSimulator())
    faulty.schedule("lost")
    moving = bond_to_sonder(tmp_path, 1, target=faulty)
    moving.plan()
    summary = moving.apply()
    (source_id,) = people(moving.source)
    assert summary.next_command == (
        f"anybank migrate show {source_id} --journal {moving.journal}"
    )


def test_a_report_has_the_runs(moving: Moving, tmp_path: Path) -> None:
    """The page lists each command with its operator, escaped."""
    with migrate.operating("<b>Ken"):
        moving.plan()
    page = tmp_path / "report.html"
    migrate.report(journal=moving.journal, html=page)
    text = page.read_text()
    assert "&lt;b&gt;Ken" in text
    assert "<b>Ken" not in text
    assert [
        run.command for run in migrate.Report.read(moving.journal).summary.runs
    ] == ["plan"]
