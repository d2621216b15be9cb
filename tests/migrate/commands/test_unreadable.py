"""A record that cannot be read affects no other record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define
from tests.migrate.moving import people, seeded_bond, side, supplement_for

from anybank import UnexpectedResponse, migrate
from anybank.migrate import Side, Summary
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

Spoil = Callable[[dict[str, Any]], object]

ODD: dict[str, tuple[Spoil, str]] = {
    "a date of zeros": (lambda value: value.update(dob="0000-00-00"), "date_of_birth"),
    "a numeric ZIP": (
        lambda entry: entry["addresses"][0].update(zip_code=2134),
        "addresses.postal_code",
    ),
    "half an emoji": (
        lambda element: element.update(first_name="Dora \ud83d"),
        "first_name",
    ),
}


@define
class Spoiling(httpx.AsyncBaseTransport):
    """A transport that spoils one customer in every response."""

    inner: httpx.AsyncBaseTransport
    customer_id: str
    spoil: Spoil

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        result = json.loads(await answer.aread())
        for item in result if isinstance(result, list) else [result]:
            if item.get("customer_id") == self.customer_id:
                self.spoil(item)
        return httpx.Response(
            answer.status_code, content=json.dumps(result).encode("ascii")
        )


def spoiled(bond: BondSimulator, customer_id: str, spoil: Spoil) -> Side:
    transport = Spoiling(SimulatorTransport(bond), customer_id, spoil)
    return Side("bond", {**side(bond).options, "transport": transport})


@pytest.fixture
def bond() -> tuple[BondSimulator, list[str]]:
    return seeded_bond(4)


def plan(tmp_path: Path, source: Side, owners: list[str], **more: Any) -> Summary:
    return migrate.plan(
        source,
        side(SonderSimulator()),
        journal=tmp_path / "move.db",
        supplement=supplement_for(owners, tmp_path / "vault.csv"),
        accept_loss="all",
        **more,
    )


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.parametrize("what", ODD)
def test_one_odd_record_is_blocked_by_its_id(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]], what: str, *, by_id: bool
) -> None:
    """The issue has the field and what to do, and all others are ready."""
    simulator, ids = bond
    spoil, name = ODD[what]
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(ids) + "\n")
    more = {"ids": file} if by_id else {}
    summary = plan(tmp_path, spoiled(simulator, ids[1], spoil), ids, **more)
    assert (summary.counts["blocked"], summary.counts["ready"]) == (1, 3)
    reason = summary.reasons[0]
    assert (reason.rule, reason.examples) == ("unreadable", (ids[1],))
    assert reason.remedy
    assert by_id or reason.field == name
    assert summary.exit_code == 2


def test_who_can_be_read_again_is_planned(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]]
) -> None:
    """After a correction at the source another plan suffices."""
    simulator, ids = bond
    plan(tmp_path, spoiled(simulator, ids[1], ODD["a date of zeros"][0]), ids)
    assert plan(tmp_path, side(simulator), ids).counts["ready"] == 4


def test_who_becomes_unreadable_before_apply_is_blocked(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]]
) -> None:
    """The others are sent, and the run does not wait."""
    simulator, ids = bond
    sonder = SonderSimulator()
    journal = tmp_path / "move.db"
    supplement = supplement_for(ids, tmp_path / "vault.csv")
    migrate.plan(
        side(simulator),
        side(sonder),
        journal=journal,
        supplement=supplement,
        accept_loss="all",
    )
    source = spoiled(simulator, ids[1], ODD["a date of zeros"][0])
    counts = migrate.apply(journal=journal, source=source, target=side(sonder)).counts
    assert (counts["created"], counts["blocked"]) == (3, 1)


def test_a_record_without_an_id_is_counted(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]]
) -> None:
    """The plan, `status` and the exit code report a record that cannot be planned."""
    simulator, ids = bond
    source = spoiled(simulator, ids[1], lambda value: value.update(customer_id=None))
    summary = plan(tmp_path, source, ids)
    assert (summary.counts["ready"], summary.totals["without_id"]) == (3, 1)
    assert (summary.reasons[0].rule, summary.exit_code) == ("without id", 2)
    assert migrate.status(journal=tmp_path / "move.db").exit_code == 2


def test_a_source_that_answers_with_pages_of_html_ends_the_plan(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]]
) -> None:
    """An HTML page is not an unreadable record but a broken bank."""
    _, ids = bond
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(ids) + "\n")
    portal = httpx.MockTransport(
        lambda _: httpx.Response(200, html="<title>Sign in</title>")
    )
    source = Side("bond", {**side(bond[0]).options, "transport": portal})
    with pytest.raises(UnexpectedResponse):
        plan(tmp_path, source, ids, ids=file)


def test_a_customer_of_the_target_who_cannot_be_read_is_one(
    tmp_path: Path, bond: tuple[BondSimulator, list[str]]
) -> None:
    """`verify` names the customer and verifies all others."""
    simulator, ids = bond
    target = BondSimulator(seed=1)
    journal = tmp_path / "move.db"
    options: dict[str, Any] = {"base_url": "https://other.example/api/v0.1"}
    there = side(target, **options)
    migrate.plan(
        side(simulator),
        there,
        journal=journal,
        supplement=supplement_for(ids, tmp_path / "vault.csv"),
        accept_loss="all",
    )
    migrate.apply(journal=journal, source=side(simulator), target=there)
    odd = next(iter(people(target)))
    spoiling = spoiled(target, odd, ODD["a date of zeros"][0])
    at = Side("bond", {**spoiling.options, **options})
    counts = migrate.verify(journal=journal, source=side(simulator), target=at).counts
    assert (counts["verified"], counts["mismatched"]) == (3, 1)
