"""JSON:API: documents, relationships, pages and errors of every vendor that speaks it.

Source: https://jsonapi.org/format/. The media type is `MEDIA_TYPE`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from attrs import evolve, frozen

from ..declaration.vocabulary import Capabilities
from ..errors import UnexpectedResponse, WebhookRejected
from ..model.credentials import CredentialCheck
from ..model.customers import NewCustomer
from ..model.events import Event
from ..model.pages import Page
from . import resources
from .base import Adapter
from .converter.neutral import neutral
from .converter.reader import Reader
from .converter.records import Names, names_at
from .converter.structure import read
from .problems import (
    FieldErrors,
    Problem,
    pointer_steps,
    server_time,
    token,
    unreadable,
    words,
)
from .signatures import BodySignature
from .wire import Flow, Json, Request, Response, get

T = TypeVar("T")

MEDIA_TYPE = "application/vnd.api+json"
_MOST = 50
"""The number of error objects that are read."""
_LONGEST = 10
"""The number of messages that become the message of the error."""


@frozen(kw_only=True)
class WireOne:
    """A response with one resource."""

    data: dict  # type: ignore[type-arg]  # passed on to another read


@frozen(kw_only=True)
class WirePagination:
    """Where a page stands in its listing."""

    total: int
    offset: int


@frozen(kw_only=True)
class WireMeta:
    """The meta data of a listing."""

    pagination: WirePagination | None = None


@frozen(kw_only=True)
class WirePage:
    """A response with several resources. Some listings have no meta data."""

    data: list[Json]
    meta: WireMeta | None = None


@frozen(kw_only=True)
class WireReference:
    """A reference to another resource."""

    id: str
    type: str | None = None


@frozen(kw_only=True)
class WireLink:
    """A relationship to at most one resource."""

    data: WireReference | None = None

    @property
    def id(self) -> str | None:
        """The id of the related resource."""
        return self.data.id if self.data else None


@frozen(kw_only=True)
class WireLinks:
    """A relationship to several resources."""

    data: list[WireReference] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the related resources."""
        return tuple(reference.id for reference in self.data or ())


class Deliveries(BodySignature):
    """Webhooks whose delivery is a document of events, read by `reader`.

    `time` is the attribute with the time of an event.
    """

    reader: ClassVar[Reader[Event]]
    time: ClassVar[str] = "createdAt"

    def example(self, kind: str, number: int = 0) -> Json:
        """Return the body of a delivery of one invented event, about an invented customer."""
        event = {
            "id": str(900 + number),
            "type": kind,
            "attributes": {self.time: "2023-11-14T22:13:20.000Z"},
            "relationships": {"customer": {"data": {"id": "7", "type": "customer"}}},
        }
        return {"data": [event]}

    def events(self, raw: Json, body: bytes) -> Sequence[Event]:  # noqa: ARG002  # the base's signature
        """Read the events of a delivery."""
        try:
            return tuple(map(self.reader.read, read(raw, WirePage).data))
        except UnexpectedResponse as error:
            raise WebhookRejected(f"cannot read the events: {error}") from None

    def body(self, examples: Sequence[Json]) -> Json:
        """Return the body of a delivery of several events."""
        return {
            "data": [item for body in examples for item in body.get("data", [body])]
        }


def link(name: str) -> Any:
    """Declare a relationship whose id is a neutral field (see `neutral`)."""
    return neutral(name, read=lambda link: link.id)


def resource(response: Response) -> Json:
    """Return the one resource of a response."""
    return read(response.json(), WireOne).data


def resource_list(response: Response) -> list[Json]:
    """Return the resources of a response, of any number."""
    return read(response.json(), WirePage).data


def document(kind: str, attributes: Json, **relationships: Json) -> Json:
    """Write a resource; a relationship is passed as its references."""
    data = {"type": kind, "attributes": attributes}
    if relationships:
        related = {name: {"data": value} for name, value in relationships.items()}
        data["relationships"] = related
    return {"data": data}


def with_media_type(request: Request) -> Request:
    """Return a request that accepts JSON:API, and declares its body as such."""
    headed = request.with_headers(accept=MEDIA_TYPE)
    if request.body is None:
        return headed
    return headed.with_headers(content_type=MEDIA_TYPE)


