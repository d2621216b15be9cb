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
    """A toy that tells references and keeps what it was asked."""

    request_lines: list[Any]

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.request_lines = []

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        text = (yield get("/customers", query={"token": query.token})).json()
        result = [
            Customer(id=f"c-{each}", provider="toy", external_id=each)
            for each in text["ids"]
        ]
        return Page(result, text.get("next"))

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        self.request_lines.append(query)
        yield get("/made")
        return Customer(id="c1", provider="toy")

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        self.request_lines.append(query)
        yield get("/started")
        return KycCheck(customer_id=query.customer_id, status=KycStatus.SUBMITTED)


def bank(*answers: Any) -> Any:
    return Bank(Looking, token="t", transport=Script(*answers))


def request_lines(bank: Any) -> list[Any]:
    result: list[Any] = bank._engine.adapter.request_lines
    return result


def test_a_create_has_a_key_of_its_own() -> None:
    """Each create is given a fresh key, and a repeat of it keeps that key."""
    one = bank(json_response(), json_response())
    one.customers.create(NEW)
    one.customers.create(NEW)
    keys = {each.idempotency_key for each in request_lines(one)}
    assert len(keys) == 2
    assert all(uuid.UUID(key).version == 4 for key in keys)


def test_a_callers_key_is_used() -> None:
    """A caller may repeat a start of KYC under the same key."""
    one = bank(json_response(), json_response())
    one.kyc.start("c1", StartKyc(program_id="p", idempotency_key="mine"))
    one.kyc.start("c1", StartKyc(program_id="p"))
    assert request_lines(one)[0].start.idempotency_key == "mine"
    assert uuid.UUID(request_lines(one)[1].start.idempotency_key).version == 4


class Replaying(Looking):
    """A toy that answers a repeated key as the first time."""

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
    """A caller may repeat a create under the same key; an empty one is refused."""
    one = Bank(Replaying, token="t", transport=Script(json_response()))
    one.customers.create(NEW, idempotency_key="mine")
    assert request_lines(one)[0].idempotency_key == "mine"
    with pytest.raises(InvalidInput, match="idempotency_key"):
        one.customers.create(NEW, idempotency_key=" ")


def test_an_error_has_no_key_where_none_was_sent() -> None:
    """A key that the vendor never saw is nothing to look by."""
    with pytest.raises(OutcomeUnknown) as lost:
        bank(httpx.ReadTimeout("")).customers.create(NEW)
    assert lost.value.idempotency_key is None


@pytest.mark.parametrize(("key", "retryable"), [(None, False), ("mine", True)])
def test_a_lost_create_is_repeatable_under_a_known_key(
    key: str | None, retryable: bool
) -> None:
    """The same call again would mint another key, unless the caller gave one."""
    lost = httpx.ReadTimeout("")
    one = Bank(Replaying, token="t", transport=Script(lost), retries=0)
    with pytest.raises(OutcomeUnknown) as caught:
        one.customers.create(NEW, idempotency_key=key)
    assert caught.value.retryable is retryable
    assert caught.value.idempotency_key == request_lines(one)[0].idempotency_key


def test_a_customer_tells_what_was_changed() -> None:
    """What was dropped with consent is reported with the customer."""
    lossy = bank(json_response())
    new = NewCustomer(first_name="Ada", preferred_name="A")
    built = lossy.customers.create(new, accept_loss={"preferred_name"})
    assert [(each.field, each.effect) for each in built.issues] == [
        ("preferred_name", Effect.DROPPED)
    ]
    assert request_lines(lossy)[0].new.preferred_name is None


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
def test_what_is_refused_sends_nothing(operation: Any, *, sync: bool) -> None:
    """A refusal comes before any request."""
    ran = run(operation, sync=sync)
    assert isinstance(ran.error, InvalidInput)
    assert ran.error.outcome is Outcome.NOT_SENT
    assert ran.request_lines == []


def test_what_may_not_change_is_a_refusal_of_its_own() -> None:
    """A fixed field is told apart from a bad one."""
    change = CustomerChanges(external_id="x")
    ran = run(lambda bank: bank.customers.update("c1", change))
    assert isinstance(ran.error, FieldNotUpdatable)


class Paged(Looking):
    """A toy that has pages of some sizes, and keeps what it was asked."""

    capabilities = evolve(Toy.capabilities, limits=Limits(page_sizes=(2, 5, 10)))

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        self.request_lines.append(query)
        return (yield from super().list_customers(query))


