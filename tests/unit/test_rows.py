"""Every row of docs/vendors/unit.md, by its number."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import define, evolve, field

from anybank import (
    Bank,
    CustomerChanges,
    CustomerStatus,
    FieldNotUpdatable,
    GovernmentIdKind,
    InvalidInput,
    KycStatus,
    NewKycDocument,
    NewWebhookSubscription,
    NotFound,
    Rejected,
    Ssn,
)
from anybank.adapter.wire import Request, Response
from anybank_unit import (
    UnitAccountExtras,
    UnitChangesExtras,
    UnitExtras,
    UnitSubscriptionExtras,
)
from anybank_unit.simulator import UnitSimulator

from .banks import PASSPORT, TOKEN, ada, deposit, unit

_SSNS = {
    5: ("000000001", "Denied", []),
    6: ("000000002", "AwaitingDocuments", ["AddressVerification"]),
    7: ("000000003", "AwaitingDocuments", ["IdDocument"]),
    8: ("000000004", "PendingReview", []),
    9: ("000000006", "AwaitingDocuments", ["SocialSecurityCard"]),
    10: ("912456789", "Approved", []),
}


@define
class Recording:
    """A simulator that records its requests."""

    bank: UnitSimulator = field(factory=UnitSimulator)
    requests: list[Request] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.bank(request)

    def attributes(self) -> Any:
        """Return the attributes of the last write."""
        writes = [it for it in self.requests if it.method in ("POST", "PATCH")]
        body: Any = Response(status=200, content=_bytes(writes[-1].body)).json()
        return body["data"]["attributes"]


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()


@pytest.mark.parametrize("ssn", ["000000002", "000000003", "000000004"])
def test_row_1_an_undecided_application_is_pending(bank: Bank, ssn: str) -> None:
    """The customer of an undecided application has the application's number, prefixed."""
    created = bank.customers.create(ada(ssn=Ssn(ssn)))
    assert created.id.startswith("application-")
    assert created.status is CustomerStatus.PENDING


def test_row_2_a_denied_application_is_denied(bank: Bank) -> None:
    """A denied person keeps the number of the application."""
    created = bank.customers.create(ada(ssn=Ssn("000000001")))
    assert created.id.startswith("application-")
    assert created.status is CustomerStatus.DENIED


