"""The records that need a person, each with its cause, what to check and what to type."""

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
from ..commands.summaries.reasons import ABSENT, SOURCE
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
    """A record that needs a person.

    `response` is the target's response, `check` tells what to look at, and `commands` are the
    commands to type afterwards, ready for a shell. `target_ids` are the customers of the
    target that the record may match.
    """

    source_id: str
    state: State
    target_ids: tuple[str, ...]
    response: str
    check: str
    commands: tuple[str, ...]


@frozen
class Tasks:
    """The tasks of a journal, read on demand."""

    journal: Journal
    source: str
    target: str

    @cached_property
    def titles(self) -> tuple[str, str]:
        """The titles of the two banks, looked up once instead of for each record."""
        return title_of(self.source), title_of(self.target)

    @cached_property
    def declared(self) -> Capabilities | None:
        """The target's declaration, or None if its adapter is not installed."""
        return declared_by(self.target)

    def overwrites(self, names: Sequence[str] = ()) -> bool:
        """Return True if `overwrite` can change these fields at the target."""
        if self.declared is None:
            return True
        fields = {name.partition(".")[0] for name in names}
        rules = [self.declared.rule(NewCustomer, name) for name in fields]
        changes = self.declared.supports(Feature.CUSTOMERS_UPDATE)
        return changes and all(rule.update != "never" for rule in rules)

    def of(self, state: State, most: int | None = None) -> Iterator[Task]:
        """Yield up to *most* tasks of a state, in the order of the plan."""
        build = _BUILDERS[state]
        for row in islice(self._rows(state), most):
            yield build(self, row)

    def all(self) -> Iterator[Task]:
        """Yield all tasks, the most urgent first."""
        for state in LISTED:
            yield from self.of(state)

    def _rows(self, state: State) -> Iterator[sa.Row[Any]]:
        # A page at a time, as the HTML page is written: there may be millions of tasks.
        query = sa.select(*_COLUMNS).where(RECORDS.c.state == state)
        query = query.order_by(RECORDS.c.number).limit(BATCH)
        rows = self.journal.query(query)
        while rows:
            yield from rows
            rows = self.journal.query(query.where(RECORDS.c.number > rows[-1].number))

    def command(self, verb: str, *options: str, ids: Sequence[str] = ()) -> str:
        """Return a command on this journal; ids that look like options follow `--`."""
        # Quoted for a shell, since an id is text of a vendor and a person pastes the line.
        words = (*options, "--journal", self.journal.path)
        has_dashes = any(source_id.startswith("-") for source_id in ids)
        arguments = (*words, "--", *ids) if has_dashes else (*ids, *words)
        return shlex.join(["anybank", "migrate", verb, *arguments])


_Builder: TypeAlias = Callable[[Tasks, sa.Row[Any]], Task]


def _quarantined(tasks: Tasks, row: sa.Row[Any]) -> Task:
    source, target = tasks.titles
    return _task(
        row,
        check=f"Search {target}, in its own tools, for this customer of {source} by name and "
        "date of birth, created at the time of the run. Then record the result:",
        commands=_resolutions(tasks, row, PLACEHOLDER),
    )


def _ambiguous(tasks: Tasks, row: sa.Row[Any]) -> Task:
    target_ids = _target_ids(row)
    is_one = len(target_ids) == 1
    different = _failure(row).get("class") == "FoundDifferent"
    can = is_one and different and tasks.overwrites()
    return _task(
        row,
        check=f"{_ONE_PERSON} {_KEEP_OR_OVERWRITE}" if can else _ONE_PERSON,
        commands=(
            *_both(tasks, row),
            *_resolutions(tasks, row, target_ids[0] if is_one else PLACEHOLDER),
            *([_overwrite(tasks)] if can else []),
        ),
    )


def _mismatched(tasks: Tasks, row: sa.Row[Any]) -> Task:
    names = tuple(json.loads(row.mismatches or "[]"))
    if names == ABSENT:
        return _gone(tasks, row)
    if names == SOURCE:
        return _changed(tasks, row)
    can = tasks.overwrites(names)
    return _task(
        row,
        response=f"different: {', '.join(names)}",
        check=_TWO_WAYS if can else _MANUALLY,
        commands=(
            *_both(tasks, row),
            *([_overwrite(tasks)] if can else []),
            tasks.command("verify"),
        ),
    )


def _gone(tasks: Tasks, row: sa.Row[Any]) -> Task:
    return _task(
        row,
        response="no longer at the target",
        check="Find out who deleted the customer at the target. No command creates it "
        "again; verify checks whether it is back.",
        commands=(*_both(tasks, row), tasks.command("verify")),
    )


