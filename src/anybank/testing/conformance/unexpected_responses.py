"""Checks of responses that are foreign, about another record or partly unreadable."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from ...adapter.wire import Request, Response
from ...errors import AnybankError, UnexpectedResponse
from ...model.features import Feature
from .operations import OPERATIONS, Operation, declared_operations
from .paging import LISTED_KINDS
from .recorder import NotApplicable, edit_json, require
from .registry import check
from .response_edits import Path, path_of_records, paths_in, setting, value_at
from .scenarios import Scenario
from .subject import Subject

_OTHER_ID = "anybank-other-id"
_NUMBER = 271828
_OBJECT = {"anybank": ["unexpected"]}
_COUNT = 3
_LISTED_KINDS = {**LISTED_KINDS, "customer_addresses.list": "address"}
_VERBS_WITHOUT_ID = ("list", "create", "check", "create_temporary")
# The maintenance page of a gateway, and valid JSON of some other service behind the
# same address.
_FOREIGN = (
    Response(
        status=200,
        headers={"content-type": "text/html"},
        content=b"<!doctype html><title>Scheduled maintenance</title>",
    ),
    Response(
        status=200,
        headers={"content-type": "application/json"},
        content=b'{"anybank": "the response of another vendor"}',
    ),
)


@check()
def foreign_responses_are_unexpected(subject: Subject) -> None:
    """An HTML page or another vendor's JSON under status 200 is an UnexpectedResponse."""
    for operation, _ in declared_operations(subject):
        for foreign in _FOREIGN:
            scenario = Scenario.of(subject)
            operation.prepare(scenario)
            scenario.recorder.rewrite = lambda _request, _response, it=foreign: it
            outcome = operation.outcome(scenario, retries=0)
            require(
                isinstance(outcome, UnexpectedResponse),
                f"{operation.name} accepted a foreign response as success. Read every "
                "response, including that of a deletion, and require what the vendor's "
                "page shows as success (`read`, `same_id`, `require_text`).",
            )


@check("credentials.check")
def foreign_refusals_verify_no_credentials(subject: Subject) -> None:
    """A refusal that is not in the vendor's form verifies no credentials."""
    operation = OPERATIONS[Feature.CREDENTIALS_CHECK]
    for status in (400, 404):
        scenario = Scenario.of(subject)
        refusal = attrs.evolve(_FOREIGN[1], status=status)
        scenario.recorder.scripted.append(refusal)
        outcome = operation.outcome(scenario, retries=0)
        require(
            isinstance(outcome, AnybankError),
            f"credentials.check took a refusal of another server (HTTP {status}) for an "
            "accepted key. Count only a refusal that has the vendor's own code or type.",
        )


@check()
def responses_with_another_id_are_unexpected(subject: Subject) -> None:
    """A response whose id is not the requested one is an UnexpectedResponse."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.verb not in _VERBS_WITHOUT_ID
    ):
        replacer = _IdReplacer([scenario.id(kind) for kind in operation.prerequisites])
        scenario.recorder.rewrite = replacer
        outcome = operation.outcome(scenario, retries=0)
        examined += replacer.count
        require(
            not replacer.count or isinstance(outcome, UnexpectedResponse),
            f"{operation.name} accepted a response about another record. Take the "
            "value's id from the response, never from the query, and compare the ids of "
            "intermediate responses with `same_id`.",
        )
    if not examined:
        raise NotApplicable("no response contains the requested id")


class _IdReplacer:
    """Replaces some ids in every successful response by another one."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = [identifier.encode() for identifier in ids]
        self.count = 0

    def __call__(self, _request: Request, response: Response) -> Response:
        content = response.content
        for identifier in self._ids:
            content = content.replace(
                # With the quotation marks, so that an id inside another text stays.
                b'"%s"' % identifier,
                b'"%s"' % _OTHER_ID.encode(),
            )
        if not response.ok or content == response.content:
            return response
        self.count += 1
        return attrs.evolve(response, content=content)


@check()
def unreadable_records_do_not_hide_others(subject: Subject) -> None:
    """A listing returns a record with an unreadable field, names it, and goes on."""
    examined = 0
    for operation, _ in declared_operations(
        subject, lambda operation: operation.name in _LISTED_KINDS
    ):
        scenario = Scenario.of(subject)
        # Three records: the second is damaged, and the first and the third must survive
        # on both sides of it.
        for index in range(_COUNT):
            scenario.create(_LISTED_KINDS[operation.name], index)
        scenario.recorder.forget()
        unedited = operation.outcome(scenario, retries=0)
        path = path_of_records(scenario.recorder, len(unedited))
        if path is None or len(unedited) < _COUNT:
            continue
        examined += 1
        _require_listed(operation, scenario, unedited, path)
    if not examined:
        raise NotApplicable("no listing returns several records in one page")


