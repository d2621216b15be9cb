"""Refusals and failures on our side of the network expose no personal data."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, cast

import attrs
import httpx
import pytest
from tests.canary import canaries as c
from tests.canary.answers import plain_text, success
from tests.canary.haystack import Exposure, assert_nothing_escaped, perform
from tests.canary.operations import OPERATIONS

from anybank import (
    Address,
    AnybankError,
    CustomerChanges,
    DocumentLocatorNumber,
    FieldNotUpdatable,
    NewCustomer,
    Phone,
    Rejected,
    Ssn,
    StartKyc,
)
from anybank.adapter import Adapter
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Flow, Request, Response, get
from anybank.model import operations as ask
from anybank.model.customers import Customer
from anybank_bond import Bond
from anybank_sonder import Sonder

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
PROVIDERS = pytest.mark.parametrize("provider", ["bond", "sonder"])


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


def raised_by(make: Callable[[], object]) -> Exposure:
    """Return what an invalid value exposes when it is created."""
    try:
        make()
    except Exception as error:  # noqa: BLE001  # which one is not this test's question
        return Exposure(bank=None, error=error)
    pytest.fail("the value was made")


ILL_FORMED: Mapping[str, Callable[[], object]] = {
    "an SSN with a letter": lambda: Ssn(c.SSN + "x"),
    "an SSN among others": lambda: NewCustomer(ssn=c.SSN + "0", first_name=c.FIRST),
    "an SSN to change": lambda: CustomerChanges(ssn=c.SSN + "0", last_name=c.LAST),
    "an SSN for KYC": lambda: StartKyc(program_id="p", ssn=c.SSN + "0", email=c.EMAIL),
    "a mask to reveal": lambda: Ssn("XXX-XX-9942").reveal(),
    "a locator": lambda: DocumentLocatorNumber(f"0{c.LOCATOR}"),
    "a date as text": lambda: NewCustomer(date_of_birth="1913-07-29"),  # type: ignore[arg-type] # refused
    "a name with a line break": lambda: NewCustomer(first_name=f"{c.FIRST}\n"),
    "an e-mail": lambda: NewCustomer(emails=[f"{c.EMAIL}@x@"], middle_name=c.MIDDLE),
    "e-mails as text": lambda: NewCustomer(emails=c.EMAIL),
    "a phone": lambda: Phone(f"{c.PHONE}999999999"),
    "a street": lambda: Address(line1=f"{c.STREET}\0", line2=c.SECOND_LINE),
    "a country": lambda: Address(line1=c.STREET, city=c.CITY, country="XX"),
    "two primary": lambda: NewCustomer(addresses=[c.ADDRESS, c.ADDRESS]),
    "a wrong field": lambda: NewCustomer(name=c.FIRST),  # type: ignore[call-arg] # refused
}


@pytest.mark.parametrize("value", ILL_FORMED)
def test_an_ill_formed_value_is_refused_without_being_shown(
    value: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The message names the field and the rule, never the value."""
    assert_nothing_escaped(raised_by(ILL_FORMED[value]), caplog)


REFUSED: Mapping[str, Callable[[Any], Any]] = {
    "no required field": lambda bank: bank.customers.create(
        NewCustomer(middle_name=c.MIDDLE, ssn=Ssn(c.SSN), emails=[c.EMAIL])
    ),
    "a masked SSN": lambda bank: bank.customers.create(
        attrs.evolve(c.PEOPLE[bank.provider], ssn=Ssn("XXX-XX-9942"))
    ),
    "names that do not fit": lambda bank: bank.customers.create(
        attrs.evolve(
            c.PEOPLE[bank.provider], first_name=f"{c.FIRST}-1", phones=[], emails=[]
        )
    ),
    "a foreign phone": lambda bank: bank.customers.create(
        attrs.evolve(c.PEOPLE[bank.provider], phones=[], preferred_name=c.MIDDLE)
    ),
    "extras of no vendor": lambda bank: bank.customers.create(
        attrs.evolve(c.PEOPLE[bank.provider], extras={bank.provider: {"x": c.SSN}})
    ),
    "a change of what is fixed": lambda bank: bank.customers.update(
        "customer-1",
        CustomerChanges(
            first_name=c.FIRST, ssn=Ssn(c.SSN), date_of_birth=c.BORN, external_id="2"
        ),
        kyc_passed=True,
    ),
    "clearing what cannot be": lambda bank: bank.customers.update(
        "customer-1",
        CustomerChanges(emails=cast("Any", None), last_name=c.LAST),
    ),
    "a path that is none": lambda bank: bank.request(
        "POST", "customers", headers={"x-contact": c.EMAIL}, json=c.BY_HAND
    ),
    "a query that is none": lambda bank: bank.request(
        "GET", "/customers", query={"born": c.BORN}, json=c.BY_HAND
    ),
    "a body that is none": lambda bank: bank.request(
        "POST", "/customers", json={**c.BY_HAND, "born": {c.SSN}}
    ),
    "an id that is none": lambda bank: bank.customers.update(
        "", c.CHANGES[bank.provider]
    ),
}


