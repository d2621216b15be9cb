"""Checks of the tokens of a page: of the next page, and of the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import AnybankError
from ...model.pages import Page
from .operations import Operation
from .paging import create_records, listings, page_size_of, read_pages
from .recorder import NotApplicable, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject


def listings_with_pages(
    subject: Subject,
) -> Iterator[tuple[Scenario, Operation, int | None, list[Page[Any]]]]:
    """Yield each listing that has a second page, the size of its pages, and the pages.

    Raises NotApplicable if there is none.
    """
    examined = 0
    for operation, _ in listings(subject):
        size = page_size_of(subject, operation)
        scenario = Scenario.of(subject)
        count = (size or 2) * 2
        create_records(scenario, operation, count)
        pages = read_pages(scenario, operation, size, count + 3)
        if not isinstance(pages, AnybankError) and len(pages) > 1:
            examined += 1
            yield scenario, operation, size, pages
    if not examined:
        raise NotApplicable("no listing has a second page")


@check()
def next_token_resumes_the_listing(subject: Subject) -> None:
    """A page's next_token returns the rest of the listing, in another client too."""
    for scenario, operation, size, pages in listings_with_pages(subject):
        # `read_pages` opens another Bank: a position that the adapter stores is lost.
        rest = read_pages(scenario, operation, size, 9, token=pages[0].next_token)
        resumed = [] if isinstance(rest, AnybankError) else rest
        require(
            [item.id for page in resumed for item in page.items]
            == [item.id for page in pages[1:] for item in page.items],
            f"{operation.name}: the next_token of the first page does not return the "
            "rest of the listing. Request the page that query.token names, and keep no "
            "position in the adapter.",
        )


@check()
def previous_tokens_lead_back(subject: Subject) -> None:
    """A listing pages backwards as declared: to the page before, and from it forwards."""
    for scenario, operation, size, pages in listings_with_pages(subject):
        if subject.declared.feature(operation.name).pages_backwards:
            _require_way_back(scenario, operation, size, pages)
        else:
            _require_no_way_back(operation, pages)


def _require_way_back(
    scenario: Scenario, operation: Operation, size: int | None, pages: Any
) -> None:
    first, second = pages[0], pages[1]
    require(
        first.previous_token is None and second.previous_token is not None,
        f"{operation.name} is declared pages_backwards. Return previous_token with every "
        "page but the first.",
    )
    back = read_pages(scenario, operation, size, 2, token=second.previous_token)
    read = [] if isinstance(back, AnybankError) else [_ids(page) for page in back]
    require(
        read == [_ids(first), _ids(second)],
        f"{operation.name}: the previous_token of the second page does not return the "
        "first page, and after it the second one. Request the page before the one that "
        "has the token.",
    )
    require(
        back[0].previous_token is None,
        f"{operation.name}: the first page has a previous_token when it is read "
        "backwards. Return none where the vendor has no page before it.",
    )


def _require_no_way_back(operation: Operation, pages: Any) -> None:
    require(
        all(page.previous_token is None for page in pages),
        f"{operation.name} returns a previous_token. Declare pages_backwards=True, so that "
        "apps can rely on it.",
    )


def _ids(page: Any) -> list[str]:
    return [item.id for item in page.items]
