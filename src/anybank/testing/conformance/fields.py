"""Checks of fields: accepted ones are sent and read back, invalid ones are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from attrs import evolve

from ...declaration.preflight import prepare
from ...errors import AnybankError, Effect, InvalidInput
from ...model.addresses import Address
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from .field_variants import field_variants, part_variants, unexamined
from .first_writes import first_write
from .operations import OPERATIONS, capture_query, with_fixed_key
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .rule_cases import (
    base_values,
    boundary_cases,
    differences,
    invalid_cases,
    names_field,
)
from .scenarios import Scenario
from .subject import Subject

CREATE, GET = "customers.create", "customers.get"
_RESOURCES = {
    CREATE: "customers",
    "kyc.start": "kyc",
    "kyc.upload_document": "kyc",
    "credit_applications.create": "credit_applications",
    "accounts.create": "accounts",
    "account_numbers.create": "account_numbers",
    "webhook_subscriptions.create": "webhook_subscriptions",
}


def _call(bank: Any, feature: str, value: Any, scenario: Scenario) -> Any:
    """Pass a value to the operation that accepts it, and return the outcome."""
    resource = getattr(bank, _RESOURCES[feature])
    if feature == "kyc.start":
        customer = scenario.id("customer")
        return outcome_of(lambda: resource.start(customer, value))
    if feature == "kyc.upload_document":
        applicant = scenario.applicant()
        scenario.recorder.forget()
        return outcome_of(lambda: resource.upload_document(applicant, value))
    return outcome_of(lambda: resource.create(value))


def _create(scenario: Scenario, feature: str, value: Any) -> tuple[Any, Any]:
    """Create a value in a scenario; return the value as sent, and the outcome."""
    value = _with_customer(scenario, feature, value)
    with scenario.subject.bank(scenario.recorder) as bank:
        return value, _call(bank, feature, value, scenario)


def _with_customer(scenario: Scenario, feature: str, value: Any) -> Any:
    """Return a value that refers to the scenario's customer, who then exists."""
    if feature == "credit_applications.create" and value.customer_id:
        value = attrs.evolve(value, customer_id=scenario.id("customer"))
    if feature == "accounts.create" and len(value.customer_ids) == 1:
        value = attrs.evolve(value, customer_ids=[scenario.id("customer")])
    if feature == "account_numbers.create" and value.account_id:
        value = attrs.evolve(value, account_id=scenario.id("account"))
    if feature == "kyc.start":
        scenario.id("customer")
    scenario.recorder.forget()
    return value


def _valid_values(subject: Subject, feature: str, base: Any) -> list[Any]:
    return subject.people if feature == CREATE else subject.values(type(base))


def _request_for(feature: str, value: Any, scenario: Scenario) -> str:
    """Return the request that creates a value, with a constant idempotency key."""
    value = _with_customer(scenario, feature, value)
    operation = evolve(
        OPERATIONS[Feature(feature)],
        perform=lambda bank, scenario: _call(bank, feature, value, scenario),
    )
    # The connection is refused, so nothing happens at the simulator: only the query of
    # the adapter is wanted here.
    scenario.recorder.schedule("refused")
    query, _ = capture_query(operation, scenario)
    if query is None:
        return ""
    return first_write(scenario, operation, with_fixed_key(query))


def _creates(subject: Subject) -> Iterator[tuple[str, Any]]:
    """Yield the feature of each declared create, with a value for it."""
    values = base_values(subject)
    if not values:
        raise NotApplicable("no create is declared")
    yield from values.items()
    if CREATE in values:
        yield from ((CREATE, person) for person in _identified_otherwise(subject))


def _identified_otherwise(subject: Subject) -> Iterator[NewCustomer]:
    """Yield a customer for each kind of government id that the base value lacks."""
    known = {identity.kind for identity in subject.person.government_ids}
    for person in subject.people:
        kinds = {identity.kind for identity in person.government_ids}
        if kinds - known:
            known |= kinds
            yield person


def _describe(error: Any) -> str:
    """Describe an error by its class, code and field names."""
    fields = ", ".join(getattr(error, "field_errors", ()))
    code = getattr(error, "code", None)
    parts = [type(error).__name__, code and f"code {code}", fields and f"on {fields}"]
    return " ".join(filter(None, parts))


