"""Check that an adapter's value is about the requested record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.bond.banks import bond
from tests.fakes import Script, Toy, home, james, json_response
from tests.sonder.banks import sonder

from anybank import (
    Account,
    Address,
    Bank,
    CreditApplicationChanges,
    Customer,
    CustomerChanges,
    NewAccount,
    NewCreditApplication,
    NewCustomer,
    Outcome,
    StartKyc,
    UnexpectedResponse,
    WebhookSubscriptionChanges,
)
from anybank._engine.calls.answer_checks import check_answer, check_page, drop_unusable
from anybank._engine.calls.page_tokens import PageTokens
from anybank.declaration import Feature, FeatureRule, Support
from anybank.model import operations as ask
from anybank.model.pages import Page

Call = Callable[[Bank], object]

RULE = FeatureRule(support=Support.FULL)
READ = dict.fromkeys(
    (
        "customers.get",
        "kyc.get",
        "credit_applications.get",
        "credit_applications.adverse_action",
        "accounts.get",
    )
)


def increase(*answers: Any) -> tuple[Bank, Script]:
    """Return a Bank that is answered by a script, and the script."""
    script = Script(*answers)
    return Bank("increase", api_key="key", transport=script, retries=0), script


STRANGER: dict[str, Any] = {
    "customer_id": "stranger",
    "application_id": "stranger",
    "account_id": "stranger",
    "address_id": "stranger",
    "id": "stranger",
    "kyc_status": "submitted",
}

BOND: dict[str, Any] = {
    "customers.get": lambda bank: bank.customers.get("c1"),
    "customers.update": lambda bank: bank.customers.update(
        "c1", CustomerChanges(last_name="Roe")
    ),
    "customer_addresses.update": lambda bank: bank.customer_addresses.update(
        "c1", evolve(home(), id="a1")
    ),
    "kyc.start": lambda bank: bank.kyc.start("c1", StartKyc(program_id="p1")),
    "kyc.get": lambda bank: bank.kyc.get("c1", program_id="p1"),
    "kyc.wait": lambda bank: bank.kyc.wait("c1", program_id="p1"),
    "credit_applications.create": lambda bank: bank.credit_applications.create(
        NewCreditApplication(program_id="p1", customer_id="c1")
    ),
    "credit_applications.get": lambda bank: bank.credit_applications.get("a1"),
    "credit_applications.update": lambda bank: bank.credit_applications.update(
        "a1", CreditApplicationChanges()
    ),
    "credit_applications.submit": lambda bank: bank.credit_applications.submit("a1"),
    "credit_applications.adverse_action": lambda bank: (
        bank.credit_applications.adverse_action("a1")
    ),
    "webhook_subscriptions.update": lambda bank: bank.webhook_subscriptions.update(
        "w1", WebhookSubscriptionChanges(enabled=True)
    ),
    "accounts.create": lambda bank: bank.accounts.create(
        NewAccount(customer_ids=["c1"], native_kind="deposit", program_id="p1")
    ),
    "accounts.get": lambda bank: bank.accounts.get("a1"),
}


@pytest.mark.parametrize("name", BOND)
def test_bonds_values_are_about_the_requested_record(name: str) -> None:
    """Bond: another record's id makes a read retryable and a write's outcome unknown."""
    stranger = {**STRANGER, "applicant": {"customer_id": "stranger"}}
    bank, _ = bond(*[json_response(**stranger)] * 3)
    with bank, pytest.raises(UnexpectedResponse, match="about another") as caught:
        BOND[name](bank)
    if name in READ:
        assert caught.value.retryable
    else:
        assert caught.value.outcome is Outcome.UNKNOWN


def test_increases_values_are_about_the_requested_record() -> None:
    """Increase: a get, an update and a validation reject another record's id."""
    raw = {"id": "stranger", "structure": "natural_person", "status": "active"}
    entity = httpx.Response(200, json=raw)
    calls: list[Call] = [
        lambda bank: bank.customers.get("c1"),
        lambda bank: bank.kyc.get("c1"),
        lambda bank: bank.customers.update("c1", CustomerChanges(addresses=[home()])),
    ]
    for call in calls:
        bank, _ = increase(entity)
        with bank, pytest.raises(UnexpectedResponse, match="about another"):
            call(bank)


