"""Shows records: one as a table of its fields, several as rows or as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from .output import emit_json, table

Fields: TypeAlias = Mapping[str, Any]
"""The fields of a record to show, by name."""


def fields_of(record: object, names: Iterable[str]) -> dict[str, Any]:
    """Return some fields of a record; a decimal number is a text, as in to_dict."""
    return {name: _exact(getattr(record, name)) for name in names}


def _exact(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def show_record(fields: Fields, *, as_json: bool) -> None:
    """Show one record."""
    if as_json:
        emit_json(fields)
        return
    table("", ("field", "value"), [(name, as_text(fields[name])) for name in fields])


def show_records(
    records: Iterable[Fields], columns: Sequence[str], *, as_json: bool
) -> None:
    """Show records as rows of a table or, as they arrive, as one JSON object per line."""
    if as_json:
        for fields in records:
            emit_json(fields, indent=None)
        return
    table(
        "", columns, [[_cell(fields, name) for name in columns] for fields in records]
    )


def _cell(fields: Fields, name: str) -> str:
    """Return the text of a field; the vendor's word says more than an unknown kind."""
    native = fields.get("native_kind")
    is_unknown = name == "kind" and fields[name] == "unknown" and native
    return as_text(native if is_unknown else fields[name])


def as_text(value: Any) -> str:
    """Return a value as a person reads it: amounts in their currency, times in UTC."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, (list, tuple)):
        return "\n".join(map(as_text, value))
    return "" if value is None else str(value)
