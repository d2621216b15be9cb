"""Transactions of Bond: the samples of its pages, filters, and amounts that are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bond.banks import bond, error

from anybank import (
    Bank,
    InvalidInput,
    Money,
    NotFound,
    Rejected,
    TransactionKind,
    TransactionStatus,
    UnexpectedResponse,
)
from anybank.sandbox.simulator import Clock
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
# Atelio docs, "Payment types": the sample of a cash withdrawal, shortened.
WITHDRAWAL: dict[str, Any] = {
    "transaction_id": "30a2b5a4-c8af-49b3-8272-f9cda6b5654d",
    "bond_brand_id": "00000000-0000-0000-0000-000000000000",
    "customer_id": "35ae74c5-cb4f-4166-b4f4-146caf104973",
    "account_id": "bdd9154f-2c7a-4834-9184-33791616367c",
    "payment_type": "card",
    "transaction_type": "Cash Withdrawal",
    "state": "completed",
    "description": "Domestic ATM Cash Withdrawal",
    "amount": "-20.00",
    "currency": "USD",
    "created_time": "2022-08-03T20:41:55+00:00",
    "updated_time": "2022-08-03T20:41:56+00:00",
    "balances": {"prior_balance": "-358.36", "new_balance": "-383.66"},
    "details": {"merchant_name": "Transfund", "merchant_amount": "-20"},
}
# The sample of "Payroll to credit accounts" on the same page, shortened.
PAYROLL: dict[str, Any] = {
    **WITHDRAWAL,
    "transaction_id": "b8ef629e-8833-49f5-bf31-94b610b87522",
    "payment_type": "ach",
    "transaction_type": "External ACH Deposit",
    "description": None,
    "amount": "50.00",
    "details": {"class_code": "PPD", "direction": "credit", "description": "PAYROLL"},
}


def read(**members: Any) -> Any:
    """Read a transaction whose response has other members."""
    bank, _ = bond(httpx.Response(200, json={**WITHDRAWAL, **members}))
    return bank.transactions.get(str(WITHDRAWAL["transaction_id"]))


def test_the_sample_of_a_withdrawal_is_read() -> None:
    """Money out of the account is negative, with its times, its merchant and its state."""
    result = read()
    assert result.amount == Money(-20_00)
    assert result.kind is TransactionKind.CARD
    assert result.native_kind == "Cash Withdrawal"
    assert result.status is TransactionStatus.POSTED
    assert result.occurred_at == datetime(2022, 8, 3, 20, 41, 55, tzinfo=UTC)
    assert result.posted_at == result.occurred_at + timedelta(seconds=1)
    assert result.counterparty == "Transfund"
    assert "Transfund" not in repr(result)


def test_the_balances_stay_in_raw() -> None:
    """Bond's page calls their names misleading, and its samples contradict them."""
    result = read()
    assert result.balance_after is None
    assert result.raw["balances"]["new_balance"] == "-383.66"


def test_the_sample_of_payroll_is_read_in_a_list() -> None:
    """Money into the account is positive, and the description is that of the transfer."""
    bank, script = bond(httpx.Response(200, json={"transactions": [PAYROLL]}))
    (result,) = bank.transactions.list(account_id=PAYROLL["account_id"])
    assert (result.amount, result.kind) == (Money(50_00), TransactionKind.ACH)
    assert (result.counterparty, result.description) == (None, "PAYROLL")
    query = script.requests[0].url.params
    assert dict(query) == {
        "account_id": PAYROLL["account_id"],
        "transaction_state": "completed",
        "page": "1",
        "count": "50",
        "order_by": "asc",
    }


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("start", TransactionStatus.PENDING),
        ("Pending", TransactionStatus.PENDING),
        ("completed", TransactionStatus.POSTED),
        ("complete", TransactionStatus.POSTED),
        ("declined", TransactionStatus.CANCELED),
        ("failed", TransactionStatus.CANCELED),
        ("cancelled", TransactionStatus.CANCELED),
        ("returned", TransactionStatus.CANCELED),
        ("thinking", TransactionStatus.UNKNOWN),
    ],
)
def test_states_are_neutral(word: str, status: TransactionStatus) -> None:
    """Only a completed one is posted; `native_status` has the vendor's word."""
    result = read(state=word)
    assert (result.status, result.native_status) == (status, word)
    assert (result.posted_at is not None) is (status is TransactionStatus.POSTED)


