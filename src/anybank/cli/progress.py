"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from attrs import define
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from .output import console, printable, warn

ReportProgress: TypeAlias = Callable[[int, int | None, str], None]
"""Takes the number of items done, the total (None if unknown), and a label."""


@contextmanager
def progress(label: str) -> Iterator[ReportProgress]:
    """Show the progress of an operation, and yield a callable to report it to."""
    stderr = console(stderr=True)
    if stderr.is_terminal:
        with _bar(stderr) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total, items: bar.update(
                task, completed=done, total=total, description=printable(items)
            )
    else:
        yield _Lines()


def _bar(stderr: Console) -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=stderr)


@define
class _Lines:
    """Prints a line for each tenth of a known total, or for each thousand items."""

    last: tuple[str, int] = ("", -1)

    def __call__(self, done: int, total: int | None, label: str) -> None:
        # A log with ten lines can be read, one with a line for each customer cannot.
        step = done * 10 // total if total else done // 1000
        is_few = total is None and done and not step
        if not is_few and (label, step) != self.last:
            self.last = (label, step)
            warn(f"{label}: {done}{f' of {total}' if total else ''}")
