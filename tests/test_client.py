"""Bank: the synchronous client."""

from __future__ import annotations

import inspect
from typing import Any

import httpx
import pytest
from tests.fakes import Counter, FakeTime, Script, Toy, ToyOptions, json_response

from anybank import (
    Bank,
    ConfigurationError,
    NewCustomer,
    NotFound,
    Response,
)


def bank(*answers: Any, **options: Any) -> Bank:
    arguments = {"token": "very-secret", "transport": Script(*answers), **options}
    return Bank(Toy, **arguments)


def test_the_repr_shows_the_provider_only() -> None:
    """Neither the token nor the host is in the repr."""
    assert repr(bank()) == "<Bank toy>"


def test_a_bank_has_its_provider_and_declaration() -> None:
    """A bank has its provider's name and its capabilities before any request."""
    toy = bank()
    assert toy.provider == "toy"
    assert toy.capabilities.supports("customers.list")
    assert not toy.capabilities.supports("transactions.get")


def test_a_bank_is_closed_at_the_end_of_its_block() -> None:
    """The bank is closed when the block ends, also by an exception."""

    class Closing(Script):
        closed = False

        def close(self) -> None:
            self.closed = True

    transport = Closing()
    with pytest.raises(KeyError), Bank(Toy, token="t", transport=transport):
        raise KeyError
    assert transport.closed


def test_a_closed_bank_may_be_closed_again() -> None:
    """Closing twice raises nothing."""
    toy = bank()
    toy.close()
    toy.close()


def test_a_raw_request_goes_with_credentials() -> None:
    """A raw request gets the base URL and the credentials, and nothing else."""
    script = Script(json_response(201, done=True))
    toy = Bank(Toy, token="very-secret", transport=script)
    answer = toy.request(
        "post",
        "/things",
        query={"a": 1, "b": None},
        headers={"X-A": "b"},
        json={"c": 1},
    )
    request = script.requests[0]
    assert isinstance(answer, Response)
    assert (answer.status, answer.json()) == (201, {"done": True})
    assert (request.method, str(request.url)) == (
        "POST",
        "https://toy.example.com/v1/things?a=1",
    )
    assert (request.content, request.headers["x-a"]) == (b'{"c": 1}', "b")
    assert request.headers["authorization"] == "very-secret"


def test_a_raw_request_fails_like_any_other() -> None:
    """An error response to a raw request raises our error."""
    with pytest.raises(NotFound):
        bank(json_response(404)).request("GET", "/nothing")


def test_a_raw_request_counts_against_the_rate_limit() -> None:
    """The vendor counts raw requests too."""
    time = FakeTime()
    counter = Counter(lambda request: httpx.Response(200))
    toy = Bank(Toy, token="t", transport=counter, rate_limit=60, timing=time.timing())
    for _ in range(3):
        toy.request("GET", "/x")
    assert sum(time.slept) > 2


def test_a_bank_accepts_an_adapter_or_a_name() -> None:
    """An adapter class can be passed without being a plugin."""
    assert bank().provider == "toy"
    with Bank("bond", identity="i", authorization="a") as bond:
        assert bond.provider == "bond"


def test_an_unknown_option_is_refused() -> None:
    """A misspelt option raises instead of being ignored."""
    with pytest.raises(ConfigurationError, match="tokne"):
        Bank(Toy, tokne="t")


def test_check_returns_the_issues_of_a_create() -> None:
    """`check` returns the same issues as a create, without a request."""
    toy = bank()
    assert [item.field for item in toy.check(NewCustomer())] == ["first_name"]
    assert toy.check(NewCustomer(first_name="Ada")) == []


def test_the_resources_of_a_bank_are_documented() -> None:
    """Every public method has a docstring."""
    toy = bank()
    for name, resource in vars(toy).items():
        if name.startswith("_"):
            continue
        assert inspect.getdoc(type(resource)), name
        for method, function in inspect.getmembers(resource, inspect.ismethod):
            assert method.startswith("_") or inspect.getdoc(function), method


def test_options_are_the_adapters() -> None:
    """The options of a bank become the options of its adapter."""
    options = bank(level=3)._engine.adapter.options
    assert isinstance(options, ToyOptions)
    assert options.level == 3
