"""Rate limits in the database of a journal, and in a database of an app."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.migrate.moving import bond_to_sonder, side
from tests.migrate.postgres import PASSWORD, Server

from anybank import ConfigurationError, Throttle, migrate
from anybank._engine.postgres_rates import PostgresRates
from anybank._engine.rate_store import RateStore
from anybank._engine.timing import Timing
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.rates import JournalRates, shared_throttle
from anybank.migrate.journal.tables import RATES


@pytest.fixture(params=["sqlite", "postgresql", "app"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RateStore]:
    """Return the rates of a journal on either engine, or of an app."""
    if request.param == "app":
        yield PostgresRates(app_url(request.getfixturevalue("server")))
        return
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'move.db.key'}")
    place: JournalLocation = tmp_path / "move.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        place = server.new_url()
    with Journal.create(place, plan=0) as journal:
        yield JournalRates(journal)


def app_url(server: Server) -> str:
    return f"postgresql://anybank:{PASSWORD}@127.0.0.1:{server.port}/postgres"


def test_slots_follow_each_other_at_the_interval(store: RateStore) -> None:
    """A reservation starts where the one before it ends, by the database's clock."""
    first = store.reserve("slots", 10, 1.0)
    second = store.reserve("slots", 1, 1.0)
    third = store.reserve("slots", 1, 1.0)
    assert first.starts_in == pytest.approx(0.0, abs=0.5)
    assert second.starts_in == pytest.approx(10.0, abs=0.5)
    assert third.starts_in == pytest.approx(11.0, abs=0.5)
    assert max(item.held_for for item in (first, second, third)) <= 0


def test_limits_with_different_keys_are_independent(store: RateStore) -> None:
    """A journal has one limit for its source and one for its target."""
    store.reserve("one", 100, 1.0)
    assert store.reserve("other", 1, 1.0).starts_in == pytest.approx(0.0, abs=0.5)


def test_a_hold_moves_the_next_slot_and_is_seen_by_all(store: RateStore) -> None:
    """After a 429 the next slot is at the end of the pause; a shorter hold changes nothing."""
    assert store.held_for("hold") <= 0
    store.hold("hold", 30.0)
    store.hold("hold", 5.0)
    assert store.held_for("hold") == pytest.approx(30.0, abs=0.5)
    reservation = store.reserve("hold", 1, 1.0)
    assert reservation.starts_in == pytest.approx(30.0, abs=0.5)
    assert reservation.held_for == pytest.approx(30.0, abs=0.5)


def test_a_process_has_one_throttle_for_a_key(tmp_path: Path) -> None:
    """The lanes of a worker use one slice of slots."""
    with Journal.create(tmp_path / "move.db", plan=0) as journal:
        one = shared_throttle(journal, "target", 60)
        assert shared_throttle(journal, "target", 60) is one
        assert shared_throttle(journal, "source", 60) is not one


def test_journals_are_written_to_while_rates_are(store: RateStore) -> None:
    """A reservation does not wait for the lock of a journal."""
    if not isinstance(store, JournalRates):
        pytest.skip("an app has no journal")
    with store.journal.locked():
        store.reserve("locked", 1, 1.0)
        store.hold("locked", 1.0)


def test_threads_that_start_together_create_the_table_once(server: Server) -> None:
    """The first thread creates the table, and all slots differ."""
    server.sql("DROP TABLE IF EXISTS anybank_rates")
    stores = [PostgresRates(app_url(server)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        slots = list(pool.map(lambda value: value.reserve("race", 1, 100.0), stores))
    starts = sorted(round(slot.starts_in / 100) for slot in slots)
    assert starts == [0, 1, 2, 3]


def test_a_connection_that_was_lost_is_opened_again(server: Server) -> None:
    """The throttle survives a restart of the database."""
    store = PostgresRates(app_url(server))
    store.reserve("lost", 1, 1.0)
    server.end_sessions()
    assert store.reserve("lost", 1, 1.0).starts_in == pytest.approx(1.0, abs=0.9)


def test_a_database_that_cannot_be_reached_shows_no_password() -> None:
    """The error says what to check, and repeats no part of the URL."""
    store = PostgresRates("postgresql://anybank:s3cret@127.0.0.1:1/postgres")
    with pytest.raises(ConfigurationError, match="shared rate limit") as raised:
        store.reserve("key", 1, 1.0)
    assert "s3cret" not in str(raised.value)
    assert "s3cret" not in repr(store)


_STARTS = """
import sys, time
from anybank import Throttle
from anybank._engine.throttle_steps import attempt
from anybank.adapter.wire import Wait

throttle = Throttle.shared(sys.argv[1], "processes", per_minute=3000)
for _ in range(20):
    for step in throttle.acquire(time.monotonic):
        if isinstance(step, Wait):
            time.sleep(step.seconds)
        else:
            assert attempt(step) is None
    print(time.time())
"""


def test_processes_share_a_limit(server: Server) -> None:
    """Three processes start 60 calls as slowly as one process would."""
    processes = [
        subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", _STARTS, app_url(server)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    texts = [process.communicate(timeout=60)[0] for process in processes]
    assert [item.returncode for item in processes] == [0, 0, 0]
    starts = sorted(float(line) for text in texts for line in text.split())
    assert len(starts) == 60
    assert starts[-1] - starts[0] >= 59 * 60 / 3000 - 0.6


@pytest.mark.parametrize("is_own", [False, True])
def test_a_worker_shares_the_limit_of_its_target(
    tmp_path: Path, *, is_own: bool
) -> None:
    """The limit is in the journal, unless the caller passes a throttle."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    (ref,) = migrate.batches(journal=moving.journal)
    limit = Throttle(60_000) if is_own else 60_000
    source, _ = moving.sides()
    target = side(moving.target, rate_limit=limit, timing=Timing())
    batch = migrate.run_batch(ref, journal=moving.journal, source=source, target=target)
    assert batch.sent == 2
    with Journal.open(moving.journal) as journal:
        names = [row.name for row in journal.query(sa.select(RATES.c.name))]
    assert names == ([] if is_own else ["target"])
