"""Pages of a listing: a cursor, a limit and filters (increase.md §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from .problems import invalid

_DEFAULT = _MOST = 100
_STATUSES = ("active", "archived", "disabled")
_VALIDATIONS = ("pending", "valid", "invalid")
_MOMENTS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "created_at.after": gt,
    "created_at.before": lt,
    "created_at.on_or_after": ge,
    "created_at.on_or_before": le,
}


def page(entities: Sequence[dict[str, Any]], query: Mapping[str, str]) -> Any:
    """Return the page that a query asks for, with the cursor of the one after."""
    limit = _limit(query.get("limit"))
    kept = [each for each in entities if _is_asked_for(each, query)]
    start = _start(kept, query.get("cursor"))
    shown = kept[start : start + limit]
    more = start + limit < len(kept)
    cursor = f"cursor_{shown[-1]['id']}" if more else None
    return {"data": shown, "next_cursor": cursor}


def _limit(given: str | None) -> int:
    if given is None:
        return _DEFAULT
    if not given.isdecimal() or not 1 <= int(given) <= _MOST:
        raise invalid([("limit", f"must be an integer from 1 to {_MOST}")])
    return int(given)


def _start(entities: Sequence[dict[str, Any]], cursor: str | None) -> int:
    """Return where a page starts: after the entity that the cursor points to."""
    if cursor is None:
        return 0
    ids = [each["id"] for each in entities]
    last = cursor.removeprefix("cursor_")
    if last not in ids:
        raise invalid([("cursor", "is not a cursor of this list")])
    return ids.index(last) + 1


def _is_asked_for(entity: dict[str, Any], query: Mapping[str, str]) -> bool:
    """Tell whether an entity is what the filters ask for."""
    validation = (entity["validation"] or {}).get("status")
    key = query.get("idempotency_key")
    return (
        entity["status"] in _words(query, "status.in", _STATUSES)
        and ("validation_status.in" not in query)
        | (validation in _words(query, "validation_status.in", _VALIDATIONS))
        and key in (None, entity["idempotency_key"])
        and all(_is_then(entity, name, query) for name in _MOMENTS)
    )


def _words(query: Mapping[str, str], name: str, known: Sequence[str]) -> Sequence[str]:
    given = query.get(name)
    if given is None:
        return known
    words = given.split(",")
    if not set(words) <= set(known):
        raise invalid([(name, f"must be of {', '.join(known)}")])
    return words


def _is_then(entity: dict[str, Any], name: str, query: Mapping[str, str]) -> bool:
    if name not in query:
        return True
    try:
        bound = datetime.fromisoformat(query[name])
    except ValueError:
        raise invalid([(name, "must be an ISO 8601 time")]) from None
    return _MOMENTS[name](datetime.fromisoformat(entity["created_at"]), bound)
