"""Increase's own Python client against the simulator, over HTTP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY
from .document import Watched

official = pytest.importorskip(
    "increase", reason="the vendor's client is not installed: it is in the group dev"
)

ADDRESS = {
    "line1": "33 Test St.",
    "city": "Reno",
    "state": "NV",
    "zip": "89501",
    "country": "US",
}
PERSON: dict[str, Any] = {
    "name": "Ada May Sample",
    "date_of_birth": date(1990, 4, 1),
    "address": ADDRESS,
    "identification": {"method": "social_security_number", "number": "912456789"},
}


@pytest.fixture
def watched() -> Watched:
    # The client accepts a webhook's signature for five minutes of its own clock.
    return Watched(IncreaseSimulator(clock=Clock(datetime.now(UTC))))


@pytest.fixture
def client(watched: Watched) -> Iterator[Any]:
    """Return a client that uses no proxy and accepts no response that its types lack."""
    with (
        serve({"increase": watched}) as running,
        httpx.Client(trust_env=False) as http,
    ):
        yield official.Increase(
            api_key=KEY,
            base_url=running.base_url("increase"),
            http_client=http,
            max_retries=0,
            _strict_response_validation=True,
        )


def created(client: Any, **more: Any) -> Any:
    person = {**PERSON, **more.pop("person", {})}
    return client.entities.create(
        structure="natural_person", natural_person=person, **more
    )


def test_an_entity_is_created_and_retrieved(client: Any) -> None:
    """The client reads what it created, with the last four digits of the number."""
    entity = created(client)
    again = client.entities.retrieve(entity.id)
    assert again == entity
    assert again.natural_person.name == "Ada May Sample"
    assert again.natural_person.identification.number_last4 == "6789"
    assert again.status == "active"


def test_a_list_is_paged(client: Any) -> None:
    """The client's own paging returns every entity once."""
    ids = {created(client).id for _ in range(5)}
    listed = [item.id for item in client.entities.list(limit=2)]
    assert len(listed) == 5
    assert set(listed) == ids


def test_a_list_is_filtered(client: Any) -> None:
    """The client filters by status and by idempotency key, in its own spelling."""
    live_one, gone = created(client, idempotency_key="kept"), created(client)
    client.entities.archive(gone.id)
    live = client.entities.list(status={"in": ["active", "disabled"]})
    keyed = client.entities.list(idempotency_key="kept")
    assert [item.id for item in live] == [item.id for item in keyed] == [live_one.id]


def test_an_address_is_updated(client: Any) -> None:
    """A change is stored, and everything else stays."""
    entity = created(client)
    moved = {**ADDRESS, "line1": "1 Other Way"}
    client.entities.update(entity.id, natural_person={"address": moved})
    read = client.entities.retrieve(entity.id).natural_person
    assert read.address.line1 == "1 Other Way"
    assert read.date_of_birth == entity.natural_person.date_of_birth


def test_an_entity_is_archived(client: Any) -> None:
    """An archived entity can be read, with its status."""
    entity = created(client)
    client.entities.archive(entity.id)
    assert client.entities.retrieve(entity.id).status == "archived"


def test_a_create_is_repeated_with_its_key(client: Any) -> None:
    """The same key returns the same entity; another body with it is refused with the id."""
    one, two = (
        created(client, idempotency_key="k"),
        created(client, idempotency_key="k"),
    )
    assert one.id == two.id
    with pytest.raises(official.IdempotencyKeyAlreadyUsedError) as caught:
        created(client, idempotency_key="k", person={"name": "Bea"})
    assert caught.value.resource_id == one.id


def test_a_validation_is_simulated(client: Any) -> None:
    """The client's simulations work: without issues an entity is valid."""
    entity = created(client)
    assert entity.validation.status == "pending"
    read = client.simulations.entities.update_validation(entity.id, issues=[])
    assert read.validation.status == "valid"


def test_errors_have_their_classes(client: Any) -> None:
    """The client raises the class of each of the simulator's errors."""
    with pytest.raises(official.ObjectNotFoundError):
        client.entities.retrieve("entity_nobody")
    with pytest.raises(official.InvalidParametersError):
        created(client, person={"name": ""})
    with pytest.raises(official.InvalidAPIKeyError):
        client.with_options(api_key="wrong").entities.list()


def funded(client: Any, amount: int) -> tuple[str, str]:
    """Return an account with money in it, and the transfer that brought it."""
    opened = client.accounts.create(name="Everyday", entity_id=created(client).id)
    number = client.account_numbers.create(account_id=opened.id, name="Payroll")
    transfer = client.simulations.inbound_ach_transfers.create(
        account_number_id=number.id, amount=amount
    )
    return opened.id, transfer.id


