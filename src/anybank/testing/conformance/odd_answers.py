"""Checks of answers that are odd: another's, another vendor's, half readable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import attrs

from ...adapter.wire import Request, Response
from ...errors import AnybankError, UnexpectedResponse
from .operations import Operation, declared
from .recorder import NotApplicable, Recorder, json_answer, require
from .registry import check
from .stages import Stage
from .subject import Subject

_STRANGER = "anybank-stranger"
_NUMBER = 271828
_OBJECT = {"anybank": ["odd"]}
_COUNT = 3
_LISTED = {
    "customers.list": "customer",
    "credit_applications.list": "application",
    "accounts.list": "account",
    "webhook_subscriptions.list": "subscription",
    "transactions.list": "transaction",
    "customer_addresses.list": "address",
}
_UNASKED = ("list", "create", "check", "create_temporary")
"""What is done without an id of its own."""
_FOREIGN = (
    Response(
        status=200,
        headers={"content-type": "text/html"},
        content=b"<!doctype html><title>Scheduled maintenance</title>",
    ),
    Response(
        status=200,
        headers={"content-type": "application/json"},
        content=b'{"anybank": "the answer of another vendor"}',
    ),
)

Path: TypeAlias = tuple[str | int, ...]


@check()
def a_foreign_answer_is_no_success(subject: Subject) -> None:
    """A page of HTML or another vendor's JSON under 200 is an UnexpectedResponse."""
    for operation, _ in declared(subject):
        for foreign in _FOREIGN:
            stage = Stage.of(subject)
            operation.prepare(stage)
            stage.recorder.rewrite = lambda _asked, _answer, it=foreign: it
            outcome = operation.outcome(stage, retries=0)
            require(
                isinstance(outcome, UnexpectedResponse),
                f"{operation.name} took it for an answer: read each answer, that of a "
                "delete too, and require what the vendor's page shows as success "
                "(`read`, `same_id`, `require_text`).",
            )


@check()
def an_answer_about_another_is_refused(subject: Subject) -> None:
    """An answer whose id is not the one that was asked for is an UnexpectedResponse."""
    examined = 0
    for operation, stage in declared(subject, lambda it: it.verb not in _UNASKED):
        ids = [stage.id(thing) for thing in operation.things]
        answers = _Replaced(ids)
        stage.recorder.rewrite = answers
        outcome = operation.outcome(stage, retries=0)
        examined += answers.replaced
        require(
            not answers.replaced or isinstance(outcome, UnexpectedResponse),
            f"{operation.name} took another's answer for its own: give the value the id "
            "that the answer has, never the one that was asked for, and compare the ids "
            "that a flow reads on its way with `same_id`.",
        )
    if not examined:
        raise NotApplicable("no answer has the id that was asked for")


