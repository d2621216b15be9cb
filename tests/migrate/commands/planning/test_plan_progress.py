"""A plan that was interrupted continues at the page of the source where it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.migrate.moving import Crash, Moving, bond_to_sonder, people, side, ssn

from anybank import Bank, migrate
from anybank._engine.timing import Timing
from anybank.migrate import Side
from anybank.migrate.commands.planning import planner
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.transport import SimulatorTransport

_CUSTOMERS = 45
_PAGE = 5
"""How many customers a page of the source has here."""


@define
class Pages(httpx.AsyncBaseTransport):
    """Serves small pages of a source, notes their numbers, and crashes before one."""

    inner: httpx.AsyncBaseTransport
    crash_before: int = 0
    """The count of the request for a page that never leaves; 0 for none."""
    refuses_first: bool = False
    """Whether the source refuses the first request for a page."""
    numbers: list[str] = field(init=False, factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/customers"):
            return await self.inner.handle_async_request(request)
        number = request.url.params["page"]
        self.numbers.append(number)
        if len(self.numbers) == self.crash_before:
            raise Crash
        if self.refuses_first and len(self.numbers) == 1:
            return httpx.Response(400, json={"code": "E_INPUT"}, request=request)
        url = request.url.copy_set_param("per_page", str(_PAGE))
        small = httpx.Request(request.method, url, headers=request.headers)
        return await self.inner.handle_async_request(small)


@pytest.fixture(autouse=True)
def _each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Note the position after each page."""
    monkeypatch.setattr(planner, "_PAGES", 1)


@define
class Plan:
    """Plans the customers of one source, in one run or in several."""

    moving: Moving

    def run(self, pages: Pages, timing: Timing | None = None, **more: Any) -> Any:
        source = side(self.moving.source)
        options = {**source.options, "transport": pages}
        target = side(self.moving.target)
        if timing is not None:
            target = evolve(target, options={**target.options, "timing": timing})
        return migrate.plan(
            Side(source.provider, options),
            target,
            journal=self.moving.journal,
            **{
                "supplement": self.moving.supplement,
                "accept_loss": "all",
                "accept_quality": "all",
                **more,
            },
        )

    def pages(self, **changes: Any) -> Pages:
        return Pages(SimulatorTransport(self.moving.source), **changes)

    def crash(self, before: int, **more: Any) -> None:
        with pytest.raises(Crash):
            self.run(self.pages(crash_before=before), **more)

    def ready(self) -> set[str]:
        with Journal.open(self.moving.journal) as journal:
            return {record.source_id for record in journal.records({State.READY})}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(bond_to_sonder(tmp_path, _CUSTOMERS))


def test_the_next_plan_continues_at_the_page(plan: Plan) -> None:
    """Pages that were certified are not read again, and nobody is missing."""
    plan.crash(before=6)
    pages, notices = plan.pages(), list[str]()
    summary = plan.run(pages, notices=notices.append)
    assert pages.numbers[0] == "6"
    assert plan.ready() == set(people(plan.moving.source))
    assert summary.totals["inventory"] == _CUSTOMERS
    assert (summary.totals["listing_passes"], summary.totals["listed_late"]) == (2, 0)
    assert notices == ["the interrupted plan continues at the page where it ended"]


def test_it_is_the_same_plan(plan: Plan) -> None:
    """It has the checksum of a plan without interruption, and later plans start over."""
    plan.crash(before=4)
    continued = plan.run(plan.pages())
    pages = plan.pages()
    again = plan.run(pages)
    assert (pages.numbers[0], again.plan) == ("1", continued.plan)


@settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(crashes=st.lists(st.integers(1, 12), max_size=4))
def test_nobody_is_missing_after_any_crashes(
    crashes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However often a plan is interrupted, its two passes have everybody once."""
    plan = Plan(bond_to_sonder(tmp_path_factory.mktemp("plan"), _CUSTOMERS))
    for before in crashes:
        try:
            plan.run(plan.pages(crash_before=before))
        except Crash:
            continue
    summary = plan.run(plan.pages())
    assert plan.ready() == set(people(plan.moving.source))
    assert (summary.totals["listing_passes"], summary.totals["listed_late"]) == (2, 0)
    assert summary.totals["inventory"] == _CUSTOMERS


def test_a_batch_that_is_half_written_is_certified_again(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the records of a page and their certificates leaves nobody out."""
    write: Callable[..., None] = Journal.write
    count = 0

    def crashing(journal: Journal, transitions: Any) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise Crash
        write(journal, transitions)

    monkeypatch.setattr(Journal, "write", crashing)
    with pytest.raises(Crash):
        plan.run(plan.pages())
    pages = plan.pages()
    plan.run(pages)
    assert pages.numbers[0] == "3"
    assert plan.ready() == set(people(plan.moving.source))


def test_who_slides_over_the_border_meanwhile_is_planned(plan: Plan) -> None:
    """A second pass finds a customer who slid to a page that was read before."""
    plan.crash(before=6)
    first = next(iter(people(plan.moving.source)))
    with Bank("bond", **side(plan.moving.source).options) as bank:
        bank.customers.delete(first)
    summary = plan.run(plan.pages())
    assert set(people(plan.moving.source)) <= plan.ready()
    assert summary.totals["listed_late"] == 1


@pytest.mark.parametrize(
    "change",
    [{"accept_loss": "middle_name"}, {"again": True}, {"limit": 3}],
    ids=str,
)
def test_another_plan_starts_over(plan: Plan, change: dict[str, Any]) -> None:
    """Certificates of two different plans are never mixed."""
    plan.crash(before=6)
    pages = plan.pages()
    plan.run(pages, **change)
    assert pages.numbers[0] == "1"


def test_other_exclusions_start_over(plan: Plan, tmp_path: Path) -> None:
    """A customer who is excluded meanwhile does not stay in the plan."""
    plan.crash(before=6)
    excluded = next(iter(people(plan.moving.source)))
    (tmp_path / "out.txt").write_text(f"{excluded}\n")
    pages = plan.pages()
    plan.run(pages, exclude=tmp_path / "out.txt")
    assert pages.numbers[0] == "1"
    assert excluded not in plan.ready()


def test_a_plan_of_a_part_forgets_the_position(plan: Plan) -> None:
    """After a plan of some customers the whole plan starts over."""
    plan.crash(before=6)
    plan.run(plan.pages(), limit=3)
    pages = plan.pages()
    plan.run(pages)
    assert pages.numbers[0] == "1"


def test_a_page_token_that_is_refused_starts_the_pass_over(plan: Plan) -> None:
    """A bank that does not know the page any more is listed from the beginning."""
    plan.crash(before=6)
    pages = plan.pages(refuses_first=True)
    plan.run(pages)
    assert pages.numbers[:3] == ["6", "1", "2"]
    assert plan.ready() == set(people(plan.moving.source))


def test_an_old_position_is_not_used(plan: Plan) -> None:
    """After a day the data of a plan are too old to continue it."""
    plan.crash(before=6)
    with Journal.open_locked(plan.moving.journal) as journal:
        text = journal.metadata()["plan_progress"]
        before, _, after = text.partition('"at": "2')
        old = f'{before}"at": "1{after}'
        journal.set_metadata(plan_progress=old)
    pages = plan.pages()
    plan.run(pages)
    assert pages.numbers[0] == "1"


def test_a_plan_over_midnight_keeps_its_day(plan: Plan) -> None:
    """Ages are calculated for one day, that on which the plan began."""

    class Yesterday(Timing):
        def today(self) -> date:
            return date(2026, 3, 1)

    with pytest.raises(Crash):
        plan.run(plan.pages(crash_before=6), Yesterday())
    plan.run(plan.pages())
    with Journal.open(plan.moving.journal) as journal:
        assert journal.metadata()["planned_on"] == "2026-03-01"


def test_customers_without_a_supplement_are_counted_once(
    plan: Plan, tmp_path: Path
) -> None:
    """The count of both processes is that of one."""
    vault = tmp_path / "less.csv"
    ids = list(people(plan.moving.source))
    rows = [f"{item},{ssn(at)},{900_000 + at}" for at, item in enumerate(ids) if at % 3]
    vault.write_text("\n".join(["source_id,ssn,document_locator_number", *rows]) + "\n")
    plan.crash(before=6, supplement=vault)
    summary = plan.run(plan.pages(), supplement=vault)
    assert summary.totals["without_supplement"] == _CUSTOMERS // 3