def _require_listed(
    operation: Operation, scenario: Scenario, unedited: list[Any], records: Path
) -> None:
    """Make each field of the second record unreadable in turn; require the others."""
    content = scenario.recorder.exchanges[0].response.content
    record = value_at(json.loads(content), records)[1]
    for path in paths_in(record):
        for value in _unreadable_values(value_at(record, path)):
            edit = setting((*records, 1, *path), value)
            scenario.recorder.rewrite = lambda _request, response, edit=edit: edit_json(
                response, edit
            )
            outcome = operation.outcome(scenario, retries=0)
            scenario.recorder.rewrite = None
            name = ".".join(map(str, path))
            require(
                not isinstance(outcome, AnybankError)
                and _has_others(outcome, unedited),
                f"{operation.name}: when {name} of one record is unreadable, the other "
                f"records are not returned{_reason(outcome)}. Read the records with "
                "`read_each`, give every field of the wire class except the id a default, "
                "and take an id that is in the path from the query.",
            )
            _require_named(operation, outcome, unedited, name)


def _reason(outcome: Any) -> str:
    """Return the text of an error, which holds no value of a record."""
    return f" ({outcome})" if isinstance(outcome, AnybankError) else ""


def _has_others(listed: list[Any], unedited: list[Any]) -> bool:
    """Return True if the records that were not edited are all listed."""
    return all(record in listed for record in (unedited[0], *unedited[2:]))


def _require_named(
    operation: Operation, listed: list[Any], unedited: list[Any], name: str
) -> None:
    expected = unedited[1]
    fields = {field.name for field in attrs.fields(type(expected))}
    for record in listed:
        if record.id != expected.id:
            continue
        unreadable = [
            place.replace("[", ".").split(".")[0] for place in record.unreadable
        ]
        # A damaged member that the adapter does not read loses nothing, and needs no
        # name.
        has_lost_values = record != expected and any(
            getattr(record, field) in (None, ()) and getattr(expected, field)
            for field in fields
        )
        require(
            set(unreadable) <= fields and (unreadable or not has_lost_values),
            f"{operation.name}: {name} is unreadable, but `unreadable` does not contain "
            "the name of our field. Read the records with a `Reader`, whose wire class "
            "has `neutral` names, or pass `names` to `read_each`: `named(RULES)`, with "
            "the path of the objects around them, and `{path: field}` for a member without "
            "a rule. If a field is computed from several members, name it in each of them "
            '(`neutral("amount")`) and pass the computed one to `build`. '
            f"If no field of ours is read from {name}, leave it out of the wire "
            "class.",
        )


@check()
def created_ids_are_never_lost(subject: Subject) -> None:
    """A create whose response contains an id succeeds, even if the rest is unreadable."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.verb == "create"
    ):
        value = operation.outcome(scenario, retries=0)
        exchanges = scenario.recorder.exchanges
        response = exchanges[0].response if exchanges else None
        path = _path_of(response, getattr(value, "id", None))
        if path is None or response is None:
            continue
        examined += 1
        _require_id_survives(subject, operation, json.loads(response.content), path)
    if not examined:
        raise NotApplicable("no create returns an id in its response")


def _require_id_survives(
    subject: Subject, operation: Operation, tree: Any, id_path: Path
) -> None:
    """Make each field next to the id unreadable in turn; require a success."""
    record = value_at(tree, id_path[:-1])
    for path in paths_in(record):
        if path[0] != id_path[-1]:
            value = _unreadable_values(value_at(record, path))[0]
            edit = setting((*id_path[:-1], *path), value)
            _require_created(subject, operation, edit, ".".join(map(str, path)))


def _unreadable_values(value: Any) -> tuple[Any, ...]:
    """Return values of the wrong type for the place of a value."""
    if isinstance(value, dict):
        return (_NUMBER,)
    # A number in place of a text is the mistake that a lenient reader hides with `str`.
    return (_OBJECT, _NUMBER) if isinstance(value, str) else (_OBJECT,)


def _require_created(
    subject: Subject, operation: Operation, edit: Callable[[Any], Any], name: str
) -> None:
    outcome = _with_edited_response(subject, operation, edit)
    require(
        not isinstance(outcome, AnybankError),
        f"{operation.name}: when {name} of the response is unreadable, the id of the "
        "created record is lost. Read the response with `read_created`.",
    )


def _with_edited_response(
    subject: Subject, operation: Operation, edit: Callable[[Any], Any]
) -> Any:
    """Return the outcome of an operation whose every response is edited."""
    scenario = Scenario.of(subject)
    operation.prepare(scenario)
    scenario.recorder.rewrite = lambda _request, response: edit_json(response, edit)
    return operation.outcome(scenario, retries=0)


def _path_of(response: Response | None, value: object) -> Path | None:
    """Return the path at which a response contains a value."""
    try:
        tree = json.loads(response.content) if response else None
    except ValueError:
        return None
    return next(
        (path for path in paths_in(tree) if value_at(tree, path) == value), None
    )
