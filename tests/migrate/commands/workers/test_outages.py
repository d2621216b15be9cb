"""A bank that fails for everybody stops a run early, or makes it wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from tests.fakes import FakeTime
from tests.migrate.moving import side

from anybank import AnybankError, ConfigurationError, migrate
from anybank.adapter.wire import Request, Response
from anybank.errors import (
    AuthenticationFailed,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from anybank.migrate import Side, Summary
from anybank.migrate.commands.workers.breakers import FAILURES_IN_A_ROW
from anybank.migrate.commands.workers.outages import is_outage
from anybank.migrate.commands.workers.waits import Wait, parse_wait
from anybank.migrate.commands.workers.worker_pool import DEFAULT_CONCURRENCY
from anybank.sandbox.simulator import Simulator
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

PEOPLE = 60


@define
class Outage:
    """A Sonder that gives the same response to every request for a while."""

    bank: Simulator
    time: FakeTime
    answer: Response = field(factory=lambda: Response(status=503))
    affects: Callable[[Request], bool] = lambda _: True
    first: int = 0
    """After so many requests that it is asked about the outage begins."""
    seconds: float = float("inf")
    requests: int = 0
    hit: int = 0
    began: float | None = None

    @property
    def base_path(self) -> str:
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        if self.affects(request):
            self.requests += 1
            if self.requests > self.first and self._lasts():
                self.hit += 1
                return self.answer
        return self.bank(request)

    def _lasts(self) -> bool:
        self.began = self.time.now if self.began is None else self.began
        return self.time.now - self.began < self.seconds

    @property
    def created(self) -> int:
        """How many customers Sonder has."""
        assert isinstance(self.bank, SonderSimulator)
        return len(self.bank.customer_ids)


def is_create(request: Request) -> bool:
    return request.method == "POST"


@define
class Run:
    """A migration of sixty customers, on a clock that only sleeps move."""

    directory: Path
    outage: Outage
    source: BondSimulator
    lines: list[str] = field(factory=list)

    @property
    def journal(self) -> Path:
        return self.directory / "move.db"

    def sides(self) -> tuple[Side, Side]:
        timing = self.outage.time.timing()
        return side(self.source), side(self.outage, "sonder", timing=timing)

    def apply(
        self, wait: Wait | None = None, concurrency: int | None = None
    ) -> Summary:
        source, target = self.sides()
        return migrate.apply(
            journal=self.journal,
            source=source,
            target=target,
            wait=wait,
            notices=self.lines.append,
            concurrency=concurrency,
        )

    def verify(self, wait: Wait | None = None) -> Summary:
        source, target = self.sides()
        return migrate.verify(
            journal=self.journal,
            source=source,
            target=target,
            wait=wait,
            notices=self.lines.append,
        )

    def rollback(self, wait: Wait | None = None) -> Summary:
        _, target = self.sides()
        return migrate.rollback(
            journal=self.journal,
            target=target,
            yes=True,
            allow="deletes",
            wait=wait,
            notices=self.lines.append,
        )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a planned migration whose target fails only when a test says so."""
    bond = BondSimulator()
    rows = ["source_id,ssn,document_locator_number"]
    for at in range(PEOPLE):
        ssn = f"912-45-{6000 + at}"
        source_id = bond.seed_customer(first_name="Ada", middle_name="May", ssn=ssn)
        rows.append(f"{source_id},{ssn},{900_000 + at}")
    (tmp_path / "vault.csv").write_text("\n".join(rows) + "\n")
    run = Run(tmp_path, Outage(SonderSimulator(), FakeTime(), first=10**9), bond)
    migrate.plan(
        *run.sides(),
        journal=run.journal,
        supplement=tmp_path / "vault.csv",
        accept_loss="all",
        accept_quality="all",
    )
    return run


def test_an_outage_leaves_few_in_doubt(run: Run) -> None:
    """The unknown records are at most those in flight after a few failures in a row."""
    run.outage.first = 20
    summary = run.apply()
    unknown = summary.counts["unknown"]
    assert FAILURES_IN_A_ROW <= unknown <= FAILURES_IN_A_ROW + DEFAULT_CONCURRENCY
    assert summary.counts["created"] == run.outage.created == 20
    assert summary.counts["ready"] == PEOPLE - 20 - unknown
    assert (summary.counts["quarantined"], summary.counts["failed"]) == (0, 0)


