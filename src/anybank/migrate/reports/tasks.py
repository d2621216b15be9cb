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

from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ...model.features import Feature
from ...plugins import BUILT_IN
from ..commands.resolve import PLACEHOLDER
from ..commands.summaries.summary import GONE, SOURCE
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.states import State
from ..journal.tables import RECORDS
from .declarations import declared_by, title_of

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

    @cached_property
    def declared(self) -> Capabilities | None:
        """What the target declares, None where its adapter is not installed here."""
        return declared_by(self.target)

    def overwrites(self, names: Sequence[str] = ()) -> bool:
        """Tell whether `overwrite` can change these fields at the target."""
        if self.declared is None:
            return True
        fields = {name.partition(".")[0] for name in names}
        rules = [self.declared.rule(NewCustomer, name) for name in fields]
        changes = self.declared.supports(Feature.CUSTOMERS_UPDATE)
        return changes and all(rule.update != "never" for rule in rules)

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
    is_one = len(found) == 1
    different = _failure(row).get("class") == "FoundDifferent"
    can = is_one and different and tasks.overwrites()
    return _task(
        row,
        check=f"{_ONE_PERSON} {_KEPT_OR_NOT}" if can else _ONE_PERSON,
        commands=(
            *_both(tasks, row),
            *_verdicts(tasks, row, found[0] if is_one else PLACEHOLDER),
            *([_overwrite(tasks)] if can else []),
        ),
    )


def _mismatched(tasks: Tasks, row: sa.Row[Any]) -> Task:
    names = tuple(json.loads(row.mismatches or "[]"))
    if names == GONE:
        return _gone(tasks, row)
    if names == SOURCE:
        return _changed(tasks, row)
    can = tasks.overwrites(names)
    return _task(
        row,
        came=f"different: {', '.join(names)}",
        check=_TWO_WAYS if can else _BY_HAND,
        commands=(
            *_both(tasks, row),
            *([_overwrite(tasks)] if can else []),
            tasks.command("verify"),
        ),
    )


def _gone(tasks: Tasks, row: sa.Row[Any]) -> Task:
    return _task(
        row,
        came="not there any more",
        check="Find out who deleted it at the target: nothing here makes it again. "
        "Reading back tells whether it is there.",
        commands=(*_both(tasks, row), tasks.command("verify")),
    )


def _changed(tasks: Tasks, row: sa.Row[Any]) -> Task:
    """Return what to do about one who has changed since: `verify` would not see it."""
    can = tasks.overwrites()
    return _task(
        row,
        came="changed at the source since it was sent",
        check=f"Overwriting writes what has changed over the target's data. {_FILE}"
        if can
        else "Bring the one at the target to what the source tells now, by hand.",
        commands=(*_both(tasks, row), *([_overwrite(tasks)] if can else [])),
    )


IDS_FILE = "FILE"
"""What a command that is to be completed has for a file of ids."""
_FILE = (
    f"{IDS_FILE} has the ids of the source, one a line; without --ids, all who are "
    "different are overwritten."
)
_ONE_PERSON = "Compare the two customers: are they one person?"
_KEPT_OR_NOT = (
    "If so, --exists keeps the target's data; overwriting writes the source's over them. "
    + _FILE
)
_TWO_WAYS = (
    "Compare the two customers in these fields. Where the source is right, overwrite the "
    "one at the target; where you correct that by hand, read it back afterwards. "
    + _FILE
)
_BY_HAND = (
    "Compare the two customers in these fields, correct the one at the target by hand "
    "(not all of them can be changed from here), then read it back again."
)


def _overwrite(tasks: Tasks) -> str:
    return tasks.command("overwrite", "--ids", IDS_FILE)


def _both(tasks: Tasks, row: sa.Row[Any]) -> Sequence[str]:
    """Return the commands that show a customer on both sides; a file has none."""
    there = ((tasks.target, each) for each in _target_ids(row))
    both = ((tasks.source, row.source_id), *there)
    return [_get(bank, each) for bank, each in both if bank not in BUILT_IN]


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
