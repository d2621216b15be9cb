"""Checks of what is read after a write: every owner, every country, and no lost id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from attrs import evolve

from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...model.accounts import NewAccount
from ...model.addresses import Address
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.phones import Phone
from ...sandbox.simulator import answer_json
from ...sensitive import Ssn
from ..strategies import accepts
from .expected_values import expected_records
from .operations import Operation, declared_operations
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject
from .words import parts_of, plain_name

CREATE, GET = "customers.create", "customers.get"
# The telephone numbers that regulators reserve for fiction, of four countries.
_NUMBERS = ("+12025550143", "+442079460123", "+33199001234", "+61255501234")
_COUNTRIES = ("US", "CA", "GB", "DE")
_MASK = re.compile(r"(?=.*[*xX#\u2022])[^0-9]+[0-9]{4}")
"""A text of which only the last four digits are shown."""
_FAILURES: Mapping[str, tuple[int, Any]] = {
    "a 503": (503, {}),
    "a 404": (404, {}),
    "an empty object": (200, {}),
}
_WRITTEN: Mapping[str, Sequence[type]] = {
    CREATE: (NewCustomer, Address),
    "accounts.create": (NewAccount,),
}
"""The types whose fields a create writes."""
_SHORTLY = timedelta(minutes=1)


@check(CREATE, GET)
def phone_countries_are_read_back(subject: Subject) -> None:
    """The number of a phone reads back with its own country, one customer after another."""
    examined = 0
    for index, number in enumerate(_NUMBERS):
        person = evolve(
            subject.people[index % len(subject.people)],
            phones=[Phone(number)],
            external_id=None,
        )
        if not accepts(subject.declared, person):
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            read = bank.customers.get(bank.customers.create(person).id)
        require(
            [phone.number for phone in read.phones] == [number],
            f"A phone with the country code {_country_code(number)} reads as another "
            "number. Read the country code that the vendor returns, or declare with "
            "`pattern` which countries it accepts.",
        )
    if not examined:
        raise NotApplicable("no phone of a known country is accepted")


@check(CREATE, GET)
def address_countries_are_read_back(subject: Subject) -> None:
    """The country of an address reads back as it was sent, one after another."""
    examined = 0
    for index, country in enumerate(_COUNTRIES):
        person = subject.people[index % len(subject.people)]
        addresses = [evolve(item, country=country) for item in person.addresses]
        person = evolve(person, addresses=addresses, external_id=None)
        if not addresses or not accepts(subject.declared, person):
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            created = outcome_of(lambda: bank.customers.create(person))  # noqa: B023  # called immediately
            if isinstance(created, AnybankError):  # other checks judge the rejection
                continue
            read = bank.customers.get(created.id)
        require(
            all(item.country in (country, None) for item in read.addresses),
            f"An address in {country} reads as one in another country. Read the country "
            "that the vendor returns, or declare with `pattern` which ones it accepts.",
        )
    if not examined:
        raise NotApplicable("no address in a known country is accepted")


@check(CREATE, GET)
def masks_keep_the_last_digits(subject: Subject) -> None:
    """A masked SSN has the last four digits where the vendor's mask has them."""
    person = next((it for it in subject.people if it.ssn is not None), None)
    if person is None or person.ssn is None:
        raise NotApplicable("no customer has an SSN")
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        read = bank.customers.get(bank.customers.create(person).id)
    response = json.loads(recorder.exchanges[-1].response.content)
    masks = [text for _, text in _leaves(response, "") if _MASK.fullmatch(text)]
    shown = [text for text in masks if text[-4:] == person.ssn.last_four]
    if not shown:
        raise NotApplicable(
            "no mask that the simulator returns has the last four digits of the SSN"
        )
    require(
        isinstance(read.ssn, Ssn) and read.ssn.last_four == person.ssn.last_four,
        "The vendor returns a masked SSN with its last four digits, and `ssn` has not. "
        "Read the mask with Ssn.read, as XXX-XX- and the last four digits.",
    )


def _country_code(number: str) -> str:
    return "+1" if number.startswith("+1") else number[:3]


