"""What a schema allows, with its references, alternatives and parts put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from ....testing.document_files import escaped, unescaped
from .source import Node, SourceDocument

Part = tuple[str, Any]
"""A pointer to a schema, and the schema."""


@frozen(kw_only=True)
class Shape:
    """What a schema allows.

    `kind` is a JSON type, or `any` where the schema allows several. An object's properties
    are those of all its alternatives; `required` are those that each alternative requires.
    `name` is that of the component, or empty. Two shapes with the same `pointer` are equal.
    """

    pointer: str
    kind: str = "any"
    name: str = ""
    nullable: bool = False
    properties: Mapping[str, Part] = field(factory=dict, repr=False)
    required: frozenset[str] = frozenset()
    usual: frozenset[str] = frozenset()
    """What the first of several alternatives requires."""
    items: Part | None = None
    enum: tuple[str, ...] = ()
    format: str = ""
    pattern: str = ""
    length: tuple[int, int | None] | None = None
    count: tuple[int, int | None] | None = None
    example: Any = None

    @property
    def says_anything(self) -> bool:
        """True unless every value has the shape, as null or a mere description does."""
        return self.kind != "any" or bool(self.properties or self.enum or self.required)


@frozen
class Shapes:
    """The shapes of a document's schemas."""

    document: SourceDocument
    _known: dict[tuple[str, bool], Shape] = field(factory=dict, init=False, repr=False)
    """The shapes of references. Without it, schemas that share parts take forever."""

    def at(
        self,
        part: Part,
        chain: frozenset[tuple[str, bool]] = frozenset(),
        *,
        alone: bool = False,
    ) -> Shape:
        """Return the shape of a schema. Raises ConfigurationError for a broken one.

        `chain` are the references that lead to the schema. A base schema is read `alone`:
        it is not joined with the schemas that its discriminator names, which extend it.
        """
        pointer, node = part
        if node is True or node == {}:
            return Shape(pointer=pointer)
        if not isinstance(node, dict):
            raise self.document.error(pointer, "must be a schema")
        if "$ref" in node:
            return self._referenced(part, chain, alone=alone)
        own = self._own(pointer, node)
        for keyword, join in (
            ("allOf", _all_of),
            ("oneOf", _one_of),
            ("anyOf", _one_of),
        ):
            if keyword in node:
                is_base = keyword == "allOf"
                parts = self._parts(pointer, node, keyword)
                shapes = [self.at(it, chain, alone=is_base) for it in parts]
                own = _extended(own, [it for it in shapes if it.says_anything], join)
                own = evolve(
                    own, nullable=own.nullable or _allows_null(shapes, keyword)
                )
        named = () if alone else self._by_discriminator(pointer, node)
        if not named:
            return own
        return _extended(own, [self.at(it, chain) for it in named], _one_of)

    def _referenced(
        self, part: Part, chain: frozenset[tuple[str, bool]], *, alone: bool
    ) -> Shape:
        pointer, node = part
        target = self.document.target(node, pointer)
        key = (target, alone)
        if key in chain:
            raise self.document.error(pointer, f"the schema {target} contains itself")
        if key not in self._known:
            there = (target, self.document.node(target))
            self._known[key] = self.at(there, chain | {key}, alone=alone)
        shape = self._known[key]
        # In 3.1 other keywords may stand next to a reference; `nullable` also in 3.0.
        nullable = shape.nullable or node.get("nullable") is True
        # A component that only refers to another one has the name of the other.
        is_alias = shape.pointer != target and shape.name
        name = shape.name if is_alias else unescaped(target.rpartition("/")[2])
        return evolve(shape, nullable=nullable, name=name)

    def _parts(self, pointer: str, node: Node, keyword: str) -> list[Part]:
        schemas = node[keyword]
        if not isinstance(schemas, list) or not schemas:
            raise self.document.error(
                f"{pointer}/{keyword}", "must be a list of schemas"
            )
        return [
            (f"{pointer}/{keyword}/{index}", it) for index, it in enumerate(schemas)
        ]

    def _by_discriminator(self, pointer: str, node: Node) -> list[Part]:
        """Return the alternatives that only the mapping of a discriminator names."""
        discriminator = node.get("discriminator")
        if "oneOf" in node or "anyOf" in node or not isinstance(discriminator, dict):
            return []
        mapping = discriminator.get("mapping")
        targets = map(str, mapping.values() if isinstance(mapping, dict) else ())
        # A mapping is no reference: published documents name schemas that do not exist.
        known = [it for it in targets if it != pointer and self.document.has(it)]
        return [(f"{pointer}/discriminator", {"$ref": it}) for it in known]

    def _own(self, pointer: str, node: Node) -> Shape:
        kind, nullable = self._kind(pointer, node)
        return Shape(
            pointer=pointer,
            kind=kind,
            nullable=nullable or node.get("nullable") is True,
            properties=self._properties(pointer, node),
            required=frozenset(map(str, self._list(pointer, node, "required"))),
            items=self._items(pointer, node),
            enum=self._words(pointer, node),
            format=str(node.get("format") or ""),
            pattern=str(node.get("pattern") or ""),
            length=_bounds(node, "Length"),
            count=_bounds(node, "Items"),
            example=node.get("example", node.get("default")),
        )

    def _kind(self, pointer: str, node: Node) -> tuple[str, bool]:
        types = node.get("type")
        known = [types] if isinstance(types, str) else types or []
        if not isinstance(known, list) or not all(isinstance(it, str) for it in known):
            raise self.document.error(f"{pointer}/type", "must be a type or a list")
        kinds = [it for it in known if it != "null"]
        is_nullable = "null" in known or None in self._list(pointer, node, "enum")
        if not kinds and not known:
            kinds = [
                kind
                for kind, keyword in (("object", "properties"), ("array", "items"))
                if keyword in node
            ]
            kinds = kinds or (["string"] if self._words(pointer, node) else [])
        return (kinds[0] if len(kinds) == 1 else "any"), is_nullable

    def _properties(self, pointer: str, node: Node) -> Mapping[str, Part]:
        properties = node.get("properties") or {}
        if not isinstance(properties, dict):
            raise self.document.error(f"{pointer}/properties", "must be an object")
        return {
            name: (f"{pointer}/properties/{escaped(name)}", schema)
            for name, schema in properties.items()
        }

    def _list(self, pointer: str, node: Node, keyword: str) -> Sequence[Any]:
        values = node.get(keyword) or ()
        # OpenAPI 3.0 documents often have `required: true` at a property, as Swagger had.
        if keyword == "required" and isinstance(values, bool):
            return ()
        if not isinstance(values, (list, tuple)):
            raise self.document.error(f"{pointer}/{keyword}", "must be a list")
        return values

    def _words(self, pointer: str, node: Node) -> tuple[str, ...]:
        constant = [node["const"]] if "const" in node else None
        words = constant or self._list(pointer, node, "enum")
        return tuple(word for word in words if isinstance(word, str))

    def _items(self, pointer: str, node: Node) -> Part | None:
        return (f"{pointer}/items", node["items"]) if "items" in node else None


