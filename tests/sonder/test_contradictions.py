"""The adapter's behaviour where Sonder's pages disagree: a test for each row of sonder.md §12."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.fakes import home
from tests.sonder.banks import ID, TOKEN, sarah, sent, sonder, stored, wrapped

from anybank import (
    UNSET,
    Address,
    AddressKind,
    CustomerChanges,
    Effect,
    FieldNotUpdatable,
    InvalidInput,
    Phone,
    PhoneKind,
    ProviderError,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.values import unvalidated

CREATED = wrapped({"customerId": ID})


def create(new: Any, **options: Any) -> Any:
    bank, script = sonder(CREATED, wrapped(stored()), **options)
    bank.customers.create(new)
    return sent(script)


def effects(new: Any, **options: Any) -> dict[str, Effect]:
    bank, _ = sonder(**options)
    return {issue.field: issue.effect for issue in bank.check(new)}


def test_row_01_and_02_bodies_not_urls() -> None:
    """A create is a POST of JSON: nothing of the person is in the URL."""
    bank, script = sonder(CREATED, wrapped(stored()))
    bank.customers.create(sarah())
    request = script.requests[0]
    assert (request.method, str(request.url)) == (
        "POST",
        "https://api.sonderlabs.io/sandbox/customer",
    )
    assert sent(script)["socialSecurityNumber"] == "333-52-7584"


def test_row_03_the_document_locator_number_cannot_change() -> None:
    """It is refused before anything is sent, unless the option says otherwise."""
    changes = CustomerChanges(document_locator_number=5)
    bank, script = sonder()
    with pytest.raises(FieldNotUpdatable):
        bank.customers.update(ID, changes)
    assert script.requests == []
    bank, script = sonder(wrapped(stored()), allow_document_locator_update=True)
    bank.customers.update(ID, changes)
    assert sent(script) == {"documentLocatorNumber": 5}


def test_row_04_a_response_without_the_change() -> None:
    """`preferredName` is sent, and a response without the change raises."""
    bank, script = sonder(wrapped(stored(preferredName="James")))
    with pytest.raises(UnexpectedResponse, match="preferred_name") as caught:
        bank.customers.update(ID, CustomerChanges(preferred_name="Jim"))
    assert sent(script) == {"preferredName": "Jim"}
    assert caught.value.outcome == "unknown"


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_row_05_the_verb_of_an_update(verb: str) -> None:
    """The option selects PUT or PATCH; a 405 names the other one, which is not tried."""
    bank, script = sonder(httpx.Response(405, json={}), update_verb=verb)
    with pytest.raises(ProviderError, match="update_verb"):
        bank.customers.update(ID, CustomerChanges(preferred_name="Jim"))
    assert [request.method for request in script.requests] == [verb]


@pytest.mark.parametrize("wrong", ["", ".", ".."])
def test_row_06_the_id_is_a_segment_of_the_path(wrong: str) -> None:
    """An id is quoted as one segment; an empty id is refused."""
    bank, script = sonder(wrapped(stored(customerId="a/b?c")))
    bank.customers.get("a/b?c")
    assert script.requests[0].url.raw_path == b"/sandbox/customer/a%2Fb%3Fc"
    with pytest.raises(InvalidInput):
        bank.customers.delete(wrong)


@pytest.mark.parametrize("name", ["accountIds", "accounts"])
def test_row_07_two_names_of_the_accounts(name: str) -> None:
    """Both names are read."""
    raw = {**stored(accountIds=None), name: ["aub36832"]}
    bank, _ = sonder(wrapped(raw))
    assert list(bank.customers.get(ID).account_ids) == ["aub36832"]


def test_row_08_the_id_is_required_and_secrets_are_never_returned() -> None:
    """A response without an id is unexpected; SSN and locator read as None."""
    bank, _ = sonder(wrapped({"firstName": "x"}), wrapped(stored()))
    with pytest.raises(UnexpectedResponse) as caught:
        bank.customers.get(ID)
    assert caught.value.path == "$.customerId"
    result = bank.customers.get(ID)
    assert (result.ssn, result.document_locator_number) == (None, None)


def test_row_09_and_10_the_reader_is_strict() -> None:
    """Invalid JSON is refused, and lists are sent as arrays."""
    bank, _ = sonder(httpx.Response(200, text='{"data" {"customerId": "x"}}'))
    with pytest.raises(UnexpectedResponse):
        bank.customers.get(ID)
    assert create(sarah())["emails"] == ["james@example.com"]


def test_an_email_that_differs_is_returned() -> None:
    """The value that is read back after a create is the vendor's."""
    bank, _ = sonder(CREATED, wrapped(stored(emails=["jame@example.com"])))
    assert bank.customers.create(sarah()).email == "jame@example.com"


