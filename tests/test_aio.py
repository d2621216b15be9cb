"""AsyncBank behaves like Bank."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes import Script, Toy, json_response

from anybank import AnybankError, AsyncBank, Bank, NewCustomer, NotFound, Outcome, Phone
from anybank._engine import aio_resources, paging, resources

_ERASED = {
    "AsyncListing": "Listing",
    "AsyncIterator": "Iterator",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncBank": "Bank",
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
}


def erased(text: str) -> str:
    """Return a text without the words that only asynchronous code has."""
    return re.sub("|".join(_ERASED), lambda result: _ERASED[result[0]], text)


def members(kind: type) -> dict[str, tuple[str, str | None]]:
    """Return the signature and docstring of each public method, without async."""
    result = {
        erased(name): (
            erased(str(inspect.signature(function))),
            inspect.getdoc(function),
        )
        for name, function in inspect.getmembers(kind, callable)
        if not name.startswith("_") or name in ("__init__", "__enter__", "__aenter__")
    }
    return {name: _documented(*item) for name, item in result.items()}


def _documented(signature: str, doc: str | None) -> tuple[str, str | None]:
    return signature, doc and erased(doc)


def test_both_banks_have_the_same_methods() -> None:
    """Names, signatures and docstrings are equal apart from async."""
    assert members(AsyncBank) == members(Bank)
    assert inspect.getdoc(AsyncBank) == inspect.getdoc(Bank)


def test_both_banks_have_the_same_resources() -> None:
    """Bank and AsyncBank have the same resources."""
    names = [
        sorted(name for name in vars(kind(Toy, token="t")) if not name.startswith("_"))
        for kind in (Bank, AsyncBank)
    ]
    assert names[0] == names[1]


RESOURCES = [
    name
    for name, kind in vars(resources).items()
    if inspect.isclass(kind) and issubclass(kind, resources.BankResource)
]


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_is_the_same_on_both(name: str) -> None:
    """The methods, signatures and docstrings of each resource are equal apart from async."""
    kinds = getattr(resources, name), getattr(aio_resources, name)
    assert members(kinds[0]) == members(kinds[1])
    assert inspect.getdoc(kinds[0]) == inspect.getdoc(kinds[1])


@pytest.mark.parametrize("name", RESOURCES)
def test_methods_are_coroutines_or_return_listings(name: str) -> None:
    """Every method is awaited, except those that return a listing."""
    for method, function in inspect.getmembers(
        getattr(aio_resources, name), inspect.isfunction
    ):
        if not method.startswith("_"):
            listing = "AsyncListing" in str(inspect.signature(function))
            assert inspect.iscoroutinefunction(function) is not listing, method


def test_the_listings_are_the_same() -> None:
    """Listing and AsyncListing have the same methods."""
    assert members(paging.AsyncListing).keys() == members(paging.Listing).keys()


def go(operation: Callable[[AsyncBank], Any], *answers: Any) -> Any:
    async def main() -> Any:
        async with AsyncBank(Toy, token="t", transport=Script(*answers)) as bank:
            return await operation(bank)

    return asyncio.run(main())


def test_the_repr_shows_the_provider_only() -> None:
    """Neither the token nor the host is in the repr."""
    bank = AsyncBank(Toy, token="very-secret")
    assert repr(bank) == "<AsyncBank toy>"
    assert bank.provider == "toy"
    assert bank.capabilities.supports("customers.get")
    assert bank.check(Phone("+15551112222")) == []


def test_a_raw_request_is_awaited() -> None:
    """AsyncBank.request returns the same as Bank.request."""
    answer = go(lambda bank: bank.request("GET", "/x"), json_response(a=1))
    assert answer.json() == {"a": 1}


def test_an_error_is_raised_where_it_is_awaited() -> None:
    """An awaited call raises the same classes of errors."""
    with pytest.raises(NotFound):
        go(lambda bank: bank.customers.get("c1"), json_response(404))


def test_an_async_bank_is_closed_at_the_end_of_its_block() -> None:
    """The bank is closed when the block ends, also by an exception."""

    class Closing(Script):
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    transport = Closing()

    async def main() -> None:
        async with AsyncBank(Toy, token="t", transport=transport):
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(main())
    assert transport.closed


def test_calls_run_concurrently() -> None:
    """One bank serves many tasks."""
    answers = [json_response(id=f"c{number}") for number in range(20)]

    async def main() -> set[str]:
        async with AsyncBank(Toy, token="t", transport=Script(*answers)) as bank:
            result = await asyncio.gather(
                *(bank.customers.get(f"c{n}") for n in range(20))
            )
        return {item.id for item in result}

    assert len(asyncio.run(main())) == 20


def test_a_cancelled_call_is_cancelled() -> None:
    """Cancelling a call raises CancelledError, not an error of the network."""

    class Hanging(Script):
        async def handle_async_request(self, request: Any) -> Any:
            await asyncio.Event().wait()

    async def main() -> None:
        async with AsyncBank(Toy, token="t", transport=Hanging()) as bank:
            task = asyncio.create_task(bank.customers.delete("c1"))
            await asyncio.sleep(0)
            task.cancel()
            await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_a_lost_create_is_looked_up_asynchronously() -> None:
    """AsyncBank's `resolve` is awaited and finds the customer."""
    lost = AnybankError("lost", outcome=Outcome.UNKNOWN)
    new = NewCustomer(first_name="Ada", external_id="ref-1")
    assert (
        go(lambda bank: bank.customers.resolve(lost, new), json_response(ids=["c1"]))
        is None
    )
