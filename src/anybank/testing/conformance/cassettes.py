"""Checks of cassettes: no personal data, and the shapes that the simulator returns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from ...adapter.wire import Response
from ...errors import ConfigurationError
from .operations import OPERATIONS, declared_operations
from .recorder import NotApplicable, require
from .registry import check
from .scenarios import OfflineScenario
from .subject import Subject

Shape = Mapping[str, set[str]]
"""The JSON types that occur at each path of a response."""
Call = tuple[str, str, bool]
"""A method, a path template, and whether the response is a success."""

_NULL = "null"


def _cassettes(subject: Subject) -> list[Path]:
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
    paths = _cassettes(subject)
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
    if not compared:
        raise NotApplicable("no cassette has a call that an operation makes")
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
    paths = {path.stem: path for path in _cassettes(subject) if _is_printed(path)}
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


def _is_printed(path: Path) -> bool:
    return path.parent.name == "transcribed"


def _misread(subject: Subject, path: Path, expected: Any) -> list[str]:
    """Return the fields of a printed record that are read as another value."""
    resource, _, rest = path.stem.rpartition("-")
    feature = f"{resource.replace('-', '_')}.{rest}"
    for operation in OPERATIONS.values():
        if operation.name == feature and subject.supports(operation.feature):
            scenario = OfflineScenario.of(subject, expected.id)
            answers = [response for _, _, response in _interactions(path)]
            scenario.recorder.scripted.extend(answers)
            outcome = operation.outcome(scenario, retries=0)
            value = outcome[0] if isinstance(outcome, list) and outcome else outcome
            return _unequal(expected, value)
    return [f"{feature}, which is not declared,"]


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
    for cassette in _cassettes(subject):
        for method, path, response in _interactions(cassette):
            call = _call(simulator, method, path, response)
            _add_shape(response, shapes.setdefault(call, {}))
    # Errors are left out: their shape depends on the mistake, and the simulator need
    # not make the same one.
    yield from ((call, shape) for call, shape in shapes.items() if call[2])


def _interactions(path: Path) -> Iterator[tuple[str, str, Response]]:
    import yaml  # type: ignore[import-untyped] # noqa: PLC0415  # vcrpy brings it

    for interaction in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        recorded = interaction["response"]
        content = str(recorded["body"]["string"]).encode()
        response = Response(status=recorded["status"]["code"], content=content)
        request = interaction["request"]
        yield request["method"], urlsplit(request["uri"]).path, response


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
    return method, _template(simulator, method, path), response.ok


def _template(simulator: Any, method: str, path: str) -> str:
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
