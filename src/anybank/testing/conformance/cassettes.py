"""Checks of cassettes: no personal data, and the shapes that the simulator returns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import define

from ...adapter.wire import Request, Response
from ...errors import ConfigurationError, ProviderError, UnexpectedResponse
from ...model.customers import NewCustomer
from ..cassette_files import CassetteFile, RecordedCall
from .operations import OPERATIONS, Operation, declared_operations
from .recorder import NotApplicable, Recorder, body_of, require
from .registry import check
from .scenarios import TRANSACTION_ACCOUNT, OfflineScenario, Scenario
from .subject import Subject

Shape = Mapping[str, set[str]]
"""The JSON types that occur at each path of a response."""
Call = tuple[str, str, bool]
"""A method, a path template, and whether the response is a success."""

_NULL = "null"
TRANSACTION = "transaction"


def cassettes_of(subject: Subject) -> list[Path]:
    """Return the cassettes of the vendor; raise NotApplicable if there are none."""
    vendor = subject.declared.provider
    if subject.cassettes is None:
        raise NotApplicable(
            "no cassettes: record some, and set `cassettes` to their directory"
        )
    paths = sorted((subject.cassettes / vendor).glob("*/*.yaml"))
    if not paths:
        raise NotApplicable(f"no cassettes of {vendor}: record some")
    return paths


@check()
def cassettes_hold_no_personal_data(subject: Subject) -> None:
    """A cassette is masked, and names its kind and its source."""
    paths = cassettes_of(subject)
    from ..cassettes import find_problems  # noqa: PLC0415  # it needs vcrpy

    for path in paths:
        try:
            problems = find_problems(path)
        except ConfigurationError:
            problems = [f"{path.name}: the vendor has no readable allowed.toml"]
        require(
            not problems,
            f"{'; '.join(problems)}. Record the cassette with `cassette_player`, which "
            "masks everything that is not on the allow-list.",
        )


@check()
def simulator_matches_cassettes(subject: Subject) -> None:
    """The simulator's responses have the shape of the vendor's in the cassettes."""
    recorded = dict(_recorded_shapes(subject))
    simulated = _simulated_shapes(subject)
    # Calls that only one side has prove nothing: a recording of an operation that the
    # kit does not run, or the reverse.
    compared = recorded.keys() & simulated.keys()
    if not compared & _calls_of_vendor(subject):
        raise NotApplicable(
            "no cassette of the vendor's pages or sandbox has a call that an operation "
            "makes: a recording of a simulator shows nothing about the vendor"
        )
    for call in sorted(compared):
        method, template, _ = call
        for path, types in sorted(simulated[call].items()):
            expected = recorded[call].get(path, types)
            require(
                not expected or not types or expected & types,
                f"{method} {template}: the simulator returns {path} as "
                f"{' or '.join(sorted(types))}, the cassette has "
                f"{' or '.join(sorted(expected))}. Let the simulator respond as the "
                "vendor did.",
            )
        missing = _missing_fields(recorded[call], simulated[call])
        require(
            not missing,
            f"{method} {template}: the vendor returns {', '.join(missing)}, but the "
            "simulator does not. Let the simulator respond as the vendor did.",
        )


@check()
def printed_responses_are_read(subject: Subject) -> None:
    """The responses that the vendor's documentation prints are read as it explains them."""
    printed = subject.samples.get("cassettes", {})
    if not printed:
        raise NotApplicable(
            "set samples['cassettes'] to the value that each transcribed cassette must "
            "read as, such as {'customers-get': Customer(...)}: an adapter and a "
            "simulator by one author may share a mistake"
        )
    paths = {path.stem: path for path in cassettes_of(subject) if _is_printed(path)}
    for name, expected in printed.items():
        require(
            name in paths,
            f"samples['cassettes'] names {name!r}, but there is no transcribed/{name}.yaml.",
        )
        wrong = _misread(subject, paths[name], expected)
        require(
            not wrong,
            f"{name}: {', '.join(wrong)} reads differently from what the page shows. "
            "Read and write the field under the name that the page explains.",
        )


