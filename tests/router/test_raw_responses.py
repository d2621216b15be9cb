"""The response of the bank around the value of a router's call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.router.banks import World, jane

from anybank import (
    AccountKind,
    AccountStatus,
    AsyncRouter,
    Customer,
    InMemoryDirectory,
    NewAccount,
    NotFound,
    RawResponse,
)

both_kinds = pytest.mark.usefixtures("both_kinds")
KEY = "user-17"
PROGRAM = "66666666-6666-4666-8666-666666666666"


@both_kinds
def test_a_call_returns_the_response_around_the_value() -> None:
    """Create, update, get and delete have the status of the bank's response."""
    with World().router(None, "bond") as banks:
        raw = banks.with_raw_response.customers
        created = raw.create(jane(), key=KEY)
        assert isinstance(created, RawResponse)
        assert isinstance(created.value, Customer)
        assert (created.status, created.attempts) == (201, 1)
        read = raw.get(KEY)
        assert read.value.id == created.value.id
        assert read.headers["content-type"].startswith("application/json")
        assert "Jane" not in repr(read)
        deleted = raw.delete(KEY)
        assert (deleted.value, deleted.status) == (None, 200)
        with pytest.raises(NotFound):
            raw.get(KEY)


@both_kinds
def test_the_response_is_that_of_the_value() -> None:
    """A close reads the account first, and the result is the response to the close."""
    world = World()
    with world.router(None, "bond") as banks:
        banks.customers.create(jane(), key=KEY)
        new = NewAccount(program_id=PROGRAM, kind=AccountKind.DEPOSIT)
        account = banks.with_raw_response.accounts.create(new, key=KEY)
        assert account.value.program_id == PROGRAM
        read = banks.with_raw_response.accounts.get(account.value.id, key=KEY)
        assert read.value == banks.accounts.get(account.value.id, key=KEY)
        closed = banks.with_raw_response.accounts.close(account.value.id, key=KEY)
        assert closed.value.status is AccountStatus.CLOSED
        check = banks.with_raw_response.kyc.get(KEY, program_id=PROGRAM)
        assert check.value.customer_id == banks.locate(KEY).customer_id


@both_kinds
def test_other_calls_of_the_router_are_not_mixed_in() -> None:
    """A method may be stored and called twice: each result has its own response."""
    with World().router(None, "bond") as banks:
        banks.customers.create(jane(external_id="u1"), key="u1")
        banks.customers.create(jane(external_id="u2"), key="u2")
        get = banks.with_raw_response.customers.get
        assert [get(key).value.external_id for key in ("u1", "u2")] == ["u1", "u2"]


def test_concurrent_calls_have_their_own_responses() -> None:
    """Two calls of one stored method in one event loop are two results."""
    world = World()

    async def both() -> tuple[Any, Any]:
        banks = {"bond": world.async_bank("bond")}
        async with AsyncRouter(banks, directory=InMemoryDirectory()) as router:
            get = router.with_raw_response.customers.get
            for key in ("u1", "u2"):
                await router.customers.create(jane(external_id=key), key=key)
            return await asyncio.gather(get("u1"), get("u2"))

    results = asyncio.run(both())
    assert [result.value.external_id for result in results] == ["u1", "u2"]
    assert all(result.status == 200 for result in results)


@both_kinds
def test_a_call_that_sends_nothing_has_no_status() -> None:
    """A bank reports a call without a request in the same way."""
    with World().router(None, "bond") as banks:
        resolved = banks.with_raw_response.customers.resolve(None, jane(), key=KEY)
        assert (resolved.value, resolved.status) == (None, None)


def test_a_router_has_no_other_raw_resources() -> None:
    """A misspelt name is an AttributeError, and so is a listing."""
    with World().router(None, "bond") as banks:
        raw = banks.with_raw_response
        with pytest.raises(AttributeError, match="costumers"):
            _ = raw.costumers
        with pytest.raises(AttributeError, match="gett"):
            _ = raw.customers.gett
        with pytest.raises(AttributeError, match="with_raw_response of the router"):
            _ = raw.customers.list
