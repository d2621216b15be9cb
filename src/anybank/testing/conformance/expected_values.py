"""Checks that seeded records are read as they are: amounts, times, ids and all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from attrs import frozen

from ...errors import AnybankError
from ...model.accounts import (
    Account,
    AccountStatus,
)
from ...model.events import Event
from ...model.features import Feature
from ...model.money import Money
from ...model.transactions import Transaction, TransactionStatus
from .expected_reads import GETS, LISTS
from .recorder import (
    CheckFailed,
    NotApplicable,
    SeedFailed,
    outcome_of,
    place_of,
    require,
)
from .registry import check
from .scenarios import Scenario
from .seeded_amounts import require_telling_amounts
from .subject import Subject
from .webhooks import SUBSCRIBE, VERIFY, subscribed_secret, verified_events

_EVENT_IDS = (
    "object_id",
    "customer_id",
    "account_id",
    "transaction_id",
    "application_id",
)
_NOT_COMPARED = ("id", "raw", "unreadable")
_LONGEST_SHIFT = timedelta(hours=27)
"""No two places are further apart in their local times."""


@frozen
class ReadValue:
    """A record as the author expects it and as an operation read it."""

    operation: str
    expected: Any
    value: Any

    @property
    def name(self) -> str:
        """The operation and the type, for a message."""
        return f"{self.operation} ({type(self.expected).__name__})"

    def fields(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield the name, the expected and the read value of each field that is set."""
        for field in attrs.fields(type(self.expected)):
            expected = getattr(self.expected, field.name)
            is_set = expected not in (field.default, "")
            if is_set and field.name not in _NOT_COMPARED:
                yield field.name, expected, getattr(self.value, field.name)


def expected_records(scenario: Scenario) -> list[Any]:
    """Seed the author's records; raises NotApplicable without any."""
    try:
        seeded = list(
            scenario.subject.seed_expected(scenario.recorder.simulator, scenario.bank)
        )
    except AnybankError as error:
        raise SeedFailed(
            f"`seed_expected` called {error.operation}, which gave "
            f"{type(error).__name__}. Create its records in the simulator, without a call "
            "of the bank."
        ) from None
    except (CheckFailed, NotApplicable):
        raise
    except Exception as error:  # noqa: BLE001  # its text may hold a person's data
        raise SeedFailed(
            f"`seed_expected` fails with {place_of(error)}. Correct that line."
        ) from None
    if not seeded:
        raise NotApplicable(
            "nothing is known about the records: override `seed_expected` to create "
            "some and return them as they must be read"
        )
    scenario.recorder.forget()
    return seeded


def owner_of(subject: Subject, listing: str, record: Any) -> dict[str, str]:
    """Return the arguments without which a listing has no such record."""
    required = subject.declared.feature(listing).requires
    return {name: _id_of(record, name) for name in required}


def _id_of(record: Any, argument: str) -> str:
    is_list = argument == "customer_id" and hasattr(record, "customer_ids")
    name = "customer_ids" if is_list else argument
    id = next(iter(record.customer_ids), None) if is_list else getattr(record, name)
    require(
        id,
        f"`seed_expected` returned a value of {type(record).__name__} without {name}, and "
        f"its listing requires {argument}. Set {name}.",
    )
    return str(id)


def read_values(subject: Subject) -> Iterator[ReadValue]:
    """Read every expected record with each operation that returns it."""
    scenario = Scenario.of(subject)
    lists: dict[Any, list[Any]] = {}
    for expected in expected_records(scenario):
        kind = type(expected)
        require(
            kind in GETS,
            f"`seed_expected` returned {kind.__name__}, which the kit does not compare. "
            f"Return values of {', '.join(it.__name__ for it in GETS)}.",
        )
        scenario.recorder.forget()
        feature, get = GETS[kind]
        if subject.supports(feature):
            value = outcome_of(lambda: get(scenario.bank, expected))  # noqa: B023  # called immediately
            yield ReadValue(feature.value, expected, _require_read(feature, value))
        yield from _listed(scenario, expected, lists)


def _listed(
    scenario: Scenario, expected: Any, lists: dict[Any, list[Any]]
) -> Iterator[ReadValue]:
    """Yield the expected record as its listing has it, if the listing has it."""
    feature, listing = LISTS.get(type(expected), (None, None))
    if feature is None or listing is None or not scenario.subject.supports(feature):
        return
    owner = owner_of(scenario.subject, feature, expected)
    key = feature, getattr(expected, "status", None), tuple(owner.items())
    if key not in lists:
        scenario.recorder.forget()
        items = outcome_of(lambda: list(listing(scenario.bank, expected, owner)))
        lists[key] = _require_read(feature, items)
    for item in lists[key]:
        if item.id == expected.id:
            yield ReadValue(feature.value, expected, item)


def _require_read(feature: Feature, outcome: Any) -> Any:
    require(
        not isinstance(outcome, AnybankError),
        f"{feature.value} gave {type(outcome).__name__} for a seeded record. Read what "
        "the simulator returns, and let `seed_expected` return the ids of its records.",
    )
    return outcome


@check()
def amounts_are_read_exactly(subject: Subject) -> None:
    """Amounts have the sign, the unit and the currency that the record has."""
    read = list(read_values(subject))
    examined = [
        (value.name, name, expected, amount)
        for value in read
        for name, expected, amount in value.fields()
        if isinstance(expected, (Money, Decimal))
    ]
    if not examined:
        raise NotApplicable("`seed_expected` returns no amounts")
    for operation, name, expected, amount in examined:
        if mistake := _mistake_in_amount(expected, amount):
            raise CheckFailed(f"{operation}: {name} {mistake}")
    require_telling_amounts([value.expected for value in read])


