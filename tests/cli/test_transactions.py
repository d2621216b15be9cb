"""`anybank transactions`, against a simulated Increase."""

from __future__ import annotations

import json

import pytest

from anybank_increase.simulator import IncreaseSimulator

from .conftest import Run, widest

INCREASE = ("--bank", "increase")


@pytest.fixture
def account(increase: IncreaseSimulator) -> str:
    """Return an account with a credit, a debit a minute later, and a hold."""
    account = increase.seed_account(increase.seed_entity())
    increase.seed_transaction(account, 12_345, description="Wages of Ada")
    increase.clock.advance(minutes=1)  # type: ignore[attr-defined]  # the default Clock
    increase.seed_transaction(account, -2_345, description="Rent of Ada")
    increase.ledger.add_hold(account, -700)
    return account


def test_posted_transactions_are_listed(run: Run, account: str) -> None:
    """The table has signed amounts and no personal data, and fits the width."""
    ran = run("transactions", "list", *INCREASE, "--account", account)
    assert ran.code == 0
    assert "123.45 USD" in ran.out
    assert "-23.45 USD" in ran.out
    assert "-7.00" not in ran.out
    assert "Ada" not in ran.out
    assert widest(ran.out) <= 100


def test_a_table_fits_80_columns(
    run: Run, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal of 80 columns no cell is cut off."""
    monkeypatch.setattr("anybank.cli.output.MAX_WIDTH", 80)
    ran = run("transactions", "list", *INCREASE, "--reveal")
    assert widest(ran.out) <= 80
    assert "Wages" in ran.out


def test_each_line_of_json_is_a_transaction(run: Run, account: str) -> None:
    """Amounts are in cents, and the limit is kept."""
    out = run("transactions", "list", *INCREASE, "--json", "--limit", "1").out
    (transaction,) = map(json.loads, out.splitlines())
    assert transaction["amount"] == {"minor_units": -2_345, "currency": "USD"}
    assert (transaction["status"], transaction["account_id"]) == ("posted", account)
    assert "description" not in transaction


def test_pending_ones_are_listed_instead(run: Run, account: str) -> None:
    """With --pending the holds are listed, and nothing else."""
    out = run("transactions", "list", *INCREASE, "--pending", "--json").out
    (held,) = map(json.loads, out.splitlines())
    assert (held["status"], held["amount"]["minor_units"]) == ("pending", -700)


def test_a_period_includes_its_start_and_not_its_end(run: Run, account: str) -> None:
    """--since is included and --until is not, in whatever zone they are written."""
    list_ = ("transactions", "list", *INCREASE, "--json")
    late = run(*list_, "--since", "2024-03-01T07:01-05:00").out
    early = run(*list_, "--until", "2024-03-01T12:01Z").out
    amounts = [json.loads(out)["amount"]["minor_units"] for out in (late, early)]
    assert amounts == [-2_345, 12_345]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--since", "2024-03-01"), 64, "zone"),
        (("--until", "2024-03-01T12:00"), 64, "zone"),
        (("--since", "yesterday"), 64, "zone"),
        (
            ("--since", "2024-03-02T00:00Z", "--until", "2024-03-01T00:00Z"),
            1,
            "must not be after until",
        ),
        (("--account", "123456789012"), 1, "account number"),
    ],
)
def test_bad_options_are_refused(
    run: Run, account: str, options: tuple[str, ...], code: int, message: str
) -> None:
    """The message says what to write, and an account number is not repeated."""
    ran = run("transactions", "list", *INCREASE, *options)
    assert ran.code == code
    assert message in " ".join(ran.err.split())
    assert "123456789012" not in ran.out + ran.err


def test_a_transaction_is_shown(
    run: Run, account: str, increase: IncreaseSimulator
) -> None:
    """--reveal adds the description, and an unknown id exits 1."""
    credit = next(iter(increase.ledger.transactions.rows))
    shown = run("transactions", "get", credit, *INCREASE)
    assert "123.45 USD" in shown.out
    assert "2024-03-01 12:00:00Z" in shown.out
    assert "Ada" not in shown.out
    revealed = run("transactions", "get", credit, *INCREASE, "--reveal", "--json").out
    assert json.loads(revealed)["description"] == "Wages of Ada"
    assert run("transactions", "get", "transaction_none", *INCREASE, "--json").code == 1


def test_a_bank_without_a_list_says_so(run: Run, sonder: object) -> None:
    """Sonder's pages describe no list of transactions: nothing is sent."""
    ran = run("transactions", "list", "--bank", "sonder")
    assert ran.code == 1
    assert "transactions.list" in ran.err
