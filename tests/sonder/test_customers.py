"""Customers of Sonder: writing, reading back, composing, and the options."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tests.fakes import home
from tests.sonder.banks import ID, TOKEN, sarah, sent, sonder, stored, wrapped

from anybank import (
    AddressKind,
    AnybankError,
    Bank,
    CustomerChanges,
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    NotFound,
    NotSent,
    Origin,
    Outcome,
    OutcomeUnknown,
    Phone,
    PhoneKind,
    ProviderUnavailable,
    Rejected,
    Ssn,
    UnexpectedResponse,
    Unsupported,
)
from anybank.declaration.preflight import prepare_or_raise

CREATED = {"customerId": ID}


def test_a_customer_is_written_with_the_vendors_names() -> None:
    """All ten fields, as JSON, behind a bearer token."""
    bank, script = sonder(wrapped(CREATED), wrapped(stored()))
    bank.customers.create(sarah())
    assert sent(script) == {
        "socialSecurityNumber": "333-52-7584",
        "dateOfBirth": "1997-12-25",
        "documentLocatorNumber": 123456789,
        "preferredName": "Sally",
        "firstName": "James",
        "middleName": "Jane",
        "lastName": "Bond",
        "emails": ["james@example.com"],
        "phoneNumbers": [{"type": "MOBILE", "number": "555-111-2222"}],
        "addresses": [
            {
                "type": "HOME",
                "street": "345 California Ave.",
                "city": "San Francisco",
                "state": "CA",
                "zip": "94104",
            }
        ],
    }
    assert script.request_lines == [
        "POST /sandbox/customer",
        f"GET /sandbox/customer/{ID}",
    ]
    assert script.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_created_customer_is_read_back() -> None:
    """The response is an id, so the customer is read back."""
    bank, _ = sonder(wrapped(CREATED), wrapped(stored(preferredName="Jim")))
    created = bank.customers.create(sarah())
    assert (created.id, created.origin, created.preferred_name) == (
        ID,
        Origin.READ,
        "Jim",
    )
    assert created.ssn is None


def test_a_create_without_read_back_sends_one_request() -> None:
    """With read_back=False there is one request, and the customer is composed."""
    bank, script = sonder(wrapped(CREATED))
    created = bank.customers.create(sarah(), read_back=False)
    assert (created.id, created.origin) == (ID, Origin.COMPOSED)
    assert len(script.requests) == 1


def test_a_prepared_customer_is_sent_unchanged() -> None:
    """A customer who was checked already is not checked again."""
    bank, script = sonder(wrapped(CREATED))
    settled = prepare_or_raise(bank.capabilities, sarah())
    created = bank.customers.create(settled, read_back=False)
    assert created.issues == settled.issues
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "back",
    [
        httpx.Response(404),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.ReadTimeout("lost"),
        httpx.ConnectError("refused"),
        httpx.Response(429, headers={"retry-after": "3600"}),
    ],
    ids=repr,
)
def test_a_customer_is_composed_if_the_read_fails(back: Any) -> None:
    """If the read fails, the customer is composed of the id and the fields sent."""
    bank, _ = sonder(wrapped(CREATED), back)
    created = bank.customers.create(sarah())
    assert (created.id, created.origin) == (ID, Origin.COMPOSED)
    assert (created.first_name, created.emails) == ("James", ("james@example.com",))
    assert created.addresses == sarah().addresses


@pytest.mark.parametrize(
    ("answer", "kind", "outcome"),
    [
        (httpx.ReadTimeout("lost"), OutcomeUnknown, Outcome.UNKNOWN),
        (httpx.ConnectError("no"), NotSent, Outcome.NOT_SENT),
        (httpx.Response(500), ProviderUnavailable, Outcome.UNKNOWN),
        (httpx.Response(400), Rejected, Outcome.REFUSED),
        (wrapped({}), UnexpectedResponse, Outcome.UNKNOWN),
        (wrapped({"customerId": 5}), UnexpectedResponse, Outcome.UNKNOWN),
    ],
    ids=repr,
)
def test_a_create_reports_its_outcome(
    answer: Any, kind: type[AnybankError], outcome: Outcome
) -> None:
    """A lost create is sent once, since Sonder has no look-up."""
    bank, script = sonder(answer)
    with bank, pytest.raises(kind) as no:
        bank.customers.create(sarah())
    assert no.value.outcome is outcome
    assert len(script.requests) == 1


def test_a_list_is_refused_with_the_alternative() -> None:
    """The error says to pass the ids in a file."""
    bank, script = sonder()
    with bank, pytest.raises(Unsupported, match="--ids FILE"):
        bank.customers.list()
    assert script.requests == []


@pytest.mark.parametrize(
    ("field", "value", "effects"),
    [
        ("middle_name", None, [Effect.BLOCKED]),
        ("preferred_name", None, [Effect.DEFAULTED]),
        ("document_locator_number", None, [Effect.BLOCKED]),
        ("ssn", Ssn("XXX-XX-6789"), [Effect.BLOCKED]),
        ("ssn", None, [Effect.BLOCKED]),
        ("emails", [], [Effect.BLOCKED]),
        ("phones", [], [Effect.BLOCKED]),
        ("addresses", [], [Effect.BLOCKED]),
        ("external_id", "ref-1", [Effect.DROPPED]),
        ("phones", [Phone("+442079460018")], [Effect.BLOCKED]),
        ("phones", [Phone("+15551112222", PhoneKind.HOME)], [Effect.BLOCKED]),
        ("phones", [Phone("+15551112222", PhoneKind.UNKNOWN)], [Effect.DEFAULTED]),
        ("addresses", [home(kind=AddressKind.PHYSICAL)], [Effect.CHANGED]),
        ("addresses", [home(kind=AddressKind.MAILING)], [Effect.BLOCKED]),
        ("addresses", [home(kind=AddressKind.HOME, country="CA")], [Effect.BLOCKED]),
        ("addresses", [home(kind=AddressKind.HOME, line2="x")], [Effect.DROPPED]),
    ],
)
def test_unsupported_customers_are_refused(
    field: str, value: Any, effects: list[Effect]
) -> None:
    """Each rule of the page is checked without a request."""
    bank, _ = sonder()
    result = bank.check(sarah(**{field: value}))
    assert [item.effect for item in result] == effects


def test_a_policy_gives_a_middle_name() -> None:
    """The option's text is sent for a missing middle name, and reported."""
    bank, script = sonder(
        wrapped(CREATED), wrapped(stored()), middle_name_when_absent=""
    )
    created = bank.customers.create(sarah(middle_name=None))
    assert sent(script)["middleName"] == ""
    assert [(item.field, item.effect) for item in created.issues] == [
        ("middle_name", Effect.DEFAULTED)
    ]


