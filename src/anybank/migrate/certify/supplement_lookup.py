"""A supplement that is asked for, not read: the user's own function or command.

::

    python:package.module:function        takes an id, returns its fields or None
    python-batch:package.module:function  takes a list of ids, returns fields by id
    command:vault-lookup --live           reads {"source_id": ...} a line on stdin, and
                                          writes such lines with the fields on stdout

Functions may be async. A command is started without a shell, once for each batch. Errors
never repeat what was answered, nor what an exception says.
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
from .row_file import ID, once
from .supplement import READERS, is_known, read_fields

Fields: TypeAlias = Mapping[str, Any]
Answers: TypeAlias = Mapping[str, Fields]
Ask: TypeAlias = Callable[[Sequence[str]], Answers]

_PATIENCE = 300.0
"""How many seconds a command has for one batch."""


class _Wrong(Exception):  # it names what is wrong, without a value
    """What was answered cannot be used."""


@define
class SupplementLookup:
    """Fields of customers, asked for by id; raises ConfigurationError for bad answers."""

    place: str
    sha256: str = field(init=False, default="")
    _ask: Ask = field(init=False, repr=False)
    _prepared: dict[str, Fields | None] = field(init=False, repr=False, factory=dict)
    _worker: ThreadPoolExecutor = field(
        init=False, repr=False, factory=lambda: ThreadPoolExecutor(1)
    )
    _runner: asyncio.Runner = field(init=False, repr=False, factory=asyncio.Runner)

    def __attrs_post_init__(self) -> None:
        kind, _, what = self.place.partition(":")
        self._ask = _KINDS[kind](self._called, what)

    def require(self, sha256: str) -> None:
        """Take any answer: each is certified again before it is sent."""

    def prepare(self, source_ids: Sequence[str]) -> None:
        """Ask for a whole batch; the answers are kept until the next one."""
        self._prepared = dict(self._asked(source_ids))

    def of(self, source_id: str) -> Fields | None:
        """Return the fields given for a customer, None where there are none."""
        if source_id in self._prepared:
            return self._prepared[source_id]
        return dict(self._asked([source_id]))[source_id]

    def _asked(self, source_ids: Sequence[str]) -> Iterator[tuple[str, Fields | None]]:
        try:
            answers = self._ask(source_ids)
            found = {each: _values(answers.get(each)) for each in source_ids}
        except _Wrong as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001  # its text may hold personal data
            said = f"failed ({type(error).__name__})"
        else:
            return iter(found.items())
        raise ConfigurationError(f"the supplement {self.place} {said}")

    def _called(self, function: Callable[[Any], Any], given: object) -> Any:
        """Call the user's function off the event loop; always in the same thread."""
        return self._worker.submit(self._call, function, given).result()

    def _call(self, function: Callable[[Any], Any], given: object) -> Any:
        answer = function(given)
        return self._runner.run(answer) if inspect.iscoroutine(answer) else answer

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


def is_lookup(given: object) -> bool:
    """Tell a supply's name from the path of a file."""
    return isinstance(given, str) and given.partition(":")[0] in _KINDS


def _one_by_one(call: Caller, name: str) -> Ask:
    function = _function(name)

    def ask(source_ids: Sequence[str]) -> Answers:
        answers = ((each, call(function, each)) for each in source_ids)
        return {each: answer for each, answer in answers if answer is not None}

    return ask


def _batched(call: Caller, name: str) -> Ask:
    function = _function(name)

    def ask(source_ids: Sequence[str]) -> Answers:
        answers = call(function, list(source_ids))
        if not isinstance(answers, Mapping):
            raise _Wrong("must return a mapping by source_id")
        return answers

    return ask


def _function(name: str) -> Callable[[Any], Any]:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not callable(found):
        raise ConfigurationError(
            f"the supplement {name} is no function: name it package.module:function, in "
            "a package that Python finds (PYTHONPATH)"
        )
    function: Callable[[Any], Any] = found
    return function


def _command(call: Caller, line: str) -> Ask:
    arguments = _arguments(line)
    if not arguments:
        raise ConfigurationError(
            "the supplement command: names no command, or has an open quotation mark"
        )

    def ask(source_ids: Sequence[str]) -> Answers:
        lines = "".join(json.dumps({ID: each}) + "\n" for each in source_ids)
        return _answers(call(lambda text: _ran(arguments, text), lines), source_ids)

    return ask


def _arguments(line: str) -> Sequence[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return ()


def _ran(arguments: Sequence[str], lines: str) -> str:
    """Run a command; what it writes to stderr may be personal, and is not shown."""
    with subprocess.Popen(  # noqa: S603  # the user's own command, without a shell
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        patience = Timer(_PATIENCE, running.kill)
        patience.start()
        try:
            answer = _exchange(running, lines.encode())
        finally:
            patience.cancel()
            running.kill()
    if answer is None:
        raise _Wrong(f"answers with more than {size(DOCUMENT)} for one batch")
    if code := running.returncode:
        raise _Wrong(f"ended with exit code {code}")
    return answer.decode("utf-8-sig")


def _exchange(running: subprocess.Popen[bytes], lines: bytes) -> bytes | None:
    """Write to a command while it is read; None where it answers with too much."""
    writer = Thread(target=_write, args=(running.stdin, lines), daemon=True)
    writer.start()
    answer = running.stdout.read(DOCUMENT + 1) if running.stdout else b""
    if len(answer) > DOCUMENT:
        running.kill()
    running.wait()
    writer.join()
    return answer if len(answer) <= DOCUMENT else None


def _write(stdin: IO[bytes], lines: bytes) -> None:
    with suppress(OSError), stdin:  # a command need not read all that it is asked
        stdin.write(lines)


def _answers(text: str, source_ids: Iterable[str]) -> Answers:
    found: dict[str, Fields] = {}
    asked = frozenset(source_ids)
    # not splitlines(): JSON may hold U+2028 and U+0085, at which that would split
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        row = _object(line, number)
        source_id = row.pop(ID, None)
        if source_id not in asked or source_id in found:
            raise _Wrong(f"answers, in line {number}, for nobody or twice")
        found[str(source_id)] = row
    return found


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _Wrong(
            f"answers, in line {number}, with what is not a JSON object with each name "
            "once"
        )
    return row


def _values(given: object) -> Fields | None:
    """Return an answer as its fields' types; what is empty is not given."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or not all(map(is_known, given)):
        raise _Wrong(f"may give these fields alone: {', '.join(READERS)}")
    told = {name: value for name, value in given.items() if value not in ("", None)}
    values, problem = read_fields(told)
    if problem:
        name, what = problem
        raise _Wrong(f"gives a wrong {name}: it {what}")
    return values


_KINDS: Mapping[str, Callable[[Caller, str], Ask]] = {
    "python": _one_by_one,
    "python-batch": _batched,
    "command": _command,
}
