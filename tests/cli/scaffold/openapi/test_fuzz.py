"""No document makes the generator fail otherwise than with the place of a mistake."""

from __future__ import annotations

import ast
import copy
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anybank.cli.scaffold import Names
from anybank.cli.scaffold.openapi import Generator
from anybank.errors import ConfigurationError

from . import zebra

ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "x",
        "a\"b\\c\n'{}",
        [],
        [None],
        ["a", 1],
        {},
        {"a": 1},
        {"$ref": 1},
        {"$ref": "#/paths"},
        {"$ref": "#/components/schemas/Person"},
        {"type": "array"},
        {"enum": [1, "a", None]},
        {"properties": {"": True}},
    ]
)


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    places = []
    for step, inner in items:
        places.append((*path, step))
        if isinstance(inner, (dict, list)):
            places += _places(inner, (*path, step))
    return places


PLACES = _places(zebra.document())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=3))
def test_any_document_is_written_or_refused(
    folder: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    """A document with odd values gives modules, or an error that names the file."""
    tree = json.loads(json.dumps(zebra.document()))
    for path, value in changes:
        inner = tree
        for step in path[:-1]:
            if not isinstance(inner, (dict, list)):
                break
            try:
                inner = inner[step]
            except (LookupError, TypeError):
                break
        if isinstance(inner, dict):
            # A copy: a later change inside it must neither reach the next example nor make a circle.
            inner[path[-1]] = copy.deepcopy(value)
    generator = Generator(zebra.write(folder, tree), [])
    try:
        texts = generator.texts(Names.new("zebra"))
    except ConfigurationError:
        return
    for name, written in texts.items():
        if name.endswith(".py"):
            ast.parse(written)
    _import(texts)


def _import(texts: Mapping[str, str]) -> None:
    """Execute the modules of wire classes and records: their names and rules fit."""
    for name in ("", ".wire", ".records"):
        module = ModuleType(f"odd_zebra{name}")
        module.__package__ = "odd_zebra"
        module.__path__ = []
        sys.modules[module.__name__] = module
        if name:
            text = texts[f"src/anybank_zebra/{name[1:]}.py"]
            exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102  # our own text
