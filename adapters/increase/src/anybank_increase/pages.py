"""The form that all of Increase's listings share."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class WirePage:
    """A page of a listing.

    The cursor is null on the last page and never absent, so that the empty list of another
    server is not read as an empty page. Source: Increase API reference, "Pagination".
    """

    data: list[Any]
    next_cursor: str | None
