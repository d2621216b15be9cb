"""Every request and every response matches the OpenAPI document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openapi_core.validation.response.exceptions import InvalidData

from anybank import (
    AccountKind,
    AccountNumberChanges,
    AccountNumberStatus,
    AnybankError,
    Conflict,
    CustomerChanges,
    NewAccount,
    NewAccountNumber,
    NewWebhookSubscription,
    Ssn,
    TransactionStatus,
    WebhookSubscriptionChanges,
)
from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json
from anybank_increase.simulator import IncreaseSimulator
from anybank_increase.simulator.categories import CATEGORIES
from anybank_increase.simulator.problems import KINDS

from .banks import ada, home, increase
from .document import Watched, schema_words

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
"""The time of a new simulator."""


@pytest.fixture
def watched() -> Watched:
    return Watched(IncreaseSimulator())


def test_the_life_of_a_customer_is_as_documented(watched: Watched) -> None:
    """Create, read, list, update, validate and archive match the OpenAPI document."""
    with increase(watched) as bank:
        created = bank.customers.create(ada()).id
        bank.customers.create(ada(ssn=Ssn("912-45-0001"), addresses=[home(line2="4")]))
        bank.customers.get(created)
        assert len(list(bank.customers.list(page_size=1))) == 2
        bank.customers.update(created, CustomerChanges(addresses=[home(country="CA")]))
        bank.customers.update(created, CustomerChanges(ssn=Ssn("912-45-6780")))
        bank.kyc.get(created)
        bank.customers.delete(created)
        bank.credentials.check()
    assert {status for _, status in watched.exchanges} == {200}


def test_the_life_of_an_account_is_as_documented(watched: Watched) -> None:
    """Open, number, list, read, change and close match the OpenAPI document."""
    entity = watched.bank.seed_entity()
    watched.bank.accounts.add_external(
        routing_number="101050001", account_number="987654321", description="Landlord"
    )
    new = NewAccount(
        customer_ids=[entity],
        kind=AccountKind.DEPOSIT,
        name="Everyday",
        program_id="program_i2v2os4mwza1oetokh9i",
    )
    with increase(watched) as bank:
        account = bank.accounts.create(new, idempotency_key="mine")
        assert bank.accounts.resolve(None, new, idempotency_key="mine") == account
        assert bank.accounts.resolve(None, new) == account
        assert len(list(bank.accounts.list(customer_id=entity, page_size=1))) == 1
        bank.accounts.get(account.id)
        bank.accounts.balance(account.id)
        number = bank.account_numbers.create(
            NewAccountNumber(account_id=account.id, name="Payroll")
        )
        bank.account_numbers.get(number.id)
        assert len(list(bank.account_numbers.list(account_id=account.id))) == 1
        changes = AccountNumberChanges(name="Old", status=AccountNumberStatus.CANCELED)
        assert bank.account_numbers.update(number.id, changes).name == "Old"
        (external,) = bank.external_accounts.list(page_size=1)
        bank.external_accounts.get(external.id)
        bank.accounts.close(account.id)
    assert {status for _, status in watched.exchanges} == {200}


def test_money_and_events_are_as_documented(watched: Watched) -> None:
    """Transactions, pending ones and events match the document, filter by filter."""
    account = watched.bank.seed_account(watched.bank.seed_entity())
    number = watched.bank.accounts.add_number(account_id=account, name="Payroll")
    period: Any = {"since": NOON, "until": NOON + timedelta(hours=3)}
    with increase(watched) as bank:
        for cents in (100, 200, -300):
            body = {"account_number_id": number["id"], "amount": abs(cents)}
            bank.request("POST", "/simulations/inbound_ach_transfers", json=body)
            watched.bank.seed_transaction(account, cents)
            watched.bank.ledger.add_hold(account, -abs(cents))
            watched.bank.clock.advance(hours=1)
        posted = bank.transactions.list(account_id=account, page_size=2, **period)
        listed = [bank.transactions.get(item.id, account) for item in posted]
        assert len(listed) == 6
        pending = bank.transactions.list(
            status=TransactionStatus.PENDING, page_size=1, **period
        )
        held = [bank.transactions.get(item.id) for item in pending]
        assert {item.status for item in held} == {TransactionStatus.PENDING}
        events = list(bank.events.list(page_size=5, **period))
        (about,) = bank.events.list(object_id=listed[0].id)
        assert bank.events.get(str(about.id)) in events
        balance = bank.accounts.balance(account)
        assert balance.current == sum(item.amount for item in listed if item.amount)
    assert {status for _, status in watched.exchanges} == {200}


def test_a_subscription_is_as_documented(watched: Watched) -> None:
    """Create, list, disable, enable and delete match the OpenAPI document."""
    new = NewWebhookSubscription(
        url="https://app.example.com/events",
        events=["transaction.created", "account.created"],
        secret="a shared secret of the test",
    )
    with increase(watched) as bank:
        created = bank.webhook_subscriptions.create(new, idempotency_key="mine")
        assert [item.id for item in bank.webhook_subscriptions.list()] == [created.id]
        for enabled in (False, True):
            changes = WebhookSubscriptionChanges(enabled=enabled)
            changed = bank.webhook_subscriptions.update(created.id, changes)
            assert changed.enabled is enabled
        bank.webhook_subscriptions.delete(created.id)
    assert {status for _, status in watched.exchanges} == {200}


@pytest.mark.parametrize("path", ["transactions", "pending_transactions", "events"])
def test_an_answer_that_is_not_as_documented_is_noticed(path: str) -> None:
    """A record without the fields of its schema fails the check."""

    def broken(_: Request) -> Response:
        return answer_json(200, {"data": [{"id": "1"}], "next_cursor": None})

    with pytest.raises(InvalidData):
        Watched(broken)(
            Request(
                method="GET", path=f"/{path}", headers={"authorization": "Bearer k"}
            )
        )


@pytest.mark.parametrize("issues", [[], ["entity_address", "entity_tax_identifier"]])
def test_validations_are_as_documented(watched: Watched, issues: list[str]) -> None:
    """A simulated validation matches the OpenAPI document, with and without issues."""
    entity = watched.bank.seed_entity()
    body = {"issues": [{"category": item} for item in issues]}
    with increase(watched) as bank:
        path = f"/simulations/entities/{entity}/update_validation"
        bank.request("POST", path, json=body)
        bank.kyc.get(entity)
    assert len(watched.exchanges) == 2


def test_an_entity_that_is_no_person_is_as_documented(watched: Watched) -> None:
    """A joint entity matches the OpenAPI document."""
    joint = watched.bank.seed_joint()
    with increase(watched) as bank:
        assert bank.customers.get(joint).name == "Ada Sample and Bea Sample"


@pytest.mark.parametrize("kind", KINDS)
def test_problems_are_as_documented(watched: Watched, kind: str) -> None:
    """Each problem of the simulator matches the OpenAPI document."""
    known: dict[str, dict[str, Any]] = {
        "idempotency_key_already_used_error": {"resource_id": "entity_1"},
        "invalid_api_key_error": {"reason": "no_credential"},
        "invalid_parameters_error": {"errors": []},
        "rate_limited_error": {"retry_after": 1},
    }
    watched.bank.fail_next(kind, **known.get(kind, {}))
    with increase(watched, retries=0) as bank, pytest.raises(AnybankError):
        bank.customers.get("entity_1")
    assert len(watched.exchanges) == 1


def test_refusals_are_as_documented(watched: Watched) -> None:
    """Bad parameters, an unknown id, a used key and an archived entity."""
    created = watched.bank.seed_entity()
    with increase(watched, api_key="wrong") as bank, pytest.raises(AnybankError):
        bank.customers.get(created)
    with increase(watched) as bank:
        for act in (
            lambda: bank.request("POST", "/entities", json={"structure": "x"}),
            lambda: bank.customers.get("entity_nobody"),
            lambda: bank.customers.create(ada(last_name="B"), idempotency_key="k"),
        ):
            bank.customers.create(ada(), idempotency_key="k")
            with pytest.raises(AnybankError):
                act()
        bank.customers.delete(created)
        with pytest.raises(Conflict):
            bank.customers.update(created, CustomerChanges(addresses=[home()]))
    assert {status for _, status in watched.exchanges} == {200, 400, 401, 404, 409}


def test_what_is_not_as_documented_is_noticed() -> None:
    """A response without a required field fails the check."""

    def broken(_: Request) -> Response:
        return answer_json(200, {"data": []})

    with pytest.raises(Exception, match="next_cursor"):
        Watched(broken)(
            Request(
                method="GET", path="/entities", headers={"authorization": "Bearer k"}
            )
        )


def test_the_categories_are_those_of_the_document() -> None:
    """The simulator accepts a subscription to each category of the document, and no other."""
    assert set(CATEGORIES) == schema_words("event", "category")
