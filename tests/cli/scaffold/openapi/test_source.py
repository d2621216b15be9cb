"""A document that cannot be read is refused, with the place of the mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anybank.cli.scaffold import Names
from anybank.cli.scaffold.openapi import Generator
from anybank.cli.scaffold.openapi.source import SourceDocument
from anybank.errors import ConfigurationError

from . import zebra

PERSON = "#/components/schemas/Person"
FIRST = ["components", "schemas", "Name", "properties", "first"]


def _changed(path: list[str], value: Any) -> Any:
    tree = zebra.document()
    inner: Any = tree
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["openapi"], "2.0", "zebra.json #/openapi: has OpenAPI 2.0"),
        (["openapi"], None, "zebra.json #/openapi"),
        (["paths"], [], "zebra.json #/paths: must be an object"),
        (FIRST, {"$ref": "other.json#/A"}, "/first/$ref: leads out of the document"),
        (
            FIRST,
            {"$ref": "#/nowhere"},
            "/first/$ref: leads to #/nowhere, which does not",
        ),
        (FIRST, {"type": 5}, "/first/type: must be a type"),
        (FIRST, "text", "/properties/first: must be a schema"),
        (FIRST, {"allOf": []}, "/first/allOf: must be a list of schemas"),
        (FIRST, {"properties": []}, None),
        (
            ["components", "schemas", "Record"],
            {"allOf": [{"$ref": "#/components/schemas/Record"}]},
            "contains itself",
        ),
        (["components", "schemas", "Name", "properties"], [1], "must be an object"),
    ],
)
def test_a_broken_document_is_refused(
    tmp_path: Path, path: list[str], value: Any, message: str | None
) -> None:
    """The message names the file and the pointer; an empty list counts as absent."""
    file = zebra.write(tmp_path, _changed(path, value))
    generator = Generator(file, [])
    if message is None:
        assert generator.texts(Names.new("zebra"))
        return
    with pytest.raises(ConfigurationError) as caught:
        generator.texts(Names.new("zebra"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON: line 1"),
        ("a: [1", "is not YAML: line"),
        ("- 1", "must be an object"),
        ('{"a":' * 5000, "is not JSON"),
        ("a: &a\n  b: *a\n", "too large or nested too deeply"),
    ],
)
def test_a_file_that_is_no_document_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    """A file in another form is refused, also one that contains itself."""
    path = tmp_path / "zebra.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"zebra\.yaml") as caught:
        SourceDocument.read(path)
    assert message in str(caught.value) or "nested too deeply" in str(caught.value)


def test_yaml_has_the_types_of_json(tmp_path: Path) -> None:
    """Norway is a country and a date is a string, unlike in YAML 1.1."""
    path = tmp_path / "zebra.yaml"
    path.write_text(
        "openapi: 3.1.0\npaths: {}\nx: [NO, yes, 2024-01-01, 010, 1.5, true, null, 1_0]\n"
    )
    document = SourceDocument.read(path)
    assert document.tree["x"] == [
        "NO",
        "yes",
        "2024-01-01",
        "010",
        1.5,
        True,
        None,
        "1_0",
    ]


def test_swagger_is_to_be_converted(tmp_path: Path) -> None:
    """A document of Swagger 2.0 is refused with the command that converts it."""
    path = tmp_path / "bank.json"
    path.write_text('{"swagger": "2.0", "paths": {}}')
    with pytest.raises(ConfigurationError, match="npx swagger2openapi bank"):
        SourceDocument.read(path)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["getPersom"], "has no operation 'getPersom'; did you mean getPerson"),
        (["customers.gets=getPerson"], "no feature 'customers.gets'; did you mean"),
        (["accounts.close=/people"], "operations: write 'accounts.close=GET /people'"),
    ],
)
def test_an_unknown_operation_is_refused(
    tmp_path: Path, names: list[str], message: str
) -> None:
    """A name that the document does not have is refused, with what is similar."""
    file = zebra.write(tmp_path, zebra.document())
    with pytest.raises(ConfigurationError) as caught:
        Generator(file, names).texts(Names.new("zebra"))
    assert message in str(caught.value)


def test_only_the_named_operations_are_written(tmp_path: Path) -> None:
    """A tag chooses its operations, and a feature can be said to be an operation."""
    file = zebra.write(tmp_path, zebra.document())
    generator = Generator(file, ["Cards", "customers.get=getPerson"])
    generator.texts(Names.new("zebra"))
    assert [it.name for it in generator.generated.operations] == [
        "listCards",
        "getPerson",
    ]
    (guess,) = generator.generated.guesses
    assert (guess.feature, guess.operation.name) == ("customers.get", "getPerson")


def test_a_document_without_customers_is_refused(tmp_path: Path) -> None:
    """Without a guess the command asks for the operations."""
    tree = zebra.document()
    tree["paths"] = {"/cards": tree["paths"]["/cards"]}
    with pytest.raises(ConfigurationError, match="name the operations"):
        Generator(zebra.write(tmp_path, tree), []).texts(Names.new("zebra"))
