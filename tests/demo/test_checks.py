"""The checks of the demo, each of which fails for a move that went wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field, frozen

from anybank.sandbox.demo.checks import Evidence, check_move
from anybank.sandbox.demo.population import Person, population
from anybank.sensitive import Sensitive

PEOPLE = {f"b{number}": item for number, item in enumerate(population(14, seed=3))}


@frozen
class StoredCustomer:
    """A customer as Sonder's simulator stores one."""

    ssn: Sensitive
    fields: Mapping[str, Any]


@define
class Memory:
    """The records of Sonder's simulator."""

    customers: dict[str, StoredCustomer] = field(factory=dict)

    @property
    def customer_ids(self) -> tuple[str, ...]:
        return tuple(self.customers)

    def stored(self, customer_id: str) -> StoredCustomer:
        return self.customers[customer_id]


def kept(person: Person) -> StoredCustomer:
    fields = {
        "firstName": person.bond["first_name"],
        "lastName": person.bond["last_name"],
        "dateOfBirth": person.bond["dob"],
    }
    return StoredCustomer(Sensitive(person.bond["ssn"]), fields)


def movable() -> dict[str, Person]:
    return {
        item: person
        for item, person in PEOPLE.items()
        if not (person.trait and person.trait.blocks)
    }


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """Return the evidence of a move that went well."""
    crosswalk = tmp_path / "crosswalk.csv"
    rows = [f"{item},s{item}" for item in movable()]
    crosswalk.write_text("\n".join(["source_id,target_id", *rows, ""]), "utf-8")
    memory = Memory({f"s{item}": kept(person) for item, person in movable().items()})
    return Evidence(
        people=PEOPLE, sonder=memory, crosswalk=crosswalk, files=(crosswalk,)
    )


def false(evidence: Evidence) -> str:
    return "; ".join(claim.text for claim in check_move(evidence) if not claim.holds)


def without_row(evidence: Evidence) -> None:
    lines = evidence.crosswalk.read_text("utf-8").splitlines()
    evidence.crosswalk.write_text("\n".join(lines[:-1]), "utf-8")


def test_a_correct_move_passes(evidence: Evidence) -> None:
    """Where every row has its customer and every customer its row, all checks hold."""
    assert false(evidence) == ""


def test_a_customer_who_did_not_move_fails(evidence: Evidence) -> None:
    """A row that is missing from the crosswalk fails the first check."""
    without_row(evidence)
    assert "customers were moved: all who can be" in false(evidence)


def test_an_unknown_customer_fails(evidence: Evidence) -> None:
    """A customer at Sonder who is in no row fails a check."""
    evidence.sonder.customers["more"] = kept(PEOPLE["b0"])
    assert "exactly the customers" in false(evidence)


def test_a_duplicate_customer_fails(evidence: Evidence) -> None:
    """One SSN under two ids fails a check."""
    one, other, *_ = evidence.sonder.customer_ids
    evidence.sonder.customers[other] = evidence.sonder.customers[one]
    assert "no customer exists twice" in false(evidence)


def test_swapped_customers_fail(evidence: Evidence) -> None:
    """Two customers in each other's rows fail a check."""
    one, other, *_ = evidence.sonder.customer_ids
    both = evidence.sonder.customers
    both[one], both[other] = both[other], both[one]
    assert "every moved customer" in false(evidence)


@pytest.mark.parametrize("form", [0, 1])
def test_an_ssn_in_a_file_fails(evidence: Evidence, form: int) -> None:
    """A social security number in one of the files fails a check."""
    ssn = PEOPLE["b0"].bond["ssn"]
    leak = evidence.crosswalk.with_name("report.html")
    leak.write_text(f"<td>{(ssn, ssn.replace('-', ''))[form]}</td>", "utf-8")
    assert "no file contains" in false(evolve(evidence, files=(leak,)))


def test_an_ssn_in_a_journal_fails(evidence: Evidence) -> None:
    """A database is searched by its contents."""
    path = evidence.crosswalk.with_name("move.db")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (v)")
        database.execute("INSERT INTO t VALUES (?)", (PEOPLE["b0"].bond["ssn"],))
    assert "no file contains" in false(evolve(evidence, files=(path,)))
