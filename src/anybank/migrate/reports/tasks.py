"""Who waits for a person, one by one: what came, what to look at, and what to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

import sqlalchemy as sa
from attrs import frozen

from ..journal import BATCH, Journal
from ..states import State
from ..tables import RECORDS
from ..verdicts import PLACEHOLDER
from .declarations import title_of

_COLUMNS = (
    RECORDS.c.number,
    RECORDS.c.source_id,
    RECORDS.c.state,
    RECORDS.c.reference,
    RECORDS.c.target_id,
    RECORDS.c.failure,
    RECORDS.c.mismatches,
)


@frozen(kw_only=True)
class Task:
    """A record that waits for a person.

    `came` is what the target said, or did not; `check` what to look at, and `commands`
    what to type then: each can be pasted into a shell. `target_ids` are who it may be.
    """

    source_id: str
    state: State
    target_ids: tuple[str, ...]
    came: str
    check: str
    commands: tuple[str, ...]


@frozen
class Tasks:
    """The tasks of a journal, read as they are asked for."""

    journal: Journal
    source: str
    target: str

    @cached_property
    def titles(self) -> tuple[str, str]:
        """What the two banks are called: looked up once, not for each record."""
        return title_of(self.source), title_of(self.target)

    def of(self, state: State, most: int | None = None) -> Iterator[Task]:
        """Yield the tasks of a state, in the order of the plan; `most` is how many."""
        make = _MAKERS[state]
        for row in islice(self._rows(state), most):
            yield make(self, row)

    def all(self) -> Iterator[Task]:
        """Yield all, in the order in which somebody should look at them."""
        for state in LISTED:
            yield from self.of(state)

    def _rows(self, state: State) -> Iterator[sa.Row[Any]]:
        query = sa.select(*_COLUMNS).where(RECORDS.c.state == state)
        query = query.order_by(RECORDS.c.number).limit(BATCH)
        rows = self.journal.query(query)
        while rows:
            yield from rows
            rows = self.journal.query(query.where(RECORDS.c.number > rows[-1].number))

    def command(self, verb: str, *options: str, ids: Sequence[str] = ()) -> str:
        """Return a command on this journal; an id that looks like an option comes last."""
        words = (*options, "--journal", self.journal.path)
        dashed = any(each.startswith("-") for each in ids)
        given = (*words, "--", *ids) if dashed else (*ids, *words)
        return shlex.join(["anybank", "migrate", verb, *given])


_Maker: TypeAlias = Callable[[Tasks, sa.Row[Any]], Task]


def _quarantined(tasks: Tasks, row: sa.Row[Any]) -> Task:
    source, target = tasks.titles
    return _task(
        row,
        check=f"Look at {target}, in its own tools, for this customer of {source}: by name "
        "and date of birth, made at the time of the run. Then record what you found:",
        commands=_verdicts(tasks, row, PLACEHOLDER),
    )


def _ambiguous(tasks: Tasks, row: sa.Row[Any]) -> Task:
    found = _target_ids(row)
    both = [(tasks.source, row.source_id), *((tasks.target, each) for each in found)]
    return _task(
        row,
        check="Compare the two customers: are they one person?",
        commands=(
            *(_get(bank, each) for bank, each in both),
            *_verdicts(tasks, row, found[0] if len(found) == 1 else PLACEHOLDER),
        ),
    )


def _mismatched(tasks: Tasks, row: sa.Row[Any]) -> Task:
    names = ", ".join(json.loads(row.mismatches or "[]"))
    return _task(
        row,
        came=f"different: {names}",
        check="Compare the two customers in these fields, correct the one at the "
        "target, then read it back again.",
        commands=(
            _get(tasks.source, row.source_id),
            *(_get(tasks.target, each) for each in _target_ids(row)),
            tasks.command("verify"),
        ),
    )


def _failed(tasks: Tasks, row: sa.Row[Any]) -> Task:
    failure = _failure(row)
    only = ("--code", str(failure["code"])) if failure.get("code") else ()
    fields = ", ".join(failure.get("fields", ()))
    return _task(
        row,
        check=f"Correct {fields or 'what the target refused'} at the source or in the "
        "supplement, then plan and apply again; or send it as it is once more.",
        commands=(tasks.command("retry", *only), tasks.command("apply")),
    )


_MAKERS: Mapping[State, _Maker] = {
    State.QUARANTINED: _quarantined,
    State.AMBIGUOUS: _ambiguous,
    State.MISMATCHED: _mismatched,
    State.FAILED: _failed,
}
LISTED = tuple(_MAKERS)
"""The states whose records are looked at one by one, the most urgent first."""


def _task(
    row: sa.Row[Any],
    *,
    check: str,
    commands: Sequence[str],
    came: str | None = None,
) -> Task:
    return Task(
        source_id=row.source_id,
        state=State(row.state),
        target_ids=_target_ids(row),
        came=came or _came(_failure(row)),
        check=check,
        commands=tuple(commands),
    )


def _verdicts(tasks: Tasks, row: sa.Row[Any], target_id: str) -> Sequence[str]:
    exists = (f"--exists={target_id}",) if target_id.startswith("-") else ()
    return [
        tasks.command("resolve", *verdict, ids=[row.source_id])
        for verdict in (exists or ("--exists", target_id), ("--absent",))
    ]


def _get(bank: str, customer_id: str) -> str:
    dashes = ["--"] if customer_id.startswith("-") else []
    return shlex.join(
        ["anybank", "customers", "get", "--bank", bank, *dashes, customer_id]
    )


def _target_ids(row: sa.Row[Any]) -> tuple[str, ...]:
    failure = _failure(row)
    found = failure.get("target_ids") or [failure.get("target_id") or row.target_id]
    return tuple(str(each) for each in found if each)


def _failure(row: sa.Row[Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(row.failure or "{}")
    return found


def _came(failure: Mapping[str, Any]) -> str:
    status = failure.get("status")
    parts = (failure.get("class"), status and f"HTTP {status}", failure.get("code"))
    return ", ".join(str(part) for part in parts if part) or "no answer"
