"""Answers that are changed on their way, leaf by leaf, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from ...adapter.wire import Response
from .operations import Operation, declared
from .recorder import json_answer, outcome_of
from .stages import Stage
from .subject import Subject

Change = Callable[[Any], Any]


class Reading:
    """A read that can be asked again and again, its answers changed on the way."""

    def __init__(self, operation: Operation, stage: Stage) -> None:
        self.operation = operation
        self._stage = stage
        self.plain = operation.outcome(stage)
        self.trees = list(_trees(each.response for each in stage.recorder.heard))

    def changed(self, change: Change) -> Any:
        """Return what is read where each answer is changed, or the error."""
        recorder = self._stage.recorder
        recorder.rewrite = lambda _asked, answer: json_answer(answer, change)
        try:
            with self._stage.subject.bank(recorder, retries=0) as bank:
                return outcome_of(lambda: self.operation.on(bank, self._stage))
        finally:
            recorder.rewrite = None

    @property
    def names(self) -> list[str]:
        """Every name of a field in its answers."""
        found: dict[str, None] = {}
        for tree in self.trees:
            each(tree, lambda it: found.update(dict.fromkeys(it)))
        return list(found)


def readings(subject: Subject) -> Iterator[Reading]:
    """Yield every declared read, on a stage that is set for it."""
    for operation, stage in declared(subject, Operation.reads):
        yield Reading(operation, stage)


def _trees(answers: Iterator[Response]) -> Iterator[Any]:
    for answer in answers:
        try:
            yield json.loads(answer.content)
        except ValueError:
            continue


def each(tree: Any, act: Callable[[dict[str, Any]], None]) -> Any:
    """Act on every object of an answer, and return the answer."""
    if isinstance(tree, dict):
        for value in list(tree.values()):
            each(value, act)
        act(tree)
    elif isinstance(tree, list):
        for value in tree:
            each(value, act)
    return tree


def setting(name: str, wanted: Callable[[Any], bool], value: Any) -> Change:
    """Return a change that gives a field another value where its own is wanted."""

    def act(found: dict[str, Any]) -> None:
        if name in found and wanted(found[name]):
            found[name] = value

    return lambda tree: each(tree, act)


def among(*words: str) -> Callable[[Any], bool]:
    """Return what tells whether a value is one of some texts."""
    return lambda value: isinstance(value, str) and value in words


def dropping(name: str) -> Change:
    """Return a change that leaves a field out."""
    return lambda tree: each(tree, lambda found: found.pop(name, None))


def leaves(value: Any) -> Iterator[Any]:
    """Yield every leaf of a value that was read, `raw` left out."""
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
    """Return every text of a value that was read."""
    return {leaf for leaf in leaves(value) if isinstance(leaf, str)}