def test_an_inbound_transfer_is_listed_and_retrieved(client: Any) -> None:
    """The client reads a transfer as it arrived, and lists those of an account."""
    account, transfer = funded(client, 1_000)
    read = client.inbound_ach_transfers.retrieve(transfer)
    assert (read.status, read.amount) == ("accepted", 1_000)
    listed = client.inbound_ach_transfers.list(account_id=account)
    assert [item.id for item in listed] == [transfer]


def test_money_is_moved_between_accounts(client: Any) -> None:
    """A transfer posts in both accounts, once approved where that is required."""
    source, _ = funded(client, 1_000)
    target, _ = funded(client, 1)

    def transfer(amount: int, **more: Any) -> Any:
        return client.account_transfers.create(
            account_id=source,
            amount=amount,
            description="Savings",
            destination_account_id=target,
            **more,
        )

    done = transfer(300)
    waiting = [transfer(100, require_approval=True) for _ in range(2)]
    approved = client.account_transfers.approve(waiting[0].id)
    canceled = client.account_transfers.cancel(waiting[1].id)
    assert [done.status, approved.status, canceled.status] == [
        "complete",
        "complete",
        "canceled",
    ]
    with pytest.raises(official.InvalidOperationError):
        client.account_transfers.approve(canceled.id)
    with pytest.raises(official.InvalidOperationError):
        transfer(601)
    balances = [client.accounts.balance(it).current_balance for it in (source, target)]
    assert balances == [600, 401]
    posted = client.transactions.retrieve(done.destination_transaction_id)
    assert posted.source.account_transfer_intention.transfer_id == done.id
    assert len(list(client.account_transfers.list(account_id=source, limit=1))) == 3
    assert client.account_transfers.retrieve(done.id) == done


def test_files_and_external_accounts_are_read_and_changed(client: Any) -> None:
    """The client downloads what it uploaded, and archives an external account."""
    file = client.files.create(file=b"%PDF", purpose="identity_document")
    assert client.files.contents(file.id).read() == b"%PDF"
    external = client.external_accounts.create(
        account_number="987654321", description="Rent", routing_number="101050001"
    )
    client.external_accounts.update(external.id, status="archived")
    assert client.external_accounts.retrieve(external.id).status == "archived"


def test_webhooks_are_unwrapped(client: Any, watched: Watched) -> None:
    """The client verifies a delivery by its secret, and refuses a changed body and key."""
    client.event_subscriptions.create(
        url="https://app.example.com/hook", shared_secret="a secret of ours"
    )
    entity = created(client)
    (delivery, *_) = watched.bank.due()
    headers, body = dict(delivery.headers), delivery.body.decode()
    secret = b"a secret of ours"
    event = client.events.unwrap(body, headers=headers, key=secret)
    assert (event.category, event.associated_object_id) == ("entity.created", entity.id)
    for changed, key in ((body + " ", secret), (body, b"another")):
        with pytest.raises(WebhookVerificationError):
            client.events.unwrap(changed, headers=headers, key=key)


def test_an_unknown_category_is_refused(client: Any) -> None:
    """A subscription selects categories that exist."""
    with pytest.raises(official.InvalidParametersError):
        client.event_subscriptions.create(
            url="https://app.example.com/hook",
            selected_event_categories=[{"event_category": "entity.invented"}],
        )


def test_a_lost_create_is_retried(client: Any, watched: Watched) -> None:
    """The client repeats a create with its own key, and the person exists once."""
    before = len(watched.bank.entity_ids)
    watched.bank.fail_next("internal_server_error", committed=True)
    entity = created(client.with_options(max_retries=1))
    assert watched.bank.entity_ids[before:] == (entity.id,)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("environment_mismatch_error", "EnvironmentMismatchError"),
        ("insufficient_permissions_error", "InsufficientPermissionsError"),
        ("internal_server_error", "InternalServerError"),
        ("malformed_request_error", "MalformedRequestError"),
        ("private_feature_error", "PrivateFeatureError"),
        ("rate_limited_error", "RateLimitedError"),
    ],
)
def test_injected_failures_have_their_classes(
    client: Any, watched: Watched, kind: str, error: str
) -> None:
    """The client raises the class of each failure that a test can inject."""
    watched.bank.fail_next(kind)
    with pytest.raises(getattr(official, error)):
        client.entities.list()


async def _ids(url: str) -> list[str]:
    async with official.AsyncIncrease(
        api_key=KEY, base_url=url, http_client=httpx.AsyncClient(trust_env=False)
    ) as client:
        return [entity.id async for entity in client.entities.list(limit=1)]


def test_the_asynchronous_client_pages(client: Any) -> None:
    """The asynchronous client returns every entity once, too."""
    ids = {created(client).id for _ in range(3)}
    assert set(asyncio.run(_ids(str(client.base_url)))) == ids
