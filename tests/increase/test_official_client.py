"""Increase's own Python client against the simulator, over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from anybank.sandbox.server import serve
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
    return Watched(IncreaseSimulator())


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
