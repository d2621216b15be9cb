"""Customers of Increase: writing, reading and refusing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.fakes import Script

from anybank import (
    AddressKind,
    AnybankError,
    Bank,
    Conflict,
    CustomerChanges,
    CustomerStatus,
    Effect,
    FieldNotUpdatable,
    GovernmentIdKind,
    InvalidInput,
    KycStatus,
    NewCustomer,
    NotFound,
    Outcome,
    OutcomeUnknown,
    Phone,
    Ssn,
    StartKyc,
    Support,
    UnexpectedResponse,
)
from anybank.sandbox.faults import Faults
from anybank.testing.conformance.recorder import Recorder
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, home, increase


def scripted(*answers: Any) -> tuple[Bank, Script]:
    script = Script(*answers)
    return Bank("increase", transport=script, api_key=KEY, retries=0), script


def entity(**fields: Any) -> Any:
    record = {"id": "entity_1", "structure": "natural_person", "status": "active"}
    return httpx.Response(200, json={**record, **fields})


def refused(new: NewCustomer) -> set[str]:
    with increase(IncreaseSimulator()) as bank:
        issues = bank.check(new)
    return {item.field for item in issues if item.effect is Effect.BLOCKED}


def test_a_person_is_written_with_the_vendors_names() -> None:
    """The request has one name, an SSN without dashes, a bearer token and a key."""
    bank, script = scripted(entity())
    bank.customers.create(ada(), idempotency_key="mine")
    (request,) = script.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["idempotency-key"] == "mine"
    assert json.loads(request.content) == {
        "structure": "natural_person",
        "natural_person": {
            "name": "Ada May Sample",
            "date_of_birth": "1990-04-01",
            "identification": {
                "method": "social_security_number",
                "number": "912456789",
            },
            "address": {
                "line1": "33 Test St.",
                "city": "Reno",
                "state": "NV",
                "zip": "89501",
                "country": "US",
            },
        },
    }


def test_a_customer_reads_as_it_was_written(bank: Bank) -> None:
    """A customer has a whole name, a masked SSN and one primary address."""
    created = bank.customers.create(ada())
    assert bank.customers.get(created.id) == created
    assert (created.full_name, created.name) == ("Ada May Sample", "Ada May Sample")
    assert (created.first_name, created.last_name) == (None, None)
    assert created.ssn is not None
    assert (created.ssn.is_masked, created.ssn.last_four) == (True, "6789")
    assert created.addresses == (home(primary=True),)
    assert created.created_at == datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada May Ann Sample", ("Ada", "May Ann", "Sample")),
        ("Ada Sample", ("Ada", None, "Sample")),
        ("Ada", ("Ada", None, None)),
    ],
)
def test_a_name_is_split_by_the_option(
    name: str, parts: tuple[str | None, ...]
) -> None:
    """The option guesses first, middle and last name, next to the whole name."""
    simulator = IncreaseSimulator()
    entity_id = simulator.seed_entity(name=name)
    with increase(simulator, names="split") as bank:
        result = bank.customers.get(entity_id)
    assert (result.first_name, result.middle_name, result.last_name) == parts
    assert result.name == name


def test_an_unknown_style_of_names_is_refused() -> None:
    """The option has two values."""
    with pytest.raises(AnybankError, match="names"):
        increase(IncreaseSimulator(), names="reversed")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"addresses": []}, "addresses"),
        ({"addresses": [home(country=None)]}, "addresses[0].country"),
        ({"addresses": [home(state="Nevada")]}, "addresses[0].state"),
        (
            {"addresses": [home(kind=AddressKind.MAILING)]},
            "addresses[0].kind",
        ),
        ({"ssn": None}, "ssn"),
        ({"ssn": Ssn("XXX-XX-6789")}, "ssn"),
        ({"last_name": None}, "last_name"),
        ({"first_name": "A" * 67}, "first_name"),
    ],
)
def test_unsupported_customers_are_refused(fields: dict[str, Any], field: str) -> None:
    """An invalid field is refused by name, without a request."""
    assert refused(ada(**fields)) == {field}


def test_unsupported_fields_need_consent(bank: Bank) -> None:
    """E-mail, phone, preferred name, a second address and external id are dropped with consent."""
    new = ada(
        emails=["ada@example.com"],
        phones=[Phone("+15551112222")],
        preferred_name="Addy",
        external_id="c-1",
        addresses=[home(primary=True), home(primary=False, line1="2 Other Way")],
    )
    with pytest.raises(InvalidInput) as caught:
        bank.customers.create(new)
    names = {"emails", "phones", "preferred_name", "external_id", "addresses"}
    assert {item.field.partition("[")[0] for item in caught.value.issues} == names
    assert bank.customers.create(new, accept_loss=names).address == home(primary=True)


def test_a_home_is_sent_as_a_physical_address(bank: Bank) -> None:
    """An address of another kind is sent as physical, and reported as changed."""
    created = bank.customers.create(ada(addresses=[home(kind=AddressKind.HOME)]))
    assert [(str(item.effect), item.field) for item in created.issues] == [
        ("changed", "addresses[0].kind")
    ]
    assert created.address is not None
    assert created.address.kind is AddressKind.PHYSICAL


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("individual_taxpayer_identification_number", GovernmentIdKind.ITIN),
        ("passport", GovernmentIdKind.PASSPORT),
        ("drivers_license", GovernmentIdKind.DRIVERS_LICENSE),
        ("other", GovernmentIdKind.OTHER),
        ("national_id", GovernmentIdKind.UNKNOWN),
    ],
)
def test_an_id_that_is_no_ssn_is_read_as_its_own_kind(
    bank: Bank, simulator: IncreaseSimulator, method: str, kind: GovernmentIdKind
) -> None:
    """Neither a taxpayer number nor that of a document is an SSN."""
    other = {"method": method, "number": "912456789"}
    result = bank.customers.get(simulator.seed_entity(identification=other))
    assert result.ssn is None
    (government_id,) = result.government_ids
    assert government_id.kind is kind
    assert government_id.native_kind == method
    assert government_id.number.is_masked
    assert government_id.number.last_four == "6789"


def test_an_entity_lists_whatever_it_is(
    bank: Bank, simulator: IncreaseSimulator
) -> None:
    """A joint entity is listed with its id and name (row 5)."""
    ids = {simulator.seed_entity(), simulator.seed_joint()}
    result = {item.id: item for item in bank.customers.list()}
    joint = result[simulator.entity_ids[1]]
    assert set(result) == ids
    assert joint.name == "Ada Sample and Bea Sample"
    assert (joint.ssn, joint.addresses, joint.date_of_birth) == (None, (), None)


def test_pages_follow_the_cursor(bank: Bank, simulator: IncreaseSimulator) -> None:
    """Each entity is listed once, and archived ones are left out."""
    ids = [simulator.seed_entity() for _ in range(7)]
    bank.customers.delete(ids[3])
    listed = [item.id for item in bank.customers.list(page_size=2)]
    assert sorted(listed) == sorted(ids[:3] + ids[4:])


def test_a_page_has_a_hundred_at_most(bank: Bank) -> None:
    """A page size is limited to the largest; an empty page is refused."""
    pages = list(bank.customers.list(page_size=101).pages())
    assert len(pages) == 1
    with pytest.raises(InvalidInput, match="page_size"):
        bank.customers.list(page_size=0)


def test_changes_are_written_alone(bank: Bank, simulator: IncreaseSimulator) -> None:
    """An update changes the address and the SSN only."""
    entity_id = simulator.seed_entity(name="Ada Sample")
    changes = CustomerChanges(addresses=[home()], ssn=Ssn("912-45-1234"))
    changed = bank.customers.update(entity_id, changes)
    assert changed.ssn is not None
    assert changed.ssn.last_four == "1234"
    assert changed.address == home(primary=True)
    assert changed.name == "Ada Sample"


@pytest.mark.parametrize("name", ["first_name", "last_name", "date_of_birth"])
def test_forbidden_updates_are_refused(bank: Bank, name: str) -> None:
    """The date of birth and the parts of a name cannot be changed."""
    with pytest.raises(FieldNotUpdatable):
        bank.customers.update(
            "entity_1", CustomerChanges(**{name: getattr(ada(), name)})
        )


def test_an_archived_customer_is_not_found(
    bank: Bank, simulator: IncreaseSimulator
) -> None:
    """The neutral delete archives: neither get nor KYC finds the entity (row 4)."""
    entity_id = simulator.seed_entity()
    bank.customers.delete(entity_id)
    assert simulator.stored(entity_id).record["status"] == "archived"
    for look in (bank.customers.get, bank.kyc.get):
        with pytest.raises(NotFound) as caught:
            look(entity_id)
        assert caught.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize("again", ["refuse", "accept"])
def test_archiving_again_is_no_error(again: str) -> None:
    """A second delete is a success."""
    simulator = IncreaseSimulator(archive_again=again)
    entity_id = simulator.seed_entity()
    with increase(simulator) as bank:
        bank.customers.delete(entity_id)
        bank.customers.delete(entity_id)


def test_a_lost_archiving_is_repeated() -> None:
    """A lost delete is repeated, and a refusal to archive again is a success."""
    simulator = IncreaseSimulator()
    faulty = Faults().around(simulator)
    entity_id = simulator.seed_entity()
    faulty.schedule("lost")
    with increase(faulty) as bank:
        bank.customers.delete(entity_id)
    assert simulator.stored(entity_id).record["status"] == "archived"


def test_a_customer_with_open_accounts_is_not_archived(
    bank: Bank, simulator: IncreaseSimulator
) -> None:
    """Increase refuses to archive an entity with open accounts."""
    entity_id = simulator.seed_entity()
    simulator.seed_account(entity_id)
    with pytest.raises(Conflict, match="accounts"):
        bank.customers.delete(entity_id)
    assert bank.customers.get(entity_id).id == entity_id


def test_a_lost_create_is_sent_again_under_its_key() -> None:
    """A repeated create returns the entity of the first request."""
    simulator = IncreaseSimulator()
    faulty = Faults().around(simulator)
    faulty.schedule("lost", "truncated")
    with increase(faulty) as bank:
        created = bank.customers.create(ada())
    assert simulator.entity_ids == (created.id,)


def test_an_unreadable_response_leaves_the_key() -> None:
    """A lost create can be repeated under the key of its error."""
    simulator = IncreaseSimulator()
    faulty = Faults().around(simulator)
    faulty.schedule("malformed")
    with increase(faulty) as bank:
        with pytest.raises(UnexpectedResponse) as caught:
            bank.customers.create(ada())
        key = caught.value.idempotency_key
        assert caught.value.outcome is Outcome.UNKNOWN
        created = bank.customers.create(ada(), idempotency_key=key)
    assert simulator.entity_ids == (created.id,)


def test_the_error_of_a_lost_create_has_the_key() -> None:
    """A lost create is repeatable with the key of its error only."""
    simulator = IncreaseSimulator()
    faulty = Faults().around(simulator)
    faulty.schedule("lost", "lost")
    with increase(faulty, retries=0) as bank:
        with pytest.raises(OutcomeUnknown) as caught:
            bank.customers.create(ada())
        key = caught.value.idempotency_key
        assert not caught.value.retryable
        with pytest.raises(OutcomeUnknown) as again:
            bank.customers.create(ada(), idempotency_key=key)
        assert again.value.retryable
        created = bank.customers.create(ada(), idempotency_key=key)
    assert simulator.entity_ids == (created.id,)


@pytest.mark.parametrize(
    ("issues", "status"),
    [([], KycStatus.PASSED), (["entity_address"], KycStatus.DOCUMENTS_REQUIRED)],
)
def test_a_validation_is_the_verification(
    bank: Bank, simulator: IncreaseSimulator, issues: list[str], status: KycStatus
) -> None:
    """A validation starts automatically and ends by a simulation, with its issues."""
    entity_id = simulator.seed_entity()
    assert bank.kyc.get(entity_id).status is KycStatus.SUBMITTED
    path = f"/simulations/entities/{entity_id}/update_validation"
    body = {"issues": [{"category": item} for item in issues]}
    bank.request("POST", path, json=body)
    result = bank.kyc.get(entity_id)
    assert result.status is status
    assert [item.kind for item in result.documents] == issues


def test_an_entity_without_validation_is_not_started() -> None:
    """An entity without a validation is NOT_STARTED."""
    simulator = IncreaseSimulator(validates=False)
    with increase(simulator) as bank:
        result = bank.kyc.get(simulator.seed_entity())
    assert (result.status, result.native_status) == (KycStatus.NOT_STARTED, None)


def test_a_new_word_of_a_validation_is_unknown() -> None:
    """An unknown status is UNKNOWN, with the vendor's word."""
    bank, _ = scripted(entity(validation={"status": "novel", "issues": []}))
    result = bank.kyc.get("entity_1")
    assert (result.status, result.native_status) == (KycStatus.UNKNOWN, "novel")