def test_a_policy_joins_the_second_line() -> None:
    """Both lines are sent as one, and reported as changed."""
    bank, script = sonder(wrapped(CREATED), wrapped(stored()), second_line="join")
    address = home(kind=AddressKind.HOME, line2="Suite 600")
    created = bank.customers.create(sarah(addresses=[address]))
    assert sent(script)["addresses"][0]["street"] == "345 California Ave., Suite 600"
    assert [item.effect for item in created.issues] == [Effect.CHANGED]


def test_the_second_line_may_be_left_out_with_consent() -> None:
    """It is refused by default, and dropped with consent by name."""
    bank, script = sonder(wrapped(CREATED), wrapped(stored()))
    new = sarah(addresses=[home(kind=AddressKind.HOME, line2="Suite 600")])
    with pytest.raises(InvalidInput, match=r"addresses\[0\]\.line2"):
        bank.customers.create(new)
    assert script.requests == []
    bank.customers.create(new, accept_loss={"addresses.line2"})
    assert sent(script)["addresses"][0]["street"] == "345 California Ave."


def test_the_caller_may_supply_the_vendors_words() -> None:
    """A kind with a word of the caller is written and read with it."""
    answer = stored(addresses=[{"type": "MAIL", "street": "1 Elm"}])
    bank, script = sonder(
        wrapped(CREATED),
        wrapped(answer),
        address_types={"mailing": "MAIL"},
        phone_types="home=HOME",
    )
    new = sarah(
        addresses=[home(kind=AddressKind.MAILING)],
        phones=[Phone("+15551112222", PhoneKind.HOME)],
    )
    created = bank.customers.create(new)
    assert sent(script)["addresses"][0]["type"] == "MAIL"
    assert sent(script)["phoneNumbers"][0]["type"] == "HOME"
    assert created.addresses[0].kind is AddressKind.MAILING


