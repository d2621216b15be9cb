"""A bank whose accounts need a look at their owner first can be declared and examined."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from attrs import evolve
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import KEY
from tests.testing.conformance.broken.making import Flow, subject_of, with_idempotency

from anybank.adapter.wire import get, path
from anybank.declaration import Feature
from anybank.model.customers import Customer, CustomerStatus
from anybank.testing.conformance import Subject, run_check

CHECKS = (
    *("idempotency_key_is_sent", "repeatable_writes_are_retried"),
    *("resolve_finds_lost_creates_by_content", "unknown_outcomes_are_not_retried"),
    "unknown_outcomes_are_reported",
)


class LooksFirst(Acme):
    """Acme, if the number of its owner stood in every new account."""

    def create_account(self, query: Any) -> Flow:
        """Read the owner, then open the account."""
        yield _owner_of(query)
        return (yield from super().create_account(query))


class ForgetsTheKey(LooksFirst):
    """Sends the key with the read, and not with the write."""

    def create_account(self, query: Any) -> Flow:
        """Read the owner under the key, then open the account without it."""
        yield _owner_of(query, headers={KEY: query.idempotency_key})
        flow = Acme.create_account(self, query)
        response = yield evolve(next(flow), query={}, headers={})
        with contextlib.suppress(StopIteration):
            flow.send(response)


def _owner_of(query: Any, **more: Any) -> Any:
    owner = query.new.customer_ids[0]
    return get(path("/people", owner), feature=Feature.CUSTOMERS_GET, **more)


@pytest.fixture(scope="module")
def subject() -> Subject:
    """One subject for all checks, whose customers are generated once."""
    return subject_of(LooksFirst)


@pytest.mark.parametrize("check", CHECKS)
def test_a_fault_hits_the_write_and_not_the_read(check: str, subject: Subject) -> None:
    """A create that reads its owner first passes the checks of lost creates."""
    result = run_check(subject, check)
    assert (result.passed, result.message, result.skipped) == (True, "", "")


def test_a_create_without_repetition_may_read_first(subject: Subject) -> None:
    """A read that is repeated is no repeated create."""
    declared = with_idempotency(Feature.ACCOUNTS_CREATE, "none").declared
    adapter = type("Declared", (LooksFirst,), {"capabilities": declared})
    result = run_check(subject_of(adapter), "unknown_outcomes_are_not_retried")
    assert (result.passed, result.message) == (True, "")


def test_the_key_must_be_in_the_write() -> None:
    """A key that only the read has repeats nothing."""
    result = run_check(subject_of(ForgetsTheKey), "idempotency_key_is_sent")
    assert "accounts.create is declared 'replays'" in result.message


class OpensByReference(Acme):
    """Acme, if its accounts knew their owner by another id than the customer's."""

    def create_account(self, query: Any) -> Flow:
        """Read the owner, and open the account under the other id."""
        response = yield _owner_of(query)
        new = evolve(query.new, customer_ids=[response.json()["reference"]])
        account = yield from Acme.create_account(self, evolve(query, new=new))
        return evolve(account, customer_ids=query.new.customer_ids)


def test_an_owner_may_have_another_id(subject: Subject) -> None:
    """An id that stands in the record of the owner is theirs."""
    person = evolve(subject.person, external_id="reference-of-the-owner")

    def seed_expected(_: Any, bank: Any) -> list[Customer]:
        id = bank.customers.create(person).id
        return [Customer(id=id, provider="acme", status=CustomerStatus.PENDING)]

    opening = subject_of(OpensByReference, seed_expected=seed_expected)
    result = run_check(opening, "accounts_are_opened_for_their_owners")
    assert (result.passed, result.message, result.skipped) == (True, "", "")
