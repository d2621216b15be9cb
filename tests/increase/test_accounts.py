"""Accounts of Increase: opened, numbered, read and closed over its simulator."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.fakes import Script

from anybank import (
    AccountKind,
    AccountNumberChanges,
    AccountNumberStatus,
    AccountStatus,
    AnybankError,
    AsyncBank,
    Bank,
    BankAccountNumber,
    Conflict,
    InvalidInput,
    Money,
    NewAccount,
    NewAccountNumber,
    NotFound,
    OutcomeUnknown,
    UnexpectedResponse,
    Unsupported,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_increase.simulator import IncreaseSimulator

from .banks import KEY, ada, increase

ACCOUNT = {
    "id": "account_1",
    "entity_id": "entity_1",
    "name": "Everyday",
    "funding": "deposits",
    "status": "open",
    "currency": "USD",
    "program_id": "program_1",
    "created_at": "2024-03-01T12:00:00+00:00",
    "closed_at": None,
}
NUMBER = {
    "id": "account_number_1",
    "account_id": "account_1",
    "name": "Payroll",
    "account_number": "987654321098",
    "routing_number": "101050001",
    "status": "active",
    "created_at": "2024-03-01T12:00:00+00:00",
}


def scripted(*answers: Any) -> tuple[Bank, Script]:
    """Return a Bank that receives the answers in their order."""
    responses = [
        httpx.Response(200, json=answer) if isinstance(answer, dict) else answer
        for answer in answers
    ]
    script = Script(*responses)
    return Bank("increase", transport=script, api_key=KEY, retries=0), script


def everyday(customer_id: str = "entity_1", **fields: Any) -> NewAccount:
    """Return an account that Increase opens."""
    defaults: dict[str, Any] = {"kind": AccountKind.DEPOSIT, "name": "Everyday"}
    return NewAccount(customer_ids=[customer_id], **{**defaults, **fields})


def test_an_account_is_written_with_the_vendors_names() -> None:
    """The request has the entity, the funding and the idempotency key."""
    bank, script = scripted(ACCOUNT)
    account = bank.accounts.create(
        everyday(program_id="program_1"), idempotency_key="mine"
    )
    (request,) = script.requests
    assert json.loads(request.content) == {
        "entity_id": "entity_1",
        "name": "Everyday",
        "funding": "deposits",
        "program_id": "program_1",
    }
    assert request.headers["idempotency-key"] == "mine"
    assert (account.kind, account.native_kind) == (AccountKind.DEPOSIT, "deposits")
    assert (account.status, account.native_status) == (AccountStatus.OPEN, "open")
    assert account.opened_at == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert (list(account.customer_ids), account.currency) == (["entity_1"], "USD")


def test_the_vendors_word_opens_the_same_account() -> None:
    """`native_kind` is checked against the declared words and written unchanged."""
    bank, script = scripted(ACCOUNT)
    bank.accounts.create(everyday(kind=None, native_kind="deposits"))
    assert json.loads(script.requests[0].content)["funding"] == "deposits"


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (everyday(kind=AccountKind.LOAN), "kind"),
        (everyday(kind=AccountKind.CHECKING), "kind"),
        (everyday(kind=None), "kind"),
        (everyday(kind=None, native_kind="loan"), "kind"),
        (everyday(name=None), "name"),
        (everyday(name="x" * 201), "name"),
        (everyday(currency="EUR"), "currency"),
        (NewAccount(kind=AccountKind.DEPOSIT, name="x"), "customer_ids"),
    ],
)
def test_what_increase_does_not_accept_is_refused(new: NewAccount, field: str) -> None:
    """Each rule is checked before a request."""
    bank, script = scripted()
    with pytest.raises(InvalidInput) as caught:
        bank.accounts.create(new)
    assert [issue.field for issue in caught.value.issues] == [field]
    assert script.requests == []


def test_the_life_of_an_account() -> None:
    """An account is opened, numbered, listed, paid into, emptied and closed."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank:
        customer = bank.customers.create(ada())
        account = bank.accounts.create(everyday(customer.id))
        number = bank.account_numbers.create(
            NewAccountNumber(account_id=account.id, name="Payroll")
        )
        assert [item.id for item in bank.accounts.list(customer_id=customer.id)] == [
            account.id
        ]
        assert [
            item.id for item in bank.account_numbers.list(account_id=account.id)
        ] == [number.id]
        simulator.seed_transaction(account.id, 12_345)
        balance = bank.accounts.balance(account.id)
        assert (balance.current, balance.available) == (Money(12_345), Money(12_345))
        with pytest.raises(Conflict):
            bank.accounts.close(account.id)
        simulator.seed_transaction(account.id, -12_345)
        closed = bank.accounts.close(account.id)
        assert closed.status is AccountStatus.CLOSED
        assert closed.closed_at is not None
        assert bank.accounts.close(account.id).status is AccountStatus.CLOSED
        bank.customers.delete(customer.id)


def test_a_number_is_disabled_and_never_shown() -> None:
    """The status changes, and only `reveal` returns the digits."""
    simulator = IncreaseSimulator()
    with increase(simulator) as bank:
        account = simulator.seed_account(simulator.seed_entity())
        new = NewAccountNumber(account_id=account, name="Payroll")
        number = bank.account_numbers.create(new)
        assert isinstance(number.number, BankAccountNumber)
        assert number.number.reveal() not in repr(number)
        changes = AccountNumberChanges(status=AccountNumberStatus.DISABLED)
        assert (
            bank.account_numbers.update(number.id, changes).status
            is AccountNumberStatus.DISABLED
        )
        canceled = AccountNumberChanges(status=AccountNumberStatus.CANCELED)
        bank.account_numbers.update(number.id, canceled)
        with pytest.raises(Conflict):
            bank.account_numbers.update(
                number.id, AccountNumberChanges(status=AccountNumberStatus.ACTIVE)
            )


