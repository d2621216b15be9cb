"""Calls check features, prepare values and choose keys before the flow starts."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import attrs
import httpx
import pytest
from attrs import evolve
from tests.fakes import Script, Toy, json_response, run

from anybank import (
    AnybankError,
    Bank,
    Customer,
    CustomerChanges,
    Effect,
    FieldNotUpdatable,
    FieldRule,
    InvalidInput,
    NewCustomer,
    Outcome,
    OutcomeUnknown,
    StartKyc,
    UnexpectedResponse,
    Unsupported,
)
from anybank._engine.calls import Calls
from anybank.adapter.wire import Flow, get
from anybank.declaration import (
    Capabilities,
    Feature,
    FeatureRule,
    Idempotency,
    Limits,
    Support,
)
from anybank.model import operations as ask
from anybank.model.customers import NewCustomer as Person
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.pages import Page

LOST = OutcomeUnknown("lost", outcome=Outcome.UNKNOWN)
NEW = NewCustomer(first_name="Ada", external_id="ref-1")


def today() -> date:
    return date(2026, 1, 1)


class Looking(Toy):
    """A toy vendor that returns references and records the questions of its adapter."""

    questions: list[Any]

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.questions = []

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        text = (yield get("/customers", query={"token": query.token})).json()
        result = [
            Customer(id=f"c-{item}", provider="toy", external_id=item)
            for item in text["ids"]
        ]
        return Page(result, text.get("next"))

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        self.questions.append(query)
        yield get("/made")
        return Customer(id="c1", provider="toy")

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        self.questions.append(query)
        yield get("/started")
        return KycCheck(customer_id=query.customer_id, status=KycStatus.SUBMITTED)


def bank(*answers: Any) -> Any:
    return Bank(Looking, token="t", transport=Script(*answers))


def questions(bank: Any) -> list[Any]:
    result: list[Any] = bank._engine.adapter.questions
    return result


def test_a_create_has_a_key_of_its_own() -> None:
    """Each create gets a new idempotency key, which all its attempts share."""
    one = bank(json_response(), json_response())
    one.customers.create(NEW)
    one.customers.create(NEW)
    keys = {question.idempotency_key for question in questions(one)}
    assert len(keys) == 2
    assert all(uuid.UUID(key).version == 4 for key in keys)


def test_a_callers_key_is_used() -> None:
    """A caller may start KYC again under the same idempotency key."""
    one = bank(json_response(), json_response())
    one.kyc.start("c1", StartKyc(program_id="p", idempotency_key="mine"))
    one.kyc.start("c1", StartKyc(program_id="p"))
    assert questions(one)[0].start.idempotency_key == "mine"
    assert uuid.UUID(questions(one)[1].start.idempotency_key).version == 4


class Replaying(Looking):
    """A toy vendor that replays the first response for a repeated key."""

    capabilities = evolve(
        Looking.capabilities,
        features={
            **Looking.capabilities.features,
            Feature.CUSTOMERS_CREATE: FeatureRule(
                support=Support.FULL, idempotency=Idempotency("replays")
            ),
        },
    )


def test_a_create_uses_the_callers_key() -> None:
    """A create accepts the caller's idempotency key and rejects a blank one."""
    one = Bank(Replaying, token="t", transport=Script(json_response()))
    one.customers.create(NEW, idempotency_key="mine")
    assert questions(one)[0].idempotency_key == "mine"
    with pytest.raises(InvalidInput, match="idempotency_key"):
        one.customers.create(NEW, idempotency_key=" ")


def test_an_error_has_no_key_where_none_was_sent() -> None:
    """An error has no idempotency key if the vendor has no keys."""
    with pytest.raises(OutcomeUnknown) as lost:
        bank(httpx.ReadTimeout("")).customers.create(NEW)
    assert lost.value.idempotency_key is None


