"""Pages of a list: a cursor, a limit and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any

from .problems import invalid
from .tables import limit_of
from .validation import time_of

_STATUSES = ("active", "archived", "disabled")
_VALIDATIONS = ("pending", "valid", "invalid")
_WORDS = {"status.in": _STATUSES, "validation_status.in": _VALIDATIONS}
_LONGEST_KEY = 200
_MOMENTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "created_at.after": gt,
    "created_at.before": lt,
    "created_at.on_or_after": ge,
    "created_at.on_or_before": le,
}


def page(entities: Sequence[dict[str, Any]], query: Mapping[str, str]) -> Any:
    """Return the page of a query, with the cursor of the next page."""
    limit = limit_of(query.get("limit"))
    _require_filters(query)
    matches = [entity for entity in entities if _matches(entity, query)]
    start = _start(matches, query.get("cursor"))
    shown = matches[start : start + limit]
    more = start + limit < len(matches)
    # The cursor names the last object and not a position: objects that are created
    # during a listing move no page.
    cursor = f"cursor_{shown[-1]['id']}" if more else None
    return {"data": shown, "next_cursor": cursor}


def _start(entities: Sequence[dict[str, Any]], cursor: str | None) -> int:
    """Return where a page starts: after the entity that the cursor points to."""
    if cursor is None:
        return 0
    ids = [entity["id"] for entity in entities]
    last = cursor.removeprefix("cursor_")
    if last not in ids:
        raise invalid([("cursor", "is not a cursor of this list")])
    return ids.index(last) + 1


def _require_filters(query: Mapping[str, str]) -> None:
    """Refuse an invalid filter, even where no entity would be compared with it."""
    complaints = [
        (name, f"must be of {', '.join(known)}")
        for name, known in _WORDS.items()
        if name in query and not set(query[name].split(",")) <= set(known)
    ]
    complaints += [
        (name, "must be an ISO 8601 time with its zone")
        for name in _MOMENTS
        if name in query and time_of(query[name]) is None
    ]
    if not 1 <= len(query.get("idempotency_key", "one")) <= _LONGEST_KEY:
        complaints.append(
            ("idempotency_key", f"must have 1 to {_LONGEST_KEY} characters")
        )
    if complaints:
        raise invalid(complaints)


def _matches(entity: dict[str, Any], query: Mapping[str, str]) -> bool:
    """Return whether an entity passes the filters."""
    validation = (entity["validation"] or {}).get("status")
    return (
        _has_word(query, "status.in", entity["status"])
        and _has_word(query, "validation_status.in", validation)
        and query.get("idempotency_key") in (None, entity["idempotency_key"])
        and all(_is_in_time(entity, name, query) for name in _MOMENTS)
    )


def _has_word(query: Mapping[str, str], name: str, word: str | None) -> bool:
    return name not in query or word in query[name].split(",")


def _is_in_time(entity: dict[str, Any], name: str, query: Mapping[str, str]) -> bool:
    bound = time_of(query.get(name))
    return bound is None or _MOMENTS[name](time_of(entity["created_at"]), bound)
