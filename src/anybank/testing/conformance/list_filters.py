"""Checks that a listing with a filter has the records of the filter, on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from ...errors import AnybankError, InvalidInput, Unsupported
from ...model.accounts import Account
from ...model.customers import Customer
from ...model.events import Event
from ...model.transactions import Transaction, TransactionStatus
from .expected_values import expected_records, owner_of
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

K = TypeVar("K")
Groups: TypeAlias = Mapping[Any, list[str]]
"""The ids of the records that a listing must have, by the argument of its filter."""

ACCOUNTS = "accounts.list"
TRANSACTIONS, EVENTS = "transactions.list", "events.list"
_OF_A_CUSTOMER = {"accounts.list": "account", "credit_applications.list": "application"}
_OF_AN_ACCOUNT = {"account_numbers.list": "account_number", TRANSACTIONS: "transaction"}
_IN_TIME: Mapping[str, type] = {TRANSACTIONS: Transaction, EVENTS: Event}
_PAGE_SIZE = 1
"""Every record is on a page of its own, so that a filter has to hold on later pages."""
_RECORDS = 3
_STEP = timedelta(seconds=1)


@check()
def customer_filters_select_records(subject: Subject) -> None:
    """A listing with customer_id has all records of that customer and no others."""

    def examine(name: str, kind: str) -> None:
        scenario = Scenario.of(subject)
        groups = _create_groups(scenario, "customer", kind)
        _require_filter(scenario, name, "customer_id", groups)

    _for_each_listing(subject, _OF_A_CUSTOMER, examine)


@check("accounts.list")
def people_without_accounts_have_none(subject: Subject) -> None:
    """A listing with the customer_id of a person without accounts has nobody else's."""
    scenario = Scenario.of(subject)
    seeded = expected_records(scenario)
    accounts = _of_type(seeded, Account)
    owned = {owner for it in accounts for owner in it.customer_ids}
    people = {it.id for it in _of_type(seeded, Customer)} - owned
    if not people or not owned:
        raise NotApplicable(
            "`seed_expected` returns no Account together with a Customer who has none"
        )
    for person in sorted(people):
        outcome = outcome_of(lambda: _listed(scenario, ACCOUNTS, customer_id=person))  # noqa: B023  # called immediately
        # A bank may open an account with each customer: the person's own is rightly listed.
        others = {it.id for it in accounts}
        require(
            isinstance(outcome, AnybankError)
            or all(person in it.customer_ids and it.id not in others for it in outcome),
            "accounts.list with the customer_id of a person who has no account, such as "
            "one who is undecided or was denied, returns accounts of others. Return an "
            "empty page where the vendor cannot filter by this id.",
        )


@check()
def account_filters_select_records(subject: Subject) -> None:
    """A listing with account_id has all records of that account and no others."""

    def examine(name: str, kind: str) -> None:
        scenario = Scenario.of(subject)
        if name == TRANSACTIONS:
            groups = _transactions_by_account(scenario)
        else:
            groups = _create_groups(scenario, "account", kind)
        _require_filter(scenario, name, "account_id", groups)

    _for_each_listing(subject, _OF_AN_ACCOUNT, examine)


@check(EVENTS)
def object_filters_select_events(subject: Subject) -> None:
    """A listing with object_id has all events about that object and no others."""
    scenario = Scenario.of(subject)
    events = _of_type(expected_records(scenario), Event)
    groups = _grouped(events, lambda event: event.object_id)
    _require_groups(groups, "events about two objects")
    _require_filter(scenario, EVENTS, "object_id", groups)


@check()
def time_filters_select_records(subject: Subject) -> None:
    """A listing has the records from `since` on and before `until`, and no others."""

    def examine(name: str, kind: type) -> None:
        scenario = Scenario.of(subject)
        records = _of_type(expected_records(scenario), kind)
        owner, records = _most_of_one_owner(subject, name, records)
        moments = {
            record.id: at
            for record in records
            if (at := _moment(record))
            and getattr(record, "status", None) is not TransactionStatus.PENDING
        }
        for period in _periods(moments.values(), kind):
            _require_period(scenario, name, moments, period, owner)

    _for_each_listing(subject, _IN_TIME, examine)