def _bounds(node: Node, of: str) -> tuple[int, int | None] | None:
    least, most = node.get(f"min{of}"), node.get(f"max{of}")
    if not isinstance(least, int) and not isinstance(most, int):
        return None
    return (
        least if isinstance(least, int) else 0,
        most if isinstance(most, int) else None,
    )


def _extended(
    own: Shape, others: Sequence[Shape], join: Callable[[Sequence[Shape]], Shape]
) -> Shape:
    """Return a schema's own shape with that of its parts or alternatives."""
    if not others:
        return own
    if len(others) == 1 and not own.says_anything:
        # Only a description of another schema: it stays the same class.
        only = others[0]
        example = only.example if own.example is None else own.example
        nullable = own.nullable or only.nullable
        return evolve(only, nullable=nullable, example=example)
    return _combined(own, join(others))


def _allows_null(shapes: Sequence[Shape], keyword: str) -> bool:
    is_each = [it.nullable for it in shapes]
    return all(is_each) if keyword == "allOf" else any(is_each)


def _all_of(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that fits each one: all properties, all that are required."""
    joined = shapes[0]
    for shape in shapes[1:]:
        joined = _combined(joined, shape)
    return joined


def _combined(shape: Shape, other: Shape) -> Shape:
    """Return a shape that has what either of two says, the first one first."""
    is_open = not shape.says_anything or (shape.kind == "any" and not shape.enum)
    return evolve(
        shape,
        kind=other.kind if is_open else shape.kind,
        properties=_merged([shape, other], "allOf"),
        required=shape.required | other.required,
        usual=shape.usual | other.usual,
        items=shape.items or other.items,
        enum=shape.enum or other.enum,
        format=shape.format or other.format,
        pattern=shape.pattern or other.pattern,
        length=shape.length or other.length,
        count=shape.count or other.count,
        example=other.example if shape.example is None else shape.example,
    )


def _one_of(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that has the properties of all alternatives."""
    first = shapes[0]
    if len(shapes) == 1:
        return first
    kinds = {it.kind for it in shapes}
    kind = kinds.pop() if len(kinds) == 1 else "any"
    if kind == "object":
        return Shape(
            pointer=first.pointer,
            kind=kind,
            properties=_merged(shapes, "anyOf"),
            required=frozenset.intersection(*(it.required for it in shapes)),
            usual=first.required | first.usual,
        )
    # An alternative without words allows any text.
    words = {word: None for it in shapes for word in it.enum}
    has_words = kind == "string" and all(it.enum for it in shapes)
    return Shape(
        pointer=first.pointer,
        kind=kind,
        enum=tuple(words) if has_words else (),
        items=first.items if kind == "array" else None,
        format=first.format if len({it.format for it in shapes}) == 1 else "",
    )


def _merged(shapes: Sequence[Shape], keyword: str) -> Mapping[str, Part]:
    """Return the properties of several shapes; one that differs allows what each does."""
    parts: dict[str, list[Part]] = {}
    for shape in shapes:
        for name, part in shape.properties.items():
            known = parts.setdefault(name, [])
            if all(part[1] != other[1] for other in known):
                known.append(part)
    return {
        name: same[0] if len(same) == 1 else _either(same, keyword)
        for name, same in parts.items()
    }


def _either(parts: Sequence[Part], keyword: str) -> Part:
    """Return a schema of several ones."""
    pointers = [pointer for pointer, _ in parts]
    return ("|".join(pointers), {keyword: [schema for _, schema in parts]})