@check()
def recorded_responses_are_read(subject: Subject) -> None:
    """Every response of the vendor in a cassette is read: a value, or an error that says why."""
    examined = 0
    for file in map(CassetteFile.read, cassettes_of(subject)):
        operation = OPERATIONS.get(file.feature) if file.feature else None
        if not file.origin.is_of_vendor or operation is None:
            continue
        if not subject.supports(operation.feature):
            continue
        outcome, request = _replayed(subject, operation, file)
        if request is None or _shows_another_value(
            operation, outcome, request, subject
        ):
            continue
        examined += 1
        name = f"{file.path.parent.name}/{file.path.stem}"
        is_read = _is_explained(outcome) != file.succeeds
        require(
            is_read and not isinstance(outcome, UnexpectedResponse),
            f"{name}: {operation.name} gave {type(outcome).__name__}"
            f"{_place(outcome)}. Read the response as the vendor's page explains it; a "
            "rejection needs its code, its message or the names of the fields.",
        )
    if not examined:
        raise NotApplicable("no cassette of the vendor can be replayed")


@define(eq=False)
class _End:
    """What follows the last call of a cassette: nothing."""

    simulator: Any
    reached: bool = False

    @property
    def credentials(self) -> Mapping[str, Any]:
        return dict(self.simulator.credentials)

    @property
    def base_path(self) -> str:
        return str(self.simulator.base_path)

    def __call__(self, _request: Request) -> Response:
        self.reached = True
        return Response(status=404)


def _replayed(
    subject: Subject, operation: Operation, file: CassetteFile
) -> tuple[Any, Request | None]:
    """Return the outcome of an operation over a cassette, and its last request.

    The request is None if the cassette ends before the operation does: after a rejection
    an adapter may read the record.
    """
    simulator = subject.simulator()
    end = _End(simulator)
    recorder = Recorder(end, scripted=[call.response for call in file.calls])
    scenario = Scenario(subject, recorder)
    ids = ids_in_path(simulator, file.calls[0], operation.prerequisites)
    scenario.ids.update(ids)
    outcome = operation.outcome(scenario, retries=0)
    return outcome, None if end.reached else recorder.requests[-1]


def _shows_another_value(
    operation: Operation, outcome: Any, request: Request, subject: Subject
) -> bool:
    """Return True if the adapter compared a recorded value with what the kit sent."""
    name = (getattr(outcome, "path", None) or "").rpartition(".")[2]
    if name in [f"{kind}_id" for kind in operation.prerequisites]:
        return True
    # The error has our name for a field that the library compares, the vendor's otherwise.
    rule = subject.declared.rules(NewCustomer).get(name)
    native = (rule.native if rule else None) or name
    return bool(name) and f'"{native}"' in body_of(request)


def _is_explained(outcome: Any) -> bool:
    """Return True for an error of the vendor's that says something."""
    explanations = ("code", "message", "field_errors")
    return isinstance(outcome, ProviderError) and any(
        getattr(outcome, name, None) for name in explanations
    )


def _place(outcome: Any) -> str:
    path = getattr(outcome, "path", None)
    return f" at {path}" if path else ""


