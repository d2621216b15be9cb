"""Faults by chance and by schedule, and the rate limit."""

from __future__ import annotations

from collections import Counter as Tally

import pytest

from anybank.errors import ConfigurationError, UnexpectedResponse
from anybank.sandbox.faults import (
    FAULTS,
    AnswerDelayed,
    AnswerLost,
    AnswerTruncated,
    ConnectionRefused,
    Faults,
    FaultyBank,
    NetworkFault,
    RateLimitedBank,
)
from anybank.sandbox.simulator import Clock, answer_json

from .conftest import ASK, Counter


def _outcome(faulty: FaultyBank) -> str:
    try:
        return str(faulty(ASK).status)
    except NetworkFault as trouble:
        return type(trouble).__name__


def test_without_faults_nothing_goes_wrong(bank: Counter) -> None:
    """Without chances every request reaches the bank, and base_path is the bank's."""
    faulty = Faults().around(bank)
    assert {_outcome(faulty) for _ in range(50)} == {"200"}
    assert faulty.base_path == "/v1"


def test_faults_happen_as_often_as_their_chances(bank: Counter) -> None:
    """Over many calls each fault happens about as often as its chance says."""
    faulty = Faults({"lost": 0.3, "429": 0.1}, seed=5).around(bank)
    tally = Tally(_outcome(faulty) for _ in range(2000))
    assert 500 < tally["AnswerLost"] < 700
    assert 150 < tally["429"] < 250
    assert bank.count == 2000 - tally["429"]


def test_a_seed_repeats_its_faults(bank: Counter) -> None:
    """Equal seeds draw equal faults, and another seed draws others."""

    def run(seed: int) -> list[str]:
        faulty = Faults({"lost": 0.5, "500": 0.2}, seed=seed).around(bank)
        return [_outcome(faulty) for _ in range(40)]

    assert run(1) == run(1) != run(2)


@pytest.mark.parametrize(
    ("name", "error", "acted"),
    [
        ("lost", AnswerLost, 1),
        ("refused", ConnectionRefused, 0),
        ("truncated", AnswerTruncated, 1),
        ("slow", AnswerDelayed, 1),
    ],
)
def test_a_scheduled_fault_happens_once(
    bank: Counter, name: str, error: type[Exception], acted: int
) -> None:
    """The bank executes the request or not, as the fault says; the next request passes."""
    faulty = Faults().around(bank)
    faulty.schedule(name)
    with pytest.raises(error):
        faulty(ASK)
    assert bank.count == acted
    assert faulty(ASK).ok


@pytest.mark.parametrize(
    ("name", "status"), [("429", 429), ("500", 500), ("503", 503), ("html", 502)]
)
def test_a_scheduled_refusal_happens_once(
    bank: Counter, name: str, status: int
) -> None:
    """None in a schedule lets a request pass."""
    faulty = Faults().around(bank)
    faulty.schedule(name, None, name)
    assert [faulty(ASK).status for _ in range(4)] == [status, 200, status, 200]


def test_a_429_may_have_retry_after(bank: Counter) -> None:
    """Some of many responses have Retry-After, and the bank executes none of the requests."""
    faulty = Faults({"429": 1}).around(bank)
    shown = {faulty(ASK).headers.get("retry-after") for _ in range(50)}
    assert (shown, bank.count) == ({"1", None}, 0)


@pytest.mark.parametrize("name", ["500", "503", "html"])
def test_a_failure_may_come_before_or_after_the_effect(
    bank: Counter, name: str
) -> None:
    """Of many failures some come after the bank has executed the request, and some before."""
    faulty = Faults({name: 1}).around(bank)
    for _ in range(50):
        faulty(ASK)
    assert 0 < bank.count < 50


def test_a_malformed_response_is_not_json(bank: Counter) -> None:
    """The bank has executed the request, and its response cannot be parsed."""
    faulty = Faults().around(bank)
    faulty.schedule("malformed")
    answer = faulty(ASK)
    with pytest.raises(UnexpectedResponse, match="not JSON"):
        answer.json()
    assert bank.count == 1


def test_a_specification_is_read(bank: Counter) -> None:
    """The words of a specification become chances."""
    plan = Faults.parse(" lost=0.3, 429 = 0.05,slow=0,", seed=3)
    assert plan.chances == {"lost": 0.3, "429": 0.05, "slow": 0}
    assert plan.seed == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lots=0.3", "there is no fault named lots"),
        ("lost", "'lost' is not name=chance"),
        ("lost=often", "'lost=often' is not name=chance"),
        ("lost=1.5", "lost: the chance must be from 0 to 1"),
        ("lost=nan", "lost: the chance must be from 0 to 1"),
        ("lost=-0.1", "lost: the chance must be from 0 to 1"),
        ("lost=0.6,slow=0.6", "must add up to at most 1"),
    ],
)
def test_a_bad_word_is_named(text: str, message: str) -> None:
    """The error for a specification names the word that is wrong."""
    with pytest.raises(ConfigurationError, match=message):
        Faults.parse(text)


@pytest.mark.parametrize("text", ["lots=0.3", "lost"])
def test_the_known_faults_are_listed(text: str) -> None:
    """The error for an unknown fault lists the known ones."""
    with pytest.raises(ConfigurationError, match=", ".join(FAULTS)):
        Faults.parse(text)


def test_an_unknown_fault_is_not_scheduled(bank: Counter) -> None:
    """A misspelt name raises when it is scheduled."""
    with pytest.raises(ConfigurationError, match="there is no fault named lots"):
        Faults().around(bank).schedule("lots")


def test_a_429_may_have_the_vendors_format(bank: Counter) -> None:
    """The response to a request over the limit is built by the vendor's function."""
    plan = Faults({"429": 1}, too_many=lambda _: answer_json(429, ["slow down"]))
    assert plan.around(bank)(ASK).json() == ["slow down"]


def test_a_limit_admits_so_many_calls_a_minute(bank: Counter) -> None:
    """Calls over the limit get 429, with the seconds until there is room."""
    clock = Clock()
    limited = RateLimitedBank(bank, 2, clock)
    assert limited(ASK).ok
    clock.advance(seconds=20)
    assert limited(ASK).ok
    refused = limited(ASK)
    assert (refused.status, refused.headers["retry-after"]) == (429, "40")
    assert (bank.count, limited.base_path) == (2, "/v1")


def test_the_minute_slides(bank: Counter) -> None:
    """A call counts for a minute after it was admitted; a rejected one does not count."""
    clock = Clock()
    limited = RateLimitedBank(bank, 1, clock)
    assert limited(ASK).ok
    clock.advance(seconds=59)
    assert limited(ASK).status == 429
    clock.advance(seconds=1)
    assert limited(ASK).ok
    assert limited(ASK).status == 429


def test_a_limit_may_have_the_vendors_format(bank: Counter) -> None:
    """The response over the limit is built by the vendor's function."""
    limited = RateLimitedBank(bank, 1, Clock(), lambda after: answer_json(429, after))
    limited(ASK)
    assert limited(ASK).json() == 60


def test_a_limit_of_nothing_is_refused(bank: Counter) -> None:
    """A limit is at least one call a minute."""
    with pytest.raises(ConfigurationError, match="at least 1"):
        RateLimitedBank(bank, 0, Clock())
