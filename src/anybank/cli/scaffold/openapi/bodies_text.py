"""Functions as Python that build a request body, from the same guesses as the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from .matching import ADDRESS, PHONE, PropertyMatch, match
from .python_text import comment, safe, signature, text
from .rules_text import item_part
from .shapes import Part, Shape, Shapes

_DEEPEST = 5


@frozen(kw_only=True)
class BodyText:
    """A request body: the function that builds it, from a value of ours."""

    function: str
    parameter: str
    kind: str
    title: str
    part: Part
    matches: Mapping[str, PropertyMatch]

    def render(self, shapes: Shapes) -> str:
        """Return the function, and those for addresses and phones inside the body."""
        tree: dict[str, Any] = {}
        for path, word in _constants(shapes, self.part, self.matches):
            _put(tree, path, text(word))
        for name, prop in self.matches.items():
            if prop.path:
                _put(tree, prop.path, self._value(name, prop))
        lines = [
            signature(self.function, [f"{self.parameter}: {self.kind}"], "Json"),
            f'    """Return the body of {safe(self.title)}."""',
            comment(
                "TODO: leave out the members that are None and may not be null.", 4
            ),
            f"    return {_rendered(tree, 4)}",
        ]
        return "\n".join(lines)

    def _value(self, name: str, prop: PropertyMatch) -> str:
        owner = f"{self.parameter}.{name}"
        inner = {"addresses": "address_body", "phones": "phone_body"}.get(name)
        has_items = prop.shape.kind == "array"
        if name == "phones" and prop.shape.kind == "string":
            return f"next((it.number for it in {owner}), None)"
        if inner and has_items:
            return f"[{inner}(it) for it in {owner}]"
        if inner:
            return f"next(map({inner}, {owner}), None)"
        if name in ("emails", "customer_ids"):
            return f"[*{owner}]" if has_items else f"next(iter({owner}), None)"
        return owner


def item_bodies(shapes: Shapes, matches: Mapping[str, PropertyMatch]) -> Iterator[str]:
    """Yield the functions for the addresses and phones of a body."""
    for name, names, kind in (
        ("addresses", ADDRESS, "Address"),
        ("phones", PHONE, "Phone"),
    ):
        part = item_part(shapes, matches.get(name))
        if part is None:
            continue
        members = {
            key: it
            for key, it in match(shapes, part, names).items()
            if key not in ("id", "kind")
        }
        parameter = kind.lower()
        yield BodyText(
            function=f"{parameter}_body",
            parameter=parameter,
            kind=kind,
            title=f"each item of {matches[name].native}",
            part=part,
            matches=members,
        ).render(shapes)


def _constants(
    shapes: Shapes, part: Part, matches: Mapping[str, PropertyMatch]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and the word of each required member that can only have one word."""
    above = {it.path[:end] for it in matches.values() for end in range(len(it.path))}

    def walk(owner: Shape, path: tuple[str, ...]) -> Iterator[Any]:
        for name, inner in owner.properties.items():
            shape, here = shapes.at(inner), (*path, name)
            if name in owner.required and len(shape.enum) == 1:
                yield here, shape.enum[0]
            if here in above and len(here) < _DEEPEST:
                yield from walk(shape, here)

    yield from walk(shapes.at(part), ())


def _put(tree: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _rendered(tree: Mapping[str, Any], indent: int) -> str:
    """Return a tree as a dictionary; a leaf is an expression."""
    if not tree:
        return "{}"
    inner = " " * (indent + 4)
    lines = [
        f"{inner}{text(name)}: "
        + (_rendered(it, indent + 4) if isinstance(it, dict) else it)
        + ","
        for name, it in tree.items()
    ]
    return "\n".join(["{", *lines, f"{' ' * indent}}}"])