class _Replaced:
    """Puts another id in the place of some, in each success."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = [each.encode() for each in ids]
        self.replaced = 0

    def __call__(self, _asked: Request, answer: Response) -> Response:
        content = answer.content
        for each in self._ids:
            content = content.replace(b'"%s"' % each, b'"%s"' % _STRANGER.encode())
        if not answer.ok or content == answer.content:
            return answer
        self.replaced += 1
        return attrs.evolve(answer, content=content)


@check()
def one_odd_record_is_one_record(subject: Subject) -> None:
    """A record of which a field cannot be read is listed, and names the field."""
    examined = 0
    for operation, _ in declared(subject, lambda each: each.name in _LISTED):
        stage = Stage.of(subject)
        for index in range(_COUNT):
            stage.another(_LISTED[operation.name], index)
        stage.recorder.forget()
        plain = operation.outcome(stage, retries=0)
        at = _place_of_records(stage.recorder, len(plain))
        if at is None:
            continue
        examined += 1
        _require_listed(operation, stage, plain, at)
    if not examined:
        raise NotApplicable("no listing answers with several records")


def _require_listed(
    operation: Operation, stage: Stage, plain: list[Any], at: Path
) -> None:
    """Spoil one field of one record after the other, and require all the others."""
    record = _at(json.loads(stage.recorder.heard[0].response.content), at)
    for path in _paths(record[1]):
        for odd in _odd(_at(record[1], path)):
            spoil = _setting((*at, 1, *path), odd)
            stage.recorder.rewrite = lambda _asked, it, spoil=spoil: json_answer(
                it, spoil
            )
            outcome = operation.outcome(stage, retries=0)
            stage.recorder.rewrite = None
            name = ".".join(str(step) for step in path)
            whole = not isinstance(outcome, AnybankError) and _others(outcome, plain)
            require(
                whole,
                f"{operation.name}: {name} of one record could not be read, and the "
                "others are not listed: read the records with `read_each`, and give "
                "each field of the wire class but the id a default.",
            )
            _require_named(operation, outcome, plain, name)


def _others(listed: list[Any], plain: list[Any]) -> bool:
    """Return whether the records that were not touched are listed as before."""
    return all(each in listed for each in (plain[0], *plain[2:]))


def _require_named(
    operation: Operation, listed: list[Any], plain: list[Any], name: str
) -> None:
    odd = [each for each in listed if each.id == plain[1].id]
    kind = type(plain[1])
    fields = {each.name for each in attrs.fields(kind)}
    for each in odd:
        told = [place.replace("[", ".").split(".")[0] for place in each.unreadable]
        lost = each != plain[1] and any(
            getattr(each, field) in (None, ()) and getattr(plain[1], field)
            for field in fields
        )
        require(
            set(told) <= fields and (told or not lost),
            f"{operation.name}: {name} could not be read, and `unreadable` does not name "
            "the field by our name: pass `read_each` the names (`named(RULES)`).",
        )


@check()
def a_create_that_names_its_id_has_happened(subject: Subject) -> None:
    """A create whose answer has an id is a success, whatever else cannot be read."""
    examined = 0
    for operation, stage in declared(subject, lambda each: each.verb == "create"):
        value = operation.outcome(stage, retries=0)
        answer = stage.recorder.heard[0].response if stage.recorder.heard else None
        at = _place_of(answer, getattr(value, "id", None))
        if at is None or answer is None:
            continue
        examined += 1
        record = _at(json.loads(answer.content), at[:-1])
        for path in _paths(record):
            if path[0] != at[-1]:
                odd = _odd(_at(record, path))[0]
                spoil = _setting((*at[:-1], *path), odd)
                _require_created(subject, operation, spoil, ".".join(map(str, path)))
    if not examined:
        raise NotApplicable("no create is answered with an id")


def _odd(value: Any) -> tuple[Any, ...]:
    """Return what cannot be read in the place of a value."""
    if isinstance(value, dict):
        return (_NUMBER,)
    return (_OBJECT, _NUMBER) if isinstance(value, str) else (_OBJECT,)


def _require_created(
    subject: Subject, operation: Operation, spoil: Callable[[Any], Any], name: str
) -> None:
    stage = Stage.of(subject)
    operation.prepare(stage)
    stage.recorder.rewrite = lambda _asked, answer: json_answer(answer, spoil)
    outcome = operation.outcome(stage, retries=0)
    require(
        not isinstance(outcome, AnybankError),
        f"{operation.name}: {name} of the answer could not be read, "
        "and what was created is lost: read the answer with `read_created`.",
    )


def _place_of(answer: Response | None, identifier: object) -> Path | None:
    """Return where an id stands in an answer."""
    try:
        tree = json.loads(answer.content) if answer else None
    except ValueError:
        return None
    return next((path for path in _paths(tree) if _at(tree, path) == identifier), None)


def _place_of_records(recorder: Recorder, count: int) -> Path | None:
    """Return where the list of the records stands in the only page."""
    try:
        tree = json.loads(recorder.heard[0].response.content)
    except (IndexError, ValueError):
        return None
    if len(recorder.heard) > 1 or count < _COUNT:
        return None
    places = ((), *_paths(tree))
    return next((each for each in places if _holds(_at(tree, each), count)), None)


def _holds(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(each, dict) for each in value)
    )


def _paths(tree: Any, at: Path = ()) -> Iterator[Path]:
    """Yield the path of everything that lies in a tree, the first item of a list only."""
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(tree, dict):
        inside = list(tree.items())
    elif isinstance(tree, list):
        inside = list(enumerate(tree))[:1]
    for step, value in inside:
        yield (*at, step)
        yield from _paths(value, (*at, step))


def _at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def _setting(path: Path, value: Any) -> Callable[[Any], Any]:
    """Return a change that puts a value at a path, where there is such a path."""

    def change(tree: Any) -> Any:
        try:
            _at(tree, path[:-1])[path[-1]] = value
        except (LookupError, TypeError):
            return tree
        return tree

    return change