@pytest.mark.parametrize(
    ("payment", "word", "kind"),
    [
        ("card", "POS Purchase", TransactionKind.CARD),
        ("card", "Fee", TransactionKind.FEE),
        ("card", "Debit Adjustment", TransactionKind.ADJUSTMENT),
        ("account", "External ACH Deposit", TransactionKind.ACH),
        ("account", "Account to Account", TransactionKind.TRANSFER),
        ("account", "Account\u00a0to\u00a0Account", TransactionKind.TRANSFER),
        ("ach", "credit", TransactionKind.ACH),
        ("rdc", None, TransactionKind.CHECK),
        ("barter", "Swap", TransactionKind.UNKNOWN),
    ],
)
def test_kinds_are_neutral(
    payment: str, word: str | None, kind: TransactionKind
) -> None:
    """The transaction type decides, and the payment type where the type is unknown."""
    result = read(payment_type=payment, transaction_type=word)
    assert (result.kind, result.native_kind) == (kind, word or payment)


@pytest.mark.parametrize("amount", [-2000, -20.5, "-2000", "8550", "", "1e3", "12.345"])
def test_an_amount_of_unclear_unit_is_refused(amount: Any) -> None:
    """A number, or a text without a point, could be dollars or cents."""
    if amount == "":
        assert read(amount=amount).amount is None
        return
    with pytest.raises(UnexpectedResponse) as refused:
        read(amount=amount)
    assert refused.value.path == "$.amount"


def test_a_positive_withdrawal_is_refused() -> None:
    """It contradicts itself, and a debit is never read as a credit."""
    withdrawal = {"transaction_type": "ACH Withdrawal", "payment_type": "ach"}
    assert read(**withdrawal, amount="-5.00").amount == Money(-500)
    with pytest.raises(UnexpectedResponse):
        read(**withdrawal, amount="5.00")


def test_one_unreadable_amount_spoils_no_list() -> None:
    """The record is listed without its amount, which `unreadable` names."""
    records = [{**WITHDRAWAL, "amount": -2000}, PAYROLL]
    bank, _ = bond(httpx.Response(200, json={"transactions": records}))
    first, second = bank.transactions.list()
    assert (first.amount, list(first.unreadable)) == (None, ["amount"])
    assert second.amount == Money(50_00)


def test_days_are_sent_with_a_margin_and_times_compared() -> None:
    """The page states no time zone for its days: each side has one day more."""
    moments = ["2022-08-03T20:41:54+00:00", WITHDRAWAL["created_time"], None]
    records = [
        {**WITHDRAWAL, "transaction_id": f"t{number}", "created_time": moment}
        for number, moment in enumerate(moments)
    ]
    bank, script = bond(httpx.Response(200, json={"transactions": records}))
    since = datetime(2022, 8, 3, 20, 41, 55, tzinfo=UTC)
    zone = timezone(timedelta(hours=-7))
    until = datetime(2022, 8, 4, 20, tzinfo=zone)  # the fifth in UTC
    listed = list(bank.transactions.list(since=since.astimezone(zone), until=until))
    # A transaction whose time is unknown is not hidden.
    assert [item.id for item in listed] == ["t1", "t2"]
    query = script.requests[0].url.params
    assert (query["start_date"], query["end_date"]) == ("2022-08-02", "2022-08-06")


