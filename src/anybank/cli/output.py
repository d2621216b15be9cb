"""How commands show things: tables, text, JSON and progress, for a terminal and a pipe."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from enum import Enum
from typing import Any, TypeAlias

import attrs
import click
from attrs import define
from rich import box
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table
from rich.text import Text

from ..sensitive import Sensitive

WIDTH = 100
"""The columns that everything fits, wherever it is shown."""

Report: TypeAlias = Callable[[int, int | None, str], None]
"""Takes how many are done, of how many (None where nobody knows), and of what."""


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to WIDTH and takes no text for markup.

    Colour is for terminals alone, and not where NO_COLOR is set.
    """
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    made.width = min(made.width, WIDTH) if made.is_terminal else WIDTH
    return made


def printable(text: object) -> str:
    """Return a text whose control characters cannot steer a terminal."""
    return "".join(
        mark if mark.isprintable() or mark == "\n" else "?" for mark in str(text)
    )


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show rows under columns; long cells wrap, nothing is cut.

    The first column names its row, so it wraps last; columns that are empty are left out.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    longest = [
        max((row[at].cell_len for row in cells), default=0) for at in _at(columns)
    ]
    shown = [at for at in _at(columns) if at == 0 or longest[at]]
    widths = _fitting([max(longest[at], len(columns[at])) for at in shown])
    made = Table(
        title=title and Text(printable(title), style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    for at, width in zip(shown, widths, strict=True):
        made.add_column(columns[at], overflow="fold", width=width)
    for row in cells:
        made.add_row(*(row[at] for at in shown))
    _show(made)
    line()


def _at(columns: Sequence[str]) -> range:
    return range(len(columns))


_GAP = 3
_NARROW = 12


def _fitting(wanted: Sequence[int]) -> list[int]:
    """Shave the widest columns until all fit; the first is shaved when none is wide."""
    room = console().width - _GAP * (len(wanted) - 1)
    widths = [min(width, room) for width in wanted]
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: (at > 0, widths[at]))
        if widths[widest] <= _NARROW:
            widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _cell(value: object) -> Text:
    return Text("" if value is None else printable(value))


def heading(text: str) -> None:
    """Show a line that begins a part."""
    _show(Text(printable(text), style="bold"))


def _show(shown: RenderableType) -> None:
    """Write by click, which knows the reader went away, and no blanks at line ends."""
    target = console()
    with target.capture() as captured:
        target.print(shown)
    click.echo("\n".join(map(str.rstrip, captured.get().splitlines())))


def paragraph(text: str, *, indent: str = "") -> None:
    """Show a text, wrapped at WIDTH and at words; what follows hangs under it."""
    wrapped = textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo("\n".join(wrapped))


def line(text: str = "") -> None:
    """Show a line as it is, to be copied: it is never wrapped."""
    click.echo(printable(text))


def warn(text: str) -> None:
    """Show a line on stderr; whether anybody reads it changes nothing."""
    with suppress(OSError):
        click.echo(printable(text), err=True)


def emit_json(value: object, *, indent: int | None = 2) -> None:
    """Show a value as JSON; attrs values become objects, sensitive ones their masks."""
    click.echo(json.dumps(plain(value), indent=indent))


def plain(value: Any) -> Any:
    """Return a value made of JSON's own types; raises TypeError for what has none."""
    if isinstance(value, Sensitive):
        return str(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, type):
        return value.__name__
    if attrs.has(type(value)):
        return {
            each.name: plain(getattr(value, each.name))
            for each in attrs.fields(type(value))
        }
    raise TypeError(f"{type(value).__name__} is not shown as JSON")


def _key(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(plain(key))


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """Show on stderr how far something is: a bar on a terminal, plain lines elsewhere.

    Gives a callable that is told how many are done, of how many, and of what.
    """
    shown = console(stderr=True)
    if shown.is_terminal:
        with _bar(shown) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total, of: bar.update(
                task, completed=done, total=total, description=printable(of)
            )
    else:
        yield _Lines()


def _bar(shown: Console) -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
    )
    return Progress(*columns, console=shown)


@define
class _Lines:
    """Tells progress in lines: one each tenth, or each thousand of an unknown total."""

    said: tuple[str, int] = ("", -1)

    def __call__(self, done: int, total: int | None, what: str) -> None:
        step = done * 10 // total if total else done // 1000
        is_few = total is None and done and not step
        if not is_few and (what, step) != self.said:
            self.said = (what, step)
            warn(f"{what}: {done}{f' of {total}' if total else ''}")
