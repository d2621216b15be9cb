"""Bond's credit applications: cents, cursors, statuses, and updates read back."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.bond.banks import body, bond
from tests.fakes import james, json_response

from anybank import (
    ApplicationStatus,
    Bank,
    CreditApplicationChanges,
    EmploymentStatus,
    InvalidInput,
    Money,
    NewCreditApplication,
    NotFound,
    Rejected,
    UnexpectedResponse,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

APPLICATION = "2629182a-3aeb-4834-846a-1688d4649bb9"
PROGRAM = "54f7882b-6b95-4cde-a7eb-775b9468bcb1"
CUSTOMER = "05a8054f-8259-4e30-8d1d-d286081987bd"
PATH = "/api/v0.1/credit/applications"


def application(**more: Any) -> dict[str, Any]:
    return {
        "application_id": APPLICATION,
        "program_id": PROGRAM,
        "date_created": "2021-11-15T00:17:56.842105Z",
        "date_updated": "2021-11-15T00:17:56.842105Z",
        "application_status": "created",
        "applicant": {
            "customer_id": CUSTOMER,
            "employment_status": "employed",
            "total_annual_income": 5000050,
            "monthly_housing_payment": 1000,
            "currency": "USD",
            "ssn": "tok_sandbox_example",
        },
        "accounts": {"security_deposit_account_id": None},
        **more,
    }


def test_an_application_is_read() -> None:
    """Cents become Money, and the copy of the customer's data stays in `raw`."""
    bank, _ = bond(json_response(**application()))
    result = bank.credit_applications.get(APPLICATION)
    assert result.total_annual_income == Money(5000050, "USD")
    assert result.monthly_housing_payment == Money(1000, "USD")
    assert result.employment_status is EmploymentStatus.EMPLOYED
    assert (result.customer_id, result.program_id) == (CUSTOMER, PROGRAM)
    assert result.created_at is not None
    assert result.created_at.utcoffset() is not None
    assert "5000050" not in repr(result)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("created", ApplicationStatus.CREATED),
        ("submitted", ApplicationStatus.SUBMITTED),
        ("kyc_started", ApplicationStatus.SUBMITTED),
        ("under_review", ApplicationStatus.IN_REVIEW),
        ("pending", ApplicationStatus.IN_REVIEW),
        ("approved", ApplicationStatus.APPROVED),
        ("denied", ApplicationStatus.DENIED),
        ("resubmit_required", ApplicationStatus.RESUBMIT_REQUIRED),
        ("frozen", ApplicationStatus.UNKNOWN),
    ],
)
def test_statuses(word: str, expected: ApplicationStatus) -> None:
    """Each status has a neutral one, with the vendor's word in `native_status`."""
    bank, _ = bond(json_response(**application(application_status=word)))
    result = bank.credit_applications.get(APPLICATION)
    assert (result.status, result.native_status) == (expected, word)


def test_an_application_is_written() -> None:
    """A new application nests the applicant, with amounts in cents."""
    bank, script = bond(json_response(201, **application()))
    bank.credit_applications.create(
        NewCreditApplication(
            program_id=PROGRAM,
            customer_id=CUSTOMER,
            employment_status=EmploymentStatus.SELF_EMPLOYED,
            total_annual_income=Money(4300000),
        )
    )
    assert script.request_lines == [f"POST {PATH}"]
    assert body(script) == {
        "program_id": PROGRAM,
        "applicant": {
            "customer_id": CUSTOMER,
            "employment_status": "self_employed",
            "total_annual_income": 4300000,
        },
    }


def test_another_currency_is_refused_before_anything_is_sent() -> None:
    """Amounts in another currency than dollars are refused."""
    bank, script = bond()
    changes = CreditApplicationChanges(total_annual_income=Money(1, "EUR"))
    with pytest.raises(InvalidInput) as caught:
        bank.credit_applications.update(APPLICATION, changes)
    assert caught.value.issues[0].field == "total_annual_income.currency"
    assert script.requests == []


