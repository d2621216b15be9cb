"""Adapters that misread people, their owners and phones, or the errors about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme import reading, writing
from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.acme.simulator import AcmeSimulator
from tests.testing.conformance.broken.making import (
    Flow,
    Table,
    broken_acme,
    subject_of,
    with_body,
    with_capabilities,
    with_changed_rule,
    with_result,
)

from anybank import NotFound, UnexpectedResponse
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Request, Response, get, post, segment
from anybank.declaration import Limits
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerStatus
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.phones import Phone
from anybank.sandbox.simulator import answer_json
from anybank.testing.conformance import Subject
from anybank_increase import Increase
from anybank_increase.simulator import IncreaseSimulator

_CASSETTES = Path(__file__).parent / "cassettes" / "printed"
_PRINTED = Customer(
    provider="acme",
    id="p-1",
    first_name="Ada",
    last_name="Sample",
    date_of_birth=date(1990, 4, 1),
)


def _reporting(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Subject:
    """Return an Acme that reports other field errors than it reads."""

    def problem(self: Acme, response: Response) -> Problem | None:
        known = Acme.problem(self, response)
        return known and evolve(known, field_errors=change(dict(known.field_errors)))

    return broken_acme(problem=problem)


def _first(errors: dict[str, Any]) -> dict[str, Any]:
    return dict(list(errors.items())[:1])


def _shifted(errors: dict[str, Any]) -> dict[str, Any]:
    swapped = {"first_name": "last_name", "last_name": "first_name"}
    return {swapped.get(name, name): texts for name, texts in errors.items()}


def _swapped(person: dict[str, Any]) -> dict[str, Any]:
    return {**person, "given": person["family"], "family": person["given"]}


def _with_names_swapped(self: Any, query: Any) -> Flow:
    person = yield from Acme.get_customer(self, query)
    return evolve(person, first_name=person.last_name, last_name=person.first_name)


def _requiring_a_nickname(self: Any, query: Any) -> Flow:
    person = yield from Acme.get_customer(self, query)
    if "nick" not in person.raw:
        raise UnexpectedResponse("a person has no nick", path="$.nick")
    return person


def _inventing_the_missing(self: Any, query: Any) -> Flow:
    try:
        person = yield from Acme.get_customer(self, query)
    except NotFound:
        return Customer(provider="acme", id=query.id)
    return person


def _without_references(page: Any) -> Any:
    return evolve(page, items=[evolve(it, external_id=None) for it in page.items])


def _read_back_unguarded(self: Any, query: Any) -> Flow:
    response = yield post("/people", writing.person(query.new))
    created = reading.created_customer(response.json())
    if not query.read_back:
        return created
    response = yield get(f"/people/{segment(created.id)}")
    return reading.customer(response.json())


def _in_the_us(customer: Customer) -> Customer:
    phones = [_as_us(phone) for phone in customer.phones]
    return evolve(customer, phones=phones)


def _as_us(phone: Phone) -> Phone:
    return evolve(phone, number="+1" + phone.number[-10:])


def _one_owner(account: Any) -> Any:
    return evolve(account, customer_ids=account.customer_ids[:1])


def _increase_listing_all() -> Subject:
    """Return an Increase that lists the archived entities too."""

    def listing(self: Any, query: Any) -> Flow:
        inner = Increase.list_customers(self, query)
        request = next(inner)
        filters = [item for item in request.query if item[0] != "status.in"]
        try:
            inner.send((yield evolve(request, query=dict(filters))))
        except StopIteration as finished:
            return finished.value

    broken: Any = type("Broken", (Increase,), {"list_customers": listing})
    return Subject(adapter=broken, simulator=IncreaseSimulator)


def _denying() -> Subject:
    """Return an Acme whose creates verify, and whose customers have a status."""

    def get_customer(self: Any, query: Any) -> Flow:
        customer = yield from Acme.get_customer(self, query)
        return evolve(customer, status=CustomerStatus.ACTIVE)

    return broken_acme(
        get_customer=get_customer, capabilities=evolve(ACME, create_verifies=True)
    )


class _DecidingAtOnce(AcmeSimulator):
    """Decides about a person as chosen, each time, and also returns the first decision."""

    word = "GOOD"

    def choose_kyc(self, status: KycStatus) -> None:
        """Choose the word of the next decision."""
        self.word = "GOOD" if status is KycStatus.PASSED else "BAD"

    def start_check(self, request: Request, id: str) -> Response:
        """Decide at once."""
        first = self.checks.get(id)
        response = super().start_check(request, id)
        if response.status != 201:
            return response
        self.checks[id] = first or self.word
        return answer_json(201, {"state": self.word, "person": id})


BROKEN: Table = {
    "reads the first of two verifications": (
        "the_last_verification_counts",
        lambda: subject_of(simulator=_DecidingAtOnce),
    ),
    "drops the field errors": (
        "field_errors_name_our_fields",
        lambda: _reporting(lambda _: {}),
    ),
    "reports the first field error only": (
        "field_errors_name_our_fields",
        lambda: _reporting(_first),
    ),
    "reports an error for another field": (
        "field_errors_name_our_fields",
        lambda: _reporting(_shifted),
    ),
    "reports an error for a field that was valid": (
        "field_errors_name_our_fields",
        lambda: _reporting(lambda errors: {**errors, "emails": ("is required",)}),
    ),
    "reports field errors under the vendor's names": (
        "field_errors_name_our_fields",
        lambda: _reporting(
            lambda errors: {f"data.{name}": texts for name, texts in errors.items()}
        ),
    ),
    "reads a masked number as nothing": (
        "customer_fields_are_read_back",
        lambda: with_result("get_customer", lambda it: evolve(it, ssn=None)),
    ),
    "reads every phone in the United States": (
        "phone_countries_are_read_back",
        lambda: with_result("get_customer", _in_the_us, _with_any_phone().adapter),
    ),
    "reads the first owner of an account only": (
        "all_owners_are_read_back",
        lambda: with_result("get_account", _one_owner),
    ),
    "sends the first owner of an account only": (
        "all_owners_are_read_back",
        lambda: with_body(
            "create_account", lambda body: {**body, "owners": body["owners"][:1]}
        ),
    ),
    "loses the id of a customer whose read fails": (
        "failed_reads_keep_created_ids",
        lambda: broken_acme(create_customer=_read_back_unguarded),
    ),
    "lists archived customers": (
        "deleted_customers_are_not_listed",
        _increase_listing_all,
    ),
    "swaps two names when writing and when reading": (
        "fields_are_sent_under_their_names",
        lambda: broken_acme(
            create_customer=with_body(
                "create_customer", _swapped
            ).adapter.create_customer,
            get_customer=_with_names_swapped,
        ),
    ),
    "writes a field as the member that has the name of another field": (
        "fields_use_the_member_of_their_name",
        lambda: with_changed_rule(Address, "city", native="state"),
    ),
    "swaps two names in a response that the vendor prints": (
        "printed_responses_are_read",
        lambda: subject_of(
            broken_acme(get_customer=_with_names_swapped).adapter,
            cassettes=_CASSETTES,
            samples={"cassettes": {"customers-get": _PRINTED}},
        ),
    ),
    "names a printed response that it does not have": (
        "printed_responses_are_read",
        lambda: subject_of(
            cassettes=_CASSETTES, samples={"cassettes": {"accounts-get": _PRINTED}}
        ),
    ),
    "requires a field that a printed response lacks": (
        "recorded_responses_are_read",
        lambda: subject_of(
            broken_acme(get_customer=_requiring_a_nickname).adapter,
            cassettes=_CASSETTES,
        ),
    ),
    "reads a printed rejection as a success": (
        "recorded_responses_are_read",
        lambda: subject_of(
            broken_acme(get_customer=_inventing_the_missing).adapter,
            cassettes=_CASSETTES,
        ),
    ),
    "lists no references, so that a migration cannot find lost creates": (
        "migrations_move_everybody_under_faults",
        lambda: with_result("list_customers", _without_references),
    ),
    "reads every decision as passed": (
        "decisions_are_read_exactly",
        lambda: with_result("get_kyc", lambda it: evolve(it, status=KycStatus.PASSED)),
    ),
    "reads an account under another owner": (
        "other_fields_are_read_back",
        lambda: with_result(
            "get_account", lambda it: evolve(it, customer_ids=["person-9"])
        ),
    ),
    "reads the time of a create shifted by hours": (
        "creation_times_are_read_exactly",
        lambda: with_result(
            "create_credit_application",
            lambda it: evolve(it, created_at=it.created_at + timedelta(hours=5)),
        ),
    ),
    "reads a second word as verified": (
        "words_for_success_are_shown",
        lambda: subject_of(
            openapi_values={
                "check.state": {"GOOD": KycStatus.PASSED, "WAITS": KycStatus.PASSED}
            }
        ),
    ),
    "is tested without a customer whom a create denies": (
        "decisions_are_read_exactly",
        _denying,
    ),
    "is tested with verified people only": (
        "decisions_are_read_exactly",
        lambda: subject_of(seed_expected=_verified),
    ),
    "does not declare the documented rate limit": (
        "rate_limits_are_declared",
        lambda: with_capabilities(limits=Limits(page_sizes=(2,), page_source="Acme")),
    ),
}


def _with_any_phone() -> Subject:
    """Return an Acme that accepts phones of every country."""
    kind = Phone
    number = evolve(ACME.rule(kind, "number"), pattern=None)
    rules = {**ACME.rules(kind), "number": number}
    return with_capabilities(fields={**ACME.fields, kind: rules})


def _verified(simulator: Any, _bank: Any) -> list[Any]:

    simulator.checks["GOOD"] = "GOOD"
    return [KycCheck(customer_id="GOOD", status=KycStatus.PASSED)]
