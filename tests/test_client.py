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


def test_a_bank_shows_its_provider_alone() -> None:
    """Neither token nor host are in a repr."""
    assert repr(bank()) == "<Bank toy>"


def test_a_bank_tells_provider_and_declaration() -> None:
    """What can be asked for is known before anything is."""
    toy = bank()
    assert toy.provider == "toy"
    assert toy.capabilities.supports("customers.list")
    assert not toy.capabilities.supports("transactions.get")


def test_a_bank_is_closed_at_the_end_of_its_block() -> None:
    """Whatever happens inside."""

    class Closing(Script):
        closed = False

        def close(self) -> None:
            self.closed = True

    transport = Closing()
    with pytest.raises(KeyError), Bank(Toy, token="t", transport=transport):
        raise KeyError
    assert transport.closed


def test_a_closed_bank_may_be_closed_again() -> None:
    """Closing is natural."""
    toy = bank()
    toy.close()
    toy.close()


def test_a_raw_request_goes_with_credentials() -> None:
    """The escape hatch knows the base URL and the credentials, and nothing else."""
    script = Script(json_response(201, done=True))
    toy = Bank(Toy, token="very-secret", transport=script)
    answer = toy.request(
        "post",
        "/things",
        query={"a": 1, "b": None},
        headers={"X-A": "b"},
        json={"c": 1},
    )
    sent = script.requests[0]
    assert isinstance(answer, Response)
    assert (answer.status, answer.json()) == (201, {"done": True})
    assert (sent.method, str(sent.url)) == (
        "POST",
        "https://toy.example.com/v1/things?a=1",
    )
    assert (sent.content, sent.headers["x-a"]) == (b'{"c": 1}', "b")
    assert sent.headers["authorization"] == "very-secret"


def test_a_raw_request_fails_like_any_other() -> None:
    """An error answer is an error of ours."""
    with pytest.raises(NotFound):
        bank(json_response(404)).request("GET", "/nothing")


def test_a_raw_request_is_paced() -> None:
    """The vendor counts it, too."""
    time = FakeTime()
    counter = Counter(lambda request: httpx.Response(200))
    toy = Bank(Toy, token="t", transport=counter, rate_limit=60, timing=time.timing())
    for _ in range(3):
        toy.request("GET", "/x")
    assert sum(time.slept) > 2


def test_a_bank_accepts_an_adapter_or_a_name() -> None:
    """A class of one's own needs no plugin."""
    assert bank().provider == "toy"
    with Bank("bond", identity="i", authorization="a") as bond:
        assert bond.provider == "bond"


def test_an_option_that_nobody_knows_is_a_mistake() -> None:
    """A misspelt option is not ignored."""
    with pytest.raises(ConfigurationError, match="tokne"):
        Bank(Toy, tokne="t")


def test_check_finds_what_create_would_refuse() -> None:
    """The same findings, without a request."""
    toy = bank()
    assert [item.field for item in toy.check(NewCustomer())] == ["first_name"]
    assert toy.check(NewCustomer(first_name="Ada")) == []


def test_the_resources_of_a_bank_are_documented() -> None:
    """Every public name says what it does."""
    toy = bank()
    for name, resource in vars(toy).items():
        if name.startswith("_"):
            continue
        assert inspect.getdoc(type(resource)), name
        for method, function in inspect.getmembers(resource, inspect.ismethod):
            assert method.startswith("_") or inspect.getdoc(function), method


def test_options_are_the_adapters() -> None:
    """What is given to a bank is what its adapter is made with."""
    options = bank(level=3)._engine.adapter.options
    assert isinstance(options, ToyOptions)
    assert options.level == 3
