"""Government ids at Increase: each kind with what its page asks for, and no other kind."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import httpx
import pytest
from tests.fakes import FakeTime, Script

from anybank import (
    AsyncBank,
    Bank,
    CustomerChanges,
    GovernmentId,
    GovernmentIdKind,
    InvalidInput,
    Issue,
    NewCustomer,
    Rejected,
    Ssn,
)
from anybank_increase import IncreaseExtras
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, increase
from .document import Watched

NUMBER = "X12345678"
CONFIRMED = {"increase": IncreaseExtras(confirmed_no_us_tax_id=True)}
DETAILS: dict[GovernmentIdKind, dict[str, Any]] = {
    GovernmentIdKind.PASSPORT: {
        "country": "GB",
        "expires": date(2031, 4, 5),
        "document_id": "file_1",
    },
    GovernmentIdKind.DRIVERS_LICENSE: {
        "state": "NV",
        "expires": date(2031, 4, 5),
        "document_id": "file_1",
    },
    GovernmentIdKind.OTHER: {
        "country": "MX",
        "description": "Consular card",
        "document_id": "file_1",
    },
}
NAMES = {"expires": "expiration_date", "document_id": "file_id"}


def document(kind: GovernmentIdKind, **fields: Any) -> GovernmentId:
    return GovernmentId(**{"kind": kind, "number": NUMBER, **DETAILS[kind], **fields})


def identified(*ids: GovernmentId, **fields: Any) -> NewCustomer:
    return ada(ssn=None, government_ids=ids, **{"extras": CONFIRMED, **fields})


def issues_of(new: NewCustomer | CustomerChanges, **timing: Any) -> list[Issue]:
    clock = FakeTime(**timing).timing()
    with Bank("increase", transport=Script(), api_key=KEY, timing=clock) as bank:
        return list(bank.check(new))


def refusal(new: NewCustomer) -> list[tuple[str, str]]:
    """Return the fields and rules of a create that is refused without a request."""
    script = Script()
    with (
        Bank("increase", transport=script, api_key=KEY) as bank,
        pytest.raises(InvalidInput) as caught,
    ):
        bank.customers.create(new)
    assert script.requests == []
    assert NUMBER not in str(caught.value)
    return [(issue.field, issue.rule) for issue in caught.value.issues]


@pytest.mark.parametrize("kind", DETAILS)
def test_a_document_is_written_as_the_page_has_it(kind: GovernmentIdKind) -> None:
    """The details of a document stand under the name of its method, and nothing else."""
    simulator = IncreaseSimulator()
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(identified(document(kind)))
        read = bank.customers.get(created.id)
    assert read.ssn is None
    (government_id,) = read.government_ids
    assert government_id.kind is kind
    assert government_id.number.is_masked
    assert government_id.number.last_four == "5678"
    stored = simulator.stored(created.id)
    assert stored.number is not None
    assert stored.number.reveal() == NUMBER


@pytest.mark.parametrize("kind", DETAILS)
def test_the_request_has_the_details_under_the_method(kind: GovernmentIdKind) -> None:
    """The body is that of the document "Create an entity"."""
    script = Script(httpx.Response(200, json={"id": "entity_1"}))
    with Bank("increase", transport=script, api_key=KEY) as bank:
        bank.customers.create(identified(document(kind)))
    person = json.loads(script.requests[0].content)["natural_person"]
    details = {NAMES.get(name, name): value for name, value in DETAILS[kind].items()}
    if "expiration_date" in details:
        details["expiration_date"] = details["expiration_date"].isoformat()
    assert person["confirmed_no_us_tax_id"] is True
    assert person["identification"] == {
        "method": kind.value,
        "number": NUMBER,
        kind.value: details,
    }


@pytest.mark.parametrize("kind", DETAILS)
@pytest.mark.parametrize("field", ["country", "state", "expires", "description"])
def test_a_kind_needs_its_details_and_no_others(
    kind: GovernmentIdKind, field: str
) -> None:
    """A missing detail is refused, and one that the kind lacks is lost by consent only."""
    present = DETAILS[kind].get(field)
    other = {
        "country": "US",
        "state": "CA",
        "expires": date(2032, 1, 1),
        "description": "Card",
    }
    changed = document(kind, **{field: None if present else other[field]})
    if field == "expires" and kind is GovernmentIdKind.OTHER:
        assert issues_of(identified(changed)) == []  # optional there
        return
    rule = "create=required" if present else "create=refused"
    assert refusal(identified(changed)) == [(f"government_ids[0].{field}", rule)]


@pytest.mark.parametrize("kind", DETAILS)
def test_a_document_needs_its_file(kind: GovernmentIdKind) -> None:
    """The message says where a file's id comes from."""
    new = identified(document(kind, document_id=None))
    (issue,) = issues_of(new)
    assert issue.field == "government_ids[0].document_id"
    assert "kyc.upload_document" in issue.remedy.text