@BOTH
@PROVIDERS
@pytest.mark.parametrize("refusal", REFUSED)
def test_a_refusal_before_the_network_shows_nothing(
    refusal: str, provider: str, *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is sent, and the refusal exposes nothing of the request."""
    exposure = perform(provider, REFUSED[refusal], sync=sync, answer=success)
    assert exposure.error is not None
    assert not exposure.urls
    assert_nothing_escaped(exposure, caplog)


def passed_kyc(request: httpx.Request) -> httpx.Response:
    """Refuse as Bond does after KYC, and repeat the request."""
    document = {
        "Message": {"ssn": [request.content.decode()], c.SSN: ["fixed"]},
        "Status": 400,
        "Code": "kyc_customer",
        "Type": request.content.decode(),
    }
    return httpx.Response(400, json=document)


@BOTH
def test_a_vendors_refusal_of_a_change_shows_nothing(
    *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A FieldNotUpdatable from the vendor contains only field names."""
    exposure = perform("bond", OPERATIONS["update"], sync=sync, answer=passed_kyc)
    assert isinstance(exposure.error, FieldNotUpdatable)
    assert_nothing_escaped(exposure, caplog)


class ClumsyBond(Bond):
    """An adapter that puts values into its errors when it cannot write or read."""

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        person = f"{query.new.first_name} {query.new.date_of_birth}"
        assert query.new.ssn
        secret = query.new.ssn.reveal()
        yield from ()
        raise ValueError(f"cannot write {person} {secret}")

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        response = yield get("/customers/1")
        text = response.text
        error = ValueError(f"cannot read {text}")
        error.add_note(text)
        raise error from KeyError(text)

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        """Fail before the first request: this method is not a generator."""
        raise ValueError(f"cannot change {query.changes.emails} {c.SSN}")


class RudeBond(Bond):
    """An adapter that fails in `problem`, with the response and the request in its text."""

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        sent = request.encoded() if request else b""
        raise ValueError(f"{response.text} {sent!r}")


class QuotingBond(Bond):
    """An adapter that puts each value of the request into the problem."""

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        if response.ok or request is None:
            return None
        sent = json.loads(request.encoded() or b"{}")
        texts = tuple(map(str, sent.values()))
        return Problem(
            kind=Rejected, message="; ".join(texts), field_errors={"ssn": texts}
        )


class LoudSonder(Sonder):
    """An adapter that fails in `authenticate`, with the credentials in its message."""

    def authenticate(self, request: Request, credentials: Any) -> Request:
        token = credentials.token.reveal()
        raise ValueError(f"{token} {request.body}")


CLUMSY: list[tuple[type[Adapter], str]] = [
    (ClumsyBond, "create"),
    (ClumsyBond, "get"),
    (ClumsyBond, "update"),
    (RudeBond, "create"),
    (QuotingBond, "create"),
    (LoudSonder, "create"),
    (LoudSonder, "get"),
]


@BOTH
@pytest.mark.parametrize(("adapter", "operation"), CLUMSY)
def test_an_adapters_bug_is_reported_without_its_text(
    adapter: type[Adapter],
    operation: str,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The error names the place of the failure, and never repeats the adapter's message."""
    answer = plain_text(500) if adapter in (RudeBond, QuotingBond) else success
    exposure = perform(adapter, OPERATIONS[operation], sync=sync, answer=answer)
    assert isinstance(exposure.error, AnybankError)
    assert_nothing_escaped(exposure, caplog)


def _no_token() -> str:
    token = c.TOKEN
    raise ValueError(f"the vault said {token}")


@BOTH
def test_a_vault_that_fails_keeps_its_secret(
    *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The message of a failing callable credential is not repeated."""
    create = OPERATIONS["create"]
    exposure = perform("sonder", create, sync=sync, answer=success, token=_no_token)
    assert isinstance(exposure.error, AnybankError)
    assert_nothing_escaped(exposure, caplog)


@pytest.mark.parametrize("before", range(480, 500))
def test_a_number_is_not_cut_in_half_before_it_is_known(before: int) -> None:
    """A long message is scrubbed before it is shortened, wherever it is cut."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, text=f"{'x' * before} {c.SSN}")

    exposure = perform("bond", OPERATIONS["create"], sync=True, answer=answer)
    assert c.SSN[:4] not in str(exposure.error)


@PROVIDERS
def test_a_customer_as_json_is_refused_without_being_shown(provider: str) -> None:
    """`json.dumps` fails at the first Sensitive value, also after attrs.asdict."""
    person = c.PEOPLE[provider]
    for value in (person, {"person": person}, attrs.asdict(person)["ssn"]):
        with pytest.raises(TypeError) as raised:
            json.dumps(value)
        assert not c.canaries_in(str(raised.value))


@PROVIDERS
def test_a_person_is_shown_by_the_fields_that_are_set(provider: str) -> None:
    """Values that a caller creates are masked, and so are their copies."""
    for value in (c.PEOPLE[provider], c.EVERYTHING[provider], c.KYC, c.ADDRESS):
        shown = f"{value!r} {value} {copy.copy(value)!r} {copy.deepcopy(value)!r}"
        assert not c.canaries_in(shown)
        assert "***" in shown


def test_the_search_finds_every_spelling() -> None:
    """The search finds a canary in every spelling, and nothing in other text."""
    assert c.canaries_in(f"x{c.SSN.replace('-', '')}y") == ["219099942"]
    assert c.canaries_in(repr(date(1913, 7, 29))) == ["datetime.date(1913, 7, 29)"]
    assert not c.canaries_in("***-**-9942 masked@example.com")