@check(TRANSACTIONS)
def status_filters_select_transactions(subject: Subject) -> None:
    """A listing has the posted transactions by default, and the pending ones if asked."""
    scenario = Scenario.of(subject)
    transactions = _of_type(expected_records(scenario), Transaction)
    owner, transactions = _most_of_one_owner(subject, TRANSACTIONS, transactions)
    groups = {
        status: ids
        for status, ids in _grouped(transactions, lambda it: it.status).items()
        if status in (TransactionStatus.POSTED, TransactionStatus.PENDING)
    }
    posted = groups.get(TransactionStatus.POSTED, [])
    items = _listed(scenario, TRANSACTIONS, **owner)
    _require_records(TRANSACTIONS, "no status", items, posted, groups)
    for status in (TransactionStatus.POSTED, TransactionStatus.PENDING):
        if status not in groups:
            _require_no_others(scenario, status, owner)
    _require_filter(scenario, TRANSACTIONS, "status", groups, owner)


def _require_no_others(
    scenario: Scenario, status: TransactionStatus, owner: Mapping[str, Any]
) -> None:
    """Require that a status of no seeded record is refused, or has no records."""
    try:
        items = _listed(scenario, TRANSACTIONS, status=status, **owner)
    except NotApplicable:  # a declared refusal
        return
    require(
        isinstance(items, AnybankError) or not items,
        f"transactions.list with status={status.name} returns transactions of another "
        "status. Send the vendor's filter, or declare which ones the listing has: "
        "`partial(PAGE, NOTE, only={'status': (TransactionStatus.POSTED,)})`.",
    )


def _for_each_listing(
    subject: Subject, listings: Mapping[str, K], examine: Callable[[str, K], None]
) -> None:
    """Examine the declared listings; raises NotApplicable if none could be examined."""
    examined, reasons = 0, []
    for name, kind in listings.items():
        if not subject.supports(name):
            continue
        try:
            examine(name, kind)
            examined += 1
        except NotApplicable as inapplicable:
            reasons.append(f"{name}: {inapplicable}")
    if not examined:
        raise NotApplicable("; ".join(reasons) or "no such listing is declared")


def _create_groups(scenario: Scenario, owner: str, kind: str) -> Groups:
    """Create two owners with records of a kind; return the ids of each one's records."""
    groups = {}
    for number in range(2):
        scenario.ids[owner] = scenario.create(owner, number)
        indexes = range(number * _RECORDS, (number + 1) * _RECORDS)
        groups[scenario.ids[owner]] = [scenario.create(kind, at) for at in indexes]
    return groups


def _transactions_by_account(scenario: Scenario) -> Groups:
    """Seed the expected transactions; return the ids of the posted ones by account."""
    posted = [
        transaction
        for transaction in _of_type(expected_records(scenario), Transaction)
        if transaction.status is not TransactionStatus.PENDING
    ]
    groups = _grouped(posted, lambda transaction: transaction.account_id)
    _require_groups(groups, "transactions of two accounts")
    return groups


def _most_of_one_owner(
    subject: Subject, name: str, records: list[Any]
) -> tuple[dict[str, str], list[Any]]:
    """Return the owner that has the most records, and these; all without a required owner."""
    groups: dict[Any, list[Any]] = {}
    for record in records:
        owner = owner_of(subject, name, record)
        groups.setdefault(tuple(owner.items()), []).append(record)
    chosen = max(groups, key=lambda owner: len(groups[owner]))
    return dict(chosen), groups[chosen]


def _of_type(records: Iterable[Any], kind: type) -> list[Any]:
    chosen = [record for record in records if isinstance(record, kind)]
    if not chosen:
        raise NotApplicable(f"`seed_expected` returns no {kind.__name__}")
    return chosen


def _grouped(records: Iterable[Any], key: Callable[[Any], Any]) -> Groups:
    groups: dict[Any, list[str]] = {}
    for record in records:
        if key(record) is not None:
            groups.setdefault(key(record), []).append(record.id)
    return groups


def _require_groups(groups: Groups, needed: str) -> None:
    require(
        len(groups) > 1,
        f"`seed_expected` does not return {needed}. Without them an ignored filter looks "
        "like one that is sent.",
    )


def _require_filter(
    scenario: Scenario,
    name: str,
    argument: str,
    groups: Groups,
    owner: Mapping[str, str] | None = None,
) -> None:
    """Require that a listing with each argument has exactly its records."""
    for value, expected in groups.items():
        items = _listed(scenario, name, **(owner or {}), **{argument: value})
        _require_records(name, argument, items, expected, groups)