@pytest.mark.parametrize(("key", "retryable"), [(None, False), ("mine", True)])
def test_a_lost_create_is_repeatable_under_a_known_key(
    key: str | None, retryable: bool
) -> None:
    """A lost create is retryable only if the caller passed the idempotency key."""
    lost = httpx.ReadTimeout("")
    one = Bank(Replaying, token="t", transport=Script(lost), retries=0)
    with pytest.raises(OutcomeUnknown) as caught:
        one.customers.create(NEW, idempotency_key=key)
    assert caught.value.retryable is retryable
    assert caught.value.idempotency_key == questions(one)[0].idempotency_key


def test_a_customer_reports_dropped_fields() -> None:
    """A created customer reports the fields that were dropped with consent."""
    lossy = bank(json_response())
    new = NewCustomer(first_name="Ada", preferred_name="A")
    built = lossy.customers.create(new, accept_loss={"preferred_name"})
    assert [(issue.field, issue.effect) for issue in built.issues] == [
        ("preferred_name", Effect.DROPPED)
    ]
    assert questions(lossy)[0].new.preferred_name is None


@pytest.mark.parametrize(
    "operation",
    [
        lambda bank: bank.customers.create(NewCustomer(last_name="Roe")),
        lambda bank: bank.customers.create(
            NewCustomer(first_name="A", preferred_name="B")
        ),
        lambda bank: bank.customers.update("c1", CustomerChanges(external_id="x")),
        lambda bank: bank.customers.update(
            "c1", CustomerChanges(last_name="Roe"), kyc_passed=True
        ),
        lambda bank: bank.customers.update("", CustomerChanges(first_name="A")),
        lambda bank: bank.customers.get(""),
        lambda bank: bank.customers.get(".."),
        lambda bank: bank.customers.delete(""),
        lambda bank: bank.request("GET", "https://evil.example/"),
        lambda bank: bank.request("GET", "//evil.example/"),
        lambda bank: bank.request("GET", "/a?b=c"),
        lambda bank: bank.kyc.wait("c1", timeout=float("inf")),
        lambda bank: bank.kyc.wait("c1", timeout=-1),
    ],
)
@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
def test_a_refused_call_sends_nothing(operation: Any, *, sync: bool) -> None:
    """A call that the library rejects sends no request."""
    result = run(operation, sync=sync)
    assert isinstance(result.error, InvalidInput)
    assert result.error.outcome is Outcome.NOT_SENT
    assert result.request_lines == []


def test_a_fixed_field_raises_field_not_updatable() -> None:
    """A field that cannot be changed raises FieldNotUpdatable, not a plain InvalidInput."""
    change = CustomerChanges(external_id="x")
    result = run(lambda bank: bank.customers.update("c1", change))
    assert isinstance(result.error, FieldNotUpdatable)


class Paged(Looking):
    """A toy vendor with a few page sizes, whose adapter records the questions."""

    capabilities = evolve(Toy.capabilities, limits=Limits(page_sizes=(2, 5, 10)))

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        self.questions.append(query)
        return (yield from super().list_customers(query))


@pytest.mark.parametrize(
    ("requested", "size"), [(None, None), (5, 5), (1, 2), (7, 5), (11, 10), (10**9, 10)]
)
def test_a_page_has_a_size_of_the_vendors(
    requested: int | None, size: int | None
) -> None:
    """A requested page size is rounded down to a size that the vendor offers."""
    one = Bank(Paged, token="t", transport=Script(page("x")))
    assert list(one.customers.list(page_size=requested))
    assert {question.page_size for question in questions(one)} == {size}


@pytest.mark.parametrize("size", [0, -1, True, "5", 2.0])
@pytest.mark.parametrize(
    "listing",
    [
        lambda bank, size: bank.customers.list(page_size=size),
        lambda bank, size: bank.accounts.list(page_size=size),
        lambda bank, size: bank.credit_applications.list(page_size=size),
    ],
)
def test_a_page_has_at_least_one_item(listing: Any, size: Any) -> None:
    """A page size below 1, or one that is not a whole number, is rejected."""
    bond = Bank("bond", identity="i", authorization="a", transport=Script())
    with bond, pytest.raises(InvalidInput, match="page_size: must be a whole number"):
        listing(bond, size)