def decide(bank: Bank, entity_id: str, *issues: str) -> None:
    """End the validation of an entity, with issues or without."""
    path = f"/simulations/entities/{entity_id}/update_validation"
    body = {"issues": [{"category": item} for item in issues]}
    bank.request("POST", path, json=body)


def test_a_start_returns_the_verification_of_the_create(
    simulator: IncreaseSimulator,
) -> None:
    """`kyc.start` sends a read alone, whatever program and key it is given."""
    recorder = Recorder(simulator)
    with increase(recorder) as bank:
        created = bank.customers.create(ada())
        recorder.forget()
        start = StartKyc(program_id="p", idempotency_key="k", ssn="912-45-6789")
        started = bank.kyc.start(created.id, start)
        assert [item.method for item in recorder.requests] == ["GET"]
        assert started == bank.kyc.get(created.id)
        assert started.status is KycStatus.SUBMITTED
    support = Increase.capabilities.feature("kyc.start").support
    assert (support, Increase.capabilities.create_verifies) == (Support.EMULATED, True)


def test_a_new_customer_is_pending_and_then_active(bank: Bank) -> None:
    """The validation that the create starts decides the status."""
    created = bank.customers.create(ada())
    assert (created.status, created.native_status) == (
        CustomerStatus.PENDING,
        "pending",
    )
    decide(bank, created.id)
    decided = bank.customers.get(created.id)
    assert (decided.status, decided.native_status) == (CustomerStatus.ACTIVE, "active")


