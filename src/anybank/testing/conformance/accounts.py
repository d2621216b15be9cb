"""Checks of balances, of closed accounts and of account numbers, which are masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.accounts import AccountKind, AccountStatus, NewAccount
from ...model.bank_account_numbers import BankAccountNumber
from ...model.customers import Customer, CustomerStatus
from .expected_values import expected_records
from .operations import Operation, declared_operations
from .recorder import NotApplicable, body_of, outcome_of, require
from .registry import check
from .response_edits import Reading, is_one_of, readings, replacing
from .scenarios import Scenario
from .subject import Subject

_ID = re.compile(r'"([\w.-]{16,})"')
"""A text in a response that may be an id."""
_NOT_ACCEPTED = (CustomerStatus.PENDING, CustomerStatus.DENIED)
_CONFLICT = (
    "Raise Conflict before the request where only accepted people can have accounts: an "
    "application and a customer may have one number."
)
_UNKNOWN_WORD = "ANYBANK_NEW_WORD"
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


@check()
def unknown_account_kinds_read_as_unknown(subject: Subject) -> None:
    """An unknown kind of account reads as UNKNOWN, with the word as native_kind."""
    examined = 0
    for reading in readings(subject):
        word = _native_kind(reading)
        if word is None:
            continue
        examined += 1
        for name in reading.names:
            outcome = reading.with_edit(replacing(name, is_one_of(word), _UNKNOWN_WORD))
            items = outcome if isinstance(outcome, list) else [outcome]
            require(
                all(map(_is_kind_preserved, items)),
                f"{reading.operation.name}: the kind {name} does not read an unknown "
                "word as UNKNOWN with the word as native_kind. Look the kind up with "
                "`.get(word, UNKNOWN)`.",
            )
    if not examined:
        raise NotApplicable("no account that is read has a known kind")


def _native_kind(reading: Reading) -> str | None:
    """Return the vendor's word for the kind of the first account that was read."""
    value = reading.unedited
    first = value[0] if isinstance(value, list) and value else value
    is_known = isinstance(getattr(first, "kind", None), AccountKind)
    word = getattr(first, "native_kind", None)
    return word if is_known and isinstance(word, str) else None


def _is_kind_preserved(item: Any) -> bool:
    """Return True for UNKNOWN with its word, for another field, and for a named path."""
    if isinstance(item, AnybankError):
        return isinstance(item, UnexpectedResponse) and item.path is not None
    return item.native_kind != _UNKNOWN_WORD or item.kind is AccountKind.UNKNOWN


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


@check("accounts.create")
def accounts_are_opened_for_their_owners(subject: Subject) -> None:
    """An account for a person who is undecided or denied is theirs, or is not opened."""
    scenario = Scenario.of(subject)
    people = [
        record.id
        for record in expected_records(scenario)
        if isinstance(record, Customer) and record.status in _NOT_ACCEPTED
    ]
    if not people:
        raise NotApplicable("`seed_expected` returns no undecided or denied Customer")
    account = subject.values(NewAccount)[0]
    for person in people:
        new = evolve(account, customer_ids=[person])
        scenario.recorder.forget()
        outcome = outcome_of(lambda: scenario.bank.accounts.create(new))  # noqa: B023  # called immediately
        written = "".join(str(body_of(it)) for it in scenario.recorder.writes)
        require(
            isinstance(outcome, AnybankError) or list(outcome.customer_ids) == [person],
            "accounts.create for a person who is undecided or was denied opened an "
            f"account of somebody else. {_CONFLICT}",
        )
        require(
            not written or any(it in written for it in _ids_of(person, scenario)),
            "accounts.create for a person who is undecided or was denied sends another "
            f"id than theirs. {_CONFLICT}",
        )


def _ids_of(person: str, scenario: Scenario) -> Iterator[str]:
    """Yield an id, and the ids in the records that were read by it.

    The owner of an account may have another id than the customer, such as a token.
    """
    yield person
    for exchange in scenario.recorder.exchanges:
        request = exchange.request
        if request.method == "GET" and request.path.endswith(f"/{person}"):
            yield from _ID.findall(exchange.response.text)