@pytest.mark.parametrize("kind", DETAILS)
@pytest.mark.parametrize(
    "extras",
    [
        {},
        {"increase": IncreaseExtras()},
        {"increase": IncreaseExtras(confirmed_no_us_tax_id=False)},
    ],
)
def test_the_confirmation_is_never_assumed(
    kind: GovernmentIdKind, extras: dict[str, object]
) -> None:
    """Without the caller's word only an SSN or an ITIN is sent."""
    new = identified(document(kind), extras=extras)
    assert refusal(new) == [("government_ids[0].kind", "confirmed_by")]


def test_an_itin_is_written_as_an_itin() -> None:
    """It needs no confirmation and no file, and is never an SSN."""
    simulator = IncreaseSimulator()
    itin = GovernmentId(kind=GovernmentIdKind.ITIN, number="912-70-6789")
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(identified(itin, extras={}))
    identification = simulator.stored(created.id).record["natural_person"][
        "identification"
    ]
    assert identification == {
        "method": "individual_taxpayer_identification_number",
        "number_last4": "6789",
    }
    assert created.ssn is None
    assert created.government_ids[0].kind is GovernmentIdKind.ITIN


def test_an_ssn_among_the_ids_is_the_ssn() -> None:
    """The long way writes what the short way does, and reads the same."""
    simulator = IncreaseSimulator()
    ssn = GovernmentId(kind=GovernmentIdKind.SSN, number="912-45-6789")
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(identified(ssn, extras={}))
    assert created.ssn == Ssn("XXX-XX-6789")
    assert created.government_ids == ()


def test_an_ssn_or_another_id_is_required() -> None:
    """`check` names both."""
    (issue,) = issues_of(ada(ssn=None))
    assert (issue.field, issue.rule) == ("ssn", "create=required")
    assert issue.message == "Increase requires it or government_ids"


def test_of_an_ssn_and_another_id_one_is_lost_by_consent() -> None:
    """Increase stores one identification, which is then the SSN."""
    new = ada(government_ids=[document(GovernmentIdKind.PASSPORT)], extras=CONFIRMED)
    assert refusal(new) == [("government_ids", "one_of")]
    with increase(IncreaseSimulator()) as bank:
        created = bank.customers.create(new, accept_loss={"government_ids"})
    assert created.ssn == Ssn("XXX-XX-6789")
    assert created.government_ids == ()


def test_two_different_ssns_are_refused() -> None:
    """One of them would be lost."""
    other = GovernmentId(kind=GovernmentIdKind.SSN, number="912-45-6780")
    assert refusal(ada(government_ids=[other])) == [("government_ids", "one SSN")]


def test_a_second_document_is_lost_by_consent() -> None:
    """An entity has one identification."""
    ids = [document(GovernmentIdKind.PASSPORT), document(GovernmentIdKind.OTHER)]
    assert refusal(identified(*ids)) == [("government_ids[1]", "items<=1")]


