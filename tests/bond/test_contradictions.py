"""The adapter's behaviour where Bond's pages disagree: a test for each row of bond.md §13."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.bond.banks import AUTHORIZATION, body, bond, error
from tests.fakes import home, james, json_response

from anybank import (
    AlreadyExists,
    ConfigurationError,
    CreditApplicationChanges,
    CustomerChanges,
    EmploymentStatus,
    EventKind,
    FieldNotUpdatable,
    InvalidInput,
    KycStatus,
    NotFound,
    Outcome,
    Phone,
    PhoneKind,
    Rejected,
    Ssn,
    StartKyc,
    UnexpectedResponse,
    webhooks,
)

ID = "931e2341-c3eb-4681-97d4-f6e09d90da14"
SECRET = "whsec_invented"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def customer(**more: Any) -> dict[str, Any]:
    return {"customer_id": ID, "first_name": "Ada", "last_name": "Sample", **more}


def read(**more: Any) -> Any:
    bank, _ = bond(httpx.Response(200, json=customer(**more)))
    return bank.customers.get(ID)


def event(**raw: Any) -> Any:
    headers, content = webhooks.sign("bond", raw, secret=SECRET, now=0)
    return webhooks.verify("bond", headers, content, secret=SECRET, now=0)


@pytest.mark.parametrize(
    "text", ["2024-03-01T12:00:00", "2024-03-01T12:00:00+00:00", "2024-03-01T12:00:00Z"]
)
def test_row_01_times_of_every_endpoint(text: str) -> None:
    """Times without an offset, with one and with Z read as the same aware time."""
    assert read(date_created=text).created_at == NOON


def test_row_02_a_dash_between_date_and_time() -> None:
    """Any separator between date and time is read."""
    assert event(event="x", occurred_at="2024-03-01-12:00:00+00:00").occurred_at == NOON


@pytest.mark.parametrize("absent", ["", None])
def test_row_03_no_middle_name(absent: Any) -> None:
    """An empty text and null both read as None."""
    assert read(middle_name=absent, business_id="null").middle_name is None


def test_row_03_null_is_a_name() -> None:
    """The sample has the text "null" in business_id alone: in a name it is a name."""
    assert read(last_name="Null", middle_name="null").name == "Ada null Null"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="Customer resource deleted"),
        httpx.Response(200, content=b"Customer resource deleted\n"),
        httpx.Response(200, html="Customer resource deleted"),
        httpx.Response(204),
    ],
)
def test_row_04_delete_returns_text(answer: httpx.Response) -> None:
    """The page's text is a success whatever the media type says, as is OpenAPI's 204."""
    bank, _ = bond(answer)
    bank.customers.delete(ID)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<!doctype html><title>Maintenance</title>"),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"deleted": True}),
        httpx.Response(200),
        httpx.Response(202, text="queued"),
    ],
)
def test_row_04_another_response_is_no_success(answer: httpx.Response) -> None:
    """Any other 2xx leaves the outcome unknown."""
    bank, _ = bond(answer)
    with pytest.raises(UnexpectedResponse) as caught:
        bank.customers.delete(ID)
    assert caught.value.outcome is Outcome.UNKNOWN


def test_row_05_some_changes_after_kyc() -> None:
    """E-mail and phone are sent; other changes are refused by anybank or by Bond, with the same error."""
    bank, script = bond(
        httpx.Response(200, json=customer()), error(403, "kyc_customer", "no")
    )
    bank.customers.update(
        ID, CustomerChanges(emails=["a@example.com"]), kyc_passed=True
    )
    name = CustomerChanges(first_name="Eve")
    with pytest.raises(FieldNotUpdatable):
        bank.customers.update(ID, name, kyc_passed=True)
    with pytest.raises(FieldNotUpdatable):
        bank.customers.update(ID, name)
    assert len(script.requests) == 2


def test_row_06_names_of_the_table() -> None:
    """The body has `email` and `phone`, not the names of the note."""
    bank, script = bond(httpx.Response(200, json=customer()))
    changes = CustomerChanges(emails=["a@example.com"], phones=[Phone("+15550102000")])
    bank.customers.update(ID, changes)
    assert set(body(script)) == {"email", "phone", "phone_country_code"}


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        ({"Message": "m", "Status": 400, "Code": "c", "Type": "t"}, "c", "m"),
        ({"type": "T", "code": "c", "message": "m"}, "c", "m"),
        ({"status": "S", "code": 3001, "message": "m", "details": {}}, "3001", "m"),
        ({"Error": "m"}, None, "m"),
        ({"message": "m"}, None, "m"),
        ({"error": "m", "error_code": "c", "details": ""}, "c", "m"),
    ],
)
def test_row_07_every_envelope(document: Any, code: str | None, message: str) -> None:
    """Each shape gives code and message; the HTTP status is trusted over the body's."""
    bank, _ = bond(httpx.Response(404, json=document))
    with pytest.raises(NotFound) as caught:
        bank.customers.get(ID)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_row_08_python_dicts_are_not_json() -> None:
    """The page's error as printed is not JSON, so its status decides."""
    printed = "{'Message': {ssn: ['Missing']}, 'Status': 400}"
    bank, _ = bond(httpx.Response(400, text=printed))
    with pytest.raises(Rejected) as caught:
        bank.customers.get(ID)
    assert caught.value.field_errors == {}


