"""What the demo says at its end, each checked against the banks' own memories.

The migration verifies itself by reading back. Here it is not believed: the crosswalk that
it left, the files that it wrote and what the simulated banks remember are compared.
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
    """A sentence about the move, and whether it is true."""

    text: str
    holds: bool


@frozen(kw_only=True)
class Evidence:
    """What is compared: the people by their id at Bond, Sonder's memory, the files left."""

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
        """The ids at Bond of those who can be moved as things are."""
        return {
            each
            for each, person in self.people.items()
            if not (person.trait and person.trait.blocks)
        }


def check_move(evidence: Evidence) -> Iterator[DemoCheck]:
    """Yield each claim and whether it holds."""
    pairs = evidence.pairs
    moved, made = [old for old, _ in pairs], [new for _, new in pairs]
    waiting = len(evidence.people) - len(pairs)
    yield DemoCheck(
        f"{len(pairs)} of {len(evidence.people)} customers moved: all who can",
        set(moved) == evidence.movable,
    )
    yield DemoCheck(
        f"the other {waiting} wait for a person, and none of them is at Sonder",
        waiting == len(evidence.people) - len(evidence.movable),
    )
    yield DemoCheck(
        "Sonder holds as many customers as moved, and no other",
        sorted(made) == sorted(evidence.sonder.customer_ids),
    )
    yield DemoCheck("nobody is there twice", _nobody_twice(evidence, moved, made))
    yield DemoCheck(
        "everyone at Sonder is who they were at Bond, by name, birth and SSN",
        all(_same(evidence, old, new) for old, new in pairs),
    )
    yield DemoCheck(
        "no social security number is in a file that is left",
        not any(_tells(path, evidence.people.values()) for path in evidence.files),
    )


def _nobody_twice(evidence: Evidence, moved: list[str], made: list[str]) -> bool:
    numbers = [_digits(evidence.sonder.stored(each).ssn) for each in made]
    counted = (Counter(moved), Counter(made), Counter(numbers))
    return all(set(each.values()) <= {1} for each in counted)


def _digits(number: Any) -> str:
    return Ssn(number.reveal()).reveal()


def _same(evidence: Evidence, old: str, new: str) -> bool:
    before, after = evidence.people[old].bond, evidence.sonder.stored(new)
    kept = [
        (before["first_name"], after.fields["firstName"]),
        (before["last_name"], after.fields["lastName"]),
        (before["dob"], after.fields["dateOfBirth"]),
        (Ssn(before["ssn"]).reveal(), _digits(after.ssn)),
    ]
    return all(ours == theirs for ours, theirs in kept)


def _tells(path: Path, people: Iterable[Person]) -> bool:
    """Tell whether a file holds somebody's number, in digits or with dashes.

    Whole words are looked at: fingerprints in a journal hold runs of digits by chance.
    """
    words = set(_WORD.findall(_text(path)))
    forms = (Ssn(person.bond["ssn"]).forms() for person in people)
    return any(words & form for form in forms)


_WORD = re.compile(r"[0-9A-Za-z-]+")


def _text(path: Path) -> str:
    """Return a file as text: a database as the statements that would make it again."""
    if path.suffix != ".db":
        return path.read_text("utf-8", errors="replace")
    with closing(sqlite3.connect(path)) as database:
        return "\n".join(database.iterdump())