def _mistake_in_amount(expected: Any, amount: Any) -> str | None:
    """Return what is wrong with an amount and how to fix it, None if it is right."""
    if amount == expected:
        return None
    if type(amount) is not type(expected):
        return (
            f"reads as {type(amount).__name__} instead of {type(expected).__name__}. "
            "Return Money where the unit is documented, and the vendor's number as "
            "`native` or `native_amount` where it is not."
        )
    if isinstance(expected, Money) and amount.currency != expected.currency:
        return "has another currency. Read the currency that the vendor returns."
    wrong, right = _number(amount), _number(expected)
    if wrong == -right:
        return (
            "has the wrong sign. An amount is positive for money into the account and "
            "negative for money out of it: read the vendor's direction of the payment."
        )
    if right in (wrong * 100, wrong / 100):
        size = "large" if abs(wrong) > abs(right) else "small"
        return (
            f"is a hundred times too {size}. Money counts minor units, such as cents: use "
            "Money.from_decimal for a number of dollars, and the number itself for cents."
        )
    return "is another amount. Read the vendor's number without rounding."


def _number(amount: Any) -> Decimal:
    return Decimal(amount.minor_units if isinstance(amount, Money) else amount)


@check()
def times_are_read_exactly(subject: Subject) -> None:
    """Times and dates are those of the record, to the second."""
    examined = 0
    for value in read_values(subject):
        for name, expected, moment in value.fields():
            if not isinstance(expected, date):
                continue
            examined += 1
            if mistake := _mistake_in_time(expected, moment):
                raise CheckFailed(f"{value.name}: {name} {mistake}")
    if not examined:
        raise NotApplicable("`seed_expected` returns no times")


def _mistake_in_time(expected: date, moment: Any) -> str | None:
    """Return what is wrong with a time and how to fix it, None if it is right."""
    if moment == expected:
        return None
    if type(moment) is not type(expected):
        return (
            f"reads as {type(moment).__name__} instead of {type(expected).__name__}. "
            "Read the vendor's time into the field."
        )
    shift = abs(moment - expected)
    if isinstance(expected, datetime) and shift < _LONGEST_SHIFT:
        return (
            f"is {shift} away from the time of the record. Read the time zone that the "
            "vendor writes or documents, and do not replace it."
        )
    return "is another time. Read the field that the vendor documents for it."


@check()
def events_name_their_objects(subject: Subject) -> None:
    """An event has the id of its object, and each id in the field of its type."""
    examined = 0
    for value in read_values(subject):
        if isinstance(value.expected, Event):
            examined += 1
            _require_ids(value.operation, value.expected, value.value)
    if not examined:
        raise NotApplicable("no operation reads events that `seed_expected` returns")


def _require_ids(operation: str, expected: Event, event: Event) -> None:
    wrong = [
        name for name in _EVENT_IDS if getattr(event, name) != getattr(expected, name)
    ]
    require(
        not wrong,
        f"{operation}: an event of the kind {expected.native_kind} has another "
        f"{', '.join(wrong)} than it must have. Put the id of the object into object_id "
        "and into the field of its type, and leave the other ids None unless the vendor "
        "returns them.",
    )


@check(VERIFY, SUBSCRIBE)
def delivered_events_are_read(subject: Subject) -> None:
    """A delivered event has the ids, the kind and the time that it must have."""
    scenario = Scenario.of(subject)
    secret = subscribed_secret(scenario)
    expected = [
        value for value in expected_records(scenario) if isinstance(value, Event)
    ]
    delivered = [
        event
        for delivery in scenario.recorder.simulator.due()
        for event in verified_events(subject, delivery, secret)
    ]
    examined = 0
    for event in expected:
        similar = [it for it in delivered if it.native_kind == event.native_kind]
        if similar:
            examined += 1
            _require_delivered(event, similar)
    if not examined:
        raise NotApplicable(
            "no event that `seed_expected` returns is delivered: set the events in "
            "samples['NewWebhookSubscription.events']"
        )


def _require_delivered(expected: Event, similar: Sequence[Event]) -> None:
    """Require that one of the delivered events of a kind is the expected one."""
    names = (*_EVENT_IDS, "kind", "occurred_at")
    closest = min(
        (
            [
                name
                for name in names
                if getattr(event, name) != getattr(expected, name)
                and not (name == "occurred_at" and expected.occurred_at is None)
            ]
            for event in similar
        ),
        key=len,
    )
    require(
        not closest,
        f"A delivered event of the kind {expected.native_kind} has another "
        f"{', '.join(closest)} than it must have. Let `event` read the ids of the body "
        "into the fields of their types, and the time with its zone.",
    )


@check()
def other_expected_fields_are_read(subject: Subject) -> None:
    """Every other field of a seeded record reads as the record has it."""
    for value in read_values(subject):
        ids = _EVENT_IDS if isinstance(value.expected, Event) else ()
        wrong = [
            name
            for name, expected, field in value.fields()
            if not isinstance(expected, (Money, Decimal, date))
            and name not in ids
            and _comparable(field) != _comparable(expected)
        ]
        require(
            not wrong,
            f"{value.name} reads {', '.join(wrong)} differently from the record. Read "
            "the vendor's field, or correct what `seed_expected` returns.",
        )
        early = _EARLY.get(value.expected.status) if _has_status(value) else None
        require(
            early is None or getattr(value.value, early) is None,
            f"{value.name} has a time in {early}, and the record is not there yet by its "
            "status. Leave the field None until the vendor says so.",
        )


_EARLY = {TransactionStatus.PENDING: "posted_at", AccountStatus.OPEN: "closed_at"}
"""The time that a record with a status cannot have."""


def _has_status(value: ReadValue) -> bool:
    return isinstance(value.expected, (Transaction, Account))


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else value
