"""What an operation sends and returns: the schema of its body, and where the record is."""

from __future__ import annotations

from attrs import frozen

from ....testing.document_files import escaped
from .identifiers import joined
from .shapes import Part, Shape, Shapes
from .source import DocumentedOperation

_ENVELOPES = ("data", "items", "results", "records", "result")
"""The usual names of the member that holds a record or a page, the first one first."""


@frozen(kw_only=True)
class DocumentedRecord:
    """The schema of a record in a response.

    `envelope` is the member of the response that holds the record or the records, or empty.
    """

    part: Part
    envelope: str = ""
    is_list: bool = False


def resource_of(
    shapes: Shapes, operation: DocumentedOperation
) -> DocumentedRecord | None:
    """Return the record that an operation returns, or None if it returns nothing."""
    part = _response(shapes, operation)
    if part is None:
        return None
    shape = shapes.at(part)
    if shape.kind == "array" and shape.items:
        return DocumentedRecord(part=shape.items, is_list=True)
    if _is_record(shape):
        return DocumentedRecord(part=part)
    return _inside(shapes, shape, operation) or DocumentedRecord(part=part)


def body_of(shapes: Shapes, operation: DocumentedOperation) -> Part | None:
    """Return the schema of a request body, or None without one."""
    if "requestBody" not in operation.node:
        return None
    return _content(shapes, f"{operation.pointer}/requestBody")


def _response(shapes: Shapes, operation: DocumentedOperation) -> Part | None:
    pointer = f"{operation.pointer}/responses"
    responses = shapes.document.object(pointer)
    success = sorted(it for it in responses if it.upper().startswith("2"))
    for status in success or [it for it in responses if it == "default"]:
        content = _content(shapes, f"{pointer}/{status}")
        if content is not None:
            return content
    return None


def _content(shapes: Shapes, pointer: str) -> Part | None:
    place, described = shapes.document.follow(pointer)
    content = described.get("content")
    media_types = content if isinstance(content, dict) else {}
    # JSON first: the same body is often also documented as a form.
    for media in sorted(media_types, key=lambda it: "json" not in it):
        schema = f"{place}/content/{escaped(media)}/schema"
        if shapes.document.has(schema):
            return schema, shapes.document.node(schema)
    return None


def _is_record(shape: Shape) -> bool:
    return any(joined(name) in ("id", "token", "uuid") for name in shape.properties)


def _inside(
    shapes: Shapes, shape: Shape, operation: DocumentedOperation
) -> DocumentedRecord | None:
    """Return the record inside an envelope: the only list, or a member with a usual name."""
    is_item = operation.path.endswith("}")
    inner = {name: shapes.at(part) for name, part in shape.properties.items()}
    lists = [it for it, member in inner.items() if _lists_objects(shapes, member)]
    usual = [it for it in _ENVELOPES if it in inner]
    noun = joined(operation.path.rpartition("/")[2])
    named = [it for it in lists if joined(it) == noun]
    for name in [*named, *usual, *(() if is_item else lists)]:
        member = inner[name]
        if name in lists and member.items:
            return DocumentedRecord(part=member.items, envelope=name, is_list=True)
        if member.kind == "object":
            return DocumentedRecord(part=shape.properties[name], envelope=name)
    return None


def _lists_objects(shapes: Shapes, shape: Shape) -> bool:
    if shape.kind != "array" or not shape.items:
        return False
    return shapes.at(shape.items).kind == "object"
