"""A plan has every customer of the source, however its listing behaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field
from tests.migrate.moving import side
from tests.migrate.odd import Odd

from anybank import AsyncBank, Bank, UnexpectedResponse, migrate
from anybank.migrate import Side
from anybank.migrate.commands.workers.listings import MAX_PASSES, CustomerListing
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

Before = Callable[[httpx.Request], httpx.Request | None]


@define
class Listing(httpx.AsyncBaseTransport):
    """A transport that changes requests for pages, or the pages behind them."""

    inner: httpx.AsyncBaseTransport
    before: Before
    pages: int = field(init=False, default=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.endswith("/customers"):
            self.pages += 1
            request = self.before(request) or request
        return await self.inner.handle_async_request(request)


def bond_with(count: int) -> BondSimulator:
    bond = BondSimulator()
    for _ in range(count):
        bond.seed_customer(middle_name="May", ssn="912-45-6789")
    return bond


def source_of(bond: BondSimulator, before: Before) -> tuple[Side, Listing]:
    transport = Listing(SimulatorTransport(bond), before)
    options = {**side(bond).options, "transport": transport}
    return Side("bond", options), transport


def planned(tmp_path: Path, source: Side) -> migrate.Summary:
    target = side(SonderSimulator())
    journal = tmp_path / "move.db"
    return migrate.plan(source, target, journal=journal, accept_loss="all")


def ids_in(tmp_path: Path) -> set[str]:
    with Journal.open(tmp_path / "move.db") as journal:
        return {record.source_id for record in journal.records(list(State))}


def ids_at(bond: BondSimulator) -> list[str]:
    with Bank("bond", **side(bond).options) as bank:
        return [customer.id for customer in bank.customers.list()]


def capped(most: int) -> Before:
    """Return a change that limits the size of each page, whatever is requested."""

    def before(request: httpx.Request) -> httpx.Request:
        url = request.url.copy_set_param("per_page", str(most))
        return httpx.Request(request.method, url, headers=request.headers)

    return before


def test_who_slides_over_a_page_border_is_planned(tmp_path: Path) -> None:
    """A second pass lists a customer who slid because another one was deleted."""
    bond = bond_with(60)
    first = ids_at(bond)[0]

    def before(request: httpx.Request) -> None:
        if request.url.params["page"] == "2" and first in ids_at(bond):
            with Bank("bond", **side(bond).options) as bank:
                bank.customers.delete(first)

    source, _ = source_of(bond, before)
    summary = planned(tmp_path, source)
    assert set(ids_at(bond)) <= ids_in(tmp_path)
    assert (summary.totals["listing_passes"], summary.totals["listed_late"]) == (3, 1)


@pytest.mark.parametrize("most", [1, 2, 5, 10, 20])
def test_short_pages_end_no_plan(tmp_path: Path, most: int) -> None:
    """A page that is shorter than requested is not the last one."""
    bond = bond_with(21)
    source, _ = source_of(bond, capped(most))
    planned(tmp_path, source)
    assert ids_in(tmp_path) == set(ids_at(bond))


def test_a_quiet_source_is_listed_twice(tmp_path: Path) -> None:
    """The second pass finds nobody new; its calls are the price of certainty."""
    source, transport = source_of(bond_with(60), lambda _: None)
    summary = planned(tmp_path, source)
    assert (summary.totals["listing_passes"], transport.pages) == (2, 6)
    assert summary.totals["listed_late"] == 0


def test_a_listing_that_never_settles_is_reported(tmp_path: Path) -> None:
    """After five passes with new customers the plan ends and says what to do."""
    bond = bond_with(3)

    def before(_: httpx.Request) -> None:
        bond.seed_customer(middle_name="May", ssn="912-45-6789")

    source, _ = source_of(bond, before)
    summary = planned(tmp_path, source)
    assert summary.totals["listing_passes"] == MAX_PASSES
    assert summary.exit_code == 2
    rules = [reason.rule for reason in summary.reasons]
    assert "unsettled listing" in rules
    assert migrate.status(journal=tmp_path / "move.db").totals["unsettled_listing"] == 1


def test_pages_without_an_end_are_an_error(tmp_path: Path) -> None:
    """A server that repeats two pages forever ends the plan with an error."""

    def before(request: httpx.Request) -> httpx.Request:
        number = (int(request.url.params["page"]) - 1) % 2 + 1
        url = request.url.copy_set_param("page", str(number))
        url = url.copy_set_param("per_page", "2")
        return httpx.Request(request.method, url, headers=request.headers)

    source, _ = source_of(bond_with(4), before)
    with pytest.raises(UnexpectedResponse, match="does not end"):
        planned(tmp_path, source)


def test_a_server_that_has_one_page_alone_has_it_once(tmp_path: Path) -> None:
    """A page that ignores its number is the whole listing."""
    source, _ = source_of(bond_with(3), lambda request: _with_page(request, "1"))
    planned(tmp_path, source)
    assert len(ids_in(tmp_path)) == 3


def _with_page(request: httpx.Request, number: str) -> httpx.Request:
    url = request.url.copy_set_param("page", number)
    return httpx.Request(request.method, url, headers=request.headers)


def test_a_stable_listing_is_walked_once() -> None:
    """One pass suffices where the declaration says that nobody can slide."""
    bond = bond_with(3)
    at = side(bond)

    async def walk() -> CustomerListing:
        async with AsyncBank("bond", **at.options) as bank:
            bank.capabilities  # noqa: B018  # the declaration of the adapter
            walked = CustomerListing(_Stable(bank))  # type: ignore[arg-type]
            assert len([item async for item in walked]) == 3
        return walked

    assert asyncio.run(walk()).passes == 1


class _Stable:
    """A bank whose declaration calls its listing stable."""

    def __init__(self, bank: Any) -> None:
        self.customers = bank.customers
        self.capabilities = self

    def feature(self, _: str) -> Any:
        return self

    stable_listing = True


def test_one_bad_page_ends_no_plan(tmp_path: Path) -> None:
    """A page is read again, like a customer."""
    bond = bond_with(60)
    target = Odd(bond, ("a portal's page",), 0.5, seed=3)
    source = side(target)
    planned(tmp_path, source)
    assert ids_in(tmp_path) == set(ids_at(bond))
