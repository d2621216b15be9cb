"""What a schema allows is read through references, parts and alternatives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anybank.cli.scaffold.openapi.shapes import Shape, Shapes
from anybank.cli.scaffold.openapi.source import SourceDocument
from anybank.errors import ConfigurationError

from . import zebra

PET: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"type": "string"}},
    "discriminator": {
        "propertyName": "kind",
        "mapping": {
            "cat": "#/components/schemas/Cat",
            "gone": "#/components/schemas/No",
        },
    },
}
CAT: dict[str, Any] = {
    "allOf": [
        {"$ref": "#/components/schemas/Pet"},
        {"properties": {"lives": {"type": "integer"}}, "required": ["lives"]},
    ]
}


def shape(tmp_path: Path, schema: Any, **more: Any) -> Shape:
    tree = zebra.document()
    tree["components"]["schemas"].update(more)
    document = SourceDocument.read(zebra.write(tmp_path, tree))
    return Shapes(document).at(("#/x", schema))


@pytest.mark.parametrize(
    ("schema", "kind", "nullable"),
    [
        ({"type": "string", "nullable": True}, "string", True),
        ({"type": ["string", "null"]}, "string", True),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer", True),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "any", False),
        ({"type": ["string", "integer"]}, "any", False),
        ({"enum": ["a", None]}, "string", True),
        ({"const": "a"}, "string", False),
        ({"properties": {}}, "object", False),
        ({"items": {}}, "array", False),
        ({"description": "anything"}, "any", False),
        (True, "any", False),
    ],
)
def test_the_type_of_a_schema(
    tmp_path: Path, schema: Any, kind: str, *, nullable: bool
) -> None:
    """Null is no type of its own in any of its spellings."""
    known = shape(tmp_path, schema)
    assert (known.kind, known.nullable) == (kind, nullable)


def test_all_parts_are_joined(tmp_path: Path) -> None:
    """An object has the properties of all parts, and requires what any part requires."""
    known = shape(tmp_path, {"$ref": "#/components/schemas/Person"})
    assert {"id", "name", "status"} <= set(known.properties)
    assert known.required == {"id", "status"}
    assert known.name == "Person"


def test_alternatives_require_what_each_requires(tmp_path: Path) -> None:
    """An object has the properties of all alternatives, and the first one is the usual."""
    parts = [{"$ref": f"#/components/schemas/{name}"} for name in ("Address", "Card")]
    known = shape(tmp_path, {"anyOf": parts})
    assert {"street", "city", "type", "number"} <= set(known.properties)
    assert known.required == set()
    assert known.usual == {"street", "city"}


def test_a_mapping_names_alternatives(tmp_path: Path) -> None:
    """Schemas that extend their base are its alternatives; one that is absent is none."""
    known = shape(tmp_path, {"$ref": "#/components/schemas/Pet"}, Pet=PET, Cat=CAT)
    assert set(known.properties) == {"kind", "lives"}
    assert known.required == {"lives"}
    cat = shape(tmp_path, {"$ref": "#/components/schemas/Cat"}, Pet=PET, Cat=CAT)
    assert (set(cat.properties), cat.name) == ({"kind", "lives"}, "Cat")


def test_a_description_of_a_reference_is_the_same_schema(tmp_path: Path) -> None:
    """One part with a description has the name and the place of the schema it refers to."""
    schema = {
        "description": "home",
        "allOf": [{"$ref": "#/components/schemas/Address"}],
    }
    known = shape(tmp_path, schema)
    assert (known.name, known.pointer) == ("Address", "#/components/schemas/Address")


def test_shared_parts_are_read_once(tmp_path: Path) -> None:
    """Forty levels, each with its inner one twice, are read at once."""
    levels = {
        f"L{at}": {"allOf": [{"$ref": f"#/components/schemas/L{at + 1}"}] * 2}
        for at in range(40)
    }
    last = {"L40": {"type": "object", "properties": {"end": {"type": "string"}}}}
    known = shape(tmp_path, {"$ref": "#/components/schemas/L0"}, **levels, **last)
    assert set(known.properties) == {"end"}


def test_a_circle_of_references_is_refused(tmp_path: Path) -> None:
    """Schemas that only refer to each other say nothing."""
    one, other = ({"$ref": f"#/components/schemas/{it}"} for it in ("B", "A"))
    with pytest.raises(ConfigurationError, match="contains itself"):
        shape(tmp_path, {"$ref": "#/components/schemas/A"}, A=one, B=other)
