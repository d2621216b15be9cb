"""The checks at the end of the demo, against the records of the simulated banks.

The migration verifies itself by reading back. These checks do not rely on that: they
compare the crosswalk and the other files with the records in the simulators.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import frozen

from ...sensitive import Ssn
from .population import Person


@frozen
class DemoCheck:
    """A statement about the migration, and whether it holds."""

    text: str
    holds: bool


@frozen(kw_only=True)
class Evidence:
    """The data to compare: people by their id at Bond, Sonder's simulator, and the files."""

    people: Mapping[str, Person]
    sonder: Any
    crosswalk: Path
    files: tuple[Path, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The rows of the crosswalk: the id at Bond and the id at Sonder."""
        with self.crosswalk.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return [(row["source_id"], row["target_id"]) for row in rows]

    @property
    def movable(self) -> set[str]:
        """The ids at Bond of the customers who can be moved without a decision."""
        return {
            customer_id
            for customer_id, person in self.people.items()
            if not (person.trait and person.trait.blocks)
        }


def check_move(evidence: Evidence) -> Iterator[DemoCheck]:
    """Yield each check of the migration."""
    pairs = evidence.pairs
    moved, created = [old for old, _ in pairs], [new for _, new in pairs]
    waiting = len(evidence.people) - len(pairs)
    yield DemoCheck(
        f"{len(pairs)} of {len(evidence.people)} customers were moved: all who can be",
        set(moved) == evidence.movable,
    )
    yield DemoCheck(
        f"the other {waiting} wait for a decision, and none of them is at Sonder",
        waiting == len(evidence.people) - len(evidence.movable),
    )
    yield DemoCheck(
        "Sonder has exactly the customers that were moved",
        sorted(created) == sorted(evidence.sonder.customer_ids),
    )
    yield DemoCheck(
        "no customer exists twice", _has_no_duplicate(evidence, moved, created)
    )
    yield DemoCheck(
        "every moved customer has the same name, birth date and SSN at both banks",
        all(_same(evidence, old, new) for old, new in pairs),
    )
    yield DemoCheck(
        "no file contains a social security number",
        not any(
            _contains_ssn(path, evidence.people.values()) for path in evidence.files
        ),
    )


def _has_no_duplicate(evidence: Evidence, moved: list[str], created: list[str]) -> bool:
    stored = map(evidence.sonder.stored, created)
    numbers = [_digits(customer.ssn) for customer in stored]
    counters = (Counter(moved), Counter(created), Counter(numbers))
    return all(set(counter.values()) <= {1} for counter in counters)


def _digits(number: Any) -> str:
    return Ssn(number.reveal()).reveal()


def _same(evidence: Evidence, old: str, new: str) -> bool:
    before, after = evidence.people[old].bond, evidence.sonder.stored(new)
    pairs = [
        (before["first_name"], after.fields["firstName"]),
        (before["last_name"], after.fields["lastName"]),
        (before["dob"], after.fields["dateOfBirth"]),
        (Ssn(before["ssn"]).reveal(), _digits(after.ssn)),
    ]
    return all(at_bond == at_sonder for at_bond, at_sonder in pairs)


def _contains_ssn(path: Path, people: Iterable[Person]) -> bool:
    """Return True if a file contains a person's SSN, with or without dashes.

    Whole words are compared, because fingerprints contain runs of digits by chance.
    """
    words = set(_WORD.findall(_text(path)))
    forms = (Ssn(person.bond["ssn"]).forms() for person in people)
    return any(words & form for form in forms)


_WORD = re.compile(r"[0-9A-Za-z-]+")


def _text(path: Path) -> str:
    """Return a file as text, and a database as its SQL dump."""
    if path.suffix != ".db":
        return path.read_text("utf-8", errors="replace")
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump())