def test_an_outage_is_distinct_from_failures_of_records(run: Run) -> None:
    """The exit code, the outage and its count show that no record is at fault."""
    run.outage.first = 20
    summary = run.apply(concurrency=1)
    assert summary.exit_code == 75
    assert summary.outage == migrate.Outage(
        provider="sonder",
        error="ProviderUnavailable",
        status=503,
        failures=5,
        waited=0.0,
    )
    assert summary.totals["bank_failures"] == 5
    assert summary.stopped == (
        "Sonder Labs failed 5 times in a row (ProviderUnavailable, HTTP 503), so nothing "
        "more was sent. Run the same command again when the bank is back, or add --wait "
        "30m to wait for it."
    )


def test_the_next_apply_goes_on_and_creates_nobody_twice(run: Run) -> None:
    """The records in doubt wait for a person; all others are created once."""
    run.outage.first = 20
    unknown = run.apply().counts["unknown"]
    run.outage.first = 10**9
    summary = run.apply()
    assert summary.counts["quarantined"] == unknown
    assert summary.counts["created"] == run.outage.created == PEOPLE - unknown


def test_a_run_that_waits_goes_on_when_the_bank_is_back(run: Run) -> None:
    """The run probes the bank until it responds, and announces why it waits."""
    run.outage.first, run.outage.seconds = 20, 100.0
    summary = run.apply(wait="30m")
    quarantined = summary.counts["quarantined"]
    assert quarantined <= FAILURES_IN_A_ROW + DEFAULT_CONCURRENCY
    assert summary.counts["created"] == run.outage.created == PEOPLE - quarantined
    assert (summary.outage, summary.exit_code) == (None, 2)
    assert "Sonder Labs failed" in run.lines[0]
    assert "(ProviderUnavailable, HTTP 503): waiting 5 s, next try at " in run.lines[0]


def test_a_bank_that_does_not_come_back_ends_the_wait(run: Run) -> None:
    """The run stops after the wait, and says how long it waited."""
    run.outage.first = 20
    summary = run.apply(wait=90)
    assert summary.outage is not None
    assert (summary.outage.waited, summary.exit_code) == (90.0, 75)
    assert "did not recover within 90 s" in str(summary.stopped)


def test_one_record_goes_first_while_reads_work_and_creates_fail(run: Run) -> None:
    """After each pause one record is tried, not all of them."""
    run.outage.first, run.outage.affects = 20, is_create
    summary = run.apply(wait="10m")
    trials = len(run.lines)
    assert summary.counts["unknown"] <= FAILURES_IN_A_ROW + DEFAULT_CONCURRENCY + trials
    assert run.outage.hit <= FAILURES_IN_A_ROW + DEFAULT_CONCURRENCY + trials
    assert run.outage.created == 20


def test_refusals_of_people_do_not_stop_a_run(run: Run) -> None:
    """A bank that rejects one customer after another has no outage."""
    refused = Response(status=422, content=b'{"message": "no"}')
    run.outage.answer, run.outage.affects = refused, is_create
    run.outage.first = 0
    summary = run.apply()
    assert (summary.outage, summary.totals["bank_failures"]) == (None, 0)
    assert summary.counts["failed"] + summary.counts["ambiguous"] == PEOPLE


def test_refused_credentials_stop_at_once(run: Run) -> None:
    """No more requests leave than are in flight, and every record stays ready."""
    run.outage.answer, run.outage.first = Response(status=401), 0
    with pytest.raises(AuthenticationFailed):
        run.apply()
    assert run.outage.hit <= DEFAULT_CONCURRENCY
    assert migrate.status(journal=run.journal).counts["ready"] == PEOPLE


def test_verify_stops_and_waits_likewise(run: Run) -> None:
    """Records that could not be read stay created; with a wait all are verified."""
    run.apply()
    run.outage.first = run.outage.requests + 20
    summary = run.verify()
    assert (summary.exit_code, summary.counts["mismatched"]) == (75, 0)
    run.outage.first, run.outage.seconds = run.outage.requests + 20, 60.0
    run.outage.began = None
    assert run.verify(wait="30m").counts["verified"] == PEOPLE


def test_rollback_stops_and_waits_likewise(run: Run) -> None:
    """The target has exactly the customers that are not rolled back."""
    run.apply()
    run.outage.first = run.outage.requests + 50
    summary = run.rollback()
    assert summary.exit_code == 75
    assert summary.counts["rolled_back"] == PEOPLE - run.outage.created
    run.outage.first, run.outage.seconds = run.outage.requests + 20, 60.0
    run.outage.began = None
    assert run.rollback(wait="30m").counts["rolled_back"] == PEOPLE
    assert run.outage.created == 0