@pytest.mark.parametrize(
    ("requested", "size"), [(None, None), (5, 5), (1, 2), (7, 5), (11, 10), (10**9, 10)]
)
def test_a_page_has_a_size_of_the_vendors(
    requested: int | None, size: int | None
) -> None:
    """A size that a vendor does not have is asked for as the next smaller one."""
    one = Bank(Paged, token="t", transport=Script(page("x")))
    assert list(one.customers.list(page_size=requested))
    assert {each.page_size for each in request_lines(one)} == {size}


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
    """Less than one item, or no number of items, is refused."""
    bond = Bank("bond", identity="i", authorization="a", transport=Script())
    with bond, pytest.raises(InvalidInput, match="page_size: must be a whole number"):
        listing(bond, size)


def page(*ids: str, next: str | None = None) -> httpx.Response:
    return json_response(ids=list(ids), next=next)


def test_a_lost_create_is_looked_up_by_its_reference() -> None:
    """Every page is looked through until the reference turns up."""
    result = bank(page("x", next="1"), page("ref-1")).customers.resolve(LOST, NEW)
    assert result.id == "c-ref-1"


def test_a_create_that_did_not_happen_has_no_match() -> None:
    """None is certain: all was looked through."""
    assert bank(page("x")).customers.resolve(LOST, NEW) is None


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REFUSED])
def test_what_is_known_not_to_have_happened_needs_no_look(outcome: Outcome) -> None:
    """Nothing is asked where the answer is known."""
    error = AnybankError("no", outcome=outcome)
    ran = run(lambda bank: bank.customers.resolve(error, NEW))
    assert (ran.value, ran.error, ran.request_lines) == (None, None, [])


def test_without_a_reference_there_is_no_look_up() -> None:
    """A person who has none cannot be told from another."""
    anonymous = NewCustomer(first_name="Ada")
    ran = run(lambda bank: bank.customers.resolve(LOST, anonymous))
    assert isinstance(ran.error, InvalidInput)
    assert "external_id" in str(ran.error)


def test_without_a_look_up_a_person_must_check() -> None:
    """Unknown is never guessed away."""
    sonder = Bank("sonder", token="t", transport=Script())
    with sonder, pytest.raises(Unsupported, match="a person must check") as no:
        sonder.customers.resolve(LOST, NEW)
    assert "in a file (--ids FILE)" in str(no.value)


def test_looking_ends_where_a_listing_does_not() -> None:
    """A vendor that repeats a page for ever is refused, not followed."""
    pages = [page("x", next=str(number)) for number in range(50)]
    with pytest.raises(UnexpectedResponse, match="does not end"):
        bank(*pages).customers.resolve(LOST, NEW)


def test_an_address_is_replaced_by_its_id() -> None:
    """Without an id nobody knows which."""
    from anybank import Address  # noqa: PLC0415

    with pytest.raises(InvalidInput, match="id: must be the id of the address"):
        Calls(Looking(None), today).customer_addresses.update(
            "c1", Address(), kyc_passed=None, accept_loss=()
        )


def test_one_cursor_at_a_time() -> None:
    """A page lies after one application or before another."""
    bond = Bank("bond", identity="i", authorization="a", transport=Script())
    with (
        bond,
        pytest.raises(InvalidInput, match="before: cannot be combined with token"),
    ):
        bond.credit_applications.list(before="a", token="b")


def test_checking_asks_nobody() -> None:
    """`check` is the declaration's word."""
    ran = run(lambda bank: bank.check(NewCustomer()))
    assert [each.field for each in ran.value] == ["first_name"]
    assert ran.request_lines == []


def test_a_call_does_not_show_what_it_is_about() -> None:
    """A call in a report of an error shows its feature."""
    call = Calls(Looking(None), today).customers.create(
        NewCustomer(first_name="Wilhelmina"), ()
    )
    assert "Wilhelmina" not in repr(call)
    assert call.name == "customers.create"
    call.flow.close()


def test_settling_is_by_the_declaration() -> None:
    """A default is written before the adapter sees the question."""
    rules = {**Toy.capabilities.fields[Person], "middle_name": FieldRule(default="X")}
    declared: Capabilities = evolve(Toy.capabilities, fields={Person: rules})

    class Defaulting(Looking):
        capabilities = declared

    one = Bank(Defaulting, token="t", transport=Script(json_response()))
    built = one.customers.create(NEW)
    assert request_lines(one)[0].new.middle_name == "X"
    assert [each.effect for each in built.issues] == [Effect.DEFAULTED]
    assert attrs.evolve(built).id == "c1"