def test_empty_lists_may_be_allowed() -> None:
    """The option sends empty lists."""
    bank, script = sonder(wrapped(CREATED), wrapped(stored()), allow_empty_lists=True)
    bank.customers.create(sarah(emails=[], phones=[], addresses=[]))
    assert (sent(script)["emails"], sent(script)["addresses"]) == ([], [])


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_an_update_uses_the_configured_verb(verb: str) -> None:
    """Only what changes is sent."""
    bank, script = sonder(wrapped(stored(preferredName="Jim")), update_verb=verb)
    bank.customers.update(ID, CustomerChanges(preferred_name="Jim"))
    assert script.request_lines == [f"{verb} /sandbox/customer/{ID}"]
    assert sent(script) == {"preferredName": "Jim"}


@pytest.mark.parametrize(("verb", "other"), [("PUT", "PATCH"), ("PATCH", "PUT")])
def test_a_verb_that_is_not_allowed_hints_at_the_other(verb: str, other: str) -> None:
    """The error names the other verb, which is not tried."""
    bank, script = sonder(httpx.Response(405), update_verb=verb)
    with bank, pytest.raises(Rejected, match=f"update_verb='{other}'"):
        bank.customers.update(ID, CustomerChanges(preferred_name="Jim"))
    assert len(script.requests) == 1


def test_another_refusal_has_no_hint() -> None:
    """Another error has no hint about the verb."""
    bank, _ = sonder(httpx.Response(404))
    with bank, pytest.raises(NotFound) as no:
        bank.customers.update(ID, CustomerChanges(preferred_name="Jim"))
    assert "update_verb" not in str(no.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (CustomerChanges(preferred_name="Jim"), "preferred_name"),
        (CustomerChanges(emails=["other@example.com"]), "emails"),
        (CustomerChanges(phones=[Phone("+15559998888")]), "phones"),
    ],
)
def test_a_response_without_the_change_is_unexpected(
    changes: CustomerChanges, field: str
) -> None:
    """A response that does not show a change raises."""
    bank, _ = sonder(wrapped(stored()))
    with bank, pytest.raises(UnexpectedResponse, match=f"change of {field}") as no:
        bank.customers.update(ID, changes)
    assert no.value.outcome is Outcome.UNKNOWN
    assert "other@" not in str(no.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Eve"},
        {"middle_name": "Eve"},
        {"last_name": "Roe"},
        {"date_of_birth": None},
        {"ssn": Ssn("333-52-7584")},
        {"document_locator_number": 5},
    ],
    ids=str,
)
@pytest.mark.parametrize("passed", [True, False, None])
def test_forbidden_updates_are_refused(
    changes: dict[str, Any], *, passed: bool | None
) -> None:
    """Legal names, the birth date and the numbers cannot be updated."""
    bank, script = sonder()
    with bank, pytest.raises(FieldNotUpdatable, match=next(iter(changes))):
        bank.customers.update(ID, CustomerChanges(**changes), kyc_passed=passed)
    assert script.requests == []


