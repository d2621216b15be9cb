"""Checks of listings: whole, each thing once, of the size that was asked, with an end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...adapter.wire import Response
from ...errors import AnybankError, UnexpectedResponse
from .operations import Operation, declared
from .recorder import Broken, NotApplicable, body_of, outcome_of, require
from .registry import check
from .stages import Stage
from .subject import Subject

LIST = "customers.list"
_MOST = 60
"""More things than these are only slower."""
_LISTED = {
    "customers.list": "customer",
    "credit_applications.list": "application",
    "accounts.list": "account",
    "webhook_subscriptions.list": "subscription",
    "transactions.list": "transaction",
}
_UNSIZED = ("webhook_subscriptions.list", "customer_addresses.list")


def _listings(subject: Subject) -> Iterator[tuple[Operation, Stage]]:
    yield from declared(subject, lambda each: each.name in _LISTED)


def _size(subject: Subject, operation: Operation) -> int | None:
    """Return the page size to ask for: the smallest there is, 2 where any will do."""
    if operation.name in _UNSIZED:
        return None
    sizes = subject.declared.limits.page_sizes
    return min(sizes) if sizes and operation.name == LIST else 2


def _pages(
    stage: Stage, operation: Operation, size: int | None, count: int, **more: Any
) -> Any:
    """Return the pages of a listing, a few more than there should be, or the error."""
    given = {**more, **({} if size is None else {"page_size": size})}
    with stage.subject.bank(stage.recorder, retries=0) as bank:
        resource = getattr(bank, operation.name.partition(".")[0])
        return outcome_of(
            lambda: list(islice(resource.list(**given).pages(), count + 3))
        )


def _counts(size: int | None) -> list[int]:
    step = size or 2
    return sorted({1, step, step + 1, step * 2} & set(range(_MOST)))


@check()
def paging_ends_and_is_whole(subject: Subject) -> None:
    """A listing gives everything once, and ends."""
    for operation, _ in _listings(subject):
        size = _size(subject, operation)
        for count in _counts(size):
            _whole(Stage.of(subject), operation, size, count)


def _whole(stage: Stage, operation: Operation, size: int | None, count: int) -> None:
    kind = _LISTED[operation.name]
    made = [stage.another(kind, index) for index in range(count)]
    stage.recorder.forget()
    pages = _pages(stage, operation, size, count)
    if isinstance(pages, AnybankError) or len(pages) > count + 1:
        raise Broken(
            f"{operation.name} does not end: give no next_token on the last page, and "
            "another one on each page before."
        )
    listed = [each.id for page in pages for each in page.items]
    require(
        sorted(listed) == sorted(made),
        f"{operation.name}: of {count} things {len(set(listed))} were listed, "
        f"{len(listed) - len(set(listed))} of them again: pass the token on, and give "
        "next_token until the last page.",
    )


@check()
def pages_are_of_the_size_asked(subject: Subject) -> None:
    """A page has no more items than were asked for."""
    for operation, _ in _listings(subject):
        size = _size(subject, operation)
        if size is None:
            continue
        stage = Stage.of(subject)
        for index in range(size + 1):
            stage.another(_LISTED[operation.name], index)
        pages = _pages(stage, operation, size, size + 1)
        require(
            isinstance(pages, AnybankError)
            or len(pages) == 1
            or all(len(page) <= size for page in pages),
            f"{operation.name} was asked for pages of {size} and gave longer ones: "
            "send query.page_size.",
        )
        _asked(stage, operation, pages)


def _asked(stage: Stage, operation: Operation, pages: Any) -> None:
    """Require of a listing in one page that the vendor has no others."""
    support = stage.subject.declared.feature(operation.name).support
    whole = isinstance(pages, AnybankError) or len(pages) > 1
    require(
        whole or support == "partial",
        f"{operation.name} gave all in one page whatever size was asked: send "
        "query.page_size, or declare it PARTIAL with a note that it does not page.",
    )


@check()
def a_token_takes_a_listing_up(subject: Subject) -> None:
    """A page's next_token gives the rest of the listing, later and elsewhere."""
    examined = 0
    for operation, _ in _listings(subject):
        size = _size(subject, operation)
        stage = Stage.of(subject)
        for index in range((size or 2) * 2):
            stage.another(_LISTED[operation.name], index)
        pages = _pages(stage, operation, size, (size or 2) * 2)
        if isinstance(pages, AnybankError) or len(pages) < 2:
            continue
        examined += 1
        rest = _pages(stage, operation, size, 9, token=pages[0].next_token)
        later = [] if isinstance(rest, AnybankError) else rest
        require(
            [each.id for page in later for each in page.items]
            == [each.id for page in pages[1:] for each in page.items],
            f"{operation.name}: the first page's next_token gave another rest than the "
            "listing itself: ask for the page that query.token stands for.",
        )
    if not examined:
        raise NotApplicable("no listing has a second page")


