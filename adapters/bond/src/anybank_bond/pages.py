"""Bond's numbered pages, which show neither a total nor a link to the next page."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from attrs import evolve

from anybank.errors import Effect, InvalidInput, Issue
from anybank.model.pages import Page

from .sources import MANAGING

T = TypeVar("T")

SIZES = (1, 2, 5, 10, 20, 50)
"""The page sizes of "Managing customers", all of which "Retrieving transactions" has too."""
LARGEST = SIZES[-1]

# A token comes back from the caller's storage, so its form is checked before it becomes
# a query parameter.
_PAGE = re.compile(r"[1-9][0-9]{0,9}")
# "Managing customers": page is an int32.
_LAST_PAGE = 2**31 - 1


def page_number(token: Any) -> int:
    """Return the number of a page by its token; the first page is 1."""
    if token is None:
        return 1
    is_page = isinstance(token, str) and _PAGE.fullmatch(token)
    if is_page and int(token) <= _LAST_PAGE:
        return int(token)
    message = "must be the next_token of a page"
    raise InvalidInput([Issue("token", Effect.BLOCKED, "token", MANAGING, message)])


def page_size(requested: int | None) -> int:
    """Return the largest size that Bond offers up to the requested one."""
    limit = LARGEST if requested is None else requested
    return max((size for size in SIZES if size <= limit), default=SIZES[0])


def with_neighbors(page: Page[T], number: int, size: int) -> Page[T]:
    """Return a page with the tokens of the next one and of the one before it."""
    page = evolve(page, previous_token=str(number - 1) if number > 1 else None)
    # Records that cannot be read and records without an id were sent all the same: they
    # count when the page is compared with its size, or a listing would end early and
    # lose records.
    count, following = len(page) + page.without_id, str(number + 1)
    # A page that is not full is the last. A caller who wants certainty follows `beyond`.
    if count >= size:
        return evolve(page, next_token=following)
    # The docs do not say whether a short page can occur before the last one. `beyond`
    # is the page that a migration also reads, until a page is empty.
    return evolve(page, beyond=following if count else None)
