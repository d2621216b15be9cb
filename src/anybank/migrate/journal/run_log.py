"""The log of a journal: which commands ran, when, by whom, and how they ended.

The operator's name comes from `operating`, the variable ANYBANK_OPERATOR, or the login. The
log contains no customer data and no paths.
"""

from __future__ import annotations

import functools
import getpass
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa
from attrs import define, field, frozen

from ...errors import ConfigurationError
from .tables import RUNS

P = ParamSpec("P")
T = TypeVar("T")

SINCE = 3
"""The first schema version with this table."""
VARIABLE = "ANYBANK_OPERATOR"
_LONGEST = 100
_SHOWN = 20


@frozen(kw_only=True)
class Run:
    """One command on a journal.

    `outcome` is `done`, `stopped` (it ended early and says why), `interrupted`, or
    `failed`; None while it runs, and where its process was killed.
    """

    command: str
    operator: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None


@define
class _Running:
    """The command that is running."""

    command: str
    outcome: str = field(init=False, default="done")
    lost: list[str] = field(init=False, factory=list)
    """The runs whose end could not be written: the database was unreachable."""


_RUNNING: ContextVar[_Running | None] = ContextVar("anybank-run", default=None)
_OPERATOR: ContextVar[str | None] = ContextVar("anybank-operator", default=None)


@contextmanager
def operating(name: str | None) -> Iterator[None]:
    """Name the operator of all commands inside; None leaves it to the environment.

    Raises ConfigurationError for a name that is empty, longer than 100 characters, or
    has an invisible character.
    """
    token = _OPERATOR.set(None if name is None else _checked(name, "operator"))
    try:
        yield
    finally:
        _OPERATOR.reset(token)


def operator() -> str:
    """Return the name of the person who runs the commands."""
    if name := _OPERATOR.get():
        return name
    if name := os.environ.get(VARIABLE):
        return _checked(name, VARIABLE)
    with suppress(Exception):  # a container may have no name for its user id
        return getpass.getuser()[:_LONGEST]
    return "unknown"


def _checked(name: str, origin: str) -> str:
    if name.strip() and name.isprintable() and len(name) <= _LONGEST:
        return name.strip()
    raise ConfigurationError(
        f"{origin} is not a name of 1 to {_LONGEST} visible characters: choose another"
    )


class _Journal(Protocol):
    """The methods of a journal that its log uses."""

    def has_schema(self, version: int) -> bool: ...

    def query(self, statement: sa.Select[Any]) -> list[sa.Row[Any]]: ...

    def transaction(self) -> AbstractContextManager[sa.Connection]: ...


def run_logged(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a command so that each journal that it writes to logs the command's name."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        token = _RUNNING.set(_Running(function.__name__))
        try:
            return function(*args, **kwargs)
        finally:
            _RUNNING.reset(token)

    return wrapper


def note_stopped() -> None:
    """Note that the running command ends before its work is done."""
    if running := _RUNNING.get():
        running.outcome = "stopped"


@contextmanager
def logged(journal: _Journal) -> Iterator[None]:
    """Log the running command in a journal that it has locked."""
    running = _RUNNING.get()
    if running is None:
        yield
        return
    run_id = _start(journal, running.command)
    if running.lost:  # a worker has reconnected
        _end(journal, running.lost, "failed")
        running.lost.clear()
    try:
        yield
    except KeyboardInterrupt:
        running.outcome = "interrupted"
        raise
    except BaseException:  # a cancelled task as well
        running.outcome = "failed"
        raise
    finally:
        try:
            _end(journal, [run_id], running.outcome)
        except ConfigurationError:  # the database may be unreachable by now
            running.lost.append(run_id)


def _start(journal: _Journal, command: str) -> str:
    run_id = uuid.uuid4().hex
    row = {
        "id": run_id,
        "command": command,
        "operator": operator(),
        "started_at": _now(),
    }
    with journal.transaction() as connection:
        connection.execute(sa.insert(RUNS).values(row))
    return run_id


def _end(journal: _Journal, run_ids: Sequence[str], outcome: str) -> None:
    update = sa.update(RUNS).where(RUNS.c.id.in_(run_ids))
    with journal.transaction() as connection:
        connection.execute(update.values(ended_at=_now(), outcome=outcome))


def runs_of(journal: _Journal, most: int = _SHOWN) -> Sequence[Run]:
    """Return the last runs, the oldest first; a journal of an older version has none."""
    if not journal.has_schema(SINCE):
        return ()
    query = sa.select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.id).limit(most)
    return [_run(row) for row in reversed(journal.query(query))]


def run_at(journal: _Journal, at: str) -> Run | None:
    """Return the last run that started before a time."""
    query = sa.select(RUNS).where(RUNS.c.started_at <= at)
    rows = journal.query(query.order_by(RUNS.c.started_at.desc()).limit(1))
    return _run(rows[0]) if rows else None


def _run(row: sa.Row[tuple[str, ...]]) -> Run:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public name for it
    ended = values["ended_at"]
    return Run(
        command=values["command"],
        operator=values["operator"],
        started_at=datetime.fromisoformat(values["started_at"]),
        ended_at=datetime.fromisoformat(ended) if ended else None,
        outcome=values["outcome"],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
