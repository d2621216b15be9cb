"""Checks of listings: complete, without duplicates, in pages of the requested size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from ...adapter.wire import Request, Response
from ...errors import AnybankError, UnexpectedResponse
from ...model.features import Feature
from ...model.pages import Page
from .operations import OPERATIONS, Operation, declared_operations
from .recorder import (
    CheckFailed,
    NotApplicable,
    body_of,
    edit_json,
    outcome_of,
    require,
)
from .registry import check
from .response_edits import Path, path_of_records, value_at
from .scenarios import Scenario
from .subject import Subject

LIST = "customers.list"
_MAX_RECORDS = 60
"""More records than this would take longer and prove no more."""
LISTED_KINDS = {
    "customers.list": "customer",
    "credit_applications.list": "application",
    "accounts.list": "account",
    "account_numbers.list": "account_number",
    "external_accounts.list": "external_account",
    "webhook_subscriptions.list": "subscription",
    "transactions.list": "transaction",
    "events.list": "event",
}
"""The kind of record that each listing returns."""
_SEEDED = ("transactions.list", "events.list")
"""The listings whose records the author seeds, so that many of them cost no requests."""
_MANY = 120
"""More records than a page of most vendors has."""
# Their methods take no page_size: vendors return these lists whole.
_WITHOUT_PAGE_SIZE = ("webhook_subscriptions.list", "customer_addresses.list")


def listings(subject: Subject) -> Iterator[tuple[Operation, Scenario]]:
    """Yield each declared listing of records that the kit can create."""
    yield from declared_operations(
        subject, lambda operation: operation.name in LISTED_KINDS
    )


def page_size_of(subject: Subject, operation: Operation, fewest: int = 1) -> int | None:
    """Return the page size to request: the smallest declared one, else 2."""
    if operation.name in _WITHOUT_PAGE_SIZE:
        return None
    # The smallest page makes the most pages out of the fewest records.
    sizes = [size for size in subject.declared.limits.page_sizes if size >= fewest]
    return min(sizes) if sizes and operation.name == LIST else 2


def read_pages(
    scenario: Scenario, operation: Operation, size: int | None, limit: int, **more: Any
) -> Any:
    """Return the first pages of a listing, *limit* at most, or the error."""
    required = scenario.required_arguments(operation.feature)
    arguments = {**required, **more, **({} if size is None else {"page_size": size})}
    with scenario.subject.bank(scenario.recorder, retries=0) as bank:
        resource = getattr(bank, operation.name.partition(".")[0])
        return outcome_of(
            lambda: list(islice(resource.list(**arguments).pages(), limit))
        )


def _page(
    scenario: Scenario, operation: Operation, size: int | None, token: str | None = None
) -> Page[Any]:
    """Return one page of a listing, the first unless a token is passed."""
    pages = read_pages(scenario, operation, size, 1, token=token)
    if isinstance(pages, AnybankError):
        raise pages
    page: Page[Any] = pages[0]
    return page


def _follow(
    scenario: Scenario, operation: Operation, size: int | None, token: str | None
) -> list[str]:
    """Return the ids on all pages from a token, following next_token and `beyond`."""
    ids: list[str] = []
    for _ in range(_MAX_RECORDS):
        page = _page(scenario, operation, size, token)
        ids += [item.id for item in page.items]
        token = page.next_token or (page.beyond if page.items else None)
        if token is None:
            return ids
    raise CheckFailed(
        f"{operation.name} does not end when `beyond` is followed. Set it only on a page "
        "that has records."
    )


def _shortening(records: Path) -> Callable[[Request, Response], Response]:
    """Return a rewrite that removes the last record of the first page."""
    is_first = True

    def remove_last(tree: Any) -> Any:
        value_at(tree, records).pop()
        return tree

    def rewrite(_request: Request, response: Response) -> Response:
        nonlocal is_first
        if not is_first:
            return response
        is_first = False
        return edit_json(response, remove_last)

    return rewrite


def create_records(scenario: Scenario, operation: Operation, count: int) -> list[str]:
    """Create records that a listing returns, and return their ids."""
    kind = LISTED_KINDS[operation.name]
    return [scenario.create(kind, index) for index in range(count)]


def _counts(size: int | None) -> list[int]:
    step = size or 2
    # Less than a page, a full page, one more than a page, and two full pages: the
    # places where a listing that stops too early or too late shows it.
    return sorted({1, step, step + 1, step * 2} & set(range(_MAX_RECORDS)))


@check()
def listings_are_complete_and_end(subject: Subject) -> None:
    """A listing returns every record once, and ends."""
    for operation, _ in listings(subject):
        size = page_size_of(subject, operation)
        for count in _counts(size):
            _require_complete(Scenario.of(subject), operation, size, count)


def _require_complete(
    scenario: Scenario, operation: Operation, size: int | None, count: int
) -> None:
    created = create_records(scenario, operation, count)
    if len(set(created)) == 1 and _lists_own_account(scenario, operation):
        created, count = created[:1], 1
    scenario.recorder.forget()
    pages = read_pages(scenario, operation, size, count + 3)
    # A page per record, and one that is empty at the end, is the longest listing that
    # is still reasonable.
    if isinstance(pages, AnybankError) or len(pages) > count + 1:
        raise CheckFailed(
            f"{operation.name} does not end. Return no next_token with the last page, "
            "and a different one with every page before it."
        )
    listed = [item.id for page in pages for item in page.items]
    require(
        sorted(listed) == sorted(created),
        f"{operation.name} returned {len(set(listed))} of {count} records, "
        f"{len(listed) - len(set(listed))} of them twice. Send query.token, and return "
        "next_token until the last page.",
    )


def _lists_own_account(scenario: Scenario, operation: Operation) -> bool:
    """Return whether a listing may have one account only: that of the required customer."""
    rule = scenario.subject.declared.feature(Feature.ACCOUNTS_LIST)
    return operation.name == "accounts.list" and "customer_id" in rule.requires


@check()
def default_pages_lose_no_records(subject: Subject) -> None:
    """A listing without a page size returns every record once, on however many pages."""
    examined, reasons = 0, []
    for name in filter(subject.supports, _SEEDED):
        scenario = Scenario.of(subject)
        try:
            created = create_records(scenario, OPERATIONS[Feature(name)], _MANY)
        except NotApplicable as inapplicable:
            reasons.append(f"{name}: {inapplicable}")
            continue
        examined += 1
        scenario.recorder.forget()
        pages = read_pages(scenario, OPERATIONS[Feature(name)], None, _MANY)
        if isinstance(pages, AnybankError):
            raise pages
        listed = [item.id for page in pages for item in page.items]
        require(
            set(created) <= set(listed) and len(listed) == len(set(listed)),
            f"{name} without a page size lost {len(set(created) - set(listed))} of "
            f"{_MANY} records, and returned {len(listed) - len(set(listed))} twice. Use "
            "the vendor's own page size where query.page_size is None, and return "
            "next_token until the last page.",
        )
    if not examined:
        raise NotApplicable("; ".join(reasons) or "no such listing is declared")


@check()
def page_size_is_respected(subject: Subject) -> None:
    """A page has no more items than requested."""
    for operation, _ in listings(subject):
        size = page_size_of(subject, operation)
        if size is None:
            continue
        scenario = Scenario.of(subject)
        create_records(scenario, operation, size + 1)
        pages = read_pages(scenario, operation, size, size + 3)
        require(
            isinstance(pages, AnybankError)
            or len(pages) == 1
            or all(len(page) <= size for page in pages),
            f"{operation.name} returned pages longer than the requested {size}. Send "
            "query.page_size.",
        )
        _require_pages_unless_partial(scenario, operation, pages)


def _require_pages_unless_partial(
    scenario: Scenario, operation: Operation, pages: Any
) -> None:
    """Require several pages, unless the listing is declared PARTIAL."""
    support = scenario.subject.declared.feature(operation.name).support
    has_pages = isinstance(pages, AnybankError) or len(pages) > 1
    require(
        has_pages or support == "partial",
        f"{operation.name} returned everything in one page, whatever page size was "
        "requested. Send query.page_size, or declare the listing PARTIAL with a note "
        "that it has no pages.",
    )


@check()
def repeated_pages_end_the_listing(subject: Subject) -> None:
    """A listing whose vendor repeats the same page for ever ends with an error."""
    examined = 0
    for operation, _ in listings(subject):
        size = page_size_of(subject, operation)
        scenario = Scenario.of(subject)
        create_records(scenario, operation, (size or 2) + 1)
        first = _first_response(scenario, operation, size)
        if first is None:
            continue
        examined += 1
        # The server ignores the token: the mistake that makes a naive loop endless.
        scenario.recorder.rewrite = lambda _request, _response, page=first: page
        scenario.recorder.forget()
        pages = read_pages(scenario, operation, size, 20)
        count = len(scenario.recorder.requests)
        require(
            isinstance(pages, UnexpectedResponse) and count < 9,
            f"{operation.name} requested a page that never changes {count} times. Yield "
            "one request per page and return Page(items, next_token); the library "
            "requests the next page, and stops at a repeated one.",
        )
    if not examined:
        raise NotApplicable("no listing has a second page")


def _first_response(
    scenario: Scenario, operation: Operation, size: int | None
) -> Response | None:
    """Return the response with the first page, None if it is the only page."""
    scenario.recorder.forget()
    read_pages(scenario, operation, size, 5)
    exchanges = scenario.recorder.exchanges
    return exchanges[0].response if len(exchanges) > 1 else None


@check()
def stable_listings_lose_no_records(subject: Subject) -> None:
    """A listing that is declared stable loses no record when another one is deleted."""
    examined = 0
    for operation, _ in listings(subject):
        resource = operation.name.partition(".")[0]
        is_stable = subject.declared.feature(operation.name).stable_listing
        if not is_stable or not subject.supports(f"{resource}.delete"):
            continue
        size = page_size_of(subject, operation)
        scenario = Scenario.of(subject)
        created = create_records(scenario, operation, (size or 2) * 2)
        first = _page(scenario, operation, size)
        if first.next_token is None:
            continue
        examined += 1
        # With numbered pages everything moves up by one, and the first record of the
        # second page is skipped.
        getattr(scenario.bank, resource).delete(first.items[0].id)
        rest = _follow(scenario, operation, size, first.next_token)
        listed = {item.id for item in first.items} | set(rest)
        require(
            set(created) <= listed,
            f"{operation.name} is declared stable_listing, but lost "
            f"{len(set(created) - listed)} records when one on the first page was "
            "deleted. Remove stable_listing, or request the pages by a cursor.",
        )
    if not examined:
        raise NotApplicable("no listing with several pages is declared stable_listing")


@check()
def short_pages_lose_no_records(subject: Subject) -> None:
    """After a page shorter than requested, next_token or `beyond` leads to the next one."""
    examined = 0
    for operation, _ in listings(subject):
        size = page_size_of(subject, operation, fewest=2)
        scenario = Scenario.of(subject)
        created = create_records(scenario, operation, (size or 2) * 2)
        scenario.recorder.forget()
        first = _page(scenario, operation, size)
        records = path_of_records(scenario.recorder, len(first))
        if records is None:
            continue
        examined += 1
        # The server shortens the first page by its last record.
        scenario.recorder.rewrite = _shortening(records)
        # The shortened response hides this record from every client, so it is not
        # required.
        hidden = first.items[-1].id
        listed = _follow(scenario, operation, size, None)
        require(
            set(created) - {hidden} <= set(listed),
            f"{operation.name} ends at a page that is shorter than requested, and loses "
            "the records after it, because some servers shorten every page. Return the "
            "vendor's token as next_token; without one, put the token of the page after "
            "a short one into Page.beyond.",
        )
    if not examined:
        raise NotApplicable("no listing returns its records in one list")


@check(LIST)
def page_size_is_capped(subject: Subject) -> None:
    """A page size above the largest declared one is requested as the largest."""
    sizes = subject.declared.limits.page_sizes
    if not sizes:
        raise NotApplicable("no page sizes are declared")
    largest, larger = (
        _first_request(subject, size) for size in (max(sizes), max(sizes) + 1)
    )
    require(
        largest is not None and largest == larger,
        f"limits.page_sizes ends at {max(sizes)}, but a larger page size is requested "
        "differently. Send query.page_size unchanged, and declare the same limits in "
        "the class and in its instances.",
    )


def _first_request(subject: Subject, size: int) -> str | None:
    """Return the request for a page of a size, None if the call failed."""
    recorder = subject.recorder()
    with subject.bank(recorder, retries=0) as bank:
        outcome = outcome_of(lambda: list(bank.customers.list(page_size=size).pages()))
    succeeded = isinstance(outcome, list) and recorder.requests
    return body_of(recorder.requests[0]) if succeeded else None


@check(LIST)
def declared_page_sizes_are_accepted(subject: Subject) -> None:
    """The vendor accepts every declared page size."""
    sizes = subject.declared.limits.page_sizes
    if not sizes:
        raise NotApplicable("no page sizes are declared")
    with subject.bank(subject.recorder(), retries=0) as bank:
        for size in {min(sizes), max(sizes)}:
            outcome = outcome_of(
                lambda: list(bank.customers.list(page_size=size).pages())  # noqa: B023  # called immediately
            )
            require(
                isinstance(outcome, list),
                f"limits.page_sizes contains {size}, but the vendor rejected it. "
                "Declare the sizes that the vendor's page names.",
            )