@check()
def valid_values_are_accepted(subject: Subject) -> None:
    """The vendor accepts every value that the declaration accepts."""
    for feature, base in _creates(subject):
        varied = subject.varied_people if feature == CREATE else []
        for value in [*_valid_values(subject, feature, base), *varied]:
            _, outcome = _create(Scenario.of(subject), feature, value)
            require(
                not isinstance(outcome, AnybankError),
                f"{feature} failed with {_describe(outcome)}. Declare what the vendor "
                "rejects, or write the field as the vendor expects it.",
            )


@check()
def optional_fields_may_be_absent(subject: Subject) -> None:
    """The vendor accepts a value without any of its optional fields."""
    for feature, base in _creates(subject):
        kind = type(base)
        minimal = subject.minimal_values(kind)[0]
        _, outcome = _create(Scenario.of(subject), feature, minimal)
        absent = _absent_fields(subject, kind, minimal)
        require(
            not isinstance(outcome, AnybankError),
            f"{feature} failed with {_describe(outcome)} without {', '.join(absent)}. "
            "Declare create='required' for what the vendor requires, and omit absent "
            "fields from the request.",
        )


def _absent_fields(subject: Subject, kind: type, value: Any) -> list[str]:
    rules = subject.declared.rules(kind).items()
    return [
        name
        for name, rule in rules
        if rule.create == "optional" and not getattr(value, name, 1)
    ]


@check()
def boundary_values_are_accepted(subject: Subject) -> None:
    """The vendor accepts the shortest and longest values, and every member of `values`."""
    for feature, base in _creates(subject):
        for case in boundary_cases(subject.declared, base):
            _, outcome = _create(Scenario.of(subject), feature, case.value)
            require(
                not isinstance(outcome, AnybankError),
                f"{case.place} is declared {case.rule}, but the vendor rejected a value "
                f"at that boundary with {_describe(outcome)}. Declare the limit that the "
                "vendor's page names.",
            )


@check()
def accepted_fields_are_sent(subject: Subject) -> None:
    """Every accepted field changes the request."""
    for feature, base in _creates(subject):
        scenario = Scenario.of(subject)
        values = _valid_values(subject, feature, base)
        variants = [*field_variants(subject, values), *part_variants(subject, values)]
        for name, value, other in variants:
            require(
                _request_for(feature, value, scenario)
                != _request_for(feature, other, scenario),
                f"{feature} accepts {name}, but the request does not contain it. Write "
                "the field, or declare it create='refused'.",
            )


@check()
def accepted_fields_are_examined(subject: Subject) -> None:
    """The generated values examine every field that the declaration accepts."""
    for feature, base in _creates(subject):
        names = list(unexamined(subject, _valid_values(subject, feature, base)))
        require(
            not names,
            f"{feature} accepts {', '.join(names)}, but no two generated values differ in "
            "it, so no check examines it. Declare a rule that several values satisfy, with "
            "rules for the parts of its items (`number` of a Phone), or set `samples`.",
        )


@check(CREATE)
def client_reference_is_sent(subject: Subject) -> None:
    """A create that is declared with a reference sends the reference."""
    idempotency = subject.declared.feature(CREATE).idempotency
    name = idempotency.lookup_field
    if name is None:
        raise NotApplicable("customers.create is declared without a reference")
    reference: dict[str, Any] = {name: "anybank-reference-1"}
    person = attrs.evolve(subject.person, **reference)
    scenario = Scenario.of(subject)
    require(
        "anybank-reference-1" in _request_for(CREATE, person, scenario),
        f"customers.create is declared to be looked up by {name}, but the request does not "
        "contain it. Write the field, or declare no `reference`.",
    )


@check()
def invalid_values_are_never_sent(subject: Subject) -> None:
    """A value that breaks a declared rule raises InvalidInput without a request."""
    for feature, base in _creates(subject):
        for case in invalid_cases(subject.declared, base):
            scenario = Scenario.of(subject)
            _, outcome = _create(scenario, feature, case.value)
            is_refused = isinstance(outcome, InvalidInput) and names_field(
                case.name, outcome.issues
            )
            require(
                is_refused and not scenario.recorder.requests,
                f"{case.place} is declared {case.rule}, but a value that breaks the rule "
                f"caused {len(scenario.recorder.requests)} requests instead of an "
                "InvalidInput that names the field. Leave the refusal to the library, "
                "and let an instance have the same `capabilities` as its class.",
            )