def test_row_09_message_as_text_or_as_map() -> None:
    """A map becomes field errors by neutral name, a text becomes the message."""
    nested = {"addresses": {"0": {"zip_code": ["bad"]}}, "dob": ["Not a valid date."]}
    bank, _ = bond(error(400, "create_customer_schema", nested))
    with pytest.raises(Rejected) as caught:
        bank.customers.create(james())
    assert caught.value.field_errors == {
        "addresses[0].postal_code": ("bad",),
        "date_of_birth": ("Not a valid date.",),
    }


@pytest.mark.parametrize("code", ["kyc_post_schema", "create_kyc_schema"])
def test_row_10_two_codes_of_one_error(code: str) -> None:
    """Both codes are the same refusal."""
    bank, _ = bond(error(400, code, {"program_id": ["bad"]}))
    with pytest.raises(Rejected):
        bank.kyc.start(ID, StartKyc(program_id="p"))


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "person_id_dup", "used"),
        error(400, "create_customer_schema", {"brand_person_id": ["used"]}),
    ],
)
def test_row_11_a_reference_that_is_taken(answer: httpx.Response) -> None:
    """The own code, and the missing-field code about the reference alone, are AlreadyExists."""
    bank, _ = bond(answer)
    with pytest.raises(AlreadyExists):
        bank.customers.create(james(external_id="mine"))


def test_row_12_a_repeat_says_it_was_received() -> None:
    """The refusal of a repeated key is followed by a read of the status."""
    clash = {"type": "RESOURCE_CONFLICT", "code": "idempotency_key_exists"}
    passed = {"customer_id": ID, "kyc_status": "passed"}
    bank, script = bond(
        httpx.Response(409, json=clash), httpx.Response(200, json=passed)
    )
    start = StartKyc(program_id="p", idempotency_key="k")
    assert bank.kyc.start(ID, start).status is KycStatus.PASSED
    assert [request.method for request in script.requests] == ["POST", "GET"]


def test_row_13_a_webhook_that_is_only_a_status() -> None:
    """The nameless event of step 3 reads as KYC_SUBMITTED."""
    result = event(customer_id=ID, kyc_status="submitted")
    assert (result.kind, result.customer_id) == (EventKind.KYC_SUBMITTED, ID)


@pytest.mark.parametrize(
    "fragment",
    [
        '"customer_id": "x",\n"kyc_status": "submitted"',
        '{"a": "b" "dob": "1961-03-03"}',
    ],
)
def test_rows_14_and_15_samples_that_are_not_json(fragment: str) -> None:
    """Fragments without braces or commas are never repaired by the reader."""
    bank, _ = bond(httpx.Response(200, text=fragment))
    with pytest.raises(UnexpectedResponse) as caught:
        bank.customers.get(ID)
    assert caught.value.path == "$"


def test_row_16_a_response_is_checked_for_its_id_only() -> None:
    """An update may return other values than were sent, but not another id."""
    other = customer(first_name="Sam")
    bank, _ = bond(httpx.Response(200, json=other))
    assert bank.customers.update(ID, CustomerChanges(first_name="Eve")).name
    bank, _ = bond(httpx.Response(200, json={**other, "customer_id": "another"}))
    with pytest.raises(UnexpectedResponse, match="another id") as caught:
        bank.customers.update(ID, CustomerChanges(first_name="Eve"))
    assert caught.value.outcome is Outcome.UNKNOWN


def test_row_18_a_mask_is_never_sent() -> None:
    """A masked SSN is a loss that needs consent, and is left out with it."""
    bank, script = bond(httpx.Response(200, json=customer()))
    changes = CustomerChanges(ssn=Ssn("XXX-XX-9999"), first_name="Eve")
    with pytest.raises(InvalidInput) as caught:
        bank.customers.update(ID, changes)
    assert caught.value.issues[0].effect == "dropped"
    bank.customers.update(ID, changes, accept_loss={"ssn"})
    assert body(script) == {"first_name": "Eve"}


@pytest.mark.parametrize(
    ("ssn", "last_four"),
    [
        ("XXX-XX-6789", "6789"),
        ("XXXXX6789", "6789"),
        ("tok_sandbox_abc", None),
        ("333-52-7584", "7584"),
        ("hidden", None),
    ],
)
def test_row_19_forms_of_the_ssn(ssn: str, last_four: str | None) -> None:
    """No form of the SSN is ever shown: masks, tokens, plain numbers, other texts."""
    result = read(ssn=ssn)
    assert result.ssn.last_four == last_four
    assert ssn not in repr(result)


