"""The samples on the pages about KYC and credit applications."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.bond.banks import body, bond
from tests.seeds import pages
from tests.seeds.states import (
    APPLICANT,
    APPLICATION,
    CHANGES,
    CUSTOMER,
    FILTERED,
    application,
    applications,
    changed_application,
    credit,
    fragment,
    submitted,
    with_email,
)

from anybank import (
    ApplicationStatus,
    CreditApplication,
    EmploymentStatus,
    EventKind,
    KycStatus,
    Money,
    Phone,
    Ssn,
    StartKyc,
    webhooks,
)

SHOWN_BELOW = "application is shown below."


def means(found: CreditApplication, first_name: str) -> bool:
    """Return True for the application of the page, which each response contains."""
    assert found.status is ApplicationStatus.CREATED
    assert found.employment_status is EmploymentStatus.EMPLOYED
    assert found.total_annual_income == Money(5000050, "USD")
    assert found.monthly_housing_payment == Money(1000, "USD")
    assert found.customer_id in (APPLICANT, FILTERED)
    assert found.security_deposit_account_id is None
    return bool(found.raw["applicant"]["first_name"] == first_name)


def test_a_list_of_applications() -> None:
    """We send the page's request without its limit (row 26), and read both applications."""
    shown = pages.curl(credit("retrieve all credit applications is shown below."))
    bank, script = bond(httpx.Response(200, json=applications()))
    customer_id = httpx.URL(shown.url).params["customer_id"]
    page = next(
        bank.credit_applications.list(customer_id=customer_id, page_size=100).pages()
    )
    expected = httpx.URL(shown.url.replace("limit=100", "limit=50"))
    assert script.requests[0].url.params == expected.params
    assert script.requests[0].url.path == expected.path
    names = ("James", "Money")
    assert all(means(*pair) for pair in zip(page.items, names, strict=True))
    assert page.next_token is not None


def test_one_application() -> None:
    """We send the page's request and read its response."""
    shown = pages.curl(credit("retrieve a specific credit application is shown below."))
    bank, script = bond(httpx.Response(200, json=application()))
    assert means(bank.credit_applications.get(APPLICATION), "James")
    assert (script.requests[0].method, str(script.requests[0].url)) == (
        "GET",
        shown.url,
    )


def test_an_update_of_an_application() -> None:
    """We send the page's body; its response has old values, so we read again (row 28)."""
    shown = pages.curl(credit("request to update a credit application is shown below."))
    bank, script = bond(*[httpx.Response(200, json=changed_application())] * 2)
    assert means(bank.credit_applications.update(APPLICATION, CHANGES), "James")
    request = script.requests[0]
    assert (request.method, str(request.url)) == (shown.method, shown.url)
    assert body(script) == shown.data
    assert script.requests[1].method == "GET"


def kyc_body() -> Any:
    """Return the page's body, which is incomplete (row 14)."""
    text = pages.after(pages.page("004"), "--data-raw '").partition('"ip": ""')[0]
    found: Any = json.loads(with_email(text) + '"ip": ""}')
    return found


def test_kyc_is_started_as_the_page_shows() -> None:
    """We send the page's body without its empty `ip` (row 54), and read its response."""
    document = submitted()
    bank, script = bond(httpx.Response(201, json=document))
    start = StartKyc(
        program_id="b50063df-0b39-43f7-9458-25b08a75d42a",
        ssn=Ssn("000-00-0000"),
        phone=Phone("+15555555555"),
        email="james@example.com",
    )
    check = bank.kyc.start(CUSTOMER, start)
    assert {**body(script), "ip": ""} == kyc_body()
    url = "https://sandbox.bond.tech/api/v0.1/customers/{CUSTOMER_ID}/verification-kyc"
    assert url in pages.page("004")
    assert str(script.requests[0].url) == url.format(CUSTOMER_ID=CUSTOMER)
    assert (check.status, check.customer_id) == (
        KycStatus.SUBMITTED,
        document["customer_id"],
    )


@pytest.mark.parametrize("secret", ["whsec_invented"])
def test_the_event_of_a_pass(secret: str) -> None:
    """The page's event reads, although its time contains a dash (row 2)."""
    raw = fragment('"event": "kyc.verification.success"', '+00:00"')
    headers, content = webhooks.sign("bond", raw, secret=secret, now=0)
    event = webhooks.verify("bond", headers, content, secret=secret, now=0)
    assert event.kind is EventKind.KYC_PASSED
    assert event.customer_id == "a5bcf5a8-c4e0-4025-8183-5346176ee3db"
    assert event.occurred_at is not None
    assert event.occurred_at.isoformat() == "2021-02-02T00:50:58.484840+00:00"