def test_sonders_values_are_about_the_requested_record() -> None:
    """Sonder: a customer, an account and a transaction reject another record's id."""
    data = dict.fromkeys(("customerId", "accountId", "transactionId"), "stranger")
    calls: list[Call] = [
        lambda bank: bank.customers.get("c1"),
        lambda bank: bank.accounts.get("a1"),
        lambda bank: bank.transactions.get("t1"),
    ]
    for call in calls:
        bank, _ = sonder(json_response(data=data, success=True, error=None))
        with bank, pytest.raises(UnexpectedResponse, match="about another"):
            call(bank)


def test_a_create_that_answers_another_reference_is_another() -> None:
    """A response to a create with another external id raises UnexpectedResponse."""
    other = json_response(201, customer_id="c9", brand_person_id="theirs")
    bank, _ = bond(other)
    with bank, pytest.raises(UnexpectedResponse, match="external_id") as caught:
        bank.customers.create(james(external_id="ours"))
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("identifier", ["", ".", "..", " ", 5, None, ["c1"]], ids=repr)
def test_an_unusable_id_is_no_created_customer(identifier: Any) -> None:
    """An unusable id in the response to a create leaves the outcome unknown."""
    entity = json_response(201, id=identifier, structure="natural_person")
    wrapped = json_response(data={"customerId": identifier}, success=True, error=None)
    person = james(
        middle_name="Herbert", preferred_name="Jim", document_locator_number=77
    )
    for bank, _ in (
        bond(json_response(201, customer_id=identifier)),
        increase(entity),
        sonder(wrapped),
    ):
        with bank, pytest.raises(UnexpectedResponse) as caught:
            bank.customers.create(person, accept_loss="all")
        assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_the_core_refuses_an_unusable_id_in_any_adapter(identifier: str) -> None:
    """The engine rejects an unusable id from an adapter that does not check ids itself."""
    bank = Bank(Toy, token="t", transport=Script(*[json_response(id=identifier)] * 2))
    with bank, pytest.raises(UnexpectedResponse, match="usable id"):
        bank.customers.create(NewCustomer(first_name="Ada"))


def test_a_vendor_that_replaces_ids_declares_it() -> None:
    """With `id_changes` another id is accepted, and an unusable one is still rejected."""
    changing = evolve(RULE, id_changes=True)
    question = ask.GetCustomer(id="application-1")
    result = Customer(id="customer-1", provider="test")
    assert check_answer(result, question, changing) is result
    with pytest.raises(UnexpectedResponse):
        check_answer(result, question, RULE)
    with pytest.raises(UnexpectedResponse):
        check_answer(evolve(result, id=".."), question, changing)
    # The adapter compares the owners, whose ids the vendor may have replaced as well.
    opened = ask.CreateAccount(
        new=NewAccount(customer_ids=["application-1"]), idempotency_key="k"
    )
    account = Account(id="a1", customer_ids=["customer-1"])
    assert check_answer(account, opened, changing) is account
    with pytest.raises(UnexpectedResponse):
        check_answer(account, opened, RULE)


@pytest.mark.parametrize(
    ("question", "item", "other"),
    [
        (ask.ListAccounts(customer_id="c1"), {"customer_ids": ("c0", "c1")}, ("c2",)),
        (ask.ListAccounts(customer_id="c1"), {"customer_ids": ()}, ("c2",)),
    ],
    ids=repr,
)
def test_a_listing_of_one_customer_is_not_of_another(
    question: Any, item: dict[str, Any], other: Any
) -> None:
    """A listing for one customer rejects a record that names another customer."""
    tokens = PageTokens.of("toy", Feature.ACCOUNTS_LIST, question)
    account = Account(id="a1", **item)
    assert len(check_page(Page([account]), question, tokens)) == 1
    wrong = evolve(account, customer_ids=other)
    with pytest.raises(UnexpectedResponse, match="customer_id"):
        check_page(Page([account, wrong]), question, tokens)


def test_records_without_a_usable_id_are_counted() -> None:
    """A page leaves out and counts records without an id; an address needs no id."""
    people = [Customer(id=item, provider="t") for item in ("a", "", "..", "b")]
    page = drop_unusable(Page(people, without_id=1))
    assert ([item.id for item in page], page.without_id) == (["a", "b"], 3)
    assert len(drop_unusable(Page([Address(line1="1 Test St.")]))) == 1


def test_a_cursor_with_half_a_character_cannot_be_followed() -> None:
    """A cursor with an unpaired surrogate is rejected, because no URL can contain it."""
    with pytest.raises(UnexpectedResponse):
        drop_unusable(Page([], "c\ud83d"))