def test_row_12_no_middle_name() -> None:
    """A missing middle name is refused, or the option's text is sent and reported."""
    nobody = sarah(middle_name=None)
    assert effects(nobody) == {"middle_name": Effect.BLOCKED}
    option = {"middle_name_when_absent": ""}
    assert effects(nobody, **option) == {"middle_name": Effect.DEFAULTED}
    assert create(nobody, **option)["middleName"] == ""


def test_row_13_no_preferred_name() -> None:
    """The first name is sent, and reported as defaulted."""
    nobody = sarah(preferred_name=None)
    assert effects(nobody) == {"preferred_name": Effect.DEFAULTED}
    assert create(nobody)["preferredName"] == "James"


@pytest.mark.parametrize("number", [True, 1.5, "012", "-1", "+1", "1.0", "", "x"])
def test_row_14_invalid_document_locator_numbers(number: Any) -> None:
    """Only integers are accepted, without a leading zero."""
    with pytest.raises(InvalidInput) as caught:
        sarah(document_locator_number=number)
    assert caught.value.issues[0].field == "document_locator_number"


@pytest.mark.parametrize("number", [204518837, "204518837", 12345678901234])
def test_row_14_a_document_locator_number_is_an_integer(number: Any) -> None:
    """Digits and ints of any length are sent as an integer."""
    assert create(sarah(document_locator_number=number))[
        "documentLocatorNumber"
    ] == int(number)


@pytest.mark.parametrize("name", ["emails", "phones", "addresses"])
def test_row_15_empty_lists(name: str) -> None:
    """Each list needs an item, unless the option is set."""
    nobody = sarah(**{name: []})
    assert effects(nobody) == {name: Effect.BLOCKED}
    assert effects(nobody, allow_empty_lists=True) == {}


def test_row_16_words_that_are_not_shown() -> None:
    """Another kind is refused, unless the caller supplies Sonder's word."""
    mailing = sarah(addresses=[home(kind=AddressKind.MAILING)])
    assert effects(mailing) == {"addresses[0].kind": Effect.BLOCKED}
    words = {"address_types": {"mailing": "MAIL"}}
    assert create(mailing, **words)["addresses"][0]["type"] == "MAIL"


def test_row_16_unknown_words_are_kept() -> None:
    """An unknown type reads as UNKNOWN, with the word in `native_kind`."""
    phone = {"type": "PAGER", "number": "555-111-2222"}
    bank, _ = sonder(wrapped(stored(phoneNumbers=[phone])))
    result = bank.customers.get(ID).phones[0]
    assert (result.kind, result.native_kind) == (PhoneKind.UNKNOWN, "PAGER")


def test_row_17_numbers() -> None:
    """555 numbers are accepted, other countries refused, and unreadable numbers kept as text."""
    assert create(sarah())["phoneNumbers"] == [
        {"type": "MOBILE", "number": "555-111-2222"}
    ]
    abroad = sarah(phones=[Phone("+442071838750")])
    assert effects(abroad) == {"phones[0].number": Effect.BLOCKED}
    bank, _ = sonder(wrapped(stored(phoneNumbers=[{"number": "call mum"}])))
    assert bank.customers.get(ID).phones[0].number == "call mum"


def test_row_18_second_lines() -> None:
    """A second line is a loss that needs consent, or is joined and reported."""
    flat = sarah(addresses=[home(kind=AddressKind.HOME, line2="Suite 600")])
    assert effects(flat) == {"addresses[0].line2": Effect.DROPPED}
    joined = {"second_line": "join"}
    assert effects(flat, **joined) == {"addresses[0].line2": Effect.CHANGED}
    street = create(flat, **joined)["addresses"][0]["street"]
    assert street == "345 California Ave., Suite 600"


def test_row_18_country_and_primary() -> None:
    """Only the US can be written; the first address is the primary one."""
    abroad = home(kind=AddressKind.HOME, country="CA")
    assert effects(sarah(addresses=[abroad])) == {
        "addresses[0].country": Effect.BLOCKED
    }
    second = home(kind=AddressKind.HOME, city="Reno")
    first = home(kind=AddressKind.HOME, primary=False)
    addresses = create(sarah(addresses=[first, second]))["addresses"]
    assert [entry["city"] for entry in addresses] == ["Reno", "San Francisco"]


