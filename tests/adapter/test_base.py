"""The base class of adapters refuses every operation that an adapter does not implement."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx
import pytest
from tests.fakes import Counter, Script
from tests.operations import OPERATIONS

from anybank import AsyncBank, Bank, Feature, NotFound, Response, Unsupported
from anybank.adapter import Adapter
from anybank.adapter.problems import Problem
from anybank.adapter.wire import get
from anybank.declaration import SAFE, Capabilities, FeatureRule, Support

HOSTS = {"sandbox": "https://bare.example.com"}


class Bare(Adapter):
    """An adapter that declares nothing."""

    capabilities = Capabilities(provider="bare", title="Bare", hosts=HOSTS)


class Promising(Adapter):
    """An adapter that declares every feature and implements none."""

    capabilities = Capabilities(
        provider="bare",
        title="Bare",
        hosts=HOSTS,
        features={
            item: FeatureRule(support=Support.FULL, idempotency=SAFE)
            for item in Feature
        },
    )


def flows() -> list[str]:
    """Return the names of the methods that are operations."""
    return [
        name
        for name, function in inspect.getmembers(Adapter, inspect.isfunction)
        if "query" in inspect.signature(function).parameters
    ]


@pytest.mark.parametrize("adapter", [Bare, Promising])
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_missing_operation_is_refused_without_a_request(
    name: str, adapter: type[Adapter]
) -> None:
    """An operation that is not declared, or not implemented, sends nothing."""
    script = Script()
    with Bank(adapter, transport=script) as bank, pytest.raises(Unsupported) as caught:
        OPERATIONS[name](bank)
    assert (caught.value.provider, caught.value.operation) == ("bare", name)
    assert script.requests == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_async_bank_refuses_in_the_same_way(name: str) -> None:
    """AsyncBank refuses the same operations, awaited or listed."""
    script = Script()

    async def main() -> Any:
        async with AsyncBank(Bare, transport=script) as bank:
            return await OPERATIONS[name](bank)

    with pytest.raises(Unsupported) as caught:
        asyncio.run(main())
    assert (caught.value.provider, caught.value.operation) == ("bare", name)


def test_every_feature_is_an_operation_of_the_bank() -> None:
    """Each feature but the verification of webhooks is an operation of a bank."""
    features = {item.value for item in Feature} - {"webhooks.verify"}
    assert features == set(OPERATIONS)


def test_every_method_of_an_adapter_is_reached_by_a_bank() -> None:
    """Each operation of an adapter can be called through a bank."""
    reached: set[str] = set()

    class Noting(Promising):
        """An adapter that records which of its methods are called."""

        def __getattribute__(self, name: str) -> Any:
            reached.add(name)
            return super().__getattribute__(name)

    with Bank(Noting) as bank:
        for operation in OPERATIONS.values():
            with pytest.raises(Unsupported):
                operation(bank)
    assert set(flows()) <= reached


def test_a_success_is_no_problem_and_any_other_status_is() -> None:
    """By default the status decides whether a response is a problem."""
    adapter = Bare(None)
    assert adapter.problem(Response(status=204)) is None
    assert adapter.problem(Response(status=404)) == Problem(kind=NotFound)


def test_a_code_goes_before_the_status() -> None:
    """A declared code decides the class of an error, and otherwise the status does."""

    class Coded(Adapter):
        capabilities = Capabilities(
            provider="bare", title="Bare", hosts={}, errors={"gone": NotFound}
        )

    assert Coded(None).problem_kind(400, "gone") is NotFound
    assert Coded(None).problem_kind(404, "other") is NotFound
    assert Coded(None).problem_kind(500, None).__name__ == "ProviderUnavailable"


def test_without_credentials_a_request_goes_as_it_is() -> None:
    """By default `authenticate` returns the request unchanged."""
    request = get("/x")
    assert Bare(None).authenticate(request, None) is request
    counter = Counter(lambda request: httpx.Response(200))
    with Bank(Bare, transport=counter) as bank:
        assert bank.request("GET", "/x").ok


def test_an_environment_is_a_declared_host() -> None:
    """An environment without a declared host has no base URL."""
    assert Bare(None).base_url("sandbox") == HOSTS["sandbox"]
    assert Bare(None).base_url("production") is None