def test_an_update_is_read_back() -> None:
    """An update is followed by a read, since its response may show old values."""
    new = application(applicant={"total_annual_income": 4300000})
    bank, script = bond(json_response(**application()), json_response(**new))
    changes = CreditApplicationChanges(
        employment_status=EmploymentStatus.SELF_EMPLOYED,
        total_annual_income=Money(4300000),
        monthly_housing_payment=Money(36500),
    )
    result = bank.credit_applications.update(APPLICATION, changes)
    assert result.total_annual_income == Money(4300000)
    assert script.request_lines == [
        f"PATCH {PATH}/{APPLICATION}",
        f"GET {PATH}/{APPLICATION}",
    ]
    assert body(script) == {
        "applicant": {
            "employment_status": "self_employed",
            "total_annual_income": 4300000,
            "monthly_housing_payment": 36500,
        }
    }


def test_a_listing_follows_the_cursor() -> None:
    """Pages follow each other by the last id while the vendor says there are more."""
    first: dict[str, Any] = {"has_more": True, "data": [application()]}
    second: dict[str, Any] = {
        "has_more": False,
        "data": [application(application_id="b")],
    }
    bank, script = bond(json_response(**first), json_response(**second))
    result = list(bank.credit_applications.list(customer_id=CUSTOMER, page_size=100))
    assert [item.id for item in result] == [APPLICATION, "b"]
    queries = [dict(request.url.params) for request in script.requests]
    assert queries == [
        {"limit": "50", "customer_id": CUSTOMER},
        {"limit": "50", "customer_id": CUSTOMER, "starting_after": APPLICATION},
    ]


def test_a_page_without_items_ends_a_listing() -> None:
    """An empty page is the last one, whatever `has_more` says."""
    bank, script = bond(json_response(has_more=True, data=[]))
    assert list(bank.credit_applications.list()) == []
    assert len(script.requests) == 1


def test_before_gives_one_page_and_excludes_a_token() -> None:
    """The two cursors exclude each other, as the page says."""
    bank, script = bond(json_response(has_more=True, data=[application()]))
    assert len(list(bank.credit_applications.list(before="x"))) == 1
    assert script.requests[0].url.params["ending_before"] == "x"
    with pytest.raises(InvalidInput):
        bank.credit_applications.list(before="x", token="y")


def test_row_72_the_applicant_is_read() -> None:
    """The copy of the customer in an application has names, address, token and terms."""
    person = {
        "first_name": "Ada",
        "middle_name": "",
        "last_name": "Sample",
        "date_of_birth": "1990-04-01",
        "ssn": "tok_sandbox_example",
        "email": "ada@example.com",
        "address_id": "a1",
        "street": "1 Test St.",
        "street2": "",
        "city": "Reno",
        "state": "NV",
        "zip_code": "89501",
        "country": "US",
        "terms_accepted": True,
    }
    bank, _ = bond(json_response(**application(applicant=person)))
    read = bank.credit_applications.get(APPLICATION).applicant
    assert read is not None
    assert (read.first_name, read.middle_name, read.last_name) == (
        "Ada",
        None,
        "Sample",
    )
    assert (read.date_of_birth, read.email) == (date(1990, 4, 1), "ada@example.com")
    assert (read.terms_accepted, read.address and read.address.id) == (True, "a1")
    assert read.address is not None
    assert (read.address.line1, read.address.line2) == ("1 Test St.", None)
    assert (read.address.city, read.address.postal_code) == ("Reno", "89501")
    assert read.ssn is not None
    assert read.ssn.is_masked
    assert read.ssn.last_four is None
    assert "Ada" not in repr(read)
    assert "Reno" not in repr(read)


def test_an_applicant_without_an_address_has_none() -> None:
    """An application without the copy of the customer has an applicant without an address."""
    bank, _ = bond(json_response(**application()))
    read = bank.credit_applications.get(APPLICATION).applicant
    assert read is not None
    assert read.address is None


def test_an_odd_member_of_an_applicant_is_one_unreadable_field() -> None:
    """A date that is none is named by its path, and the application is listed."""
    odd = application(applicant={"customer_id": CUSTOMER, "date_of_birth": "soon"})
    bank, _ = bond(json_response(has_more=False, data=[odd]))
    (listed,) = bank.credit_applications.list()
    assert listed.unreadable == ("applicant.date_of_birth",)


