"""Unit's own Python client against the simulator, over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest

from anybank import Money
from anybank.sandbox.server import serve
from anybank_unit.simulator import UnitSimulator

from .banks import TOKEN

official = pytest.importorskip(
    "unit", reason="the vendor's client is not installed: it is in the group dev"
)
models, applications, customers, accounts, transactions, webhooks, events = (
    import_module(f"unit.models{name}")
    for name in (
        *("", ".application", ".customer", ".account", ".transaction"),
        *(".webhook", ".event"),
    )
)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[UnitSimulator, str]]:
    simulator = UnitSimulator()
    with serve({"unit": simulator}) as running:
        yield simulator, running.base_url("unit")


@pytest.fixture
def simulator(served: tuple[UnitSimulator, str]) -> UnitSimulator:
    return served[0]


@pytest.fixture
def client(served: tuple[UnitSimulator, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "*")  # the client has no setting for it
    return official.Unit(served[1], TOKEN)


def application(email: str = "ada@example.com", **fields: Any) -> Any:
    """Return an application of a person, as the client writes it."""
    person = {
        "full_name": models.FullName("Ada", "Sample"),
        "date_of_birth": date(1990, 4, 1),
        "address": models.Address("33 Test St.", "Reno", "NV", "89501", "US"),
        "phone": models.Phone("1", "5555551212"),
        "ssn": "912456789",
    }
    create = applications.CreateIndividualApplicationRequest
    return create(**{**person, **fields}, email=email)


def customer(client: Any, **fields: Any) -> str:
    """Return the id of a new customer."""
    created = client.applications.create(application(**fields)).data
    return str(created.relationships["customer"].id)


def account(client: Any, owner: str, **fields: Any) -> Any:
    """Return a new account, as the client reads it."""
    owners = {"customer": models.Relationship("customer", owner)}
    create = accounts.CreateDepositAccountRequest
    return client.accounts.create(create("checking", owners, **fields)).data


def ids(response: Any) -> list[str]:
    """Return the ids of a listing, or fail with the errors of the response."""
    return [item.id for item in response.data]


def test_an_application_is_created_and_retrieved(client: Any) -> None:
    """The client reads what it wrote, and the customer that the person became."""
    created = client.applications.create(application(tags={"purpose": "test"})).data
    read = client.applications.get(created.id).data
    assert read.attributes["status"] == "Approved"
    assert read.attributes["dateOfBirth"] == date(1990, 4, 1)
    owner = client.customers.get(read.relationships["customer"].id).data
    assert owner.attributes["tags"] == {"purpose": "test"}
    assert owner.attributes["fullName"].first == "Ada"


def test_a_create_is_repeated_with_its_key(client: Any) -> None:
    """The same key returns the same application, and another body with it an error."""
    one, two = (
        client.applications.create(application(idempotency_key="k")).data
        for _ in range(2)
    )
    assert one.id == two.id
    other = client.applications.create(
        application("b@example.com", idempotency_key="k")
    )
    assert [error.status for error in other.errors] == ["409"]


def test_a_lost_create_is_retried_with_its_key(
    client: Any, simulator: UnitSimulator
) -> None:
    """The client repeats a create after a 500, and the person applied once."""
    before = len(simulator.application_numbers)
    client.applications.configuration.set_retries(1)
    simulator.fail_next(500, committed=True)
    created = client.applications.create(application(idempotency_key="lost"))
    assert created.data.id == simulator.application_numbers[-1]
    assert len(simulator.application_numbers) == before + 1


def test_errors_name_their_attributes(client: Any) -> None:
    """Every invalid attribute has an error with its pointer; unknown ids are a 404."""
    refused = client.applications.create(application("nobody", ssn="12"))
    assert {error.source["pointer"] for error in refused.errors} == {
        "/data/attributes/email",
        "/data/attributes/ssn",
    }
    missing = client.customers.get("99999")
    wrong = official.Unit(client.customers.configuration.api_url, "wrong")
    unauthorized = wrong.customers.list()
    statuses = [error.status for it in (missing, unauthorized) for error in it.errors]
    assert statuses == ["404", "401"]


def test_listings_are_paged_sorted_and_filtered(client: Any) -> None:
    """Pages, both orders, and the filters by tag, e-mail and words are as requested."""
    one = customer(client, email="one@example.com", tags={"team": "a", "n": "1"})
    two = customer(client, email="two@example.com", tags={"team": "a", "n": "2"})
    params = customers.ListCustomerParams
    team = {"team": "a"}
    assert ids(client.customers.list(params(tags=team))) == [one, two]
    assert ids(client.customers.list(params(tags=team, sort="-createdAt"))) == [
        two,
        one,
    ]
    page = client.customers.list(params(tags=team, offset=1, limit=1))
    assert (ids(page), page.meta["pagination"]["total"]) == ([two], 2)
    assert ids(client.customers.list(params(email="two@example.com"))) == [two]
    assert ids(client.customers.list(params(query="sample ONE@"))) == [one]
    people = applications.ListApplicationParams(tags={**team, "n": "2"})
    (found,) = client.applications.list(people).data
    assert found.relationships["customer"].id == two


def test_a_customer_is_changed_and_archived(client: Any) -> None:
    """A change is stored, and an archived customer can be read."""
    person = customer(client)
    changes = customers.PatchIndividualCustomerRequest(
        person, email="new@example.com", tags={"x": "y"}, dba="Ada & Co"
    )
    changed = client.customers.update(changes).data.attributes
    assert (changed["email"], changed["tags"]) == ("new@example.com", {"x": "y"})
    client.customers.archive(customers.ArchiveCustomerRequest(person, "Inactive"))
    assert client.customers.get(person).data.attributes["status"] == "Archived"


@pytest.mark.parametrize("is_back", [False, True])
def test_a_document_is_uploaded(client: Any, is_back: bool) -> None:
    """The body is the file, as the client sends it; the front and the back are received."""
    created = client.applications.create(application(ssn="000000003")).data
    base = client.applications.get(created.id).data
    assert base.attributes["status"] == "AwaitingDocuments"
    listing = client.applications.configuration.api_url
    (document,) = _documents(listing, created.id)
    upload = applications.UploadDocumentRequest(
        created.id, document["id"], b"scan", "jpeg", is_back
    )
    assert (
        client.applications.upload(upload).data.attributes["status"] == "PendingReview"
    )


def _documents(url: str, number: str) -> Any:
    """Return the documents of an application, which the client cannot list."""
    requests = import_module("requests")
    headers = {"authorization": f"Bearer {TOKEN}"}
    path = f"{url}/applications/{number}/documents"
    return requests.get(path, headers=headers, timeout=10).json()["data"]


def test_accounts_are_opened_listed_and_closed(client: Any) -> None:
    """An account has its owners, is found by owner, tag and balance, and is closed."""
    one, two = customer(client), customer(client)
    opened = account(client, one, tags={"purpose": "tax"})
    owners = {
        "customers": models.RelationshipArray.from_ids_array("customer", [one, two])
    }
    create = accounts.CreateDepositAccountRequest("checking", owners)
    shared = client.accounts.create(create).data
    params = accounts.ListAccountParams
    listed = client.accounts.list(
        params(customer_id=one, tags={"purpose": "tax"}, include="customer")
    )
    assert (ids(listed), [it.id for it in listed.included]) == ([opened.id], [one])
    assert ids(client.accounts.list(params(customer_id=two))) == [shared.id]
    assert ids(client.accounts.list(params(customer_id=two, from_balance=1))) == []
    tagged = accounts.PatchDepositAccountRequest(opened.id, tags={"a": "b"})
    assert client.accounts.update(tagged).data.attributes["tags"] == {"a": "b"}
    closed = client.accounts.close_account(accounts.CloseAccountRequest(opened.id))
    reopened = client.accounts.reopen_account(opened.id)
    assert _status(closed, reopened) == ["Closed", "Open"]
    frozen = client.accounts.freeze_account(
        accounts.FreezeAccountRequest(opened.id, "Other")
    )
    assert _status(frozen, client.accounts.unfreeze_account(opened.id)) == [
        "Frozen",
        "Open",
    ]


def _status(*responses: Any) -> list[str]:
    return [response.data.attributes["status"] for response in responses]


def test_transactions_are_listed_and_retrieved(
    client: Any, simulator: UnitSimulator
) -> None:
    """The client reads received transfers with all members that it requires."""
    owner = customer(client)
    opened = account(client, owner)
    for cents in (1_000, -200):
        simulator.simulate_payment(opened.id, Money(cents))
    params = transactions.ListTransactionParams
    listed = client.transactions.list(
        params(account_id=opened.id, sort="-createdAt", type=["ReceivedAch"])
    )
    assert [it.attributes["balance"] for it in listed.data] == [800, 1_000]
    assert isinstance(listed.data[0], transactions.ReceivedAchTransactionDTO)
    first = listed.data[0].id
    with_both = client.transactions.get_by_id_and_account(
        first, opened.id, "account,customer"
    )
    assert {it.id for it in with_both.included} == {opened.id, owner}
    assert client.transactions.get(first, opened.id).data.id == first
    assert (
        ids(client.transactions.list(params(account_id=opened.id, type=["Fee"]))) == []
    )
    late = params(account_id=opened.id, since="2100-01-01T00:00:00.000Z")
    assert ids(client.transactions.list(late)) == []
    naive = client.transactions.list(params(since="2100-01-01"))
    assert [error.status for error in naive.errors] == ["400"]


def test_webhooks_are_created_verified_and_disabled(
    client: Any, simulator: UnitSimulator
) -> None:
    """The client creates a webhook without a mode, and accepts the delivery's signature."""
    create = webhooks.CreateWebhookRequest(
        "hook", "https://app.example.com/hook", "secret", "JsonAPI"
    )
    hook = client.webhooks.create(create).data
    person = customer(client)
    (delivery,) = (it for it in simulator.due() if it.webhook == hook.id)
    requests = import_module("requests")
    response = requests.Response()
    response._content = delivery.body
    signature = delivery.headers["x-unit-signature"]
    assert client.webhooks.verify(signature, "secret", response.json())
    assert not client.webhooks.verify(signature, "other", response.json())
    kinds = [event["type"] for event in response.json()["data"]]
    assert kinds == ["application.created", "application.approved", "customer.created"]
    params = events.ListEventParams
    created = client.events.list(params(limit=1000, type=["customer.created"])).data
    assert created[-1].relationships["customer"].id == person
    both = params(limit=1000, type=["customer.created", "application.approved"])
    assert len(client.events.list(both).data) == 2 * len(created)
    assert client.events.get(created[-1].id).data.attributes["createdAt"] == datetime(
        2024, 3, 1, 12, tzinfo=UTC
    )
    renamed = webhooks.PatchWebhookRequest(hook.id, label="other")
    assert client.webhooks.update(renamed).data.attributes["label"] == "other"
    statuses = _status(
        client.webhooks.disable(hook.id), client.webhooks.enable(hook.id)
    )
    assert statuses == ["Disabled", "Enabled"]
    assert hook.id in ids(client.webhooks.list())