@check()
def a_vendor_that_repeats_itself_is_left(subject: Subject) -> None:
    """A vendor that gives the same page for ever is left with an error, not followed."""
    examined = 0
    for operation, _ in _listings(subject):
        size = _size(subject, operation)
        stage = Stage.of(subject)
        for index in range((size or 2) + 1):
            stage.another(_LISTED[operation.name], index)
        first = _first_answer(stage, operation, size)
        if first is None:
            continue
        examined += 1
        stage.recorder.rewrite = lambda _asked, _answer, it=first: it
        stage.recorder.forget()
        pages = _pages(stage, operation, size, 20)
        require(
            isinstance(pages, UnexpectedResponse) and len(stage.recorder.requests) < 9,
            f"{operation.name} asked {len(stage.recorder.requests)} times for a page "
            "that never changes: yield one request a page and return Page(items, "
            "next_token); the library goes from page to page, and ends.",
        )
    if not examined:
        raise NotApplicable("no listing has a second page")


def _first_answer(
    stage: Stage, operation: Operation, size: int | None
) -> Response | None:
    """Return the answer of a first page after which there is another."""
    stage.recorder.forget()
    _pages(stage, operation, size, 5)
    heard = stage.recorder.heard
    return heard[0].response if len(heard) > 1 else None


@check(LIST)
def page_sizes_are_kept(subject: Subject) -> None:
    """A page that is larger than the largest declared is asked for as the largest."""
    sizes = subject.declared.limits.page_sizes
    if not sizes:
        raise NotApplicable("no page sizes are declared")
    largest, larger = (
        _asked_with(subject, size) for size in (max(sizes), max(sizes) + 1)
    )
    require(
        largest is not None and largest == larger,
        f"limits.page_sizes ends at {max(sizes)}, and a larger page was asked for "
        "otherwise than that: send query.page_size as it is, and declare the same limits "
        "once the adapter is made.",
    )


def _asked_with(subject: Subject, size: int) -> str | None:
    """Return the request for a page of a size, None where it was refused."""
    recorder = subject.recorder()
    with subject.bank(recorder, retries=0) as bank:
        said = outcome_of(lambda: list(bank.customers.list(page_size=size).pages()))
    done = isinstance(said, list) and recorder.requests
    return body_of(recorder.requests[0]) if done else None


@check(LIST)
def declared_page_sizes_are_taken(subject: Subject) -> None:
    """Every page size that is declared is taken by the vendor."""
    sizes = subject.declared.limits.page_sizes
    if not sizes:
        raise NotApplicable("no page sizes are declared")
    with subject.bank(subject.recorder(), retries=0) as bank:
        for size in {min(sizes), max(sizes)}:
            said = outcome_of(lambda: list(bank.customers.list(page_size=size).pages()))  # noqa: B023  # called at once
            require(
                isinstance(said, list),
                f"limits.page_sizes has {size}, and the vendor refused it: declare "
                "what its page says.",
            )