def test_a_batch_reports_an_outage(run: Run) -> None:
    """The batch goes back to the queue, since no record is at fault."""
    (ref,) = migrate.batches(journal=run.journal)
    run.outage.first = 20
    source, target = run.sides()
    batch = migrate.run_batch(ref, journal=run.journal, source=source, target=target)
    assert batch.outage is not None
    assert batch.counts["created"] == run.outage.created == 20


def test_a_pause_that_a_bank_asks_for_is_announced(run: Run) -> None:
    """All workers wait once for Retry-After, and one line says so."""
    busy = Response(status=429, headers={"Retry-After": "30"})
    run.outage.answer, run.outage.first, run.outage.seconds = busy, 20, 20.0
    run.apply()
    assert run.outage.created == PEOPLE
    assert run.lines[0].startswith(
        "Sonder Labs returned Too Many Requests (429, Retry-After): "
        "waiting 30 s, next try at "
    )
    assert len(run.lines) < DEFAULT_CONCURRENCY


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(None, 0), (45, 45), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5m", 90)],
)
def test_a_wait_is_a_number_or_a_time(wait: Wait | None, seconds: float) -> None:
    """Seconds, minutes and hours are accepted."""
    assert parse_wait(wait) == seconds


@pytest.mark.parametrize("wait", ["", "soon", "-3s", "3d", "nan"])
def test_a_wait_that_is_none_is_refused(wait: str) -> None:
    """An invalid wait is refused before the journal is opened."""
    with pytest.raises(ConfigurationError, match="wait must be a time such as 90s"):
        parse_wait(wait)


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (ProviderUnavailable(status=503), True),
        (OutcomeUnknown(), True),
        (NotSent(), True),
        (RateLimited(), True),
        (UnexpectedResponse(path="$"), True),
        (UnexpectedResponse(path="$.id"), False),
        (Rejected(), False),
    ],
)
def test_what_is_of_the_bank_and_what_of_a_record(
    error: AnybankError, *, outage: bool
) -> None:
    """Only errors that are not about a customer count."""
    assert is_outage(error) is outage


def sources(tmp_path: Path) -> dict[str, tuple[Outage, str, dict[str, Any]]]:
    """Return sources, with and without a listing, that are down at first."""
    listed, by_id = BondSimulator(), SonderSimulator()
    for number in range(3):
        listed.seed_customer(first_name="Ada", ssn=f"912-45-{6000 + number}")
    ids = tmp_path / "ids.txt"
    ids.write_text("".join(f"{by_id.seed_customer()}\n" for _ in range(3)))
    return {
        "listed": (Outage(listed, FakeTime()), "bond", {}),
        "by id": (Outage(by_id, FakeTime()), "sonder", {"ids": ids}),
    }


def plan_during(
    source: tuple[Outage, str, dict[str, Any]], directory: Path, **more: Any
) -> Summary:
    outage, provider, options = source
    target = BondSimulator() if provider == "sonder" else SonderSimulator()
    timing = outage.time.timing()
    sides = side(outage, provider, timing=timing), side(target)
    journal = directory / "move.db"
    arguments = {"accept_loss": "all", "match": False, **options, **more}
    return migrate.plan(*sides, journal=journal, **arguments)


@pytest.mark.parametrize("kind", ["listed", "by id"])
def test_a_plan_waits_for_a_source_that_is_down(kind: str, tmp_path: Path) -> None:
    """The plan continues once the source is back, and announces why it waits."""
    source, lines = sources(tmp_path)[kind], list[str]()
    source[0].seconds = 300.0
    summary = plan_during(source, tmp_path, wait="30m", notices=lines.append)
    assert summary.totals["records"] == 3
    assert "(ProviderUnavailable, HTTP 503): waiting" in lines[0]


@pytest.mark.parametrize("kind", ["listed", "by id"])
@pytest.mark.parametrize("wait", [None, 90])
def test_a_plan_fails_where_the_source_stays_down(
    kind: str, wait: int | None, tmp_path: Path
) -> None:
    """Without a wait, or after it, the error of the source is raised."""
    source = sources(tmp_path)[kind]
    with pytest.raises(ProviderUnavailable):
        plan_during(source, tmp_path, wait=wait)
    assert (source[0].time.now - FakeTime().now >= 90) == (wait is not None)