def test_row_20_a_middle_name_of_one_letter() -> None:
    """A middle name of one letter is read and sent, as in the page's sample."""
    assert read(middle_name="J").middle_name == "J"
    bank, script = bond(httpx.Response(201, json=customer()))
    bank.customers.create(james(middle_name="J"))
    assert body(script)["middle_name"] == "J"


@pytest.mark.parametrize(
    ("name", "accepted"),
    [("Smith-Jones", False), ("R2", False), ("Núñez O'Hara", True)],
)
def test_row_21_names(name: str, accepted: bool) -> None:
    """Hyphens and digits are refused without a request; accents are sent."""
    bank, _ = bond()
    fields = [issue.field for issue in bank.check(james(last_name=name))]
    assert fields == ([] if accepted else ["last_name"])


def test_row_22_fields_that_are_missing_from_some_objects() -> None:
    """Without a country code a number is read as one of country code 1."""
    assert read(phone="650-123-4567").phone == Phone("+16501234567", PhoneKind.UNKNOWN)


def test_row_23_and_24_what_is_required() -> None:
    """A phone is optional, a last name is not."""
    bank, _ = bond()
    assert bank.check(james(phones=[])) == []
    assert [item.field for item in bank.check(james(last_name=None))] == ["last_name"]


@pytest.mark.parametrize(
    ("code", "country", "state", "accepted"),
    [
        ("94104", "US", "CA", True),
        ("94104-2657", "US", "CA", True),
        ("9410", "US", "CA", False),
        ("SW1A 1AA", "GB", "London", True),
        ("1", "GB", "London", False),
    ],
)
def test_row_25_postal_codes(
    code: str, country: str, state: str, accepted: bool
) -> None:
    """Five or nine digits in the US, 2 to 20 characters elsewhere."""
    bank, _ = bond()
    address = home(postal_code=code, country=country, state=state)
    assert (bank.check(james(addresses=[address])) == []) is accepted


def test_row_26_and_27_a_limit_above_the_maximum() -> None:
    """A limit of 100 is sent as 50."""
    bank, script = bond(json_response(has_more=False, data=[]))
    list(bank.credit_applications.list(page_size=100, customer_id="c"))
    assert script.requests[0].url.params["limit"] == "50"


def test_rows_28_and_29_an_update_of_an_application_is_read_again() -> None:
    """The id is in the path, and the application is read again after an update."""
    bank, script = bond(
        json_response(application_id="a"), json_response(application_id="a")
    )
    changes = CreditApplicationChanges(employment_status=EmploymentStatus.OTHER)
    bank.credit_applications.update("a", changes)
    assert [request.method for request in script.requests] == ["PATCH", "GET"]
    assert body(script) == {"applicant": {"employment_status": "other"}}


def test_row_30_a_stray_mark_behind_a_word() -> None:
    """The word is `other`, read and written without the mark that the page prints."""
    applicant: dict[str, Any] = {"applicant": {"employment_status": "other"}}
    bank, _ = bond(json_response(application_id="a", **applicant))
    result = bank.credit_applications.get("a")
    assert result.employment_status is EmploymentStatus.OTHER


def test_row_31_the_slash_at_the_end() -> None:
    """A create has the slash, a list does not, and no redirect is followed."""
    moved = httpx.Response(307, headers={"location": "https://evil.example.com/"})
    bank, script = bond(moved, httpx.Response(200, json=[]))
    with pytest.raises(UnexpectedResponse):
        bank.customers.create(james())
    list(bank.customers.list())
    paths = [request.url.path for request in script.requests]
    assert paths == ["/api/v0.1/customers/", "/api/v0.1/customers"]


def test_row_32_one_iterator_for_every_kind_of_paging() -> None:
    """Numbered pages and cursors have one iterator."""
    full = [customer(customer_id=str(number)) for number in range(2)]
    bank, script = bond(
        httpx.Response(200, json=full), httpx.Response(200, json=full[:0])
    )
    assert len(list(bank.customers.list(page_size=2))) == 2
    assert [dict(item.url.params)["page"] for item in script.requests] == ["1", "2"]


def test_rows_33_and_53_headers() -> None:
    """The secret has no prefix; a content type is sent with a body only."""
    bank, script = bond(httpx.Response(204), httpx.Response(201, json=customer()))
    bank.customers.delete(ID)
    bank.customers.create(james())
    deleted, created = (request.headers for request in script.requests)
    assert deleted["authorization"] == AUTHORIZATION
    assert "content-type" not in deleted
    assert created["content-type"] == "application/json"


def test_row_34_tls_stays_on() -> None:
    """There is no option that would leave certificates unverified."""
    with pytest.raises(ConfigurationError, match="verify"):
        bond(verify=False)