def _require_records(
    name: str, argument: str, items: Any, expected: list[str], groups: Groups
) -> None:
    ids = [] if isinstance(items, AnybankError) else [item.id for item in items]
    others = {id for group in groups.values() for id in group} - set(expected)
    sent = argument.removeprefix("no ")
    # The library refuses a page with a record of another customer or account.
    is_mixed = isinstance(items, AnybankError) or not others.isdisjoint(ids)
    require(
        not is_mixed,
        f"{name} with {argument} has the records of another one. Send query.{sent} "
        "with every page, also together with query.token.",
    )
    _require_all(name, argument, ids, expected)


def _require_all(
    name: str, argument: str, ids: list[str], expected: Iterable[str]
) -> None:
    require(
        set(expected) <= set(ids),
        f"{name} with {argument} lacks {len(set(expected) - set(ids))} records. Send the "
        "filter as the vendor documents it, and return next_token until the last page.",
    )
    require(
        len(ids) == len(set(ids)),
        f"{name} with {argument} has a record twice. Send query.token, and the filter "
        "with every page.",
    )


def _listed(scenario: Scenario, name: str, **filters: Any) -> Any:
    """Return everything that a listing has, or the error; no filter is inapplicable."""
    scenario.recorder.forget()
    resource = getattr(scenario.bank, name.partition(".")[0])
    items = outcome_of(lambda: list(resource.list(page_size=_PAGE_SIZE, **filters)))
    if isinstance(items, InvalidInput):
        _require_declared_refusal(scenario, name, items)
    if isinstance(items, (Unsupported, InvalidInput)):
        arguments = " and ".join(filters) or "no filter"
        raise NotApplicable(
            f"the adapter refuses the listing with {arguments}: {items}"
        )
    return items


def _require_declared_refusal(
    scenario: Scenario, name: str, error: InvalidInput
) -> None:
    rule = scenario.subject.declared.feature(name)
    declared = {*rule.requires, *rule.refuses, *rule.only}
    refused = sorted({issue.field for issue in error.issues} - declared)
    require(
        not refused,
        f"{name} refuses {', '.join(refused)}, and the declaration does not say so. "
        "Declare it with `requires=`, `refuses=` or `only=` in the rule of the feature: "
        "it is then refused before the adapter is called, and callers can see it.",
    )


def _moment(record: Any) -> datetime | None:
    """Return the time by which a record is listed."""
    occurred: datetime | None = record.occurred_at
    return occurred or getattr(record, "posted_at", None)


def _periods(moments: Iterable[datetime], kind: type) -> list[dict[str, datetime]]:
    """Return periods around the middle of three times, to the second."""
    times = sorted(set(moments))
    if not times:
        raise NotApplicable(f"`seed_expected` returns no {kind.__name__} with a time")
    require(
        len(times) > 2,
        f"`seed_expected` returns each {kind.__name__} at one of {len(times)} times. "
        "Return them at three different times at least, seconds or minutes apart, and "
        "where the listing requires an owner, three of one owner.",
    )
    first, middle, last = times[0], times[1], times[2]
    return [
        {"since": middle},
        {"since": first + _STEP},
        {"since": middle + _STEP},
        {"until": middle},
        {"until": middle + _STEP},
        {"since": middle, "until": last},
    ]


def _require_period(
    scenario: Scenario,
    name: str,
    moments: Mapping[str, datetime],
    period: Mapping[str, datetime],
    owner: Mapping[str, str],
) -> None:
    items = _listed(scenario, name, **owner, **period)
    require(
        not isinstance(items, AnybankError),
        f"{name} with {' and '.join(period)} gave {type(items).__name__}. Write the time "
        "as the vendor's page shows it.",
    )
    expected = {id for id, at in moments.items() if _is_in(at, period)}
    unexpected = [
        item
        for item in items
        if item.id in moments.keys() - expected
        or ((at := _moment(item)) and not _is_in(at, period))
    ]
    arguments = " and ".join(period)
    require(
        not unexpected,
        f"{name} with {arguments} has records outside of the period. Send query.since "
        "(included) and query.until (excluded), which are in UTC, with their time zone "
        "and with every page.",
    )
    _require_all(name, arguments, [item.id for item in items], expected)


def _is_in(at: datetime, period: Mapping[str, datetime]) -> bool:
    since, until = period.get("since"), period.get("until")
    return (since is None or since <= at) and (until is None or at < until)