def ids_in_path(
    simulator: Any, call: RecordedCall, kinds: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield each kind of record with its id in the path of a call, else an invented one."""
    path = call.path.removeprefix(simulator.base_path)
    matches = (
        route.match(path) for route in simulator.routes if route.method == call.method
    )
    ids = list(next(filter(None, matches), {}).values())
    ordered = list(kinds)
    if ordered == [TRANSACTION, TRANSACTION_ACCOUNT] and len(ids) > 1:
        # A path names an owner before its record, as the other prerequisites do.
        ordered.reverse()
    for position, kind in enumerate(ordered):
        # Without the account in its path a transaction is read by its id alone.
        invented = "" if kind == TRANSACTION_ACCOUNT else "anybank-1"
        yield kind, ids[position] if position < len(ids) else invented


def _is_printed(path: Path) -> bool:
    return path.parent.name == "transcribed"


def _misread(subject: Subject, path: Path, expected: Any) -> list[str]:
    """Return the fields of a printed record that are read as another value."""
    file = CassetteFile.read(path)
    operation = OPERATIONS.get(file.feature) if file.feature else None
    if operation is None or not subject.supports(operation.feature):
        return [f"{file.feature or path.stem}, which is not declared,"]
    scenario = OfflineScenario.of(subject, expected.id)
    scenario.recorder.scripted.extend(call.response for call in file.calls)
    outcome = operation.outcome(scenario, retries=0)
    value = outcome[0] if isinstance(outcome, list) and outcome else outcome
    return _unequal(expected, value)


def _unequal(expected: Any, value: Any) -> list[str]:
    """Return the fields that are set in an expected value and are different."""
    if type(value) is not type(expected):
        return [f"a {type(value).__name__}"]
    return [
        field.name
        for field in attrs.fields(type(expected))
        if getattr(expected, field.name) not in (field.default, None, (), "")
        and field.name != "raw"
        and _as_tuple(getattr(value, field.name))
        != _as_tuple(getattr(expected, field.name))
    ]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _missing_fields(recorded: Shape, simulated: Shape) -> list[str]:
    """Return the fields outside of lists that only the vendor returns."""
    return sorted(
        path for path in recorded.keys() - simulated.keys() if "[]" not in path
    )


def _recorded_shapes(subject: Subject) -> Iterator[tuple[Call, dict[str, set[str]]]]:
    """Yield each recorded call that succeeded, with the shape of its responses."""
    shapes: dict[Call, dict[str, set[str]]] = {}
    simulator = subject.simulator()
    for path in cassettes_of(subject):
        for recorded in CassetteFile.read(path).calls:
            call = _call(simulator, recorded.method, recorded.path, recorded.response)
            _add_shape(recorded.response, shapes.setdefault(call, {}))
    # Errors are left out: their shape depends on the mistake, and the simulator need
    # not make the same one.
    yield from ((call, shape) for call, shape in shapes.items() if call[2])


def _calls_of_vendor(subject: Subject) -> set[Call]:
    """Return the calls that a page or the sandbox of the vendor responds to."""
    simulator = subject.simulator()
    files = map(CassetteFile.read, cassettes_of(subject))
    return {
        _call(simulator, recorded.method, recorded.path, recorded.response)
        for file in files
        if file.origin.is_of_vendor
        for recorded in file.calls
    }


def _simulated_shapes(subject: Subject) -> dict[Call, dict[str, set[str]]]:
    shapes: dict[Call, dict[str, set[str]]] = {}
    simulator = subject.simulator()
    for operation, scenario in declared_operations(subject):
        operation.outcome(scenario)
        for exchange in scenario.recorder.exchanges:
            request = exchange.request
            call = _call(simulator, request.method, request.path, exchange.response)
            _add_shape(exchange.response, shapes.setdefault(call, {}))
    return shapes


def _call(simulator: Any, method: str, path: str, response: Response) -> Call:
    return method, template_of(simulator, method, path), response.ok


def template_of(simulator: Any, method: str, path: str) -> str:
    """Return the path template of the simulator's route, or the path without one."""
    resource_path = path.removeprefix(simulator.base_path)
    for route in simulator.routes:
        # The templates of the simulator's routes, so that the ids in the paths do not
        # count.
        if route.method == method and route.match(resource_path) is not None:
            return str(route.template).rstrip("/")
    return resource_path


def _add_shape(response: Response, shape: dict[str, set[str]]) -> None:
    try:
        _walk(json.loads(response.content), "$", shape)
    except ValueError:
        shape.setdefault("$", set()).add("text that is not JSON")


def _walk(tree: Any, path: str, shape: dict[str, set[str]]) -> None:
    name = _TYPE_NAMES.get(type(tree), "number")
    types = shape.setdefault(path, set())
    # A null says nothing about the type of the other responses.
    if name != _NULL:
        types.add(name)
    if isinstance(tree, dict):
        for key, value in tree.items():
            _walk(value, f"{path}.{key}", shape)
    if isinstance(tree, list):
        for value in tree:
            _walk(value, f"{path}[]", shape)


_TYPE_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    type(None): _NULL,
}