@check("accounts.create", "accounts.get")
def all_owners_are_read_back(subject: Subject) -> None:
    """An account of several customers reads back with all of them."""
    most = _most_owners(subject)
    if most < 2:
        raise NotApplicable("an account has one owner by its declaration")
    # Of different numbers of owners: a constant index reads one of them rightly.
    for count in range(2, min(most, 3) + 1):
        scenario = Scenario.of(subject)
        owners = [scenario.create("customer", index) for index in range(count)]
        account = evolve(subject.values(NewAccount)[0], customer_ids=owners)
        created = scenario.bank.accounts.create(account)
        read = scenario.bank.accounts.get(created.id)
        for name, value in (("create", created), ("get", read)):
            require(
                set(value.customer_ids) == set(owners),
                f"accounts.{name} returns {len(value.customer_ids)} of {count} owners. "
                "Write and read the whole list, or declare items=(1, 1).",
            )


def _most_owners(subject: Subject) -> int:
    rule = subject.declared.rule(NewAccount, "customer_ids")
    most = rule.items[1] if rule.items else None
    return 3 if most is None else most


@check()
def creation_times_are_read_exactly(subject: Subject) -> None:
    """A new record was created or opened now, by the clock of the simulator."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.verb == "create"
    ):
        clock = getattr(scenario.recorder.simulator, "clock", None)
        if clock is None:
            raise NotApplicable("the simulator has no clock")
        created = operation.outcome(scenario, retries=0)
        for name in ("created_at", "opened_at"):
            moment = getattr(created, name, None)
            if not moment or moment.time() == time.min:  # the vendor returns a date
                continue
            examined += 1
            shift = abs(moment - clock())
            require(
                shift < _SHORTLY,
                f"{operation.name}: {name} is {shift} away from the time of the create. "
                "Read the time zone that the vendor writes or documents, and let the "
                "simulator write the time of its `clock`.",
            )
    if not examined:
        raise NotApplicable("no create returns the time of its record")


@check()
def failed_reads_keep_created_ids(subject: Subject) -> None:
    """A create whose read afterwards fails returns the record with its id all the same."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.verb == "create"
    ):
        operation.outcome(scenario, retries=0)
        if not _reads_after_write(scenario.recorder.requests):
            continue
        examined += 1
        for description, (status, body) in _FAILURES.items():
            outcome = _with_failed_read(subject, operation, answer_json(status, body))
            require(
                not isinstance(outcome, AnybankError) and outcome.id,
                f"{operation.name} reads the record after its write, and gave "
                f"{type(outcome).__name__} without the id when the read returned "
                f"{description}. Catch AnybankError around that read, and return the "
                "id with the values that were sent.",
            )
    if not examined:
        raise NotApplicable("no create reads its record afterwards")


def _reads_after_write(requests: Sequence[Request]) -> bool:
    methods = [request.method for request in requests]
    return "GET" in methods[_first_write(methods) :]


def _first_write(methods: Sequence[str]) -> int:
    return next(
        (index for index, method in enumerate(methods) if method != "GET"), len(methods)
    )


def _with_failed_read(subject: Subject, operation: Operation, failure: Response) -> Any:
    scenario = Scenario.of(subject)
    operation.prepare(scenario)
    recorder = scenario.recorder

    def rewrite(request: Request, response: Response) -> Response:
        return failure if request.method == "GET" and recorder.writes else response

    recorder.rewrite = rewrite
    return operation.outcome(scenario, retries=0)


@check("customers.delete", "customers.list")
def deleted_customers_are_not_listed(subject: Subject) -> None:
    """A customer who was deleted or archived is not listed any more."""
    scenario = Scenario.of(subject)
    deleted, other = (scenario.create("customer", index) for index in range(2))
    with subject.bank(scenario.recorder) as bank:
        bank.customers.delete(deleted)
        outcome = outcome_of(lambda: [item.id for item in bank.customers.list()])
    require(
        isinstance(outcome, list) and other in outcome and deleted not in outcome,
        "customers.list returns a customer after customers.delete, or loses another one. "
        "List the records that are not archived: send the vendor's filter by status, or "
        "leave archived records out of the page.",
    )
    for undecided in _expected_people(scenario, CustomerStatus.PENDING):
        with subject.bank(scenario.recorder) as bank:
            ended = outcome_of(lambda: bank.customers.delete(undecided))  # noqa: B023  # called immediately
            listed = outcome_of(lambda: [item.id for item in bank.customers.list()])
        require(
            isinstance(ended, AnybankError)
            or (isinstance(listed, list) and undecided not in listed),
            "customers.list returns an undecided person after customers.delete. Leave "
            "canceled applications out of the page.",
        )


