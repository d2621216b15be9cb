"""The rules of a declaration as Python: what a document says about our fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from .matching import (
    ADDRESS,
    PHONE,
    FieldNames,
    PropertyMatch,
    flat_address,
    match,
    missing,
    without,
)
from .neutral_text import RuleText
from .python_text import text
from .shapes import Part, Shape, Shapes

_TEXTS = ("line1", "line2", "city", "state", "postal_code", "first_name", "last_name")
_PATTERNED = (*_TEXTS, "middle_name", "preferred_name", "external_id", "country")
_LISTS = ("emails", "phones", "addresses", "customer_ids")
_ONLY_READ = ("full_name", "status", "created_at", "opened_at", "closed_at", "id")


@frozen(kw_only=True)
class RulesText:
    """The rules of one of our types, by the properties of a request.

    `returned` and `changed` are the matches in the record and in the body of an update;
    None where the document has no such operation.
    """

    kind: str
    matches: Mapping[str, PropertyMatch]
    returned: Mapping[str, PropertyMatch] | None = None
    changed: Mapping[str, PropertyMatch] | None = None
    missing: Sequence[tuple[str, str]] = ()
    unmatched: Sequence[str] = ()
    """The fields of ours that a caller must pass, and that no property is."""
    is_flat: bool = False
    """Whether the members of the address are members of the person."""

    def notes(self, constants: Collection[tuple[str, ...]]) -> list[str]:
        """Return what is left to say about a request, besides its constants."""
        written = {".".join(path) for path in constants}
        left = [it for it in self.missing if it[0] not in written]
        places = ", ".join(f"{place} ({kind})" for place, kind in left)
        notes = [f"TODO: it also requires what no field of ours is: {places}."]
        return notes if left else []

    def rule(self, name: str) -> RuleText:
        """Return the rule of a field."""
        prop = self.matches[name]
        if name in _ONLY_READ:
            return RuleText(builder="read_only")
        builder = "required" if prop.required else "optional"
        arguments = tuple(self._arguments(name, prop))
        return RuleText(builder=builder, arguments=arguments)

    def _arguments(self, name: str, prop: PropertyMatch) -> Iterator[str]:
        if self.returned is not None and name not in self.returned:
            yield 'read="never"'
        elif name == "ssn":
            yield 'read="masked"'
        if self.changed is not None and name not in self.changed:
            yield 'update="never"'
        if name in _LISTS:
            yield f"items={_items(prop)}"
        if name in _PATTERNED:
            yield from _limits(prop.shape)


def _items(prop: PropertyMatch) -> str:
    least = 1 if prop.required else 0
    if prop.shape.kind != "array":
        return f"({least}, 1)"
    low, high = prop.shape.count or (least, None)
    return f"({max(low, least)}, {high})"


def _limits(shape: Shape) -> Iterator[str]:
    if shape.length and shape.length[1]:
        yield f"length=({max(shape.length[0], 1)}, {shape.length[1]})"
    pattern = whole_pattern(shape.pattern)
    if pattern:
        yield f"pattern={text(pattern)}"


def whole_pattern(pattern: str) -> str:
    """Return a document's pattern as one that the whole value must match, or nothing.

    A pattern of JSON Schema may match anywhere in a value. One that Python does not
    understand, or that everything matches, is left out.
    """
    inner = pattern.removeprefix("^").removesuffix("$")
    anchored = pattern == f"^{inner}$" and not inner.endswith("\\")
    whole = inner if anchored and "|" not in inner else f".*(?:{pattern}).*"
    try:
        compiled = re.compile(whole, re.ASCII)
    except (re.error, RecursionError, OverflowError):
        return ""
    is_any = not pattern or all(compiled.fullmatch(it) for it in ("", "a", "1 -#~"))
    return "" if is_any else whole


def person_rules(
    shapes: Shapes,
    body: Part,
    names: Mapping[str, FieldNames],
    *,
    kind: str,
    returned: Mapping[str, PropertyMatch] | None,
    changed: Mapping[str, PropertyMatch] | None,
) -> list[RulesText]:
    """Return the rules of a request, and of the addresses and phones inside it."""
    matches = match(shapes, body, names)
    flat = flat_address(shapes, body, matches) if "addresses" in names else {}
    matches = without(matches, flat)
    known = {**matches, **{f"addresses[0].{name}": it for name, it in flat.items()}}
    rules = [
        RulesText(
            kind=kind,
            matches=matches,
            returned=returned,
            changed=changed,
            missing=list(missing(shapes, body, known)),
            unmatched=[it for it in ("url", "events") if it in names.keys() - matches],
        )
    ]
    if flat:
        rules.append(RulesText(kind="Address", matches=flat, is_flat=True))
    inner = (("addresses", ADDRESS, "Address"), ("phones", PHONE, "Phone"))
    for name, parts, item in inner:
        part = item_part(shapes, matches.get(name))
        if part is None:
            continue
        members = match(shapes, part, parts)
        members.pop("kind", None)
        rules.append(
            RulesText(
                kind=item,
                matches=members,
                missing=list(missing(shapes, part, members)),
            )
        )
    return rules


def item_part(shapes: Shapes, prop: PropertyMatch | None) -> Part | None:
    """Return the schema of an object, or of the objects in a list; None for anything else."""
    if prop is None:
        return None
    shape = prop.shape
    if shape.kind == "array" and shape.items:
        shape = shapes.at(shape.items)
    # A shape is also a part: a schema with these properties.
    return as_part(shape) if shape.kind == "object" and shape.properties else None


def as_part(shape: Shape) -> Part:
    """Return a schema that has a shape's properties."""
    properties = {name: schema for name, (_, schema) in shape.properties.items()}
    required = sorted(shape.required)
    node = {"type": "object", "properties": properties, "required": required}
    return (shape.pointer, node)
