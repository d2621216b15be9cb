"""A supplement that a function or a command of the user looks up, instead of a file.

::

    python:package.module:function        takes an id, returns its fields or None
    python-batch:package.module:function  takes a list of ids, returns fields by id
    command:vault-lookup --live           reads {"source_id": ...} lines from stdin, and
                                          writes such lines with the fields to stdout

Functions may be async. A command runs once for each batch, without a shell. Errors never
contain a returned value or the text of an exception.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import shlex
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread, Timer
from types import TracebackType
from typing import IO, Any, Self, TypeAlias

from attrs import define, field

from ..._engine.files import DOCUMENT, size
from ...errors import ConfigurationError
from ...model.spellings import Spelling
from .row_file import ID, once
from .supplement import COLUMNS, is_known, read_fields

Fields: TypeAlias = Mapping[str, Any]
Results: TypeAlias = Mapping[str, Fields]
Ask: TypeAlias = Callable[[Sequence[str]], Results]

_TIMEOUT = 300.0
"""The time limit of a command for one batch, in seconds."""


class _InvalidResult(Exception):  # its message never contains a value
    """The function or command returned something that cannot be used."""


@define
class SupplementLookup:
    """Fields of customers by source id; raises ConfigurationError for invalid results.

    Results have no checksum: each customer is certified again before it is sent.
    """

    location: str
    columns: Mapping[str, Spelling] = field(default=COLUMNS, repr=False)
    sha256: str = field(init=False, default="")
    _ask: Ask = field(init=False, repr=False)
    _prepared: dict[str, Fields | None] = field(init=False, repr=False, factory=dict)
    _worker: ThreadPoolExecutor = field(
        init=False, repr=False, factory=lambda: ThreadPoolExecutor(1)
    )
    _runner: asyncio.Runner = field(init=False, repr=False, factory=asyncio.Runner)

    def __attrs_post_init__(self) -> None:
        kind, _, name = self.location.partition(":")
        self._ask = _KINDS[kind](self._call_in_thread, name)

    def prepare(self, source_ids: Sequence[str]) -> None:
        """Look up a whole batch, and hold its results until the next batch."""
        self._prepared = dict(self._look_up(source_ids))

    def of(self, source_id: str) -> Fields | None:
        """Return the fields of a customer, or None."""
        if source_id in self._prepared:
            return self._prepared[source_id]
        return dict(self._look_up([source_id]))[source_id]

    def _look_up(
        self, source_ids: Sequence[str]
    ) -> Iterator[tuple[str, Fields | None]]:
        try:
            results = self._ask(source_ids)
            values = {
                source_id: _values(self.columns, results.get(source_id))
                for source_id in source_ids
            }
        except _InvalidResult as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  # its text may hold personal data
            problem = f"failed ({type(error).__name__})"
        else:
            return iter(values.items())
        raise ConfigurationError(f"the supplement {self.location} {problem}")

    def _call_in_thread(self, function: Callable[[Any], Any], argument: object) -> Any:
        """Call the user's function off the event loop, always in the same thread.

        A database connection of the function often belongs to one thread, and an async
        function to one event loop: the runner keeps its loop from call to call.
        """
        return self._worker.submit(self._call, function, argument).result()

    def _call(self, function: Callable[[Any], Any], argument: object) -> Any:
        result = function(argument)
        return self._runner.run(result) if inspect.iscoroutine(result) else result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._prepared = {}
        self._worker.submit(self._runner.close).result()
        self._worker.shutdown()


Caller: TypeAlias = Callable[[Callable[[Any], Any], object], Any]


def is_lookup(supplement: object) -> bool:
    """Return True if a supplement names a function or command, not a file."""
    return isinstance(supplement, str) and supplement.partition(":")[0] in _KINDS


def _one_by_one(call: Caller, name: str) -> Ask:
    function = _function(name)

    def ask(source_ids: Sequence[str]) -> Results:
        results = ((source_id, call(function, source_id)) for source_id in source_ids)
        return {
            source_id: result for source_id, result in results if result is not None
        }

    return ask


def _batched(call: Caller, name: str) -> Ask:
    function = _function(name)

    def ask(source_ids: Sequence[str]) -> Results:
        results = call(function, list(source_ids))
        if not isinstance(results, Mapping):
            raise _InvalidResult("must return a mapping by source_id")
        return results

    return ask


def _function(name: str) -> Callable[[Any], Any]:
    module, _, attribute = name.partition(":")
    try:
        attribute_value = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        attribute_value = None
    if not callable(attribute_value):
        raise ConfigurationError(
            f"the supplement {name} is not a function. Write package.module:function, in "
            "a package that Python can import (see PYTHONPATH)"
        )
    function: Callable[[Any], Any] = attribute_value
    return function


def _command(call: Caller, line: str) -> Ask:
    arguments = _arguments(line)
    if not arguments:
        raise ConfigurationError(
            "the supplement 'command:' has no command, or a quotation mark is not closed"
        )

    def ask(source_ids: Sequence[str]) -> Results:
        lines = "".join(json.dumps({ID: source_id}) + "\n" for source_id in source_ids)
        return _results(call(lambda text: _ran(arguments, text), lines), source_ids)

    return ask


def _arguments(line: str) -> Sequence[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return ()


def _ran(arguments: Sequence[str], lines: str) -> str:
    """Run a command, and discard its stderr, which may contain personal data."""
    with subprocess.Popen(  # noqa: S603  # the user's own command, without a shell
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        timer = Timer(_TIMEOUT, running.kill)
        timer.start()
        try:
            answer = _exchange(running, lines.encode())
        finally:
            timer.cancel()
            running.kill()  # Ctrl-C must not leave the command behind
    if answer is None:
        raise _InvalidResult(f"writes more than {size(DOCUMENT)} for one batch")
    if code := running.returncode:
        raise _InvalidResult(f"ended with exit code {code}")
    return answer.decode("utf-8-sig")


def _exchange(running: subprocess.Popen[bytes], lines: bytes) -> bytes | None:
    """Write to a command while reading it; return None if it writes too much."""
    # In a thread: once both pipes are full, the command waits for its reader, and a writer
    # that does not read waits for the command.
    writer = Thread(target=_write, args=(running.stdin, lines), daemon=True)
    writer.start()
    answer = running.stdout.read(DOCUMENT + 1) if running.stdout else b""
    if len(answer) > DOCUMENT:
        running.kill()
    running.wait()
    writer.join()
    return answer if len(answer) <= DOCUMENT else None


def _write(stdin: IO[bytes], lines: bytes) -> None:
    with suppress(OSError), stdin:  # a command may exit before it has read all ids
        stdin.write(lines)


def _results(text: str, source_ids: Iterable[str]) -> Results:
    results: dict[str, Fields] = {}
    requested = frozenset(source_ids)
    # Not splitlines(), which also splits at U+2028 and U+0085: JSON may contain both.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        row = _object(line, number)
        source_id = row.pop(ID, None)
        if source_id not in requested or source_id in results:
            raise _InvalidResult(
                f"has in line {number} a source_id that was not requested or is repeated"
            )
        results[str(source_id)] = row
    return results


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _InvalidResult(
            f"has in line {number} something that is not a JSON object with unique names"
        )
    return row


def _values(columns: Mapping[str, Spelling], result: object) -> Fields | None:
    """Return a result's values as their fields' types, without empty ones."""
    if result is None:
        return None
    if not isinstance(result, Mapping) or not all(
        is_known(columns, name) for name in result
    ):
        raise _InvalidResult(f"may return only these fields: {', '.join(columns)}")
    present = {name: value for name, value in result.items() if value not in ("", None)}
    values, problem = read_fields(columns, present)
    if problem:
        name, reason = problem
        raise _InvalidResult(f"returns an invalid {name}: it {reason}")
    return values


_KINDS: Mapping[str, Callable[[Caller, str], Ask]] = {
    "python": _one_by_one,
    "python-batch": _batched,
    "command": _command,
}
