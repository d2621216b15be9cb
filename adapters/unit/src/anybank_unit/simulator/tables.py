"""Resources with ids, and their listings by page and filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json, json_of

Row: TypeAlias = dict[str, Any]
Test: TypeAlias = Callable[[Row], bool]
Included: TypeAlias = Callable[[str, Sequence[Row]], Sequence[Row]]
"""Returns the resources that `include` names, of those that a listing shows."""
Complaint: TypeAlias = tuple[str, str]

# As nearly all responses of the OpenAPI document have it.
JSON_API = "application/vnd.api+json; charset=utf-8"
_MOST, _USUAL = 1000, 100
# Python refuses to read numbers of some thousand digits.
_DIGITS = 20


# https://unit.co/docs/api/errors. The page has not_found with the status 400, which the
# adapter reads too.
_CODES = {400: "invalid_value", 404: "not_found"}


class Refused(Exception):
    """A request that Unit refuses: a status, and an error for each complaint."""

    def __init__(
        self, status: int, title: str, complaints: Iterable[Complaint] = ()
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.complaints = list(complaints)

    def answer(self) -> Response:
        """Return the error response: one error for each field, or one in all."""
        common = {"title": self.title, "status": str(self.status)}
        if self.status in _CODES:
            common["code"] = _CODES[self.status]
        errors = [
            {**common, "detail": text, "source": {"pointer": pointer}}
            for pointer, text in self.complaints
        ]
        return answer(self.status, {"errors": errors or [{**common}]})


def answer(status: int, body: Any) -> Response:
    """Return a response in the media type of JSON:API."""
    return answer_json(status, body, **{"content-type": JSON_API})


def answer_row(row: Row, status: int = 200) -> Response:
    """Return a response with one resource."""
    return answer(status, {"data": row})


@define(repr=False, eq=False)
class Table:
    """The resources of one kind, in the order in which they were created."""

    clock: Callable[[], datetime]
    next_id: int = 1
    rows: dict[str, Row] = field(factory=dict)

    def add(self, kind: str, attributes: Row, **related: Any) -> Row:
        """Store a new resource and return it."""
        row_id = str(self.next_id)
        self.next_id += 1
        created = {"createdAt": moment(self.clock()), **attributes}
        row = {"type": kind, "id": row_id, "attributes": created}
        relationships = {name: {"data": data} for name, data in related.items() if data}
        self.rows[row_id] = {**row, "relationships": relationships}
        return self.rows[row_id]

    def find(self, row_id: str) -> Row:
        """Return a resource, or refuse an unknown id."""
        if row_id not in self.rows:
            raise Refused(404, "Not Found")
        return self.rows[row_id]

    def page(
        self,
        request: Request,
        test: Test,
        *,
        has_total: bool = True,
        included: Included | None = None,
    ) -> Response:
        """Answer a listing of the resources that pass the test of its filters."""
        query = dict(request.query)
        rows = [row for row in self.rows.values() if test(row)]
        if _newest_first(query):
            rows.reverse()
        limit, offset = _paging(query)
        shown = rows[offset : offset + limit]
        body: Row = {"data": shown}
        if included and query.get("include"):
            body["included"] = included(query["include"], shown)
        if has_total:
            pagination = {"total": len(rows), "limit": limit, "offset": offset}
            body["meta"] = {"pagination": pagination}
        return answer(200, body)


def _newest_first(query: Mapping[str, str]) -> bool:
    """Return whether a listing is sorted backwards; rows are stored by `createdAt`."""
    sort = query.get("sort") or "createdAt"
    if sort.removeprefix("-") != "createdAt":
        raise Refused(400, "sort is createdAt or -createdAt")
    return sort.startswith("-")


def _paging(query: Mapping[str, str]) -> tuple[int, int]:
    limit, offset = (
        query.get("page[limit]", str(_USUAL)),
        query.get("page[offset]", "0"),
    )
    digits = all(text.isdecimal() and len(text) < _DIGITS for text in (limit, offset))
    if not (digits and 1 <= int(limit) <= _MOST):
        raise Refused(400, "page[limit] is from 1 to 1000, page[offset] from 0")
    return int(limit), int(offset)


def related_ids(row: Row, name: str) -> list[str]:
    """Return the ids of the related resources, of one or of several."""
    ids: list[str] = []
    for key in (name, f"{name}s"):
        data = row["relationships"].get(key, {}).get("data")
        ids += [
            item["id"] for item in ([data] if isinstance(data, dict) else data or [])
        ]
    return ids


def moment(at: datetime) -> str:
    """Write a time as Unit does, with milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def reference(row: Row, kind: str | None = None) -> Row:
    """Return a reference to a resource."""
    return {"type": kind or row["type"], "id": row["id"]}


def data_of(request: Request) -> Row:
    """Return the resource in the body of a request, with attributes and relationships."""
    body = json_of(request)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("attributes"), dict):
        raise Refused(400, "Bad Request", [("/data", "must be a resource")])
    return data