def test_row_75_pages_lead_backwards_too() -> None:
    """A page has the token of the one before it, which is read with ending_before."""
    first, second, third = (application(application_id=name) for name in "abc")
    bank, script = bond(
        json_response(has_more=True, data=[first]),
        json_response(has_more=True, data=[second]),
        json_response(has_more=False, data=[first]),
        json_response(has_more=True, data=[second]),
        json_response(has_more=True, data=[third]),
    )
    start, middle = itertools.islice(bank.credit_applications.list().pages(), 2)
    assert start.previous_token is None
    pages = bank.credit_applications.list(token=middle.previous_token).pages()
    back, again = itertools.islice(pages, 2)
    assert [page.items[0].id for page in (start, middle, back, again)] == list("abab")
    assert back.previous_token is None
    sent = [dict(request.url.params) for request in script.requests]
    assert [each.get("ending_before") for each in sent] == [None, None, "b", None]
    assert [each.get("starting_after") for each in sent] == [None, "a", None, "a"]


def test_a_page_before_an_application_leads_further_back() -> None:
    """`before` reads one page, whose previous_token reads the page before that."""
    bank, script = bond(
        json_response(has_more=True, data=[application(application_id="b")]),
        json_response(has_more=False, data=[application(application_id="a")]),
    )
    (page,) = bank.credit_applications.list(before="c").pages()
    further = bank.credit_applications.list(token=page.previous_token)
    assert next(further.pages()).items[0].id == "a"
    assert script.requests[1].url.params["ending_before"] == "b"


def test_submit_has_no_body() -> None:
    """A submit has no body, and its response reads as SUBMITTED."""
    bank, script = bond(
        json_response(201, **application(application_status="kyc_started"))
    )
    result = bank.credit_applications.submit(APPLICATION)
    assert result.status is ApplicationStatus.SUBMITTED
    assert script.request_lines == [f"POST {PATH}/{APPLICATION}/submit"]
    assert script.requests[0].content == b""


def test_an_adverse_action_is_read() -> None:
    """An adverse action has the reasons of a denial."""
    denied: dict[str, Any] = {
        "id": "a1",
        "application_id": APPLICATION,
        "service": "kyc",
    }
    bank, _ = bond(json_response(**denied, reasons=["Unable to verify identity"]))
    result = bank.credit_applications.adverse_action(APPLICATION)
    assert (result.service, list(result.reasons)) == (
        "kyc",
        ["Unable to verify identity"],
    )


def test_no_adverse_action_is_not_found() -> None:
    """The credit service's own envelope is read, its number as the code."""
    shape = {
        "status": "ERROR_CODE_CREDIT_APPLICATION_GENERIC",
        "code": 3001,
        "message": "Not found.",
        "details": {},
    }
    bank, _ = bond(httpx.Response(404, json=shape))
    with pytest.raises(NotFound) as caught:
        bank.credit_applications.adverse_action(APPLICATION)
    assert (caught.value.code, caught.value.message) == ("3001", "Not found.")
    assert caught.value.type == "ERROR_CODE_CREDIT_APPLICATION_GENERIC"


@pytest.mark.parametrize("cents", ["5000050", 5000050.5, True])
def test_an_amount_that_is_no_integer_is_not_guessed(cents: Any) -> None:
    """An amount in another form is an unexpected response with its path."""
    bank, _ = bond(
        json_response(**application(applicant={"total_annual_income": cents}))
    )
    with pytest.raises(UnexpectedResponse) as caught:
        bank.credit_applications.get(APPLICATION)
    assert caught.value.path == "$.applicant.total_annual_income"


def test_check_finds_what_a_submission_will_refuse() -> None:
    """An application may be created without its finances, and not submitted."""
    new = NewCreditApplication(program_id=PROGRAM, customer_id="c1")
    simulator = BondSimulator()
    transport = SimulatorTransport(simulator)
    with Bank("bond", transport=transport, **simulator.credentials) as bank:
        issues = bank.check(new)
        customer = bank.customers.create(james())
        created = bank.credit_applications.create(evolve(new, customer_id=customer.id))
        with pytest.raises(Rejected) as refused:
            bank.credit_applications.submit(created.id)
    result = {issue.field for issue in issues if issue.rule == "submit=required"}
    assert result == {
        "employment_status",
        "total_annual_income",
        "monthly_housing_payment",
    }
    assert set(refused.value.field_errors) == result


def test_an_odd_applicant_leaves_the_program_readable() -> None:
    """The program stands beside the applicant, so it is not among the lost fields."""
    odd = application(applicant="hidden")
    bank, _ = bond(json_response(has_more=False, data=[odd]))
    (listed,) = bank.credit_applications.list()
    assert listed.program_id == PROGRAM
    assert {"customer_id", "applicant.address"} < set(listed.unreadable)
    assert "program_id" not in listed.unreadable
