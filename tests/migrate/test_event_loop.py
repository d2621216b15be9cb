"""Every command works where an event loop is running, such as in a notebook."""

from __future__ import annotations

import ast
import asyncio
import signal
import threading
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path

import pytest

from anybank import migrate
from anybank.migrate import event_loop
from anybank.migrate.commands.export import export

from .moving import Moving, bond_to_sonder, side


def _overwrite(moving: Moving) -> object:
    source, target = moving.sides()
    return migrate.overwrite(
        journal=moving.journal, source=source, target=target, yes=True
    )


def _rollback(moving: Moving) -> object:
    return migrate.rollback(journal=moving.journal, target=moving.sides()[1], yes=True)


def _run_batch(moving: Moving) -> object:
    source, target = moving.sides()
    (ref,) = migrate.batches(journal=moving.journal)
    return migrate.run_batch(ref, journal=moving.journal, source=source, target=target)


def _export(moving: Moving) -> object:
    path = moving.directory / "customers.jsonl"
    return export(side(moving.source), path, key=64 * "0")


BEFORE_APPLY: dict[str, Callable[[Moving], object]] = {
    "plan": Moving.plan,
    "apply": Moving.apply,
    "run_batch": _run_batch,
    "export": _export,
}
AFTER_APPLY: dict[str, Callable[[Moving], object]] = {
    "verify": Moving.verify,
    "overwrite": _overwrite,
    "rollback": _rollback,
    "status": lambda moving: migrate.status(journal=moving.journal),
    "check": lambda moving: migrate.check(journal=moving.journal),
    "retry": lambda moving: migrate.retry(journal=moving.journal),
}


async def in_a_loop(command: Callable[[Moving], object], moving: Moving) -> object:
    """Call a command as the cell of a notebook does."""
    return command(moving)


@pytest.mark.parametrize("name", [*BEFORE_APPLY, *AFTER_APPLY])
def test_a_command_works_in_a_running_loop(name: str, tmp_path: Path) -> None:
    """The result is the same as without a loop, and there are no warnings."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    if name in AFTER_APPLY:
        moving.apply()
    command = {**BEFORE_APPLY, **AFTER_APPLY}[name]
    assert asyncio.run(in_a_loop(command, moving)) is not None


def test_every_command_runs_its_loop_there() -> None:
    """No other module of the migration calls asyncio.run itself."""
    package = Path(event_loop.__file__).parent
    callers = [
        path.name
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "run"
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert set(callers) == {"event_loop.py"}


def test_an_error_reaches_the_caller_from_the_other_thread() -> None:
    """The error is the same as without a loop."""

    async def fail() -> None:
        raise LookupError("nobody")

    async def cell() -> None:
        event_loop.run(fail())

    with pytest.raises(LookupError, match="nobody"):
        asyncio.run(cell())


def test_context_variables_go_along() -> None:
    """A trace that began in the caller continues in the command."""
    trace = ContextVar("trace", default="none")

    async def read() -> str:
        return trace.get()

    async def cell() -> str:
        trace.set("t1")
        return event_loop.run(read())

    assert asyncio.run(cell()) == "t1"


def test_an_interrupted_cell_ends_the_other_thread_first() -> None:
    """Requests in flight finish before KeyboardInterrupt reaches the cell."""
    steps = []

    async def work() -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("finished")

    async def cell() -> None:
        event_loop.run(work())

    loop = asyncio.new_event_loop()  # as a notebook's: Ctrl-C raises where it is
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell())
    finally:
        loop.close()
    assert steps == ["finished"]
