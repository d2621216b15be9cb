"""The samples on the pages about KYC and credit applications, and their operations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from tests.seeds import pages
from tests.seeds.errors import START

from anybank import (
    CreditApplicationChanges,
    EmploymentStatus,
    Money,
)

APPLICATION = "693a3106-8cf9-4d84-a4c7-381960c6f331"
CUSTOMER = "931e2341-c3eb-4681-97d4-f6e09d90da14"
SHOWN = "2629182a-3aeb-4834-846a-1688d4649bb9"
"""The id in the page's responses, which differs from the one in its requests."""
APPLICANT = "05a8054f-8259-4e30-8d1d-d286081987bd"
FILTERED = "55ad4182-3a22-4e31-9499-08cf30e15094"
CHANGES = CreditApplicationChanges(
    employment_status=EmploymentStatus.SELF_EMPLOYED,
    total_annual_income=Money(4300000),
    monthly_housing_payment=Money(36500),
)
NO_MORE = {"has_more": False, "data": []}
"""The page after the sample's, which announces one: our own addition."""


def credit(*phrases: str) -> str:
    """Return the text after some phrases on the page about credit applications."""
    return pages.after(pages.page("003"), *phrases)


def answer(text: str) -> Any:
    """Return the first object of a text."""
    return json.loads(with_email(pages.literal(text)))


def about(result: Any, shown: str, requested: str) -> Any:
    """Set the requested id in a page's response (rows 16 and 17)."""
    return json.loads(json.dumps(result).replace(shown, requested))


def with_email(text: str) -> str:
    """Set an e-mail address where the stored page hides it (row 55)."""
    return re.sub(r"\[email.protected\]", "james@example.com", text)


def fragment(start: str, end: str) -> Any:
    """Return a fragment of the KYC page as a complete object (row 14)."""
    inner = pages.after(pages.page("004"), start).partition(end)[0]
    return json.loads("{" + start + inner + end + "}")


def applications() -> Any:
    """Return the page's response to a list of one customer's applications."""
    text = credit("response to a successful request to retrieve all credit")
    return about(answer(text), APPLICANT, FILTERED)


def application() -> Any:
    """Return the page's response to a read of one application."""
    text = credit("successful request to retrieve a specific credit application")
    return about(answer(text), SHOWN, APPLICATION)


def changed_application() -> Any:
    """Return the page's response to an update, which shows the values from before it."""
    text = credit("successful request to update a credit application")
    return about(answer(text), SHOWN, APPLICATION)


def submitted() -> Any:
    """Return the page's response to the start of KYC."""
    shown = fragment('"customer_id": "2df10ec1', '"kyc_status": "submitted"')
    return about(shown, shown["customer_id"], CUSTOMER)


@frozen(kw_only=True)
class Transcribed:
    """An operation, and the page's answer to its first request.

    `then` are answers of our own to the requests after it; `shows` picks of the value
    what the page shows, and `means` is that in our words.
    """

    operation: Callable[[Any], Any]
    body: Callable[[], Any]
    page: str
    shows: Callable[[Any], Any]
    means: Any
    status: int = 200
    then: Callable[[], Sequence[Any]] = tuple
    notes: Sequence[str] = ()


_OTHER = "the answer has the id of the request, where the page shows another"
_HIDDEN = "the e-mail address is at example.com, where the page's is hidden"
_CREDIT = 'Bond docs, "Managing credit applications"'
_FINANCES = ("created", "employed", Money(5000050, "USD"), Money(1000, "USD"))


def _list(bank: Any) -> Any:
    return bank.credit_applications.list(customer_id=FILTERED, page_size=100)


def _get(bank: Any) -> Any:
    return bank.credit_applications.get(APPLICATION)


def _update(bank: Any) -> Any:
    return bank.credit_applications.update(APPLICATION, CHANGES)


def _start(bank: Any) -> Any:
    return bank.kyc.start(CUSTOMER, START)


def _shown(result: Any) -> Any:
    return (
        result.id,
        result.customer_id,
        (
            result.status,
            result.employment_status,
            result.total_annual_income,
            result.monthly_housing_payment,
        ),
    )


TRANSCRIBED: Mapping[str, Transcribed] = {
    "credit-applications-list": Transcribed(
        operation=_list,
        body=applications,
        page=_CREDIT,
        shows=lambda result: [_shown(item) for item in result],
        means=[
            (SHOWN, FILTERED, _FINANCES),
            ("7dc64eb2-a747-4c64-99bd-2a00834add7d", FILTERED, _FINANCES),
        ],
        then=lambda: [NO_MORE],
        notes=[
            "the answer is about the customer of the request, where the page shows another",
            "the request's limit is 50, the most that counts, where the page's is 100",
            "the second page is our own: the first says that there is one",
            _HIDDEN,
        ],
    ),
    "credit-applications-get": Transcribed(
        operation=_get,
        body=application,
        page=_CREDIT,
        shows=_shown,
        means=(APPLICATION, APPLICANT, _FINANCES),
        notes=[_OTHER, _HIDDEN],
    ),
    "credit-applications-update": Transcribed(
        operation=_update,
        body=changed_application,
        page=_CREDIT,
        shows=_shown,
        means=(APPLICATION, APPLICANT, _FINANCES),
        then=lambda: [application()],
        notes=[
            _OTHER,
            "read back as the page's retrieve: the answer shows the values from before",
            _HIDDEN,
        ],
    ),
    "kyc-start": Transcribed(
        operation=_start,
        body=submitted,
        page='Bond docs, "Performing KYC"',
        shows=lambda result: (result.customer_id, result.status, result.native_status),
        means=(CUSTOMER, "submitted", "submitted"),
        status=201,
        notes=[
            "not JSON on the page: no braces",
            _OTHER,
            "the request's ssn is masked and its idempotency key our own",
        ],
    ),
}
"""The transcribed responses of both pages, by the names of their cassettes."""
