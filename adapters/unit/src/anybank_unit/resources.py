"""The JSON:API forms that all of Unit's responses share.

Source: https://unit.co/docs/api, "JSON:API", and the schema PaginationMeta.
"""

from __future__ import annotations

from typing import TypeVar

from attrs import evolve, frozen

from anybank.adapter.converter import Build, Names, read, read_each
from anybank.adapter.wire import Json, Query, Response
from anybank.model.pages import Page

W = TypeVar("W")
T = TypeVar("T")

_USUAL = 100
"""The page size that Unit uses by itself: the schema ListPageParameters."""


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


@frozen(kw_only=True)
class WireLinks:
    """A relationship to several resources."""

    data: list[WireReference] | None = None


@frozen(kw_only=True)
class WireRelationships:
    """The relationships that anybank follows, of all resources."""

    account: WireLink | None = None
    application: WireLink | None = None
    customer: WireLink | None = None
    customers: WireLinks | None = None
    transaction: WireLink | None = None

    def id_of(self, name: str) -> str | None:
        """Return the id of a related resource, or None without one."""
        link: WireLink | None = getattr(self, name, None)
        return link.data.id if link and link.data else None


NO_RELATIONSHIPS = WireRelationships()


def resource(response: Response) -> Json:
    """Return the one resource of a response."""
    return read(response.json(), WireOne).data


def paging(token: str | None, size: int | None) -> Query:
    """Return the parameters of a page; a token is its offset."""
    return {"page[limit]": size or _USUAL, "page[offset]": token or "0"}


def page(
    response: Response,
    query: Query,
    kind: type[W],
    build: Build[W, T],
    names: Names,
) -> Page[T]:
    """Read a page of resources, which `query` has asked for."""
    wire = read(response.json(), WirePage)
    items = read_each(wire.data, kind, build, names)
    after = int(query["page[offset]"] or 0) + len(wire.data)
    if wire.meta and wire.meta.pagination:
        more = bool(wire.data) and after < wire.meta.pagination.total
        return evolve(items, next_token=str(after) if more else None)
    # Without a total a short page is the last one, and an empty page proves it.
    if len(wire.data) >= int(query["page[limit]"] or 0):
        return evolve(items, next_token=str(after))
    return evolve(items, beyond=str(after) if wire.data else None)


def document(kind: str, attributes: Json, **relationships: Json) -> Json:
    """Write a resource; a relationship is given as its references."""
    data = {"type": kind, "attributes": attributes}
    if relationships:
        related = {name: {"data": value} for name, value in relationships.items()}
        data["relationships"] = related
    return {"data": data}
