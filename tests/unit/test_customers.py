"""Customers at Unit: applications, the decisions about them, and changes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from anybank import (
    AsyncBank,
    Bank,
    Conflict,
    CustomerChanges,
    CustomerStatus,
    GovernmentIdKind,
    InvalidInput,
    KycStatus,
    NewKycDocument,
    NotFound,
    Phone,
    Rejected,
    Ssn,
    StartKyc,
    to_dict,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_unit import (
    UnitAccountExtras,
    UnitChangesExtras,
    UnitExtras,
    UnitSubscriptionExtras,
)
from anybank_unit.simulator import UnitSimulator

from .banks import PASSPORT, TOKEN, ada, home, unit


def test_an_approved_application_is_a_customer(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """A create returns the id of the customer, and every field as it was sent."""
    created = bank.customers.create(ada())
    assert created.id in simulator.customer_ids
    assert created.status is CustomerStatus.ACTIVE
    read = bank.customers.get(created.id)
    assert (read.name, read.emails, read.phones[0].number, read.external_id) == (
        "Ada Sample",
        ("ada@example.com",),
        "+15551112222",
        "user-1",
    )
    assert read.ssn is not None
    assert (read.ssn.is_masked, read.ssn.last_four) == (True, "6789")
    assert read.addresses == (home(primary=True),)
    assert bank.kyc.get(created.id).status is KycStatus.PASSED


@pytest.mark.parametrize(
    ("ssn", "status", "kyc", "kinds"),
    [
        ("000000001", CustomerStatus.DENIED, KycStatus.FAILED, []),
        (
            "000000002",
            CustomerStatus.PENDING,
            KycStatus.DOCUMENTS_REQUIRED,
            ["AddressVerification"],
        ),
        (
            "000000003",
            CustomerStatus.PENDING,
            KycStatus.DOCUMENTS_REQUIRED,
            ["IdDocument"],
        ),
        ("000000004", CustomerStatus.PENDING, KycStatus.UNDER_REVIEW, []),
        (
            "000000006",
            CustomerStatus.PENDING,
            KycStatus.DOCUMENTS_REQUIRED,
            ["SocialSecurityCard"],
        ),
        ("912456789", CustomerStatus.ACTIVE, KycStatus.PASSED, []),
    ],
)
def test_the_ssns_of_the_sandbox_decide(
    bank: Bank, ssn: str, status: CustomerStatus, kyc: KycStatus, kinds: list[str]
) -> None:
    """Each SSN of Unit's page gives its status, and names the documents it needs."""
    created = bank.customers.create(ada(ssn=Ssn(ssn)))
    assert created.status is status
    assert bank.customers.get(created.id).status is status
    check = bank.kyc.get(created.id)
    assert check.status is kyc
    assert bank.kyc.start(created.id, StartKyc()) == check
    assert [document.kind for document in check.documents] == kinds