def _changed(tasks: Tasks, row: sa.Row[Any]) -> Task:
    """Return the task for a customer that changed at the source after it was sent."""
    can = tasks.overwrites()
    return _task(
        row,
        response="changed at the source since it was sent",
        check=f"Overwriting replaces the target's data with what has changed. {_FILE}"
        if can
        else "Correct the customer at the target manually to match the source.",
        commands=(*_both(tasks, row), *([_overwrite(tasks)] if can else [])),
    )


IDS_FILE = "FILE"
"""The placeholder for a file of ids in a command."""
_FILE = (
    f"{IDS_FILE} contains ids of the source, one a line. Without --ids, every customer "
    "that differs is overwritten."
)
_ONE_PERSON = "Compare the two customers: are they the same person?"
_KEEP_OR_OVERWRITE = (
    "If so, --exists keeps the target's data, and overwrite replaces it with the source's. "
    + _FILE
)
_TWO_WAYS = (
    "Compare these fields of the two customers. If the source is right, overwrite the "
    "customer at the target. If you correct the target manually, run verify afterwards. "
    + _FILE
)
_MANUALLY = (
    "Compare these fields of the two customers, and correct the target manually, because "
    "its API cannot change all of them. Then run verify."
)


def _overwrite(tasks: Tasks) -> str:
    return tasks.command("overwrite", "--ids", IDS_FILE)


def _both(tasks: Tasks, row: sa.Row[Any]) -> Sequence[str]:
    """Return the commands that show a customer at both banks; a file has no such command."""
    at_target = ((tasks.target, target_id) for target_id in _target_ids(row))
    customers = ((tasks.source, row.source_id), *at_target)
    return [
        _get(bank, customer_id)
        for bank, customer_id in customers
        if bank not in BUILT_IN
    ]


def _failed(tasks: Tasks, row: sa.Row[Any]) -> Task:
    failure = _failure(row)
    only = ("--code", str(failure["code"])) if failure.get("code") else ()
    fields = ", ".join(failure.get("fields", ()))
    return _task(
        row,
        check=f"Correct {fields or 'what the target rejected'} at the source or in the "
        "supplement, then plan and apply again. Or send the customer again unchanged:",
        commands=(tasks.command("retry", *only), tasks.command("apply")),
    )


def _denied(tasks: Tasks, row: sa.Row[Any]) -> Task:
    is_gone = tuple(json.loads(row.mismatches or "[]")) == ABSENT
    return _task(
        row,
        response="canceled before a decision" if is_gone else "denied",
        check=f"Find out at {tasks.titles[1]} why. Verify reads the person again, and --exists "
        "records another customer whom it has accepted. With --absent the next apply sends "
        "the person again, as a new application.",
        commands=(
            *_both(tasks, row),
            tasks.command("verify"),
            *_resolutions(tasks, row, PLACEHOLDER),
        ),
    )


_BUILDERS: Mapping[State, _Builder] = {
    State.QUARANTINED: _quarantined,
    State.AMBIGUOUS: _ambiguous,
    State.DENIED: _denied,
    State.MISMATCHED: _mismatched,
    State.FAILED: _failed,
}
LISTED = tuple(_BUILDERS)
"""The states whose records a person looks at individually, the most urgent first."""


def _task(
    row: sa.Row[Any],
    *,
    check: str,
    commands: Sequence[str],
    response: str | None = None,
) -> Task:
    return Task(
        source_id=row.source_id,
        state=State(row.state),
        target_ids=_target_ids(row),
        response=response or _response(_failure(row)),
        check=check,
        commands=tuple(commands),
    )


def _resolutions(tasks: Tasks, row: sa.Row[Any], target_id: str) -> Sequence[str]:
    exists = (f"--exists={target_id}",) if target_id.startswith("-") else ()
    return [
        tasks.command("resolve", *resolution, ids=[row.source_id])
        for resolution in (exists or ("--exists", target_id), ("--absent",))
    ]


def _get(bank: str, customer_id: str) -> str:
    dashes = ["--"] if customer_id.startswith("-") else []
    return shlex.join(
        ["anybank", "customers", "get", "--bank", bank, *dashes, customer_id]
    )


def _target_ids(row: sa.Row[Any]) -> tuple[str, ...]:
    failure = _failure(row)
    ids = failure.get("target_ids") or [failure.get("target_id") or row.target_id]
    return tuple(str(target_id) for target_id in ids if target_id)


def _failure(row: sa.Row[Any]) -> Mapping[str, Any]:
    failure: Mapping[str, Any] = json.loads(row.failure or "{}")
    return failure


def _response(failure: Mapping[str, Any]) -> str:
    status = failure.get("status")
    parts = (failure.get("class"), status and f"HTTP {status}", failure.get("code"))
    return ", ".join(str(part) for part in parts if part) or "no response"