@check(CREATE, GET)
def customer_fields_are_read_back(subject: Subject) -> None:
    """Every field of a customer reads back as its rule declares."""
    with subject.bank(subject.recorder()) as bank:
        for person in subject.people:
            created = bank.customers.create(person)
            read = bank.customers.get(created.id)
            expected = prepare(subject.declared, person).value
            wrong = differences(subject.declared, expected, read)
            require(
                not wrong,
                f"{', '.join(wrong[:1])} is not read back as its rule declares. Read "
                "the field, or declare its `read` (never, masked), `values` or "
                "`changed`.",
            )


@check()
def other_fields_are_read_back(subject: Subject) -> None:
    """Every field of an account, credit application or subscription reads back."""
    examined = 0
    for feature, base in _creates(subject):
        if feature in (CREATE, "kyc.start"):
            continue
        scenario = Scenario.of(subject)
        value, outcome = _create(scenario, feature, base)
        examined += 1
        expected = prepare(subject.declared, value).value
        for name, result in _created_and_read(scenario, feature, outcome):
            wrong = differences(subject.declared, expected, result)
            require(
                not wrong,
                f"{', '.join(wrong)} of the result of {name} is not read as it was sent. "
                "Read the field, or declare its `read`.",
            )
    if not examined:
        raise NotApplicable("only customers can be created")


def _created_and_read(
    scenario: Scenario, feature: str, created: Any
) -> Iterator[tuple[str, Any]]:
    """Yield what a create returned and, where records can be read, what its get returns."""
    yield feature, created
    resource, _, verb = feature.partition(".")
    reading = f"{resource}.get"
    is_readable = verb == "create" and reading in {it.value for it in Feature}
    if is_readable and scenario.subject.supports(reading):
        yield reading, getattr(scenario.bank, resource).get(created.id)


@check(CREATE, GET)
def enum_values_are_read_back(subject: Subject) -> None:
    """Every word in the `values` of an address or phone reads as its own member."""
    examined = 0
    for case in boundary_cases(subject.declared, subject.person):
        if not case.rule.startswith("values"):
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            created = bank.customers.create(case.value)
            read = bank.customers.get(created.id)
        expected = prepare(subject.declared, case.value).value
        wrong = differences(subject.declared, expected, read)
        require(
            not wrong,
            f"{case.place} is declared {case.rule}, but {', '.join(wrong)} reads "
            "differently. Write rule.word(...) and read rule.member(...) of one rule.",
        )
    if not examined:
        raise NotApplicable("addresses and phones declare no `values`")


@check(CREATE, GET)
def defaults_are_sent_and_reported(subject: Subject) -> None:
    """An absent field with a default is sent as that default, and reported."""
    examined = 0
    for name, rule in subject.declared.rules(NewCustomer).items():
        if rule.default is None and rule.default_from is None:
            continue
        examined += 1
        absent: dict[str, Any] = {name: None}
        person = attrs.evolve(subject.person, **absent)
        with subject.bank(subject.recorder()) as bank:
            outcome = outcome_of(lambda: bank.customers.create(person))  # noqa: B023  # called immediately
        is_reported = isinstance(outcome, Customer) and any(
            issue.field == name and issue.effect is Effect.DEFAULTED
            for issue in outcome.issues
        )
        expected = prepare(subject.declared, person).value
        require(
            is_reported and not differences(subject.declared, expected, outcome),
            f"{name} has a default, but a customer without it was not created with the "
            "default. Write the value of the query, which already has the default.",
        )
    if not examined:
        raise NotApplicable("no field of a customer has a default")


@check(CREATE, GET)
def implied_values_are_read(subject: Subject) -> None:
    """A value that the vendor implies without returning it is read, such as a country."""
    rules = subject.declared.rules(Address).items()
    implied = {
        name: rule.implied for name, rule in rules if isinstance(rule.implied, str)
    }
    if not implied or not subject.person.addresses:
        raise NotApplicable("no field of an address is declared implied")
    with subject.bank(subject.recorder()) as bank:
        read = bank.customers.get(bank.customers.create(subject.person).id)
    for name, value in implied.items():
        for address in read.addresses:
            require(
                getattr(address, name) == value,
                f"Address.{name} is declared implied={value!r}, but reads as another "
                "value. Set it when reading, because the vendor does not return it.",
            )