def test_row_3_an_approved_application_has_become_a_customer(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """The customer's own number is the id, and the status is ACTIVE."""
    created = bank.customers.create(ada())
    assert (created.id,) == simulator.customer_ids
    assert created.status is CustomerStatus.ACTIVE


@pytest.mark.parametrize("ssn", ["000000004", "912456789"])
def test_row_4_whoever_is_canceled_or_archived_is_not_found(
    bank: Bank, ssn: str
) -> None:
    """After a deletion the person is not found, as an application or as a customer."""
    created = bank.customers.create(ada(ssn=Ssn(ssn)))
    bank.customers.delete(created.id)
    with pytest.raises(NotFound):
        bank.customers.get(created.id)


@pytest.mark.parametrize("row", _SSNS)
def test_rows_5_6_7_8_9_10_an_ssn_decides(bank: Bank, row: int) -> None:
    """Each SSN of the sandbox has the status and the documents of its row."""
    ssn, word, kinds = _SSNS[row]
    check = bank.kyc.get(bank.customers.create(ada(ssn=Ssn(ssn))).id)
    assert check.native_status == word
    assert [document.kind for document in check.documents] == kinds
    assert (check.status is KycStatus.PASSED) == (row == 10)


def test_row_11_a_name_has_two_parts() -> None:
    """The two names are sent as fullName, and a middle name needs consent."""
    recording = Recording()
    with unit(recording) as bank:
        with pytest.raises(InvalidInput) as caught:
            bank.customers.create(ada(middle_name="May"))
        assert [issue.field for issue in caught.value.issues] == ["middle_name"]
        bank.customers.create(ada())
    assert recording.attributes()["fullName"] == {"first": "Ada", "last": "Sample"}


def test_row_12_a_date_of_birth_cannot_be_changed(bank: Bank) -> None:
    """The date is refused before anything is sent, and so are names."""
    created = bank.customers.create(ada())
    for changes in (
        CustomerChanges(date_of_birth=ada().date_of_birth),
        CustomerChanges(first_name="Eve"),
    ):
        with pytest.raises(FieldNotUpdatable):
            bank.customers.update(created.id, changes)


def test_row_13_a_person_has_one_id() -> None:
    """An SSN is sent alone, a passport with its country as the nationality."""
    recording = Recording()
    with unit(recording) as bank:
        bank.customers.create(ada())
        assert recording.attributes()["ssn"] == "912456789"
        created = bank.customers.create(
            ada(ssn=None, government_ids=[PASSPORT], external_id="user-2")
        )
        written = recording.attributes()
        (passport,) = bank.customers.get(created.id).government_ids
    assert (written["passport"], written["nationality"]) == ("X12345678", "DE")
    assert "ssn" not in written
    assert (passport.kind, passport.country) == (GovernmentIdKind.PASSPORT, "DE")


@pytest.mark.parametrize("name", ["emails", "phones", "addresses"])
def test_row_14_one_of_each_is_required_and_can_be_changed(
    bank: Bank, name: str
) -> None:
    """None and two are refused; a change of one is accepted."""
    person = ada()
    one = getattr(person, name)
    none, two = ({name: items} for items in ((), (*one, *one)))
    assert any(name in issue.field for issue in bank.check(evolve(person, **none)))  # type: ignore[arg-type] # by its name
    assert bank.check(evolve(person, **two))  # type: ignore[arg-type] # by its name
    created = bank.customers.create(person)
    changes: dict[str, Any] = {name: one}
    bank.customers.update(created.id, CustomerChanges(**changes))


def test_row_15_the_external_id_is_a_tag_that_the_customer_inherits() -> None:
    """It is written as a tag of the application, and read from the customer."""
    recording = Recording()
    with unit(recording) as bank:
        created = bank.customers.create(ada())
        assert recording.attributes()["tags"] == {"externalId": "user-1"}
        assert bank.customers.get(created.id).external_id == "user-1"
        with pytest.raises(FieldNotUpdatable):
            bank.customers.update(created.id, CustomerChanges(external_id="user-2"))


def test_row_16_the_extras_of_an_application_are_attributes() -> None:
    """Every one of them is sent under Unit's name."""
    recording = Recording()
    extras = UnitExtras(
        occupation="GigWorker",
        annual_income="UpTo10k",
        source_of_income="EmploymentOrPayrollIncome",
        ip="192.0.2.7",
        device_fingerprint="0400bp",
        jwt_subject="app|1",
        tags={"branch": "north"},
    )
    with unit(recording) as bank:
        bank.customers.create(ada(extras={"unit": extras}))
    written = recording.attributes()
    assert [written[name] for name in ("occupation", "annualIncome", "ip")] == [
        "GigWorker",
        "UpTo10k",
        "192.0.2.7",
    ]
    assert written["sourceOfIncome"] == "EmploymentOrPayrollIncome"
    assert written["deviceFingerprints"] == [
        {"provider": "iovation", "value": "0400bp"}
    ]
    assert written["jwtSubject"] == "app|1"
    assert written["tags"] == {"branch": "north", "externalId": "user-1"}


def test_row_17_updates_accounts_and_webhooks_have_extras_of_their_own() -> None:
    """Each is sent with its request; tags of a customer cannot be changed."""
    recording = Recording()
    subject = UnitChangesExtras(jwt_subject="app|2")
    account = UnitAccountExtras(tags={"purpose": "rent"})
    hook = UnitSubscriptionExtras(delivery_mode="AtMostOnce", include_resources=True)
    with unit(recording) as bank:
        created = bank.customers.create(ada())
        bank.customers.update(created.id, CustomerChanges(extras={"unit": subject}))
        assert recording.attributes() == {"jwtSubject": "app|2"}
        bank.accounts.create(evolve(deposit(created.id), extras={"unit": account}))
        assert recording.attributes()["tags"] == {"purpose": "rent"}
        bank.webhook_subscriptions.create(
            NewWebhookSubscription(
                url="https://app.example.com",
                events=[],
                description="anybank",
                extras={"unit": hook},
            )
        )
        written = recording.attributes()
        tagged = CustomerChanges(extras={"unit": UnitExtras(tags={"a": "b"})})
        with pytest.raises(InvalidInput):
            bank.customers.update(created.id, tagged)
    assert (written["deliveryMode"], written["includeResources"]) == (
        "AtMostOnce",
        True,
    )


def test_row_18_a_second_archiving_or_closing_is_settled_by_a_read() -> None:
    """The error of a repeat is followed by a read, whose status decides."""
    recording = Recording()
    with unit(recording) as bank:
        person = bank.customers.create(ada()).id
        account = bank.accounts.create(deposit(person)).id
        assert bank.accounts.close(account) == bank.accounts.close(account)
        bank.customers.delete(person)
        bank.customers.delete(person)
    assert recording.requests[-1].method == "GET"


def test_row_19_an_archiving_is_sent_in_both_places() -> None:
    """`type` and `attributes` are next to `data` and in it."""
    recording = Recording()
    with unit(recording) as bank:
        bank.customers.delete(bank.customers.create(ada()).id)
    (archiving,) = (it for it in recording.requests if it.path.endswith("/archive"))
    body: Any = Response(status=200, content=_bytes(archiving.body)).json()
    assert body["type"] == body["data"]["type"] == "archiveCustomer"
    assert body["attributes"] == body["data"]["attributes"]


def test_row_20_one_owner_is_sent_as_several() -> None:
    """The relationship of a new account is `customers`, for one owner too."""
    recording = Recording()
    with unit(recording) as bank:
        bank.accounts.create(deposit(bank.customers.create(ada()).id))
    body: Any = Response(status=200, content=_bytes(recording.requests[-1].body)).json()
    assert list(body["data"]["relationships"]) == ["customers"]


def test_row_21_since_is_inclusive(bank: Bank, simulator: UnitSimulator) -> None:
    """An event of exactly that time is listed, and one a moment earlier is not."""
    simulator.seed_application()
    (*_, last) = bank.events.list()
    assert last.occurred_at is not None
    assert last in list(bank.events.list(since=last.occurred_at))
    later = datetime(2100, 1, 1, tzinfo=UTC)
    assert list(bank.events.list(since=later)) == []


def test_row_22_a_short_page_of_events_is_the_last(
    bank: Bank, simulator: UnitSimulator
) -> None:
    """A full page has a token, a short one has none; nothing is listed twice."""
    for _ in range(3):
        simulator.seed_application(ssn="000000004")
    pages = list(bank.events.list(page_size=4).pages())
    listed = [event.id for page in pages for event in page.items]
    assert len(listed) == len(set(listed)) > 4
    assert [page.next_token is None for page in pages][-1]
    assert all(len(page) == 4 for page in pages[:-1])


@pytest.mark.parametrize(
    "query",
    [
        {"filter[tags][externalId]": "user-1"},
        {"filter[tags]": '{"externalId":"user-1"}'},
    ],
)
def test_row_23_tags_are_filtered_in_two_ways(
    bank: Bank, query: dict[str, str]
) -> None:
    """Both list the one customer who has the tag; what is no object of tags is refused."""
    created = bank.customers.create(ada())
    bank.customers.create(ada(external_id="user-2", ssn=Ssn("912456780")))
    listed: Any = bank.request("GET", "/customers", query=query).json()
    assert [row["id"] for row in listed["data"]] == [created.id]
    with pytest.raises(Rejected):
        bank.request("GET", "/customers", query={"filter[tags]": "user-1"})


def test_row_24_a_webhook_without_a_mode_is_delivered_until_it_succeeds(
    bank: Bank,
) -> None:
    """The simulator stores the mode that Unit's clients leave out."""
    attributes = {
        "label": "hook",
        "url": "https://app.example.com",
        "token": "secret",
        "contentType": "JsonAPI",
    }
    body = {"data": {"type": "webhook", "attributes": attributes}}
    created: Any = bank.request("POST", "/webhooks", json=body).json()
    assert created["data"]["attributes"]["deliveryMode"] == "AtLeastOnce"


@pytest.mark.parametrize("form", [True, False])
def test_row_25_a_document_is_uploaded_in_two_ways(
    bank: Bank, simulator: UnitSimulator, form: bool
) -> None:
    """A part of a form and the body of a request both leave the application to a review."""
    person = bank.customers.create(ada(ssn=Ssn("000000003"))).id
    if form:
        scan = NewKycDocument(
            kind="IdDocument", content=b"%PDF", media_type="image/png"
        )
        bank.kyc.upload_document(person, scan)
    else:
        number = person.removeprefix("application-")
        headers = {"content-type": "image/png", "authorization": f"Bearer {TOKEN}"}
        path = f"/applications/{number}/documents/1"
        simulator(Request(method="PUT", path=path, headers=headers, body=b"%PDF"))
    assert bank.kyc.get(person).native_status == "PendingReview"


@pytest.mark.parametrize("code", ["not_found", "customer_not_found"])
def test_row_26_the_code_of_an_absent_record_wins_over_its_status(code: str) -> None:
    """Unit refuses an id that it does not know with the status 400."""
    error = {"title": "No", "status": "400", "code": code}
    body = json.dumps({"errors": [error]}).encode()
    refusing = unit(lambda _: Response(status=400, content=body), retries=0)
    with refusing as bank, pytest.raises(NotFound) as caught:
        bank.customers.get("1")
    assert caught.value.status == 400
