"""The browser, and the reports that it opens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from tests.migrate.moving import Moving
from tests.migrate.planted import PLANTED, planted_bond
from tests.migrate.reporting import written

from anybank import migrate
from anybank.migrate.journal.states import State
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator

from .chromium import PROGRAM, WITHOUT, Tab, started


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Return a browser, which is started once."""
    if PROGRAM is None:
        pytest.skip(WITHOUT)
    with started(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of a run of three hours with every kind of event."""
    records = {f"b-{state}": state for state in State if state in _REACHED}
    known: Mapping[str, Mapping[str, object]] = {
        "b-created": {"target_id": "s-1"},
        "b-verified": {"target_id": "s-2"},
        "b-mismatched": {"target_id": "s-3", "mismatches": ["emails"]},
        "b-ambiguous": {"failure": {"class": "Matched", "target_ids": ["s-8", "s-9"]}},
        "b-failed": {"failure": {"class": "Conflict", "status": 409, "code": "taken"}},
    }
    path = written(tmp_path_factory.mktemp("busy") / "move.db", records, known)
    rows = [
        (f"2026-11-21T{8 + at // 60:02}:{at % 60:02}Z", state, 40 + at % 7)
        for at in range(180)
        for state in ("created", "verified", "failed")
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM throughput")
        database.executemany("INSERT INTO throughput VALUES (?, ?, '', ?)", rows)
        for at, status in enumerate(("ended", "working", "lost", "paused")):
            name = f"anybank-worker-production-7d9f8b6c4-x2x9{at}:1:a8e42{at}"
            worker = (name, 16, 1.0 + at, 2.0 + at, status.replace("lost", "working"))
            database.execute("INSERT INTO workers VALUES (?, ?, ?, ?, ?)", worker)
            own = [(*row[:2], name, row[2]) for row in rows[at * 60 :]]
            database.executemany("INSERT INTO throughput VALUES (?, ?, ?, ?)", own)
    return _report(path)


_REACHED = (
    State.BLOCKED,
    State.QUARANTINED,
    State.AMBIGUOUS,
    State.FAILED,
    State.CREATED,
    State.VERIFIED,
    State.MISMATCHED,
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of a real run, of customers whose every field is known."""
    folder = tmp_path_factory.mktemp("planted")
    bond = planted_bond()
    target = Faults().around(SonderSimulator(duplicate_ssn="reject"))
    target.schedule("lost", "500")
    supplement = folder / "vault.csv"
    ids = [item.id for item in bond.world.customers.of(bond.brand_id)]
    row = f"{PLANTED['ssn']},{PLANTED['document_locator_number']}"
    rows = [
        "source_id,ssn,document_locator_number",
        *(f"{item},{row}" for item in ids),
    ]
    supplement.write_text("\n".join(rows))
    moving = Moving(folder, bond, target, supplement=supplement)
    moving.plan(accept_quality=["shared-ssn", "same-name-and-birth"])
    moving.apply()
    moving.verify()
    return _report(moving.journal)


def _report(journal: Path) -> Path:
    page = journal.with_name("report.html")
    migrate.report(journal=journal, html=page)
    return page
