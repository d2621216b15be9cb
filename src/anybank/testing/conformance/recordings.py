"""Checks of cassettes: nobody is in them, and the simulator answers in their shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...adapter.wire import Response
from ...errors import ConfigurationError
from .operations import declared
from .recorder import NotApplicable, require
from .registry import check
from .subject import Subject

Shape = Mapping[str, set[str]]
"""The kinds of JSON seen at each path of an answer."""
Call = tuple[str, str, bool]
"""A method, a path template, and whether it went well."""

_NOTHING = "null"


def _cassettes(subject: Subject) -> list[Path]:
    vendor = subject.declared.provider
    if subject.cassettes is None:
        raise NotApplicable(
            "no cassettes are named: record some, and set `cassettes` to their directory"
        )
    found = sorted((subject.cassettes / vendor).glob("*/*.yaml"))
    if not found:
        raise NotApplicable(f"there is no cassette of {vendor}: record some")
    return found


@check()
def cassettes_hold_nobody(subject: Subject) -> None:
    """A cassette has its masks, and says what it is and where it is from."""
    paths = _cassettes(subject)
    from ..cassettes import findings  # noqa: PLC0415  # it needs vcrpy

    for path in paths:
        try:
            found = findings(path)
        except ConfigurationError:
            found = [f"{path.name}: the vendor has no allowed.toml that can be read"]
        require(
            not found,
            f"{'; '.join(found)}: record it with `cassette_player`, which masks what is "
            "not on the allow-list.",
        )


@check()
def cassettes_are_answered_alike(subject: Subject) -> None:
    """What the vendor answered in a cassette, the simulator answers in the same shape."""
    recorded = dict(_recorded(subject))
    simulated = _simulated(subject)
    compared = recorded.keys() & simulated.keys()
    if not compared:
        raise NotApplicable("no cassette is of what an operation asks the simulator")
    for call in sorted(compared):
        method, template, _ = call
        for path, kinds in sorted(simulated[call].items()):
            told = recorded[call].get(path, kinds)
            require(
                not told or not kinds or told & kinds,
                f"{method} {template}: the simulator answers {path} as "
                f"{_named(kinds)}, the cassette has {_named(told)}: let the simulator "
                "answer as the vendor did.",
            )
        missing = _missing(recorded[call], simulated[call])
        require(
            not missing,
            f"{method} {template}: the vendor answers {', '.join(missing)}, the "
            "simulator does not: let the simulator answer as the vendor did.",
        )


def _missing(recorded: Shape, simulated: Shape) -> list[str]:
    """Return the fields of the outermost object that a simulator leaves out."""
    return sorted(
        path for path in recorded.keys() - simulated.keys() if "[]" not in path
    )


def _named(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _recorded(subject: Subject) -> Iterator[tuple[Call, dict[str, set[str]]]]:
    """Yield the shape of the successes in the cassettes, by what was asked."""
    found: dict[Call, dict[str, set[str]]] = {}
    for path in _cassettes(subject):
        for method, place, response in _interactions(path):
            call = _call(subject, method, place, response)
            _shape(response, found.setdefault(call, {}))
    yield from ((call, shape) for call, shape in found.items() if call[2])


def _interactions(path: Path) -> Iterator[tuple[str, str, Response]]:
    import yaml  # type: ignore[import-untyped] # noqa: PLC0415  # vcrpy brings it

    for each in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        answer = each["response"]
        content = str(answer["body"]["string"]).encode()
        response = Response(status=answer["status"]["code"], content=content)
        yield each["request"]["method"], urlsplit(each["request"]["uri"]).path, response


def _simulated(subject: Subject) -> dict[Call, dict[str, set[str]]]:
    found: dict[Call, dict[str, set[str]]] = {}
    for operation, stage in declared(subject):
        operation.outcome(stage)
        for heard in stage.recorder.heard:
            request = heard.request
            call = _call(subject, request.method, request.path, heard.response)
            _shape(heard.response, found.setdefault(call, {}))
    return found


def _call(subject: Subject, method: str, path: str, response: Response) -> Call:
    return method, _template(subject, method, path), response.ok


def _template(subject: Subject, method: str, path: str) -> str:
    """Return the simulator's template of a path, the path itself where it has none."""
    simulator = subject.simulator()
    below = path.removeprefix(simulator.base_path)
    for route in simulator.routes:
        if route.method == method and route.match(below) is not None:
            return str(route.template).rstrip("/")
    return below


def _shape(response: Response, into: dict[str, set[str]]) -> None:
    try:
        _walk(json.loads(response.content), "$", into)
    except ValueError:
        into.setdefault("$", set()).add("text that is not JSON")


def _walk(tree: Any, path: str, into: dict[str, set[str]]) -> None:
    kind = _KINDS.get(type(tree), "number")
    seen = into.setdefault(path, set())
    if kind != _NOTHING:
        seen.add(kind)
    if isinstance(tree, dict):
        for name, value in tree.items():
            _walk(value, f"{path}.{name}", into)
    if isinstance(tree, list):
        for value in tree:
            _walk(value, f"{path}[]", into)


_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    type(None): _NOTHING,
}
