"""No call of a router exposes personal data, nor the app's key, which may be an address."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.canary.answers import ANSWERS
from tests.canary.canaries import CHANGES, EMAIL, KYC, PEOPLE, SCAN, canaries_in
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.tracker import reported
from tests.proofs import PROOF

from anybank import (
    AnybankError,
    AsyncBank,
    AsyncRouter,
    DirectoryEntry,
    EntryState,
    InMemoryDirectory,
    Router,
    SqlDirectory,
)

KEY = EMAIL

CALLS: Mapping[str, Callable[[Any], Any]] = {
    "create": lambda banks: banks.customers.create(person(banks), key="user-2"),
    "create again": lambda banks: banks.customers.create(person(banks), key=KEY),
    "get": lambda banks: banks.customers.get(KEY),
    "raw get": lambda banks: banks.with_raw_response.customers.get(KEY),
    "raw create": lambda banks: banks.with_raw_response.customers.create(
        person(banks), key="user-3"
    ),
    "list": lambda banks: banks.customers.list().to_list(),
    "update": lambda banks: banks.customers.update(KEY, CHANGES[provider_of(banks)]),
    "delete": lambda banks: banks.customers.delete(KEY),
    "resolve": lambda banks: banks.customers.resolve(None, person(banks), key="lost"),
    "kyc.start": lambda banks: banks.kyc.start(KEY, KYC),
    "kyc.upload_document": lambda banks: banks.kyc.upload_document(KEY, SCAN),
    "accounts.list": lambda banks: banks.accounts.list(KEY).to_list(),
    "move": lambda banks: banks.move(KEY, to="elsewhere", customer_id="c-2"),
    "assign": lambda banks: banks.assign(KEY, to=provider_of(banks), customer_id="c-2"),
    "forget": lambda banks: banks.forget(f"{KEY}x"),
    "locate": lambda banks: banks.locate(f"{KEY}x"),
    "check": lambda banks: banks.check(),
}


_ALL = list(product(CALLS, ANSWERS, ("bond", "increase"), (True, False)))
ROWS = _ALL if PROOF else _ALL[::7]
"""The proofs make every call; a test run makes one in seven, of each kind and bank."""


def provider_of(banks: Any) -> str:
    """Return the name of the router's only bank."""
    [name] = banks.banks
    return str(name)


def person(banks: Any) -> Any:
    """Return the person with canaries whom the bank accepts."""
    return PEOPLE[provider_of(banks)]


def routed(call: str) -> Callable[[Any], Any]:
    """Return an operation of a bank that makes a call through a router."""

    def operation(bank: Any) -> Any:
        directory = InMemoryDirectory()
        name = bank.provider
        located: dict[str, Any] = {
            "state": EntryState.LOCATED,
            "customer_id": "customer-1",
        }
        directory.insert(DirectoryEntry(key=KEY, provider=name, **located))
        lost: dict[str, Any] = {
            "state": EntryState.UNKNOWN,
            "reference": "r",
            "idempotency_key": "k",
        }
        directory.insert(DirectoryEntry(key="lost", provider=name, **lost))
        kind = AsyncRouter if isinstance(bank, AsyncBank) else Router
        return CALLS[call](kind({name: bank}, directory=directory))

    return operation


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@pytest.mark.parametrize(("call", "answer", "provider", "sync"), ROWS)
def test_nothing_escapes(
    call: str,
    answer: str,
    provider: str,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Logs, reprs, URLs, exceptions and an error tracker show no canary."""
    exposure = perform(provider, routed(call), sync=sync, answer=ANSWERS[answer])
    assert_nothing_escaped(exposure, caplog)


def test_a_failing_database_shows_no_key(tmp_path: Path) -> None:
    """The statement and its parameters stay inside, also for an error tracker."""
    directory = SqlDirectory(f"sqlite:///{tmp_path}/absent/where.db")
    with pytest.raises(AnybankError) as caught:
        directory.find(KEY)
    assert not canaries_in(repr(caught.value) + str(caught.value))
    assert not canaries_in(reported(caught.value))