def test_row_19_zip_codes_are_not_cut() -> None:
    """A ZIP+4 is sent unchanged."""
    nine = home(kind=AddressKind.HOME, postal_code="12345-1234")
    assert create(sarah(addresses=[nine]))["addresses"][0]["zip"] == "12345-1234"


def test_row_20_and_21_ids_and_shapes_of_an_error() -> None:
    """Both ids are kept; the error is read inside the envelope, flat, or as a word."""
    inside = {"type": "invalid_request", "message": "no"}
    shapes: list[Any] = [
        {"data": None, "success": False, "error": inside},
        inside,
        {"data": None, "success": False, "error": "invalid_request"},
    ]
    for shape in shapes:
        body = {**shape, "requestId": "r", "log_ref_id": "l"}
        bank, _ = sonder(httpx.Response(400, json=body))
        with pytest.raises(Rejected) as caught:
            bank.customers.get(ID)
        assert caught.value.type == "invalid_request"
        assert (caught.value.request_id, caught.value.log_reference) == ("r", "l")


def test_row_22_restrictions_survive_in_raw() -> None:
    """An unknown field stays in `raw`."""
    bank, _ = sonder(wrapped(stored(restrictions=["X"])))
    assert bank.customers.get(ID).raw["restrictions"] == ["X"]


def test_row_23_and_24_persons_and_associations() -> None:
    """There are persons only, and `account_ids` are associations."""
    bank, _ = sonder()
    rules = bank.capabilities.rules(type(sarah()))
    assert rules["account_ids"].create == "refused"
    assert not [name for name in rules if "company" in name or "business" in name]


def test_types_are_an_open_set() -> None:
    """A loan reads with its own word, and a debit balance with its sign."""
    raw = {"accountId": "bqd41077", "type": "LOAN", "amount": -12.5}
    bank, _ = sonder(wrapped(raw))
    result = bank.accounts.get("bqd41077")
    assert (result.native_kind, result.native_amount) == ("LOAN", Decimal("-12.5"))


def test_row_27_amounts_without_a_unit() -> None:
    """The vendor's number is returned exactly, and never converted to Money."""
    bank, _ = sonder(wrapped({"transactionId": "t1", "amount": 100, "currency": "USD"}))
    result = bank.transactions.get("t1")
    assert (result.native_amount, result.amount) == (Decimal(100), None)


def test_row_28_the_token_goes_to_the_api_alone() -> None:
    """A redirect to another host is not followed with the token."""
    away = httpx.Response(302, headers={"location": "https://sonder.chat/v1"})
    bank, script = sonder(away)
    with pytest.raises(UnexpectedResponse):
        bank.customers.get(ID)
    assert script.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert {request.url.host for request in script.requests} == {"api.sonderlabs.io"}


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"environment": "production"}, "https://api.sonderlabs.io/production"),
        ({"environment": "staging"}, "https://api.sonderlabs.io/staging"),
        ({"base_url": "https://bank.example.com/api/"}, "https://bank.example.com/api"),
    ],
)
def test_row_29_environments_and_hosts(options: Any, url: str) -> None:
    """The segment is the environment's name, and a bank's own host is an option."""
    bank, script = sonder(wrapped(stored()), **options)
    bank.customers.get(ID)
    assert str(script.requests[0].url) == f"{url}/customer/{ID}"


def test_row_30_ids_are_opaque() -> None:
    """An id is an opaque text."""
    bank, _ = sonder(wrapped(stored(customerId="Ä-1")))
    assert bank.customers.get("Ä-1").id == "Ä-1"


def test_an_address_is_written_as_it_was_read() -> None:
    """An address that was read is sent back unchanged."""
    raw = {
        "type": "HOME",
        "street": "1 A St",
        "city": "B",
        "state": "NY",
        "zip": "12345",
    }
    bank, _ = sonder(wrapped(stored(addresses=[raw])))
    result = bank.customers.get(ID).addresses
    assert create(sarah(addresses=list(result)))["addresses"] == [raw]
    assert result[0] == unvalidated(
        Address,
        kind=AddressKind.HOME,
        line1="1 A St",
        city="B",
        state="NY",
        postal_code="12345",
        country="US",
        primary=True,
    )
    assert CustomerChanges().addresses is UNSET
