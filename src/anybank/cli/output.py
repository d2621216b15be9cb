"""What commands write to stdout and stderr: tables, text and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from enum import Enum
from typing import Any

import attrs
import click
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ..sensitive import Sensitive

MAX_WIDTH = 100
"""The widest line of a table or text: in a pipe, and on a terminal that is wider."""


def console(*, stderr: bool = False) -> Console:
    """Return a console of the right width, which shows brackets and colons as they are.

    Only a terminal gets colors, unless NO_COLOR is set.
    """
    # No markup: a customer's text with brackets would be taken for a style, and
    # `:smile:` for an emoji.
    target = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    is_terminal = target.is_terminal
    target.width = min(target.width, MAX_WIDTH) if is_terminal else MAX_WIDTH
    return target


def printable(text: object) -> str:
    """Return a text with `?` for control characters, which could steer a terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else "?"
        for character in str(text)
    )


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show rows under columns. Long cells wrap; nothing is cut off.

    The first column names its row, so it wraps last. Empty columns are left out.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    longest = [
        max((row[index].cell_len for row in cells), default=0)
        for index in range(len(columns))
    ]
    visible = [index for index in range(len(columns)) if index == 0 or longest[index]]
    widths = _fit(
        [max(longest[index], len(columns[index])) for index in visible],
        [
            max((_longest_word(row[index]) for row in cells), default=0)
            for index in visible
        ],
    )
    grid = Table(
        title=title and Text(printable(title), style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    for index, width in zip(visible, widths, strict=True):
        grid.add_column(columns[index], overflow="fold", width=width)
    for row in cells:
        grid.add_row(*(row[index] for index in visible))
    _show(grid)
    line()


_GAP = 3
_NARROW = 12


def _longest_word(cell: Text) -> int:
    return max(map(len, cell.plain.split()), default=0)


def _fit(desired: Sequence[int], words: Sequence[int]) -> list[int]:
    """Shrink the widest columns until all fit; shrink the first only if none is wide.

    A column is narrower than its longest word, of the lengths *words*, only where no other
    column can give way.
    """
    available = console().width - _GAP * (len(desired) - 1)
    widths = [min(width, available) for width in desired]
    while sum(widths) > available:
        # Every other column shrinks before the first, which names the row.
        order = [
            (index > 0, width > max(words[index], _NARROW), width)
            for index, width in enumerate(widths)
        ]
        widest = order.index(max(order))
        if widths[widest] <= _NARROW:
            widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths


def _cell(value: object) -> Text:
    return Text("" if value is None else printable(value))


def heading(text: str) -> None:
    """Show the title of a section."""
    _show(Text(printable(text), style="bold"))


def _show(content: RenderableType) -> None:
    """Write without trailing blanks, through click, which handles a closed pipe."""
    target = console()
    with target.capture() as captured:
        target.print(content)
    # rich pads cells to the width of the column. Trailing blanks spoil copies and
    # diffs.
    click.echo("\n".join(map(str.rstrip, captured.get().splitlines())))


def paragraph(text: str, *, indent: str = "") -> None:
    """Show a text wrapped between words; later lines are indented under the first."""
    wrapped = textwrap.wrap(
        printable(text),
        console().width,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        # A path or an id that is broken in two cannot be copied.
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.echo("\n".join(wrapped))


def line(text: str = "") -> None:
    """Show a line that a user may copy, so it is never wrapped."""
    click.echo(printable(text))


def warn(text: str) -> None:
    """Show a line on stderr. A closed stderr does not end the command."""
    with suppress(OSError):
        click.echo(printable(text), err=True)


def emit_json(value: object, *, indent: int | None = 2) -> None:
    """Write a value as JSON: attrs values as objects, sensitive values as their masks."""
    click.echo(json.dumps(plain(value), indent=indent))


def plain(value: Any) -> Any:
    """Return a value as JSON types. Raise TypeError for a type that has none."""
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
            field.name: plain(getattr(value, field.name))
            for field in attrs.fields(type(value))
        }
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _key(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(plain(key))
