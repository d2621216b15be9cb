"""Checks of what is read after a write: every owner, every country, and no lost id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from attrs import evolve

from ...adapter.wire import Request, Response
from ...declaration.preflight import prepare
from ...declaration.vocabulary import Implied
from ...errors import AnybankError
from ...model.accounts import NewAccount
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.phones import Phone
from ...model.values import item_types
from ...sandbox.simulator import answer_json
from ...sensitive import Ssn
from ..strategies import accepts
from .expected_values import expected_records
from .member_names import leaves_of
from .operations import Operation, declared_operations
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .rule_cases import differences
from .scenarios import Scenario
from .subject import Subject

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
_SHORTLY = timedelta(minutes=1)
_LISTS = ("emails", "phones", "addresses")
"""The lists of a customer of which a vendor may store several items."""


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
def every_item_of_a_list_is_read_back(subject: Subject) -> None:
    """Of a list that may have several items, each one reads back, in its place."""
    examined = 0
    for name, person in _people_with_two_items(subject):
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            outcome = outcome_of(lambda: bank.customers.create(person))  # noqa: B023  # called immediately
            if isinstance(outcome, AnybankError):  # other checks judge the rejection
                continue
            read = bank.customers.get(outcome.id)
        expected = prepare(subject.declared, person).value
        require(
            not differences(subject.declared, expected, read),
            f"{name} has two items, and another number of them, or other ones, is read "
            "back. Write and read every item of the list, or declare with `items` how "
            "many the vendor stores.",
        )
        _require_one_first(subject, name, getattr(read, name))
    if not examined:
        raise NotApplicable("no list of a customer accepts two items")


def _require_one_first(subject: Subject, name: str, items: Sequence[Any]) -> None:
    """Require that a mark of the first item, which the vendor implies, is read so."""
    part: Any = item_types(NewCustomer).get(name)
    for mark, rule in subject.declared.rules(part).items() if part else ():
        if rule.implied is Implied.FIRST:
            require(
                [bool(getattr(item, mark)) for item in items] == [True, False],
                f"{part.__name__}.{mark} is declared implied for the first item, and "
                f"the two {name} read otherwise. Set it for the first one only.",
            )


def _people_with_two_items(subject: Subject) -> Iterator[tuple[str, NewCustomer]]:
    """Yield each list field, and a customer with the items of two people in it."""
    person = subject.person
    for name in _LISTS:
        own = getattr(person, name)[:1]
        others = (getattr(it, name)[:1] for it in subject.people)
        other = next((it for it in others if it and it != own), ())
        if name == "addresses":
            own = [evolve(item, primary=True) for item in own]
            other = [evolve(item, primary=False) for item in other]
        changed: dict[str, Any] = {name: [*own, *other]}
        both = evolve(person, **changed)
        if own and other and accepts(subject.declared, both):
            yield name, both


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
    texts = [text for _, text in leaves_of(response, "") if isinstance(text, str)]
    last = person.ssn.last_four
    # A vendor returns a mask, or the digits alone in a member of their own.
    if not any(it == last or (_is_mask(it) and it[-4:] == last) for it in texts):
        raise NotApplicable(
            "no text that the simulator returns has the last four digits of the SSN"
        )
    require(
        isinstance(read.ssn, Ssn) and read.ssn.last_four == last,
        "The vendor returns a masked SSN with its last four digits, and `ssn` has not. "
        "Read the mask with Ssn.read, as XXX-XX- and the last four digits.",
    )


@check(CREATE, GET)
def last_digits_of_ids_are_read(subject: Subject) -> None:
    """The number of another id has the last digits that the vendor returns of it."""
    examined = 0
    for person in (it for it in subject.people if it.government_ids):
        last = person.government_ids[0].number.last_four
        recorder = subject.recorder()
        with subject.bank(recorder) as bank:
            read = bank.customers.get(bank.customers.create(person).id)
        response = json.loads(recorder.exchanges[-1].response.content)
        texts = [text for _, text in leaves_of(response, "") if isinstance(text, str)]
        if not last or not any(text == last or text[-4:] == last for text in texts):
            continue
        examined += 1
        require(
            last in [identity.number.last_four for identity in read.government_ids],
            "The vendor returns the last digits of a government id, and `number` has "
            "not. Read them with GovernmentIdNumber.masked or GovernmentIdNumber.read.",
        )
    if not examined:
        raise NotApplicable("the simulator returns no digits of a government id")


@check(CREATE, GET)
def absent_fields_are_not_made_up(subject: Subject) -> None:
    """A field that was not sent is read as absent, unless the vendor sets it."""
    minimal = subject.minimal_values(NewCustomer)
    for person in (*minimal[:1], *subject.people):
        sent = prepare(subject.declared, person).value
        absent = [
            name
            for name, rule in subject.declared.rules(NewCustomer).items()
            if rule.is_accepted
            and rule.read != "never"
            and not rule.changed
            and name not in _SET_BY_VENDORS
            and not getattr(sent, name, True)
        ]
        with subject.bank(subject.recorder()) as bank:
            created = outcome_of(lambda: bank.customers.create(person))  # noqa: B023  # called immediately
            if isinstance(created, AnybankError):  # other checks judge the rejection
                continue
            read = bank.customers.get(created.id)
        made_up = [name for name in absent if getattr(read, name)]
        require(
            not made_up,
            f"{', '.join(made_up)} of a customer who was created without reads as if it "
            "were there. Read the member that the vendor names for it and no other one: "
            "the number of one kind of id is none of another kind.",
        )


_SET_BY_VENDORS = ("external_id", "preferred_name", "status", "created_at")
"""Fields for which a vendor may choose a value if none is sent."""


def _is_mask(text: str) -> bool:
    return _MASK.fullmatch(text) is not None


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
    """A person who is undecided, denied or disabled is listed as customers.get reads them."""
    scenario = Scenario.of(subject)
    people = list(
        _expected_people(
            scenario,
            CustomerStatus.PENDING,
            CustomerStatus.DENIED,
            CustomerStatus.DISABLED,
        )
    )
    if not people:
        raise NotApplicable(
            "`seed_expected` returns no undecided, denied or disabled Customer"
        )
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
