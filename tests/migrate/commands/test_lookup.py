"""When a customer who is absent at the target counts as never created."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, evolve, field
from tests.fakes import FakeTime
from tests.migrate.moving import Crash, Moving, people, sonder_to_bond

from anybank.adapter.wire import Request, Response
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import RECORDS
from anybank.sandbox.faults import AnswerLost
from anybank_bond.simulator import BondSimulator

TIMEOUT = 30.0


@define
class Slow:
    """A Bond that does not respond to a create, and creates the customer later."""

    bank: BondSimulator
    time: FakeTime
    late: float
    end: BaseException = field(factory=lambda: AnswerLost("reset"))
    """What becomes of whoever waits for the answer."""
    _creates: list[tuple[float, Request]] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        for at, create in [*self._creates]:
            if self.time.now >= at + self.late:
                self._creates.remove((at, create))
                self.bank(create)
        if request.method == "POST":
            self._creates.append((self.time.now, request))
            raise self.end
        return self.bank(request)


def slowed(directory: Path, count: int, slow: Slow, place: Any = None) -> Moving:
    """Return a planned migration to a slow bank, and its clock."""
    moving = sonder_to_bond(directory, count, target=slow)
    moving.place = place
    moving.options = {"timing": slow.time.timing(), "timeout": TIMEOUT}
    moving.plan()
    return moving


def died(directory: Path, late: float, place: Any = None) -> tuple[Moving, Slow]:
    """Return a migration whose run crashed during a create."""
    slow = Slow(BondSimulator(seed=1), FakeTime(), late, Crash())
    moving = slowed(directory, 1, slow, place)
    with pytest.raises(Crash):
        moving.apply()
    return moving, slow


def backdate(moving: Moving, at: float) -> None:
    """Set the time of every record's last change, in seconds since 1970."""
    changed_at = datetime.fromtimestamp(at, UTC).isoformat()
    with (
        Journal.open_locked(moving.journal) as journal,
        journal.transaction() as connection,
    ):
        connection.execute(sa.update(RECORDS).values(changed_at=changed_at))


def test_a_late_create_is_not_sent_twice(tmp_path: Path) -> None:
    """The look-up waits until no request can arrive any more."""
    slow = Slow(BondSimulator(seed=1), FakeTime(), late=20)
    moving = slowed(tmp_path, 4, slow)
    assert moving.apply().open == 0
    assert slow.time.slept == [TIMEOUT]
    assert sorted(people(slow.bank).values()) == sorted(people(moving.source).values())


def test_what_died_on_its_way_may_still_arrive(tmp_path: Path) -> None:
    """A request of a crashed run may be at work for as long as a response takes."""
    moving, slow = died(tmp_path, late=20)
    assert moving.apply().open == 0
    assert slow.time.slept == [TIMEOUT]
    assert list(people(slow.bank).values()) == ["Ada"]


@pytest.mark.parametrize(
    ("ago", "slept"), [(20.0, [10.0]), (100.0, []), (-5.0, [30.0])]
)
def test_what_died_is_waited_for_from_its_intent(
    tmp_path: Path, ago: float, slept: list[float]
) -> None:
    """Elapsed time counts, and a clock that was ahead makes no wait longer."""
    moving, slow = died(tmp_path, late=0)
    backdate(moving, slow.time.now - ago)
    assert moving.apply().open == 0
    assert slow.time.slept == slept


def test_who_is_absent_after_that_is_sent_again(tmp_path: Path) -> None:
    """The record of a request that never arrived is ready and sent by this run."""
    moving, slow = died(tmp_path, late=float("inf"))
    moving.target = slow.bank
    summary = moving.apply()
    assert (summary.counts[State.CREATED], summary.totals["sent"]) == (1, 1)
    assert slow.time.slept == [TIMEOUT]


def test_a_run_that_lost_its_session_may_still_send(url: str, tmp_path: Path) -> None:
    """Its request may connect, be sent and be answered, for a timeout each."""
    moving, slow = died(tmp_path, late=80, place=url)
    assert moving.apply().open == 0
    assert slow.time.slept == [3 * TIMEOUT]
    assert list(people(slow.bank).values()) == ["Ada"]


@define
class Shifting:
    """A Bond that loses a response, and a customer between two pages."""

    bank: BondSimulator
    doomed: str
    hides: bool = False
    """Whether the references of its customers have a shape of no use."""
    creates: int = 0

    def __call__(self, request: Request) -> Response:
        answer: Response = self.bank(request)
        if request.method == "POST":
            self.creates += 1
            raise AnswerLost("reset")
        if ("page", "1") in request.query and self.doomed:
            deleted = evolve(
                request, method="DELETE", query={}, path=f"{request.path}/{self.doomed}"
            )
            self.bank(deleted)
            self.doomed = ""
        is_list = request.method == "GET" and request.path.endswith("/customers")
        return _hidden(answer) if is_list and self.hides else answer


def _hidden(answer: Response) -> Response:
    listed = json.loads(answer.content)
    spoiled = [{**item, "brand_person_id": {}} for item in listed]
    return evolve(answer, content=json.dumps(spoiled).encode())


def shifting(directory: Path) -> tuple[Moving, Shifting]:
    """Return a planned migration to a Bond that has a page of customers."""
    bond = BondSimulator(seed=1)
    there = [bond.seed_customer(brand_person_id=f"old-{at}") for at in range(50)]
    bank = Shifting(bond, there[0])
    moving = sonder_to_bond(directory, 1, target=bank)
    moving.plan()
    return moving, bank


def test_who_slides_over_a_page_border_is_not_absent(tmp_path: Path) -> None:
    """A second pass lists the customer whom the first one missed."""
    moving, bank = shifting(tmp_path)
    assert moving.apply().counts["created"] == 1
    assert bank.creates == 1
    assert len(people(bank.bank)) == 50


def test_where_a_reference_cannot_be_read_nobody_is_absent(tmp_path: Path) -> None:
    """The unreadable customer may be the one in question, so a person decides."""
    moving, bank = shifting(tmp_path)
    bank.doomed = ""
    bank.hides = True
    counts = moving.apply().counts
    assert (counts["quarantined"], bank.creates) == (1, 1)
