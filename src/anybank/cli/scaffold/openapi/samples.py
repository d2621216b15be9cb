"""A record that a schema allows, with invented values, for the simulator to return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .identifiers import joined
from .shapes import Part, Shape, Shapes

_DEEPEST = 6
_INVENTED: Mapping[str, str] = {
    "firstname": "Ada",
    "first": "Ada",
    "givenname": "Ada",
    "lastname": "Sample",
    "last": "Sample",
    "familyname": "Sample",
    "name": "Ada Sample",
    "fullname": "Ada Sample",
    "dateofbirth": "1990-04-01",
    "birthdate": "1990-04-01",
    "dob": "1990-04-01",
    "email": "ada@example.com",
    "phone": "+15551112222",
    "phonenumber": "+15551112222",
    "ssn": "900123456",
    "ssnlast4": "3456",
    "line1": "1 Test St.",
    "street": "1 Test St.",
    "city": "Reno",
    "state": "NV",
    "zip": "89501",
    "postalcode": "89501",
    "country": "US",
    "currency": "USD",
}
_GOOD = ("active", "open", "approved", "verified", "valid")
_FORMATS: Mapping[str, str] = {
    "date": "1990-04-01",
    "date-time": "2024-03-01T12:00:00Z",
    "uuid": "5f0c3c1e-8d2b-4a3e-9b59-2a1f6f0c7d10",
    "email": "ada@example.com",
    "uri": "https://example.com",
    "url": "https://example.com",
}


def sample_of(shapes: Shapes, part: Part, shown: frozenset[str]) -> Any:
    """Return a record with its required properties, and those that *shown* names."""
    return _value(shapes, shapes.at(part), "", shown, 0)


def _value(
    shapes: Shapes, shape: Shape, name: str, shown: frozenset[str], depth: int
) -> Any:
    if shape.kind == "object":
        members = {
            key: shapes.at(part)
            for key, part in shape.properties.items()
            if key in shape.required | shape.usual
            or (joined(key) in shown and depth < 3)
        }
        if depth == _DEEPEST:
            members = {}
        return {
            key: _value(shapes, inner, key, shown, depth + 1)
            for key, inner in members.items()
        }
    if shape.kind == "array":
        return _list(shapes, shape, name, shown, depth)
    return _scalar(shape, name)


def _list(
    shapes: Shapes, shape: Shape, name: str, shown: frozenset[str], depth: int
) -> list[Any]:
    count = max(shape.count[0] if shape.count else 0, int(joined(name) in shown))
    if not count or not shape.items or depth == _DEEPEST:
        return []
    item = _value(shapes, shapes.at(shape.items), name, shown, depth + 1)
    return [item] * min(count, 5)


def _scalar(shape: Shape, name: str) -> Any:
    if shape.kind == "string":
        return _text(shape, name)
    if shape.kind in ("integer", "number"):
        return shape.example if isinstance(shape.example, int) else 1
    if shape.kind == "boolean":
        return False
    return None if shape.nullable else shape.example


def _text(shape: Shape, name: str) -> str:
    if shape.enum:
        # A word that our statuses have, where there is one.
        return next((it for it in shape.enum if joined(it) in _GOOD), shape.enum[0])
    known = _FORMATS.get(shape.format) or _INVENTED.get(joined(name))
    example = shape.example if isinstance(shape.example, str) else None
    # A text with a pattern can hardly be invented: the document's own example fits.
    value = example if example and (shape.pattern or not known) else known
    value = value or f"sample-{'-'.join(name.split('_'))}"
    low, high = shape.length or (0, None)
    return value.ljust(low, "0")[:high]
