"""The form that all of Increase's listings share."""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import evolve, frozen

from anybank.adapter import resources
from anybank.adapter.converter import read
from anybank.adapter.wire import Flow, Json, get
from anybank.model.pages import Page

T = TypeVar("T")


@frozen(kw_only=True)
class WirePage:
    """A page of a listing.

    The cursor is null on the last page and never absent, so that the empty list of another
    server is not read as an empty page. Source: Increase API reference, "Pagination".
    """

    data: list[Any]
    next_cursor: str | None


@frozen
class Resource(resources.Resource[T]):
    """A resource of Increase, whose listings have a cursor."""

    def list(self, query: Any, **filters: Any) -> Flow[Page[T]]:
        """Read the page that a query asks for; the filters are those of the listing."""
        page = {"cursor": query.token, "limit": getattr(query, "page_size", None)}
        response = yield get(self.path, query={**page, **filters})
        return self.page(response.json())

    def page(self, raw: Json) -> Page[T]:
        """Read a page; its token is Increase's cursor."""
        wire = read(raw, WirePage)
        return evolve(self.reader.each(wire.data), next_token=wire.next_cursor)
