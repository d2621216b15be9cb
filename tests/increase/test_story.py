"""The story of a customer, told by the vendor's own client over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from anybank import Bank, GovernmentId, GovernmentIdKind, KycEvidence, NewKycDocument
from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock
from anybank_increase import IncreaseExtras
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, entity
from .document import Watched

official = pytest.importorskip(
    "increase", reason="the vendor's client is not installed: it is in the group dev"
)
SECRET = "a shared secret of the test"


@pytest.fixture
def watched() -> Watched:
    now = Clock(datetime.now(UTC))  # the vendor's client refuses old signatures
    return Watched(IncreaseSimulator(clock=now))


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
            webhook_secret=SECRET,
            _strict_response_validation=True,
        )


def test_money_arrives_and_leaves_and_the_account_is_closed(client: Any) -> None:
    """From the entity to its archiving, every balance is the sum of its transactions."""
    person = entity(client)
    account = client.accounts.create(name="Everyday", entity_id=person.id)
    number = client.account_numbers.create(account_id=account.id, name="Payroll")
    assert number.account_number.isdigit()

    client.simulations.inbound_ach_transfers.create(
        account_number_id=number.id, amount=12_345
    )
    (arrived,) = client.transactions.list(account_id=account.id)
    assert arrived.amount == 12_345
    assert arrived.source.category == "inbound_ach_transfer"
    assert client.transactions.retrieve(arrived.id) == arrived

    held = client.pending_transactions.create(account_id=account.id, amount=-345)
    balance = client.accounts.balance(account.id)
    assert (balance.current_balance, balance.available_balance) == (12_345, 12_000)
    client.pending_transactions.release(held.id)
    assert client.pending_transactions.retrieve(held.id).status == "complete"

    with pytest.raises(official.ConflictError):
        client.accounts.close(account.id)
    client.account_numbers.update(number.id, inbound_ach={"debit_status": "allowed"})
    client.simulations.inbound_ach_transfers.create(
        account_number_id=number.id, amount=-12_345
    )
    assert client.accounts.balance(account.id).current_balance == 0
    assert client.accounts.close(account.id).status == "closed"
    assert client.entities.archive(person.id).status == "archived"


def test_a_debit_beyond_the_balance_is_declined(client: Any) -> None:
    """The account keeps what it has, and the transfer names the reason."""
    account = client.accounts.create(name="Everyday", entity_id=entity(client).id)
    number = client.account_numbers.create(
        account_id=account.id, name="Rent", inbound_ach={"debit_status": "allowed"}
    )
    transfer = client.simulations.inbound_ach_transfers.create(
        account_number_id=number.id, amount=-1
    )
    assert transfer.decline.reason == "insufficient_funds"
    assert client.accounts.balance(account.id).current_balance == 0


def test_a_canceled_number_receives_nothing(client: Any) -> None:
    """A transfer to it is declined, and the number stays canceled."""
    account = client.accounts.create(name="Everyday", entity_id=entity(client).id)
    number = client.account_numbers.create(account_id=account.id, name="Old")
    client.account_numbers.update(number.id, status="canceled")
    transfer = client.simulations.inbound_ach_transfers.create(
        account_number_id=number.id, amount=100
    )
    assert transfer.decline.reason == "ach_route_canceled"
    with pytest.raises(official.ConflictError):
        client.account_numbers.update(number.id, status="active")


def test_events_are_signed_as_the_official_client_verifies_them(
    client: Any, watched: Watched
) -> None:
    """What the simulator delivers is unwrapped by the vendor's own client."""
    client.event_subscriptions.create(
        url="http://127.0.0.1:1/events",
        shared_secret=SECRET,
        selected_event_categories=[{"event_category": "account.created"}],
    )
    account = client.accounts.create(name="Everyday", entity_id=entity(client).id)
    listed = client.events.list(associated_object_id=account.id)
    assert [item.category for item in listed] == ["account.created"]
    (delivery,) = watched.bank.due()
    event = client.events.unwrap(delivery.body.decode(), headers=delivery.headers)
    assert event.associated_object_id == account.id
    watched.bank.settle(delivery, 200)
    assert watched.bank.due() == []


def test_an_unanswered_delivery_is_repeated(client: Any, watched: Watched) -> None:
    """It is due again later, with the same event under the same id."""
    client.event_subscriptions.create(url="http://127.0.0.1:1/events")
    entity(client)
    (first,) = watched.bank.due()
    watched.bank.settle(first, None)
    assert watched.bank.due() == []
    watched.bank.clock.advance(minutes=1)
    (second,) = watched.bank.due()
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.attempt == 2


def test_a_file_becomes_a_document_of_an_entity(client: Any) -> None:
    """The uploaded file is attached, and the entity lists it."""
    person = entity(client)
    file = client.files.create(
        file=("licence.png", b"invented bytes", "image/png"),
        purpose="identity_document",
    )
    assert file.mime_type == "image/png"
    attached = client.supplemental_documents.create(
        entity_id=person.id, file_id=file.id
    )
    assert attached.file_id == file.id
    again = client.entities.retrieve(person.id)
    assert [item.file_id for item in again.supplemental_documents] == [file.id]


def test_an_empty_file_is_refused(client: Any) -> None:
    """A document of 0 bytes is a mistake of the caller."""
    with pytest.raises(official.BadRequestError):
        client.files.create(
            file=("empty.png", b"", "image/png"), purpose="identity_document"
        )


def test_external_accounts_are_listed(client: Any) -> None:
    """An account at another bank is stored and found again."""
    created = client.external_accounts.create(
        routing_number="101050001", account_number="123456789", description="Landlord"
    )
    assert client.external_accounts.retrieve(created.id) == created
    assert [item.id for item in client.external_accounts.list()] == [created.id]


def test_the_official_client_reads_what_the_adapter_wrote(
    client: Any, watched: Watched
) -> None:
    """An id with its file, evidence and a document are objects of the vendor's client."""
    scan = NewKycDocument(
        kind="passport", content=b"invented bytes", media_type="image/png"
    )
    with Bank("increase", base_url=str(client.base_url), api_key=KEY) as bank:
        file = bank.kyc.upload_document(None, scan)
        passport = GovernmentId(
            kind=GovernmentIdKind.PASSPORT,
            number="X12345678",
            country="GB",
            expires=date(2091, 4, 5),
            document_id=file.id,
        )
        customer = bank.customers.create(
            ada(
                ssn=None,
                government_ids=[passport],
                kyc_evidence=[KycEvidence(verifier="alloy", reference="ref-1")],
                extras={"increase": IncreaseExtras(confirmed_no_us_tax_id=True)},
            )
        )
        document = bank.kyc.upload_document(customer.id, scan)
    entity = client.entities.retrieve(customer.id)
    assert entity.natural_person.identification.method == "passport"
    assert entity.natural_person.identification.number_last4 == "5678"
    assert entity.third_party_verification.reference == "ref-1"
    assert [item.file_id for item in entity.supplemental_documents] == [document.id]
    stored = client.files.retrieve(file.id)
    assert (stored.purpose, stored.mime_type) == ("identity_document", "image/png")
    assert client.files.retrieve(document.id).description == "passport"
    assert len(watched.bank.files.contents) == 2