@frozen
class Resource(resources.Resource[T]):
    """The resources of a vendor below one path, as flows.

    `usual` is the page size that is requested unless the caller has another. Pages are
    requested by `page[limit]` and `page[offset]`.
    """

    usual: int = 100

    def record(self, response: Response) -> Json:
        """Return the one resource of a response."""
        return resource(response)

    def list(
        self, query: Any, *, sort: str | None = None, **filters: Any
    ) -> Flow[Page[T]]:
        """Read the page that a query asks for; a token is the offset of its page.

        `filters` become parameters such as `filter[accountId]`. A list becomes one parameter
        per item, a time is written in ISO 8601, and None is left out.
        """
        limit = getattr(query, "page_size", None) or self.usual
        offset = int(getattr(query, "token", None) or 0)
        page = {"page[limit]": limit, "page[offset]": offset, "sort": sort}
        response = yield get(self.path, query={**page, **dict(_filters(filters))})
        return self._page(response, limit, offset)

    def check(self, note: str) -> Flow[CredentialCheck]:
        """Check the credentials by listing one record, where a vendor has no call for it."""
        response = yield get(self.path, query={"page[limit]": 1, "page[offset]": 0})
        self.reader.each(resource_list(response))
        return CredentialCheck(note=note, server_time=server_time(response))

    def _page(self, response: Response, limit: int, offset: int) -> Page[T]:
        wire = read(response.json(), WirePage)
        items = self.reader.each(wire.data)
        after = str(offset + len(wire.data))
        if wire.meta and wire.meta.pagination:
            more = bool(wire.data) and int(after) < wire.meta.pagination.total
            return evolve(items, next_token=after if more else None)
        # Without a total a short page is the last one, and an empty page proves it.
        if len(wire.data) >= limit:
            return evolve(items, next_token=after)
        return evolve(items, beyond=after if wire.data else None)


def _filters(filters: Mapping[str, Any]) -> Iterator[tuple[str, str | int | None]]:
    for name, value in filters.items():
        if isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                yield f"filter[{name}][{index}]", item
        else:
            is_time = isinstance(value, datetime)
            yield f"filter[{name}]", value.isoformat() if is_time else value


def problem(
    response: Response,
    adapter: Adapter,
    names: Names,
    *,
    request_id: tuple[str, ...] = ("id",),
) -> Problem | None:
    """Read the error objects of a response; return None for a success.

    The class follows from the declared code, or from the status. `names` are the neutral
    names of a Reader, by which pointers are translated. `request_id` is the path, in an
    error object, of the id that the vendor's support asks for.
    """
    if response.ok:
        return None
    errors = _errors(response)
    if not errors:
        return unreadable(response)
    code = token(errors[0].get("code"))
    messages = dict.fromkeys(filter(None, map(_message, errors[:_LONGEST])))
    return Problem(
        kind=adapter.problem_kind(response.status, code),
        code=code,
        message="; ".join(messages),
        field_errors=_field_errors(errors, adapter.capabilities, names),
        request_id=token(_member(errors[0], *request_id)),
    )


def _errors(response: Response) -> list[dict[str, Json]]:
    try:
        body = response.json()
    except UnexpectedResponse:
        return []
    items = _member(body, "errors")
    # An error object says what is wrong; a resource has neither member.
    return [
        item
        for item in (items[:_MOST] if isinstance(items, list) else ())
        if _message(item) is not None
    ]


def _member(tree: Any, *names: str) -> Any:
    """Return a member of nested objects, or None where a part is no object."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _message(error: Any) -> str | None:
    return words(_member(error, "detail")) or words(_member(error, "title"))


def _field_errors(
    errors: list[Any], capabilities: Capabilities, names: Names
) -> FieldErrors:
    """Return the errors by neutral field name, from their JSON pointers."""
    fields: dict[str, tuple[str, ...]] = {}
    for error in errors:
        pointer, message = _member(error, "source", "pointer"), _message(error)
        if not isinstance(pointer, str) or message is None:
            continue
        steps = pointer_steps(pointer, "/data")
        if len(steps) > 1:
            at = tuple(int(step) if step.isdigit() else step for step in steps)
            for name in names_at(at, names):
                ours = _with_index(name.removeprefix("attributes."), capabilities)
                fields[ours] = (*fields.get(ours, ()), message)
    return fields


def _with_index(name: str, capabilities: Capabilities) -> str:
    """Return the name of the only item where a vendor has at most one."""
    rule = capabilities.rule(NewCustomer, name)
    return f"{name}[0]" if rule.items and rule.items[1] == 1 else name