def test_a_denied_create_is_a_customer(bank: Bank) -> None:
    """A person whom Increase refuses is a value with a status, and not an error."""
    created = bank.customers.create(ada(addresses=[home(line1="PO Box 7")]))
    assert (created.status, created.native_status) == (CustomerStatus.DENIED, "invalid")
    (document,) = bank.kyc.get(created.id).documents
    assert document.kind == "entity_address"


STATUSES = [
    ("active", None, CustomerStatus.ACTIVE, "active"),
    ("disabled", "valid", CustomerStatus.DISABLED, "disabled"),
    ("archived", "invalid", CustomerStatus.ARCHIVED, "archived"),
    ("frozen", "valid", CustomerStatus.UNKNOWN, "frozen"),
    ("active", "novel", CustomerStatus.UNKNOWN, "novel"),
    (None, "valid", None, None),
]


@pytest.mark.parametrize(("word", "validation", "status", "native"), STATUSES)
def test_the_status_is_that_of_the_entity_and_its_validation(
    word: str | None, validation: str | None, status: CustomerStatus | None, native: str
) -> None:
    """An entity that is not active keeps its own status, whatever its validation says."""
    decision = validation and {"status": validation, "issues": []}
    record = {"id": "entity_1", "status": word, "validation": decision}
    page = {"data": [record], "next_cursor": None}
    bank, _ = scripted(httpx.Response(200, json=page))
    (customer,) = bank.customers.list()
    assert (customer.status, customer.native_status) == (status, native)


