"""Every request and every response matches Unit's OpenAPI document."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openapi_core.validation.response.exceptions import InvalidData

from anybank import (
    Bank,
    CustomerChanges,
    KycStatus,
    Money,
    NewKycDocument,
    NewWebhookSubscription,
    Phone,
    Ssn,
    WebhookSubscriptionChanges,
)
from anybank.adapter.converter import words_of
from anybank.adapter.wire import Request, Response
from anybank_unit import UnitExtras
from anybank_unit.customers import WirePerson
from anybank_unit.kyc import WireVerification
from anybank_unit.simulator import UnitSimulator
from anybank_unit.simulator.tables import answer

from .banks import PASSPORT, ada, deposit, home, unit
from .document import DOCUMENT, Watched, misfits

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
"""The time of a new simulator."""


@pytest.fixture
def watched() -> Watched:
    return Watched(UnitSimulator())


def test_the_life_of_a_customer_is_as_documented(watched: Watched) -> None:
    """Apply, read, list, update and archive match the document."""
    extras = UnitExtras(occupation="GigWorker", annual_income="UpTo10k", ip="192.0.2.7")
    with unit(watched) as bank:
        created = bank.customers.create(ada(extras={"unit": extras})).id
        bank.customers.create(
            ada(
                ssn=None,
                government_ids=[PASSPORT],
                external_id=None,
                addresses=[home(line2="4", postal_code="89501-1234")],
            )
        )
        assert len(list(bank.customers.list(page_size=1))) == 2
        changes = CustomerChanges(
            emails=["b@example.com"],
            phones=[Phone("+4930123456")],
            addresses=[home()],
        )
        bank.customers.update(created, changes)
        bank.kyc.get(created)
        bank.customers.delete(created)
        bank.credentials.check()
    assert {status for _, status in watched.exchanges} == {200, 201}


def test_applications_are_as_documented(watched: Watched) -> None:
    """Undecided and denied applications, documents and cancellations match it."""
    scan = NewKycDocument(kind="IdDocument", content=b"scan", media_type="image/png")
    with unit(watched) as bank:
        people = [
            bank.customers.create(ada(ssn=Ssn(f"00000000{digit}"))).id
            for digit in (1, 2, 3, 4, 6)
        ]
        for person in people:
            bank.customers.get(person)
            bank.kyc.get(person)
        assert len(list(bank.customers.list(page_size=2))) == len(people)
        bank.kyc.upload_document(people[2], scan)
        watched.bank.decide(people[3], KycStatus.PASSED)
        bank.customers.get(people[3])
        bank.customers.delete(people[1])
    assert {status for _, status in watched.exchanges} == {200, 201}


def test_money_events_and_webhooks_are_as_documented(watched: Watched) -> None:
    """Accounts, transactions, events and webhooks match it, filter by filter."""
    period: Any = {"since": NOON, "until": NOON + timedelta(hours=3)}
    with unit(watched) as bank:
        created = bank.webhook_subscriptions.create(
            NewWebhookSubscription(url="https://app.example.com/events", events=[])
        )
        for enabled in (False, True):
            changes = WebhookSubscriptionChanges(enabled=enabled)
            bank.webhook_subscriptions.update(created.id, changes)
        list(bank.webhook_subscriptions.list())
        owners = [watched.bank.seed_application() for _ in range(2)]
        account = _account(bank, *owners)
        for cents in (100, -100):
            watched.bank.simulate_payment(account, Money(cents))
        posted = list(bank.transactions.list(account_id=account, page_size=1, **period))
        bank.transactions.get(posted[0].id, account)
        events = list(bank.events.list(page_size=3, **period))
        bank.events.get(str(events[0].id))
        bank.accounts.close(account)
        assert list(bank.accounts.list(customer_id=owners[1], page_size=1))
    assert {status for _, status in watched.exchanges} == {200, 201}


def _account(bank: Bank, *owners: str) -> str:
    _alone = bank.accounts.create(deposit(owners[0]))
    assert bank.accounts.resolve(None, deposit(owners[0]), known=()) == _alone
    return bank.accounts.create(deposit(*owners)).id


def test_what_is_not_as_documented_is_noticed(watched: Watched) -> None:
    """A resource of another type, and a filter that the document lacks, fail the check."""

    def broken(_: Request) -> Response:
        return answer(200, {"data": [{"id": "1", "type": "stranger"}]})

    watched.bank = broken
    headers = {"authorization": "Bearer any"}
    with pytest.raises(InvalidData):
        watched(Request(method="GET", path="/customers", headers=headers))
    filters: Any = {
        "filter[color]": "red",
        "page[limit]": 5,
        "filter[status][0]": "Active",
    }
    asked = Request(method="GET", path="/customers", headers=headers, query=filters)
    assert misfits(asked) == ["filter[color]"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/applications", set(words_of(WireVerification, "status"))),
        (
            "/customers",
            {*words_of(WirePerson, "status")} - {*words_of(WireVerification, "status")},
        ),
    ],
)
def test_statuses_are_those_of_the_document(path: str, words: Any) -> None:
    """The tables of statuses have each word of the document's filter, and no other."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    parameters = json.loads(DOCUMENT.read_text())["paths"][path]["get"]["parameters"]
    (named,) = (item for item in parameters if item["name"] == "filter")
    status = named["schema"]["properties"]["status"]
    assert set(words) == set(status["items"]["enum"])