def test_an_account_at_another_bank_is_read() -> None:
    """A general ledger has no neutral kind, and keeps the vendor's word."""
    simulator = IncreaseSimulator()
    stored = simulator.accounts.add_external(
        routing_number="101050001",
        account_number="123456789",
        description="Landlord",
        funding="general_ledger",
    )
    with increase(simulator) as bank:
        account = bank.external_accounts.get(stored["id"])
        assert [item.id for item in bank.external_accounts.list()] == [account.id]
    assert (account.kind, account.native_kind) == (
        AccountKind.UNKNOWN,
        "general_ledger",
    )
    assert account.account_number == BankAccountNumber("123456789")
    assert "123456789" not in repr(account)


@pytest.mark.parametrize("result", [True, False])
def test_a_lost_create_is_found_by_its_key(*, result: bool) -> None:
    """The listing is asked for what the key created, and the create is not repeated."""
    data = [ACCOUNT] if result else []
    bank, script = scripted(
        httpx.ReadTimeout("no answer"), {"data": data, "next_cursor": None}
    )
    with pytest.raises(OutcomeUnknown) as caught:
        bank.accounts.create(everyday())
    account = bank.accounts.resolve(caught.value, everyday())
    assert (account.id if account else None) == ("account_1" if result else None)
    query = script.requests[1].url.params
    assert query["idempotency_key"] == caught.value.idempotency_key


def test_resolve_without_a_key_compares_the_content() -> None:
    """Without an error and a key, an account with the same fields is returned."""
    other = {**ACCOUNT, "id": "account_2", "name": "Savings"}
    bank, script = scripted({"data": [other, ACCOUNT], "next_cursor": None})
    account = bank.accounts.resolve(None, everyday())
    assert account is not None
    assert account.id == "account_1"
    assert script.requests[0].url.params["entity_id"] == "entity_1"


@pytest.mark.parametrize(
    "call",
    [
        lambda bank, number: bank.accounts.get(number),
        lambda bank, number: bank.accounts.balance(number),
        lambda bank, number: bank.accounts.close(number),
        lambda bank, number: bank.account_numbers.get(number),
        lambda bank, number: bank.account_numbers.list(account_id=number),
        lambda bank, number: bank.account_numbers.create(
            NewAccountNumber(account_id=number, name="Payroll")
        ),
        lambda bank, number: bank.external_accounts.get(number),
    ],
)
@pytest.mark.parametrize("number", ["987654321098", "9876 5432 1098", "9876-5432-1098"])
def test_an_account_number_is_no_id(call: Any, number: str) -> None:
    """A number never becomes part of a URL, and the error does not repeat it."""
    bank, script = scripted()
    with pytest.raises(InvalidInput, match="account number") as caught:
        call(bank, number)
    assert number not in str(caught.value)
    assert script.requests == []


def test_a_masked_number_is_no_id_either() -> None:
    """A BankAccountNumber is refused by its type, and stays masked."""
    bank, script = scripted()
    number: Any = BankAccountNumber("987654321098")
    with pytest.raises(InvalidInput, match="BankAccountNumber") as caught:
        bank.accounts.get(number)
    assert "98765" not in str(caught.value)
    assert script.requests == []


def test_a_balance_of_another_account_is_refused() -> None:
    """The response must be about the account that was asked for."""
    other = {"account_id": "account_2", "current_balance": 1, "available_balance": 1}
    bank, _ = scripted(other)
    with pytest.raises(UnexpectedResponse):
        bank.accounts.balance("account_1")


def test_an_account_that_stays_open_was_not_closed() -> None:
    """A response with an open account is not taken for a success."""
    bank, _ = scripted(ACCOUNT)
    with pytest.raises(UnexpectedResponse, match="close"):
        bank.accounts.close("account_1")


def test_an_account_is_never_deleted() -> None:
    """The refusal names the operation that closes it."""
    bank, script = scripted()
    with pytest.raises(Unsupported, match=r"accounts\.close"):
        bank.accounts.delete("account_1")
    assert script.requests == []


def test_an_unknown_account_is_not_found() -> None:
    """Each operation raises NotFound for an id that does not exist."""
    with increase(IncreaseSimulator()) as bank:
        for call in (bank.accounts.get, bank.accounts.balance, bank.accounts.close):
            with pytest.raises(NotFound):
                call("account_of_nobody")


def test_no_number_escapes_from_an_unreadable_response(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The error for a wrong type names the place, and neither error nor log the digits."""
    bank, _ = scripted({**NUMBER, "account_number": [NUMBER["account_number"]]})
    with caplog.at_level(logging.DEBUG), pytest.raises(AnybankError) as caught:
        bank.account_numbers.get("account_number_1")
    assert "987654321098" not in f"{caught.value!r} {caught.value} {caplog.text}"


def test_async_accounts_are_the_same() -> None:
    """AsyncBank opens, numbers and closes an account like Bank."""
    simulator = IncreaseSimulator()
    entity = simulator.seed_entity()

    async def live() -> AccountStatus:
        transport = SimulatorTransport(simulator)
        async with AsyncBank("increase", transport=transport, api_key=KEY) as bank:
            account = await bank.accounts.create(everyday(entity))
            new = NewAccountNumber(account_id=account.id, name="Payroll")
            number = await bank.account_numbers.create(new)
            listed = [item.id async for item in bank.account_numbers.list()]
            assert listed == [number.id]
            assert (await bank.accounts.balance(account.id)).current == Money(0)
            return (await bank.accounts.close(account.id)).status

    assert asyncio.run(live()) is AccountStatus.CLOSED