def test_a_changed_locator_number_may_be_sent_by_option() -> None:
    """The option sends the field that one sentence of the page excludes."""
    bank, script = sonder(wrapped(stored()), allow_document_locator_update=True)
    bank.customers.update(ID, CustomerChanges(document_locator_number=5))
    assert sent(script) == {"documentLocatorNumber": 5}


def test_lists_are_not_cleared() -> None:
    """An empty list is refused unless the option allows it."""
    bank, _ = sonder()
    with bank, pytest.raises(InvalidInput, match="emails"):
        bank.customers.update(ID, CustomerChanges(emails=[]))
    free, script = sonder(wrapped(stored(emails=[])), allow_empty_lists=True)
    free.customers.update(ID, CustomerChanges(emails=[]))
    assert sent(script) == {"emails": []}


def test_a_customer_with_hardly_anything_is_a_customer() -> None:
    """Only the id is required; a phone without a number is read."""
    body = {"customerId": ID, "phoneNumbers": [{}], "addresses": [{}], "new": 1}
    bank, _ = sonder(wrapped(body))
    result = bank.customers.get(ID)
    assert (result.first_name, result.emails, result.account_ids) == (None, (), ())
    assert result.phone is not None
    assert not result.phone.is_e164
    assert result.raw["new"] == 1


def _verified(data: dict[str, Any]) -> None:
    for item in data["phoneNumbers"]:
        item["verified"] = False


def _identified(data: dict[str, Any]) -> None:
    for item in data["addresses"]:
        item["addressId"] = "a-1"


def _lowered(data: dict[str, Any]) -> None:
    data["emails"] = [item.lower() for item in data["emails"]]


def _reordered(data: dict[str, Any]) -> None:
    data["emails"].reverse()


def _grouped(data: dict[str, Any]) -> None:
    data["phoneNumbers"][0]["number"] = "(555) 010-2000"


CHANGES = CustomerChanges(
    phones=[Phone("+15550102000")],
    addresses=[home(kind=AddressKind.HOME)],
    emails=["B@Example.com", "a@example.com"],
)


def _answered(change: Callable[[dict[str, Any]], object]) -> Bank:
    probe, script = sonder(wrapped(stored()))
    with probe, suppress(UnexpectedResponse):
        probe.customers.update(ID, CHANGES)
    data = {**stored(), **sent(script)}
    change(data)
    return sonder(wrapped(data))[0]


@pytest.mark.parametrize(
    "change", [_verified, _identified, _lowered, _reordered, _grouped]
)
def test_another_form_of_a_value_is_no_difference(
    change: Callable[[dict[str, Any]], object],
) -> None:
    """Additional fields, order, letter case and grouping do not count as a difference."""
    with _answered(change) as bank:
        assert bank.customers.update(ID, CHANGES).id == ID


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(emails=["a@example.com", "c@example.com"]),
        lambda data: data.update(emails=[*data["emails"], "c@example.com"]),
        lambda data: data.update(phoneNumbers=None),
        lambda data: data["phoneNumbers"][0].update(number="555-010-2001"),
        lambda data: data["addresses"][0].update(city="Elko"),
    ],
)
def test_an_update_that_is_not_shown_is_unexpected(
    change: Callable[[dict[str, Any]], object],
) -> None:
    """Another value, an additional one and a missing one count as a difference."""
    with _answered(change) as bank, pytest.raises(UnexpectedResponse) as caught:
        bank.customers.update(ID, CHANGES)
    assert caught.value.outcome is Outcome.UNKNOWN


def test_a_read_back_with_another_id_is_ignored() -> None:
    """A create whose customer cannot be read returns the id and the fields sent."""
    bank, _ = sonder(wrapped(CREATED), wrapped(stored(customerId="another")))
    created = bank.customers.create(sarah())
    assert (created.id, created.origin) == (CREATED["customerId"], "composed")