def test_the_ends_of_the_calendar_are_days_too() -> None:
    """There is no day before the first one and none after the last."""
    bank, script = bond(httpx.Response(200, json={"transactions": []}))
    ends = {
        name: getattr(datetime, name).replace(tzinfo=UTC) for name in ("min", "max")
    }
    assert list(bank.transactions.list(since=ends["min"], until=ends["max"])) == []
    query = script.requests[0].url.params
    assert (query["start_date"], query["end_date"]) == ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"since": NOON.replace(tzinfo=None)}, "since"),
        ({"since": NOON, "until": NOON - timedelta(seconds=1)}, "since"),
        ({"account_id": "987654321"}, "account_id"),
        ({"status": TransactionStatus.CANCELED}, "status"),
        ({"page_size": 0}, "page_size"),
    ],
)
def test_bad_arguments_send_nothing(arguments: dict[str, Any], name: str) -> None:
    """A naive time, a reversed range and an account number are refused."""
    bank, script = bond()
    with pytest.raises(InvalidInput) as refused:
        list(bank.transactions.list(**arguments))
    assert [issue.field for issue in refused.value.issues] == [name]
    assert script.requests == []


def test_too_many_transactions_are_an_error_with_its_code() -> None:
    """Nothing is left out without a word: the range has to be narrowed."""
    bank, _ = bond(error(400, "too_many_trans", "Max 250 transactions allowed."))
    with pytest.raises(Rejected) as refused:
        list(bank.transactions.list())
    assert refused.value.code == "too_many_trans"


def _simulated() -> tuple[BondSimulator, Bank, str]:
    simulator = BondSimulator(clock=Clock(NOON))
    account = simulator.seed_account(simulator.seed_customer())
    bank = Bank(
        "bond", transport=SimulatorTransport(simulator), **simulator.credentials
    )
    return simulator, bank, account


def test_a_pending_deposit_is_listed_as_pending_until_it_is_posted() -> None:
    """The balance has only posted money, and the id stays the same."""
    simulator, bank, account = _simulated()
    arriving = simulator.seed_transaction(account, 50_00, state="pending")
    (pending,) = bank.transactions.list(status=TransactionStatus.PENDING)
    assert (pending.id, pending.amount) == (arriving, Money(50_00))
    assert list(bank.transactions.list()) == []
    assert bank.accounts.balance(account).current == Money(0)
    simulator.change_transaction(arriving, "completed")
    (posted,) = bank.transactions.list(account_id=account)
    assert posted == bank.transactions.get(arriving, account)
    assert bank.accounts.balance(account).current == Money(50_00)
    assert list(bank.transactions.list(status=TransactionStatus.PENDING)) == []


def test_long_lists_are_complete_and_of_one_account() -> None:
    """Sixty transactions on two pages, without those of another account."""
    simulator, bank, account = _simulated()
    other = simulator.seed_account(simulator.seed_customer())
    ids = [simulator.seed_transaction(account, cents) for cents in range(1, 61)]
    simulator.seed_transaction(other, 1)
    assert [item.id for item in bank.transactions.list(account_id=account)] == ids
    listed = bank.transactions.list(account_id=account, page_size=7)
    assert [item.id for item in listed] == ids


def test_a_transaction_of_another_account_is_refused() -> None:
    """With an account id, the transaction of another account is not returned."""
    simulator, bank, account = _simulated()
    other = simulator.seed_account(simulator.seed_customer())
    posted = simulator.seed_transaction(account, 1)
    with pytest.raises(UnexpectedResponse):
        bank.transactions.get(posted, other)
    with pytest.raises(NotFound):
        bank.transactions.get("c0ffee00-0000-4000-8000-000000000001")


@given(
    st.lists(st.tuples(st.integers(0, 72), st.integers(-9, 9)), max_size=8), st.data()
)
def test_lists_agree_with_the_times(
    moves: list[tuple[int, int]], data: st.DataObject
) -> None:
    """`since` is included and `until` is not, whatever the zone in which they are said."""
    simulator, bank, account = _simulated()
    clock: Any = simulator.clock
    ids = []
    for hours, cents in sorted(moves):
        clock.now = NOON + timedelta(hours=hours)
        ids.append((hours, simulator.seed_transaction(account, cents)))
    first, last = sorted((data.draw(st.integers(0, 73)), data.draw(st.integers(0, 73))))
    zone = timezone(timedelta(hours=data.draw(st.integers(-12, 14))))
    listed = bank.transactions.list(
        since=(NOON + timedelta(hours=first)).astimezone(zone),
        until=NOON + timedelta(hours=last),
    )
    expected = [item for hours, item in ids if first <= hours < last]
    assert [item.id for item in listed] == expected