def test_the_old_id_reads_the_customer_after_the_decision(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """The id of an undecided application still works, and Customer.id is the new one."""
    pending = bank.customers.create(ada(ssn=Ssn("000000004")))
    assert pending.id not in simulator.customer_ids
    simulator.decide(pending.id, KycStatus.PASSED)
    decided = bank.customers.get(pending.id)
    assert decided.status is CustomerStatus.ACTIVE
    assert decided.id in simulator.customer_ids
    assert bank.customers.get(decided.id) == decided
    assert bank.kyc.get(pending.id).status is KycStatus.PASSED
    changes = CustomerChanges(emails=["new@example.com"])
    assert bank.customers.update(pending.id, changes).id == decided.id
    bank.customers.delete(pending.id)
    for either in (pending.id, decided.id):
        with pytest.raises(NotFound):
            bank.customers.get(either)


def test_the_number_of_an_application_is_not_that_of_a_customer(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """An application and a customer with the same number are two people."""
    for _ in range(5):
        simulator.seed_application(ssn="000000004")
    customer = bank.customers.create(ada())
    assert customer.id == "5"
    other = bank.customers.get(f"application-{customer.id}")
    assert (other.status, other.id) == (CustomerStatus.PENDING, "application-5")
    assert bank.customers.get(customer.id).external_id == "user-1"


def test_a_listing_has_customers_and_open_applications(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """A listing has active customers, undecided and denied people; no archived ones."""
    active = simulator.seed_application()
    archived = simulator.seed_application()
    bank.customers.delete(archived)
    denied = simulator.seed_application(ssn="000000001")
    waiting = simulator.seed_application(ssn="000000002")
    canceled = simulator.seed_application(ssn="000000004")
    bank.customers.delete(canceled)
    listed = {item.id: item.status for item in bank.customers.list(page_size=1)}
    assert listed == {
        active: CustomerStatus.ACTIVE,
        denied: CustomerStatus.DENIED,
        waiting: CustomerStatus.PENDING,
    }


def test_deleting_twice_is_a_success(bank: Bank, simulator: UnitSimulator) -> None:
    """A customer is archived and an application canceled; a repeat changes nothing."""
    for person in (
        simulator.seed_application(),
        simulator.seed_application(ssn="000000004"),
    ):
        bank.customers.delete(person)
        bank.customers.delete(person)
        with pytest.raises(NotFound):
            bank.customers.get(person)


def test_a_denied_application_cannot_be_deleted(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """Unit refuses to cancel a decided application, and the error reaches the caller."""
    denied = simulator.seed_application(ssn="000000001")
    with pytest.raises(Conflict):
        bank.customers.delete(denied)


def test_an_undecided_application_cannot_change(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """A change of an application raises Conflict and writes nothing."""
    person = simulator.seed_application(ssn="000000004")
    with pytest.raises(Conflict, match="no customer"):
        bank.customers.update(person, CustomerChanges(emails=["new@example.com"]))
    assert bank.customers.get(person).emails == ("ada@example.com",)


def test_a_change_sends_what_changed(bank: Bank) -> None:
    """E-mail, phone and address change, and all other fields stay as they are."""
    created = bank.customers.create(ada())
    changes = CustomerChanges(
        phones=[Phone("+4930123456")], addresses=[home(line2="Flat 4")]
    )
    changed = bank.customers.update(created.id, changes)
    assert changed.phones[0].number == "+4930123456"
    assert changed.addresses[0].line2 == "Flat 4"
    assert (changed.emails, changed.external_id) == (created.emails, "user-1")


@pytest.mark.parametrize("shows_numbers", [False, True])
def test_a_passport_is_never_an_ssn(*, shows_numbers: bool) -> None:
    """A passport is sent as one, and reads as a government id with its country."""
    simulator = UnitSimulator(shows_numbers=shows_numbers)
    with unit(simulator) as bank:
        created = bank.customers.create(ada(ssn=None, government_ids=[PASSPORT]))
        read = bank.customers.get(created.id)
    assert read.ssn is None
    (passport,) = read.government_ids
    assert (passport.kind, passport.country, passport.number.end) == (
        GovernmentIdKind.PASSPORT,
        "DE",
        "5678",
    )
    assert passport.number.is_masked is not shows_numbers
    (application,) = simulator.people.applications.rows.values()
    assert not {"ssn", "maskedSSN"} & set(application["attributes"])


def test_a_token_may_show_the_whole_ssn() -> None:
    """With the permission the whole number is read, and stays masked in the repr."""
    with unit(UnitSimulator(shows_numbers=True)) as bank:
        read = bank.customers.get(bank.customers.create(ada()).id)
    assert read.ssn is not None
    assert read.ssn.reveal() == "912456789"
    assert "912456789" not in repr(read)


def test_a_document_is_uploaded_for_an_application(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """The file goes to the document that the application requires."""
    person = bank.customers.create(ada(ssn=Ssn("000000003"))).id
    new = NewKycDocument(kind="IdDocument", content=b"scan", media_type="image/png")
    uploaded = bank.kyc.upload_document(person, new)
    assert (uploaded.kind, uploaded.status) == ("IdDocument", "PendingReview")
    assert simulator.people.files == {uploaded.id: b"scan"}
    assert bank.kyc.get(person).status is KycStatus.UNDER_REVIEW


@pytest.mark.parametrize("kind", ["Passport", "AddressVerification"])
def test_a_document_that_is_not_required_is_refused(bank: Bank, kind: str) -> None:
    """The error names the documents that the application requires."""
    person = bank.customers.create(ada(ssn=Ssn("000000003"))).id
    new = NewKycDocument(kind=kind, content=b"scan", media_type="image/png")
    with pytest.raises(InvalidInput, match="IdDocument"):
        bank.kyc.upload_document(person, new)
    with pytest.raises(InvalidInput, match="customer"):
        bank.kyc.upload_document(None, new)


def test_extras_are_written(bank: Bank, simulator: UnitSimulator) -> None:
    """The extras are attributes of the application, and the IP address is masked."""
    extras = UnitExtras(
        occupation="GigWorker",
        annual_income="UpTo10k",
        source_of_income="EmploymentOrPayrollIncome",
        ip="192.0.2.7",
    )
    assert "192.0.2.7" not in repr(extras)
    bank.customers.create(ada(extras={"unit": extras}))
    (application,) = simulator.people.applications.rows.values()
    written: Any = application["attributes"]
    assert (written["occupation"], written["ip"]) == ("GigWorker", "192.0.2.7")


def test_extras_cannot_be_changed(bank: Bank, simulator: UnitSimulator) -> None:
    """A change with extras is refused before anything is sent, and not ignored."""
    customer = simulator.seed_application()
    changes = CustomerChanges(extras={"unit": UnitExtras(occupation="GigWorker")})
    with pytest.raises(InvalidInput, match="must be UnitChangesExtras"):
        bank.customers.update(customer, changes)


def test_more_extras_arrive(bank: Bank, simulator: UnitSimulator) -> None:
    """Tags join the one of the external id; a change may set the subject of a token."""
    extras = UnitExtras(
        tags={"branch": "north"}, device_fingerprint="0400bp", jwt_subject="app|1"
    )
    assert "0400bp" not in repr(extras) + str(to_dict(extras))
    created = bank.customers.create(ada(extras={"unit": extras}))
    (application,) = simulator.people.applications.rows.values()
    written: Any = application["attributes"]
    assert written["tags"] == {"branch": "north", "externalId": "user-1"}
    assert created.external_id == "user-1"
    subject = UnitChangesExtras(jwt_subject="app|2")
    bank.customers.update(created.id, CustomerChanges(extras={"unit": subject}))
    customer = simulator.people.customers.find(created.id)["attributes"]
    assert customer["tags"] == written["tags"]


@pytest.mark.parametrize(
    "build",
    [
        lambda: UnitExtras(tags={"externalId": "user-1"}),
        lambda: UnitExtras(tags={str(index): "a" for index in range(15)}),
        lambda: UnitExtras(tags={"branch": ""}),
        lambda: UnitExtras(tags={"branch": "a" * 256}),
        lambda: UnitAccountExtras(tags=["branch"]),  # type: ignore[arg-type] # the point
        lambda: UnitSubscriptionExtras(delivery_mode="Often"),  # type: ignore[arg-type] # the point
        lambda: UnitSubscriptionExtras(include_resources="yes"),  # type: ignore[arg-type] # the point
    ],
)
def test_extras_that_unit_would_refuse_are_refused(build: Any) -> None:
    """Too many, empty or long tags, and unknown words, are refused at once."""
    with pytest.raises(InvalidInput):
        build()


async def _read_pending() -> CustomerStatus | None:
    simulator = UnitSimulator()
    transport = SimulatorTransport(simulator)
    async with AsyncBank("unit", transport=transport, token=TOKEN) as bank:
        created = await bank.customers.create(ada(ssn=Ssn("000000004")))
        return (await bank.customers.get(created.id)).status


def test_an_async_bank_reads_applications_too() -> None:
    """AsyncBank follows the id of an application as Bank does."""
    assert asyncio.run(_read_pending()) is CustomerStatus.PENDING


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "a@b"),
        ("address", {"street": "1 Test St.", "city": "Reno", "state": "NV"}),
    ],
)
def test_the_simulator_refuses_what_the_values_refuse(
    bank: Bank, name: str, value: Any
) -> None:
    """`a@b` and the country XX are refused by our values, and so by the simulator."""
    if isinstance(value, dict):
        value = {**value, "postalCode": "89501", "country": "XX"}
    customer = bank.customers.create(ada()).id
    data = {"type": "individualCustomer", "attributes": {name: value}}
    with pytest.raises(Rejected) as caught:
        bank.request("PATCH", f"/customers/{customer}", json={"data": data})
    assert len(caught.value.field_errors) == 1
    for build in (lambda: ada(emails=["a@b"]), lambda: home(country="XX")):
        with pytest.raises(InvalidInput):
            build()
