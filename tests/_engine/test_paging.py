"""Listings request their pages one after the other, and end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FakeTime, Script, Toy, json_response, run

from anybank import AsyncBank, Bank, Customer, NotFound, UnexpectedResponse
from anybank.model.pages import LoopGuard, Page

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])


def page(*ids: str, next: str | None = None) -> Any:
    return json_response(ids=list(ids), next=next)


def ids(
    *answers: Any, sync: bool, token: str | None = None
) -> tuple[list[str], list[str]]:
    """List everything, and return the ids and the requests."""
    script = Script(*answers)
    options: dict[str, Any] = {
        "token": "t",
        "transport": script,
        "timing": FakeTime().timing(),
    }
    if sync:
        with Bank(Toy, **options) as bank:
            result = [customer.id for customer in bank.customers.list(token=token)]
        return result, [str(request.url.query) for request in script.requests]

    async def main() -> list[str]:
        async with AsyncBank(Toy, **options) as bank:
            return [customer.id async for customer in bank.customers.list(token=token)]

    return asyncio.run(main()), [str(request.url.query) for request in script.requests]


@BOTH
def test_a_listing_goes_through_all_pages(*, sync: bool) -> None:
    """A listing requests page after page until a page has no next token."""
    pages = [page("a", "b", next="1"), page("c", next="2"), page("d")]
    result, request_lines = ids(*pages, sync=sync)
    assert result == ["a", "b", "c", "d"]
    assert request_lines == ["b''", "b'token=1'", "b'token=2'"]


@BOTH
def test_a_listing_continues_from_a_token(*, sync: bool) -> None:
    """A listing continues from a page's token with the vendor's own cursor."""
    with Bank(Toy, token="t", transport=Script(page("a", next="2"))) as bank:
        token = next(bank.customers.list().pages()).next_token
    result, request_lines = ids(page("c"), sync=sync, token=token)
    assert (result, request_lines) == (["c"], ["b'token=2'"])


@BOTH
def test_an_empty_listing_ends_at_once(*, sync: bool) -> None:
    """An empty listing takes one request."""
    assert ids(page(), sync=sync) == ([], ["b''"])


@BOTH
def test_an_empty_page_in_between_is_no_end(*, sync: bool) -> None:
    """An empty page with a next token does not end the listing."""
    result, _ = ids(page(next="1"), page(next="2"), page("a"), sync=sync)
    assert result == ["a"]


@BOTH
def test_a_token_that_comes_twice_is_refused(*, sync: bool) -> None:
    """A repeated token raises UnexpectedResponse."""
    pages = [page("a", next="1"), page("b", next="2"), page("c", next="1")]
    with pytest.raises(UnexpectedResponse, match="does not end"):
        ids(*pages, sync=sync)


@BOTH
def test_a_repeated_page_is_refused_before_it_is_yielded(*, sync: bool) -> None:
    """No record is yielded twice when a vendor ignores the token."""
    recorded: list[str] = []
    script = Script(page("a", "b", next="1"), page("a", "b", next="2"))
    arguments: dict[str, Any] = {"token": "t", "transport": script}

    def note(customer: Customer) -> None:
        recorded.append(customer.id)

    async def main() -> None:
        async with AsyncBank(Toy, **arguments) as bank:
            async for item in bank.customers.list():
                note(item)

    def both() -> None:
        if not sync:
            return asyncio.run(main())
        with Bank(Toy, **arguments) as bank:
            for item in bank.customers.list():
                note(item)
        return None

    with pytest.raises(UnexpectedResponse, match="a page came twice"):
        both()
    assert recorded == ["a", "b"]


def test_pages_may_be_had_one_by_one() -> None:
    """`pages()` yields each page with the token of the next page."""
    script = Script(page("a", next="1"), page("b"))
    with Bank(Toy, token="t", transport=script) as bank:
        pages = list(bank.customers.list().pages())
    assert [(len(item), item.next_token is None) for item in pages] == [
        (1, False),
        (1, True),
    ]


CYCLES: dict[str, list[Any]] = {
    "cursors A, B, A, B": [page("a", next="A"), page("b", next="B")],
    "the same records under fresh cursors": [page("a"), page("b"), page("c")],
    "empty pages under fresh cursors": [page()],
    "records without an id under fresh cursors": [page("", ".")],
}


@BOTH
@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_a_cycle_of_pages_ends_with_an_error(cycle: list[Any], *, sync: bool) -> None:
    """A cycle of any length ends with an error, even with a new cursor each time."""

    def answer(number: int) -> Any:
        body = json.loads(cycle[number % len(cycle)].content)
        return json_response(ids=body["ids"], next=body["next"] or str(number))

    with pytest.raises(UnexpectedResponse, match="does not end") as caught:
        ids(*map(answer, range(300)), sync=sync)
    assert (caught.value.provider, caught.value.operation) == ("toy", "customers.list")


@given(start=st.integers(0, 40), length=st.integers(1, 40))
def test_every_cycle_is_detected_early(start: int, length: int) -> None:
    """A cycle is detected after at most three times its different pages."""
    guard: LoopGuard[str] = LoopGuard()

    def follow(number: int) -> None:
        position = number if number < start else start + (number - start) % length
        guard.follow(Page([f"c{position}"], str(number)))

    with pytest.raises(UnexpectedResponse):
        list(map(follow, range(4 * (start + length) + 4)))


def test_records_without_an_id_are_counted_by_the_listing() -> None:
    """A listing adds up the records without an id of the pages that it has read."""
    script = Script(page("", "a", next="1"), page("b", ".."))
    with Bank(Toy, token="t", transport=script) as bank:
        listing = bank.customers.list()
        assert [item.id for item in listing] == ["a", "b"]
        assert listing.without_id == 2


def test_each_reading_counts_anew() -> None:
    """Each iteration of a listing counts from zero."""
    with Bank(Toy, token="t", transport=Script(page(""), page(""))) as bank:
        listing = bank.customers.list()
        assert [(list(listing), listing.without_id) for _ in range(2)] == [([], 1)] * 2


@pytest.mark.parametrize("cursor", ["", ".."], ids=repr)
def test_a_cursor_that_no_request_can_carry_is_the_answers_fault(cursor: str) -> None:
    """A cursor that no request can carry raises UnexpectedResponse, not InvalidInput."""
    bank = Bank(Toy, token="t", transport=Script(page("a", next=cursor)))
    with bank, pytest.raises(UnexpectedResponse):
        list(bank.customers.list())


def test_a_listing_sends_nothing_until_it_is_read() -> None:
    """Creating a listing sends nothing, and each iteration starts from the first page."""
    script = Script(page("a"), page("a"))
    with Bank(Toy, token="t", transport=script) as bank:
        listing = bank.customers.list()
        assert script.requests == []
        assert [len(list(listing)) for _ in range(2)] == [1, 1]


def test_a_page_is_requested_when_it_is_needed() -> None:
    """A caller who stops early causes no further request."""
    script = Script(page("a", "b", next="1"))
    with Bank(Toy, token="t", transport=script) as bank:
        assert next(iter(bank.customers.list())).id == "a"
    assert len(script.requests) == 1


def test_a_failure_on_the_way_is_raised() -> None:
    """A failing page raises after the items of the earlier pages were yielded."""
    script = Script(page("a", next="1"), json_response(404))
    with Bank(Toy, token="t", transport=script) as bank:
        listing = iter(bank.customers.list())
        assert next(listing).id == "a"
        with pytest.raises(NotFound):
            next(listing)


def test_the_sync_fake_and_the_async_one_are_the_same() -> None:
    """Bank and AsyncBank read a single page in the same way."""
    result = run(lambda bank: list(bank.customers.list()), page("a"))
    assert [item.id for item in result.value] == ["a"]