def test_credentials_are_checked_by_a_list(bank: Bank) -> None:
    """A good key lists one entity, a bad one raises."""
    assert "accepted the key" in bank.credentials.check().note


def test_the_hosts_are_the_vendors() -> None:
    """The hosts are the servers of the OpenAPI document."""
    assert dict(Increase.capabilities.hosts) == {
        "sandbox": "https://sandbox.increase.com",
        "production": "https://api.increase.com",
    }


ODD: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"date_of_birth": "0000-00-00"}, ("date_of_birth",)),
    ({"address": {"zip": 89501}}, ("addresses[0].postal_code",)),
    ({"address": 5}, ("addresses",)),
    ({"identification": {"method": 5}}, ("ssn",)),
    ({"name": 5}, ("full_name",)),
]


@pytest.mark.parametrize(("person", "names"), ODD, ids=str)
def test_one_odd_entity_is_one_entity(
    person: dict[str, Any], names: tuple[str, ...]
) -> None:
    """A list and a create name the unreadable field."""
    odd = {"id": "e1", "natural_person": {"name": "Ada Null", **person}}
    page = {"data": [odd, {"id": "e2"}, {"id": ".."}, 5], "next_cursor": None}
    answers = [httpx.Response(200, json=item) for item in (page, odd)]
    with Bank("increase", api_key=KEY, transport=Script(*answers), retries=0) as bank:
        listing = bank.customers.list()
        listed = list(listing)
        assert [(item.id, item.unreadable) for item in listed] == [
            ("e1", names),
            ("e2", ()),
        ]
        assert listing.without_id == 2
        created = bank.customers.create(ada(), accept_loss="all")
        assert (created.id, created.unreadable) == ("e1", names)


@pytest.mark.parametrize(
    "answer",
    [{"id": "e1", "status": "active"}, {"id": "e2", "status": "archived"}, {}],
    ids=str,
)
def test_an_entity_that_is_not_archived_is_not_deleted(answer: dict[str, Any]) -> None:
    """A delete succeeds only with an archived entity in the response."""
    script = Script(httpx.Response(200, json=answer))
    bank = Bank("increase", api_key=KEY, transport=script, retries=0)
    with bank, pytest.raises(UnexpectedResponse) as caught:
        bank.customers.delete("e1")
    assert caught.value.outcome is Outcome.UNKNOWN
