"""Tables of objects with ids, idempotency keys and listings, as every resource has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json, json_of
from anybank.sensitive import Sensitive

from .problems import Refused, invalid
from .validation import Complaint, time_of

Row: TypeAlias = dict[str, Any]
Filter: TypeAlias = Callable[[Row, str], bool]

_LONGEST_KEY = 200
_MOST = 100
_MOMENTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "created_at.after": gt,
    "created_at.before": lt,
    "created_at.on_or_after": ge,
    "created_at.on_or_before": le,
}


@define(repr=False, eq=False)
class Table:
    """The objects of one kind, in the order in which they were created."""

    kind: str
    """The object type, which is also the prefix of its ids: `account_number`."""
    random_id: Callable[[str], str]
    clock: Callable[[], datetime]
    rows: dict[str, Row] = field(factory=dict)
    keys: dict[str, tuple[Sensitive, str]] = field(factory=dict)
    """For each idempotency key the parameters of the create, and the id that it created."""
    shows_id: bool = True
    """False for supplemental documents, which the vendor shows without an id."""

    def add(self, **members: Any) -> Row:
        """Store a new object and return it."""
        row_id = self.random_id(self.kind)
        created = {"id": row_id, "type": self.kind, "created_at": moment(self.clock())}
        self.rows[row_id] = {**created, **members}
        return self.rows[row_id]

    def find(self, row_id: str) -> Row:
        """Return an object, or refuse as the document does for an unknown id."""
        if row_id not in self.rows:
            raise Refused("object_not_found_error")
        return self.rows[row_id]

    def create(
        self, request: Request, parameters: Any, store: Callable[[str | None], Row]
    ) -> Response:
        """Answer a create; a repeated key returns the object that it created."""
        key = _key(request)
        # The parameters may hold an SSN, so the stored copy is masked.
        fingerprint = Sensitive(json.dumps(parameters, sort_keys=True))
        if key in self.keys:
            first, row_id = self.keys[key]
            # "Idempotency keys": the same key with other parameters is an error that
            # names the object. https://increase.com/documentation/idempotency-keys
            if first != fingerprint:
                raise Refused("idempotency_key_already_used_error", resource_id=row_id)
            replayed = {"idempotent-replayed": "true"}
            return answer_json(200, self.shown(self.rows[row_id]), **replayed)
        row = store(key)
        if key:
            self.keys[key] = (fingerprint, row["id"])
        return answer_json(200, self.shown(row))

    def shown(self, row: Row) -> Row:
        """Return an object as the vendor shows it."""
        return row if self.shows_id else {k: v for k, v in row.items() if k != "id"}

    def list(self, request: Request, **filters: Filter) -> Response:
        """Answer a listing, the newest object first.

        `filters` maps the name of a query parameter to the test of an object; a dot in
        the name is written as two underscores (`status__in`).
        """
        tests = {name.replace("__", "."): test for name, test in filters.items()}
        query = dict(request.query)
        _require_parameters(query, tests)
        rows = [
            row
            for row in reversed(self.rows.values())
            if all(
                test(row, query[name]) for name, test in tests.items() if name in query
            )
            and all(_is_then(row, name, query) for name in _MOMENTS)
        ]
        page = _page(rows, query)
        return answer_json(
            200, {**page, "data": [self.shown(row) for row in page["data"]]}
        )


def equals(member: str) -> Filter:
    """Return the filter that compares one member."""
    return lambda row, value: row.get(member) == value


def is_in(member: str) -> Filter:
    """Return the filter that compares one member with a comma-separated list."""
    return lambda row, values: row.get(member) in values.split(",")


def moment(at: datetime) -> str:
    """Write a time as the vendor does."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def body_of(request: Request) -> Row:
    """Return the JSON object in the body of a request."""
    body = json_of(request)
    if not isinstance(body, dict):
        raise Refused("malformed_request_error")
    return body


def require(complaints: Iterable[Complaint]) -> None:
    """Refuse invalid parameters, all of them in one response."""
    if problems := list(complaints):
        raise invalid(problems)


def _key(request: Request) -> str | None:
    value = request.headers.get("idempotency-key")
    if value is None:
        return None
    key = str(value.reveal()) if isinstance(value, Sensitive) else value
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise invalid(
            [("idempotency_key", f"must have 1 to {_LONGEST_KEY} characters")]
        )
    return key


def _require_parameters(query: Mapping[str, str], tests: Mapping[str, Filter]) -> None:
    # The document does not say what an unknown parameter does. It is refused, so that a
    # misspelt filter cannot return everything.
    known = {"cursor", "limit", *tests, *_MOMENTS}
    complaints = [(name, "is not a parameter") for name in query if name not in known]
    complaints += [
        (name, "must be an ISO 8601 time with its zone")
        for name in _MOMENTS
        if name in query and time_of(query[name]) is None
    ]
    require(complaints)


def _is_then(row: Row, name: str, query: Mapping[str, str]) -> bool:
    bound = time_of(query.get(name))
    return bound is None or _MOMENTS[name](time_of(row["created_at"]), bound)


def _page(rows: Sequence[Row], query: Mapping[str, str]) -> Row:
    limit = limit_of(query.get("limit"))
    start = _start(rows, query.get("cursor"))
    shown = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return {"data": shown, "next_cursor": f"cursor_{shown[-1]['id']}" if more else None}


def limit_of(text: str | None) -> int:
    """Return how many objects a page has, by the parameter of a listing."""
    if text is None:
        return _MOST
    # Python refuses to read numbers of some thousand digits.
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    if not is_number or not 1 <= int(text) <= _MOST:
        raise invalid([("limit", f"must be an integer from 1 to {_MOST}")])
    return int(text)


def _start(rows: Sequence[Row], cursor: str | None) -> int:
    if cursor is None:
        return 0
    ids = [row["id"] for row in rows]
    last = cursor.removeprefix("cursor_")
    if last not in ids:
        raise invalid([("cursor", "is not a cursor of this list")])
    return ids.index(last) + 1