@check("customers.list")
def undecided_customers_are_listed(subject: Subject) -> None:
    """A person who is undecided or was denied is listed as customers.get reads them."""
    scenario = Scenario.of(subject)
    people = list(
        _expected_people(scenario, CustomerStatus.PENDING, CustomerStatus.DENIED)
    )
    if not people:
        raise NotApplicable("`seed_expected` returns no undecided or denied Customer")
    with subject.bank(scenario.recorder) as bank:
        listed = outcome_of(lambda: [item.id for item in bank.customers.list()])
    require(
        isinstance(listed, list)
        and all(listed.count(person) == 1 for person in people),
        "customers.list does not have each undecided and denied person once, whom "
        "customers.get reads. List the applications too: a migration counts its people "
        "by this list.",
    )


def _expected_people(scenario: Scenario, *statuses: CustomerStatus) -> Iterator[str]:
    """Yield the ids of the seeded customers with one of some statuses."""
    try:
        records = expected_records(scenario)
    except NotApplicable:
        return
    for record in records:
        if isinstance(record, Customer) and record.status in statuses:
            yield record.id


@check(CREATE)
def fields_are_sent_under_their_names(subject: Subject) -> None:
    """The value of each field is in the request under the `native` name of its rule."""
    recorder = subject.recorder()
    with subject.bank(recorder, 0) as bank:
        bank.customers.create(subject.person)
    bodies = [_json_of(request) for request in recorder.writes]
    leaves = [leaf for body in bodies for leaf in _leaves(body, "")]
    texts = [text for _, text in leaves]
    examined = 0
    for name, native, value in _named_texts(subject):
        # A text that two fields share, or that the writer changes, proves nothing.
        if texts.count(value) != 1:
            continue
        examined += 1
        keys = [
            key for body in bodies for key, text in _leaves(body, "") if text == value
        ]
        require(
            native in keys,
            f"{name} is declared native={native!r}, but the request has its value under "
            f"{', '.join(keys)}. Write the field under the vendor's name for it, or "
            "correct `native`.",
        )
    if not examined:
        raise NotApplicable("no text of a customer has a `native` name")


@check()
def fields_use_the_member_of_their_name(subject: Subject) -> None:
    """A field is sent as the member that has its name, where the request has one."""
    examined = 0
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.name in _WRITTEN
    ):
        operation.outcome(scenario, retries=0)
        for member in map(_json_of, scenario.recorder.writes):
            for name, native, other in _mistaken(subject, operation.name, member):
                require(
                    native == other,
                    f"{operation.name} writes {name} as {native}, and the same object "
                    f"has the member {other}. Two names may be exchanged: compare both "
                    "with the vendor's page, because a simulator repeats the mistake.",
                )
                examined += 1
    if not examined:
        raise NotApplicable("no field is written under a name of the vendor's own")


def _mistaken(
    subject: Subject, operation: str, body: Any
) -> Iterator[tuple[str, str, str]]:
    """Yield each field, its member and the member that has the name of the field."""
    for members in _objects(body):
        plain = {plain_name(name): name for name in members}
        for kind in _WRITTEN[operation]:
            for name, rule in subject.declared.rules(kind).items():
                native = (rule.native or "").rpartition(".")[2]
                if native in members:
                    partly = _partly_named(name, native, members)
                    yield name, native, plain.get(plain_name(name), partly)


def _partly_named(name: str, native: str, members: Mapping[str, Any]) -> str:
    """Return the member that is a part of the field's name: `first` of `first_name`."""
    parts = parts_of(name)
    if parts & parts_of(native):
        return native
    return next((it for it in members if parts_of(it) <= parts), native)


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a body."""
    if isinstance(tree, dict):
        yield tree
    for item in tree.values() if isinstance(tree, dict) else _items(tree):
        yield from _objects(item)


def _items(tree: Any) -> Sequence[Any]:
    return tree if isinstance(tree, (list, tuple)) else ()


def _json_of(request: Request) -> Any:
    try:
        return json.loads(request.encoded() or b"")
    except ValueError:  # a form, or a file
        return None


def _named_texts(subject: Subject) -> Iterator[tuple[str, str, str]]:
    for name, rule in subject.declared.rules(NewCustomer).items():
        value = getattr(subject.person, name, None)
        if rule.native and isinstance(value, str):
            yield name, rule.native.rpartition(".")[2], value


def _leaves(tree: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of each text in a body."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _leaves(value, name)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from _leaves(value, key)
    elif isinstance(tree, str):
        yield key, tree
