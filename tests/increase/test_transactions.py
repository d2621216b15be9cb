"""Transactions of Increase: posted and pending ones, over its simulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.fakes import Script

from anybank import (
    InvalidInput,
    Money,
    TransactionKind,
    TransactionStatus,
    UnexpectedResponse,
)
from anybank_increase.simulator import IncreaseSimulator
from anybank_increase.transactions import KINDS, PENDING_KINDS

from .banks import increase
from .document import schema_words

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


class _Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def simulator() -> IncreaseSimulator:
    """Return a simulator whose clock starts at noon."""
    return IncreaseSimulator(clock=_Clock())


@pytest.fixture
def account(simulator: IncreaseSimulator) -> str:
    """Return the id of an account without transactions."""
    return simulator.seed_account(simulator.seed_entity())


def _post(simulator: IncreaseSimulator, account: str, amounts: list[int]) -> list[str]:
    """Post transactions an hour apart, and return their ids."""
    ids = []
    for hours, amount in enumerate(amounts):
        simulator.clock.now = NOON + timedelta(hours=hours)  # type: ignore[attr-defined]
        ids.append(simulator.seed_transaction(account, amount))
    return ids


def test_amounts_are_signed(simulator: IncreaseSimulator, account: str) -> None:
    """A credit reads as positive and a debit as negative, with the time of each."""
    credit, debit = _post(simulator, account, [10_000, -2_500])
    with increase(simulator) as bank:
        arrived, left = bank.transactions.get(credit), bank.transactions.get(debit)
    assert (arrived.amount, left.amount) == (Money(10_000), Money(-2_500))
    assert arrived.status is TransactionStatus.POSTED
    assert arrived.occurred_at == arrived.posted_at == NOON
    assert left.occurred_at == NOON + timedelta(hours=1)
    assert arrived.account_id == account


def test_inbound_ach_names_the_originator(
    simulator: IncreaseSimulator, account: str
) -> None:
    """An inbound ACH transfer reads as ACH with its originator, which repr masks."""
    number = simulator.accounts.add_number(account_id=account, name="Payroll")
    with increase(simulator) as bank:
        transfer = bank.request(
            "POST",
            "/simulations/inbound_ach_transfers",
            json={"account_number_id": number["id"], "amount": 5_000},
        )
        assert transfer.status == 200
        (arrived,) = bank.transactions.list(account_id=account)
    assert arrived.kind is TransactionKind.ACH
    assert arrived.native_kind == "inbound_ach_transfer"
    assert arrived.counterparty == "INVENTED EMPLOYER"
    assert "INVENTED" not in repr(arrived)


def test_listing_is_limited_to_account_and_times(
    simulator: IncreaseSimulator, account: str
) -> None:
    """`since` is included, `until` excluded, and other accounts are left out."""
    other = simulator.seed_account(simulator.seed_entity())
    ids = _post(simulator, account, [1, 2, 3])
    _post(simulator, other, [4])
    zone = timezone(timedelta(hours=-5))
    with increase(simulator) as bank:
        listed = bank.transactions.list(
            account_id=account,
            since=NOON.astimezone(zone),
            until=NOON + timedelta(hours=2),
            page_size=1,
        )
        assert [item.id for item in listed] == [ids[1], ids[0]]


def test_pending_ones_are_listed_by_status(
    simulator: IncreaseSimulator, account: str
) -> None:
    """Holds are listed as pending, read by id, and a released one is pending no more."""
    held = simulator.ledger.add_hold(account, -700)["id"]
    with increase(simulator) as bank:
        assert list(bank.transactions.list()) == []
        (pending,) = bank.transactions.list(status=TransactionStatus.PENDING)
        assert pending == bank.transactions.get(held, account)
        assert (pending.id, pending.amount) == (held, Money(-700))
        assert pending.status is TransactionStatus.PENDING
        assert pending.posted_at is None
        bank.request("POST", f"/pending_transactions/{held}/release")
        assert list(bank.transactions.list(status=TransactionStatus.PENDING)) == []
        assert bank.transactions.get(held).native_status == "complete"


def test_transaction_of_another_account_is_refused(
    simulator: IncreaseSimulator, account: str
) -> None:
    """With an account id, the transaction of another account is not returned."""
    (posted,) = _post(simulator, account, [1])
    with increase(simulator) as bank, pytest.raises(UnexpectedResponse):
        bank.transactions.get(posted, "account_of_another")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"since": NOON.replace(tzinfo=None)}, "since"),
        ({"until": NOON.replace(tzinfo=None)}, "until"),
        ({"since": NOON, "until": NOON - timedelta(seconds=1)}, "since"),
        ({"since": "2024-03-01"}, "since"),
        ({"account_id": "987654321"}, "account_id"),
        ({"status": TransactionStatus.CANCELED}, "status"),
        ({"status": "pending"}, "status"),
    ],
)
def test_bad_arguments_send_nothing(arguments: dict[str, Any], name: str) -> None:
    """A naive time, a reversed range, an account number and an odd status are refused."""
    script = Script()
    with increase(IncreaseSimulator(), transport=script) as bank:
        with pytest.raises(InvalidInput) as refused:
            list(bank.transactions.list(**arguments))
        assert [issue.field for issue in refused.value.issues] == [name]
    assert script.requests == []


def test_every_category_of_the_document_has_a_kind() -> None:
    """Both dictionaries have exactly the categories of the OpenAPI document."""
    assert set(KINDS) == schema_words("transaction", "source", "category")
    assert set(PENDING_KINDS) == schema_words(
        "pending_transaction", "source", "category"
    )


def test_an_unknown_category_keeps_its_word(
    simulator: IncreaseSimulator, account: str
) -> None:
    """A category that the document does not have reads as UNKNOWN with its word."""
    simulator.ledger.post(account, 1, description="New", category="lunar_transfer")
    with increase(simulator) as bank:
        (read,) = bank.transactions.list(account_id=account)
    assert (read.kind, read.native_kind) == (TransactionKind.UNKNOWN, "lunar_transfer")
    assert json.loads(json.dumps(read.raw))["source"]["category"] == "lunar_transfer"