def page(*ids: str, next: str | None = None) -> httpx.Response:
    return json_response(ids=list(ids), next=next)


def test_a_lost_create_is_looked_up_by_its_reference() -> None:
    """`resolve` reads all pages until the reference matches."""
    result = bank(page("x", next="1"), page("ref-1")).customers.resolve(LOST, NEW)
    assert result.id == "c-ref-1"


def test_a_create_that_did_not_happen_has_no_match() -> None:
    """`resolve` returns None after it has read the whole listing."""
    assert bank(page("x")).customers.resolve(LOST, NEW) is None


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REFUSED])
def test_a_create_that_certainly_failed_needs_no_look_up(outcome: Outcome) -> None:
    """`resolve` sends nothing for an error that proves that the create had no effect."""
    error = AnybankError("no", outcome=outcome)
    result = run(lambda bank: bank.customers.resolve(error, NEW))
    assert (result.value, result.error, result.request_lines) == (None, None, [])


def test_without_a_reference_there_is_no_look_up() -> None:
    """`resolve` rejects a customer without an external id."""
    anonymous = NewCustomer(first_name="Ada")
    result = run(lambda bank: bank.customers.resolve(LOST, anonymous))
    assert isinstance(result.error, InvalidInput)
    assert "external_id" in str(result.error)


def test_without_a_look_up_a_person_must_check() -> None:
    """`resolve` raises Unsupported if the vendor cannot list customers."""
    sonder = Bank("sonder", token="t", transport=Script())
    with sonder, pytest.raises(Unsupported, match="a person must check") as caught:
        sonder.customers.resolve(LOST, NEW)
    assert "in a file (--ids FILE)" in str(caught.value)


def test_looking_ends_where_a_listing_does_not() -> None:
    """`resolve` raises UnexpectedResponse for a listing that repeats a page."""
    pages = [page("x", next=str(number)) for number in range(50)]
    with pytest.raises(UnexpectedResponse, match="does not end"):
        bank(*pages).customers.resolve(LOST, NEW)


def test_an_address_is_replaced_by_its_id() -> None:
    """An address without an id cannot be replaced."""
    from anybank import Address  # noqa: PLC0415

    with pytest.raises(InvalidInput, match="id: must be the id of the address"):
        Calls(Looking(None), today).customer_addresses.update(
            "c1", Address(), kyc_passed=None, accept_loss=()
        )


def test_one_cursor_at_a_time() -> None:
    """A listing accepts `before` or `token`, but not both."""
    bond = Bank("bond", identity="i", authorization="a", transport=Script())
    with (
        bond,
        pytest.raises(InvalidInput, match="before: cannot be combined with token"),
    ):
        bond.credit_applications.list(before="a", token="b")


def test_checking_sends_nothing() -> None:
    """`check` sends no request."""
    result = run(lambda bank: bank.check(NewCustomer()))
    assert [item.field for item in result.value] == ["first_name"]
    assert result.request_lines == []


def test_a_call_does_not_show_personal_data() -> None:
    """The repr of a call contains its feature and no personal data."""
    call = Calls(Looking(None), today).customers.create(
        NewCustomer(first_name="Wilhelmina"), ()
    )
    assert "Wilhelmina" not in repr(call)
    assert call.name == "customers.create"
    call.flow.close()


def test_defaults_are_filled_in_before_the_adapter() -> None:
    """A declared default is filled in before the adapter receives the question."""
    rules = {**Toy.capabilities.fields[Person], "middle_name": FieldRule(default="X")}
    declared: Capabilities = evolve(Toy.capabilities, fields={Person: rules})

    class Defaulting(Looking):
        capabilities = declared

    one = Bank(Defaulting, token="t", transport=Script(json_response()))
    built = one.customers.create(NEW)
    assert questions(one)[0].new.middle_name == "X"
    assert [issue.effect for issue in built.issues] == [Effect.DEFAULTED]
    assert attrs.evolve(built).id == "c1"