@pytest.mark.parametrize(
    ("expires", "is_expired"),
    [(date(2023, 11, 14), False), (date(2023, 11, 13), True), (date(2001, 1, 1), True)],
)
def test_an_expired_document_is_refused(expires: date, *, is_expired: bool) -> None:
    """By the clock of the bank, on the day after its last day wherever that is."""
    now = 1_700_000_000.0  # 14 November 2023, 22:13 UTC
    new = identified(document(GovernmentIdKind.PASSPORT, expires=expires))
    found = [(issue.field, issue.rule) for issue in issues_of(new, now=now)]
    assert found == [("government_ids[0].expires", "expired")] * is_expired


@pytest.mark.parametrize("number", ["****5678", "123"])
def test_a_mask_or_a_short_number_is_not_sent(number: str) -> None:
    """A mask is never written as a number; Increase's have at least four characters."""
    passport = document(GovernmentIdKind.PASSPORT, number=number)
    ((field, _),) = refusal(identified(passport))
    assert field == "government_ids[0].number"


def test_an_id_can_be_changed() -> None:
    """An update replaces the identification, and needs the same details."""
    simulator = IncreaseSimulator()
    passport = document(GovernmentIdKind.PASSPORT)
    changes = CustomerChanges(government_ids=[passport], extras=CONFIRMED)
    with increase(Watched(simulator)) as bank:
        created = bank.customers.create(ada())
        updated = bank.customers.update(created.id, changes)
        again = bank.customers.update(
            created.id, CustomerChanges(ssn=Ssn("912-45-6780"))
        )
    assert updated.ssn is None
    assert updated.government_ids[0].kind is GovernmentIdKind.PASSPORT
    assert again.ssn == Ssn("XXX-XX-6780")
    assert again.government_ids == ()


def test_an_ssn_among_the_changes_is_the_ssn() -> None:
    """It does not clear the list."""
    ssn = GovernmentId(kind=GovernmentIdKind.SSN, number="912-45-6780")
    with increase(IncreaseSimulator()) as bank:
        created = bank.customers.create(ada())
        updated = bank.customers.update(
            created.id, CustomerChanges(government_ids=[ssn])
        )
    assert updated.ssn == Ssn("XXX-XX-6780")


def test_an_error_of_a_detail_names_our_field() -> None:
    """The vendor's path ends at the part of the government id."""
    path = "natural_person.identification.passport.expiration_date"
    error = {"field": path, "message": "is too early"}
    problem = {"type": "invalid_parameters_error", "title": "-", "errors": [error]}
    script = Script(httpx.Response(400, json=problem))
    passport = document(GovernmentIdKind.PASSPORT)
    with (
        Bank("increase", transport=script, api_key=KEY, retries=0) as bank,
        pytest.raises(Rejected) as caught,
    ):
        bank.customers.create(identified(passport))
    assert caught.value.field_errors == {"government_ids[0].expires": ("is too early",)}


@pytest.mark.parametrize("vendor", ["bond", "sonder"])
def test_a_vendor_without_the_field_is_sent_nothing(vendor: str) -> None:
    """The loss of the id needs consent, also where it is the only one."""
    options: dict[str, Any] = {
        "bond": {"identity": "i", "authorization": "a"},
        "sonder": {"token": "t"},
    }
    script = Script()
    new = ada(government_ids=[document(GovernmentIdKind.PASSPORT)])
    with (
        Bank(vendor, transport=script, **options[vendor]) as bank,
        pytest.raises(InvalidInput) as caught,
    ):
        bank.customers.create(new)
    assert ("government_ids", "create=refused") in [
        (issue.field, issue.rule) for issue in caught.value.issues
    ]
    assert script.requests == []


def test_an_async_bank_refuses_the_same() -> None:
    """Nothing is sent there either."""
    script = Script()
    new = identified(document(GovernmentIdKind.OTHER), extras={})

    async def create() -> None:
        async with AsyncBank("increase", transport=script, api_key=KEY) as bank:
            await bank.customers.create(new)

    with pytest.raises(InvalidInput, match="confirmed_no_us_tax_id"):
        asyncio.run(create())
    assert script.requests == []
