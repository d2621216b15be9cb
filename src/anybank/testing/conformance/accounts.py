"""Checks of balances, of closed accounts and of account numbers, which are masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import AnybankError, NotFound
from ...model.accounts import AccountStatus
from ...model.bank_account_numbers import BankAccountNumber
from .operations import Operation, declared_operations
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

BALANCE, CLOSE = "accounts.balance", "accounts.close"
_WITH_NUMBERS = ("accounts", "account_numbers", "external_accounts")


@check(BALANCE)
def balances_are_read_with_one_request(subject: Subject) -> None:
    """A balance has an amount of its own account, and costs one request."""
    for operation, scenario in _only(subject, BALANCE):
        balance = operation.outcome(scenario)
        amounts = [getattr(balance, name, None) for name in ("current", "available")]
        native = getattr(balance, "native", None)
        require(
            any(amount is not None for amount in [*amounts, native]),
            "accounts.balance returned no amount. Read the current and the available "
            "balance, or the vendor's number as `native` where its unit is unknown.",
        )
        require(
            native is None or amounts == [None, None],
            "accounts.balance returned Money and a native number. Return Money where the "
            "unit is documented, and `native` only where it is not.",
        )
        require(
            len(scenario.recorder.requests) == 1,
            f"accounts.balance sent {len(scenario.recorder.requests)} requests. Return "
            "what one request reads.",
        )


@check(CLOSE)
def closed_accounts_read_as_closed(subject: Subject) -> None:
    """A closed account is returned as CLOSED, and read as CLOSED or not found."""
    for operation, scenario in _only(subject, CLOSE):
        closed = operation.outcome(scenario)
        account_id = scenario.id("account")
        read = outcome_of(lambda: scenario.bank.accounts.get(account_id))  # noqa: B023  # called immediately
        require(
            getattr(closed, "status", None) is AccountStatus.CLOSED,
            "accounts.close returned an account that is not CLOSED. Read the vendor's "
            "word for a closed account, and the account again if the response is older.",
        )
        require(
            isinstance(read, NotFound)
            or getattr(read, "status", None) is AccountStatus.CLOSED,
            "accounts.close left the account open. Send the closing to the vendor.",
        )


@check()
def account_numbers_are_masked(subject: Subject) -> None:
    """Account numbers are BankAccountNumber, and no repr or text contains their digits."""
    examined = 0
    for operation, scenario in declared_operations(subject, _reads_numbers):
        outcome = operation.outcome(scenario)
        for value in outcome if isinstance(outcome, list) else [outcome]:
            for number in _numbers(value):
                examined += 1
                require(
                    isinstance(number, BankAccountNumber),
                    f"{operation.name} returned an account number as "
                    f"{type(number).__name__}. Read it with BankAccountNumber.read.",
                )
                require(
                    number.is_masked or number.reveal() not in f"{value!r} {value}",
                    f"The repr of the result of {operation.name} contains an account "
                    "number. Leave it out of every other field.",
                )
    if not examined:
        raise NotApplicable("no account number is returned")


def _only(subject: Subject, name: str) -> Iterator[tuple[Operation, Scenario]]:
    yield from declared_operations(subject, lambda operation: operation.name == name)


def _reads_numbers(operation: Operation) -> bool:
    resource, _, verb = operation.name.partition(".")
    return resource in _WITH_NUMBERS and verb in ("create", "get", "list")


def _numbers(value: Any) -> Iterator[Any]:
    """Yield the account numbers of a value; an error has none."""
    if isinstance(value, AnybankError):
        return
    for name in ("account_number", "number"):
        if (number := getattr(value, name, None)) is not None:
            yield number
