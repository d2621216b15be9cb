"""Edits of a vendor's responses, field by field, and access to what is read from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

import attrs

from ...adapter.wire import Response
from ...errors import AnybankError
from ..modes import Mode
from .operations import Operation, declared_operations
from .recorder import Recorder, edit_json, outcome_of
from .scenarios import Scenario
from .subject import Subject

Edit = Callable[[Any], Any]
Path: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a value in a JSON document."""


class Reading:
    """A read operation that can be repeated with edited responses.

    `unedited` is its result with the simulator's own responses.
    """

    def __init__(self, operation: Operation, scenario: Scenario) -> None:
        self.operation = operation
        self._scenario = scenario
        self.unedited: Any = operation.outcome(scenario)
        responses = (exchange.response for exchange in scenario.recorder.exchanges)
        self._trees = list(_trees(responses))

    def with_edit(self, edit: Edit) -> Any:
        """Return the result with every response edited, or the error that it raises."""
        recorder = self._scenario.recorder
        recorder.rewrite = lambda _request, response: edit_json(response, edit)
        try:
            with self._scenario.subject.bank(recorder, retries=0) as bank:
                return outcome_of(lambda: self.operation.run(bank, self._scenario))
        finally:
            recorder.rewrite = None

    @property
    def names(self) -> list[str]:
        """The names of all the fields in the responses."""
        # A dict keeps the order of the response, so that failures come in the same
        # order in each run.
        names: dict[str, None] = {}
        for tree in self._trees:
            for_each_object(tree, lambda item: names.update(dict.fromkeys(item)))
        return list(names)


def readings(subject: Subject) -> Iterator[Reading]:
    """Yield every declared read operation, with its prerequisites created."""
    for operation, scenario in declared_operations(subject, Operation.is_read):
        reading = Reading(operation, scenario)
        # A cassette may be about another record than the kit asks for. Whether it is read
        # at all is judged by `recorded_responses_are_read`.
        is_unread = isinstance(reading.unedited, AnybankError)
        if subject.mode is not Mode.RECORDED or not is_unread:
            yield reading


def _trees(responses: Iterator[Response]) -> Iterator[Any]:
    for response in responses:
        try:
            yield json.loads(response.content)
        except ValueError:
            continue


def for_each_object(tree: Any, act: Callable[[dict[str, Any]], None]) -> Any:
    """Call *act* with every JSON object of a response, and return the response."""
    if isinstance(tree, dict):
        for value in list(tree.values()):
            for_each_object(value, act)
        act(tree)
    elif isinstance(tree, list):
        for value in tree:
            for_each_object(value, act)
    return tree


def replacing(name: str, matches: Callable[[Any], bool], value: Any) -> Edit:
    """Return an edit that replaces the value of a field where it matches."""

    def act(item: dict[str, Any]) -> None:
        if name in item and matches(item[name]):
            item[name] = value

    return lambda tree: for_each_object(tree, act)


def is_one_of(*words: str) -> Callable[[Any], bool]:
    """Return a predicate that is true for some texts."""
    return lambda value: isinstance(value, str) and value in words


def removing(name: str) -> Edit:
    """Return an edit that removes a field."""
    return lambda tree: for_each_object(tree, lambda item: item.pop(name, None))


def writing_times_in(zone: tzinfo) -> Edit:
    """Return an edit that writes the same moments in another time zone."""

    def act(item: dict[str, Any]) -> None:
        for name, value in item.items():
            if moment := _moment(value):
                item[name] = moment.astimezone(zone).isoformat()

    return lambda tree: for_each_object(tree, act)


def _moment(value: Any) -> datetime | None:
    """Return the time that a text writes with its time zone, else None."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def times_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, datetime]]:
    """Yield the path and the value of every time in a result, except those of `raw`."""
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from times_in(item, (*path, index))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            # `raw` is the vendor's own JSON, which always has the edited value.
            if field.name != "raw":
                yield from times_in(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, datetime):
        yield path, value


def leaves(value: Any) -> Iterator[Any]:
    """Yield every leaf of a result, except those of `raw`."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.name != "raw":
                yield from leaves(getattr(value, field.name))
    else:
        yield value


def texts(value: Any) -> set[str]:
    """Return every text of a result."""
    return {leaf for leaf in leaves(value) if isinstance(leaf, str)}


def path_of_records(recorder: Recorder, count: int) -> Path | None:
    """Return the path of the list of *count* records in the only response, else None."""
    try:
        tree = json.loads(recorder.exchanges[0].response.content)
    except (IndexError, ValueError):
        return None
    if len(recorder.exchanges) > 1:
        return None
    paths = ((), *paths_in(tree))
    matches = (path for path in paths if _is_list_of(value_at(tree, path), count))
    return next(matches, None)


def _is_list_of(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(item, dict) for item in value)
    )


def paths_in(tree: Any, prefix: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in a tree; of a list, only those of the first item."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(tree, dict):
        items = list(tree.items())
    elif isinstance(tree, list):
        # One item stands for all: an adapter reads each of them by the same code.
        items = list(enumerate(tree))[:1]
    for step, value in items:
        yield (*prefix, step)
        yield from paths_in(value, (*prefix, step))


def value_at(tree: Any, path: Path) -> Any:
    """Return the value at a path of a tree."""
    for step in path:
        tree = tree[step]
    return tree


def setting(path: Path, value: Any) -> Edit:
    """Return an edit that sets the value at a path, where the path exists."""

    def edit(tree: Any) -> Any:
        try:
            value_at(tree, path[:-1])[path[-1]] = value
        # Another response of the same flow may have another shape.
        except (LookupError, TypeError):
            return tree
        return tree

    return edit
