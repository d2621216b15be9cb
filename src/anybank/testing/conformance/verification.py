"""Checks of verifications: their decisions, and those that a create starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from attrs import evolve

from ...declaration.support import Support
from ...errors import AnybankError, ConfigurationError, FieldNotUpdatable, NotFound
from ...model.accounts import AccountStatus
from ...model.customers import (
    Customer,
    CustomerChanges,
    CustomerStatus,
    NewCustomer,
)
from ...model.features import Feature
from ...model.kyc import KycCheck, KycStatus
from ...model.transactions import TransactionStatus
from ...sandbox.simulator import answer_json
from .expected_values import ReadValue, expected_records, read_values
from .field_variants import customer_variants
from .operations import OPERATIONS
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

_CUSTOMERS = ("customers.create", "customers.get")
_SUCCESSES = (
    *(CustomerStatus.ACTIVE, KycStatus.PASSED),
    *(AccountStatus.OPEN, TransactionStatus.POSTED),
)
"""A word that wrongly reads as one of these hides a denial, a block or a return."""


@check("customers.create", "kyc.get")
def creates_that_verify_emulate_the_start(subject: Subject) -> None:
    """Where a create verifies, kyc.start only reads and kyc.get needs no program."""
    support = subject.declared.feature(Feature.KYC_START).support
    if not subject.declared.create_verifies:
        require(
            support is not Support.EMULATED,
            "kyc.start is declared Support.EMULATED, which only reads what a create has "
            "started, but create_verifies is not declared. Declare it.",
        )
        raise NotApplicable("create_verifies is not declared")
    require(
        support is Support.EMULATED,
        f"create_verifies is declared, but kyc.start is {support.value}. Declare it "
        "Support.EMULATED, and return the verification that the create started.",
    )
    scenario = Scenario.of(subject)
    customer_id = scenario.create("customer")
    scenario.recorder.forget()
    started = outcome_of(lambda: scenario.bank.kyc.start(customer_id, scenario.start))
    changing = [r.method for r in scenario.recorder.requests if r.method != "GET"]
    require(
        not changing,
        f"kyc.start is emulated, but it sent {', '.join(changing)}. Read the state of "
        "the verification instead.",
    )
    current = outcome_of(lambda: scenario.bank.kyc.get(customer_id))
    require(
        not isinstance(current, AnybankError),
        f"kyc.get without a program gave {type(current).__name__}. Read the verification "
        "that belongs to the customer.",
    )
    require(
        isinstance(started, KycCheck) and started.status is current.status,
        f"kyc.start gave {_described(started)}, and kyc.get {_described(current)}. "
        "Return the same verification from both.",
    )


@check("customers.create", "kyc.start", "kyc.get")
def the_last_verification_counts(subject: Subject) -> None:
    """Of two verifications of one person, kyc.get returns the later one."""
    outcomes = (KycStatus.PASSED, KycStatus.FAILED)
    examined = [_verified_twice(subject, it) for it in (outcomes, outcomes[::-1])]
    if not any(examined):
        raise NotApplicable(
            "no person is verified again with another outcome: let the simulator's "
            "`choose_kyc` choose that of each verification, where the vendor allows two"
        )


def _verified_twice(subject: Subject, outcomes: Sequence[KycStatus]) -> bool:
    """Verify a person twice; return whether the vendor decided each time as chosen."""
    scenario = Scenario.of(subject)
    customer_id, kyc = scenario.create("customer"), scenario.bank.kyc
    simulator = scenario.recorder.simulator
    for status in outcomes:
        with suppress(AttributeError):
            simulator.clock.advance(minutes=1)
        try:
            simulator.choose_kyc(status)
        except (AttributeError, ConfigurationError):
            return False
        start = evolve(scenario.start, idempotency_key=None)
        started = outcome_of(lambda: kyc.start(customer_id, start))  # noqa: B023  # called immediately
        if getattr(started, "status", None) is not status:
            return False
    current = kyc.get(customer_id, program_id=scenario.start.program_id)
    require(
        current.status is outcomes[-1],
        f"A person was verified twice, with {' and then '.join(it.name for it in outcomes)}"
        f", and kyc.get returns {current.status.name}. Ask for the verifications in the "
        "order of their time, and read the last one.",
    )
    return True


def _described(outcome: object) -> str:
    if isinstance(outcome, KycCheck):
        return outcome.status.name
    return type(outcome).__name__


@check("customers.create", "kyc.start", "kyc.get")
def refused_starts_are_no_starts(subject: Subject) -> None:
    """A start of KYC that the vendor refuses, and that is no repeat, raises an error."""
    operation = OPERATIONS[Feature.KYC_START]
    for status in (400, 403, 409):
        scenario = Scenario.of(subject)
        operation.prepare(scenario)
        if not _has_none(scenario):
            raise NotApplicable("a verification starts with the create of the customer")
        scenario.recorder.forget()
        scenario.recorder.scripted.append(answer_json(status, {}))
        outcome = operation.outcome(scenario, retries=0)
        require(
            isinstance(outcome, AnybankError),
            f"kyc.start returned a verification after HTTP {status}, although none "
            "exists. Count a refusal as a repeat only if kyc.get shows a verification.",
        )


def _has_none(scenario: Scenario) -> bool:
    """Return whether the scenario's customer has no verification yet."""
    current = outcome_of(
        lambda: scenario.bank.kyc.get(
            scenario.id("customer"), program_id=scenario.start.program_id
        )
    )
    is_unstarted = getattr(current, "status", None) is KycStatus.NOT_STARTED
    return is_unstarted or isinstance(current, NotFound)


@check("customers.update", "kyc.get")
def changes_after_kyc_name_their_fields(subject: Subject) -> None:
    """The vendor's refusal of a change after KYC is a FieldNotUpdatable for that field."""
    rules = subject.declared.rules(NewCustomer)
    variants = [
        (name, other)
        for name, _, other in customer_variants(subject)
        if rules[name].update != "never" and not rules[name].when
    ]
    fixed = [name for name, _ in variants if rules[name].update == "before_kyc"]
    scenario = Scenario.of(subject)
    passed = next(
        (
            record.customer_id
            for record in (expected_records(scenario) if fixed else ())
            if isinstance(record, KycCheck) and record.status is KycStatus.PASSED
        ),
        None,
    )
    if passed is None:
        raise NotApplicable(
            "no field is declared update='before_kyc', or `seed_expected` returns no "
            "KycCheck that is PASSED"
        )
    for name, other in variants:
        changes: Any = CustomerChanges(**{name: getattr(other, name)})
        outcome = outcome_of(lambda: scenario.bank.customers.update(passed, changes))  # noqa: B023  # called immediately
        named = [issue.field for issue in getattr(outcome, "issues", ())]
        if name not in fixed:
            require(
                not isinstance(outcome, FieldNotUpdatable),
                f"{name} is declared update='always', and a change of it for a customer "
                "who has passed is refused. Declare update='before_kyc'.",
            )
            continue
        require(
            isinstance(outcome, FieldNotUpdatable) and named == [name],
            f"{name} is declared update='before_kyc', and a change of it for a customer "
            f"who has passed gave {type(outcome).__name__}. Raise FieldNotUpdatable with "
            "the field where the vendor refuses the change, or declare update='always'.",
        )


@check()
def decisions_are_read_exactly(subject: Subject) -> None:
    """A person who was denied, or is not decided yet, never reads as verified."""
    checks = [
        value
        for value in read_values(subject)
        if isinstance(value.expected, (Customer, KycCheck))
        and value.expected.status not in (None, KycStatus.UNKNOWN)
    ]
    if not checks:
        raise NotApplicable(
            "`seed_expected` returns no Customer or KycCheck with a status"
        )
    for value in checks:
        expected, status = value.expected.status, value.value.status
        require(
            status is expected,
            f"{value.name}: a status that must read as {expected.name} reads as "
            f"{getattr(status, 'name', None)}. Look the vendor's word up in a table that "
            "has only the word for verified as PASSED or ACTIVE.",
        )
        moment = getattr(value.value, "passed_at", None)
        require(
            moment is None or status is KycStatus.PASSED,
            f"{value.name}: passed_at has a value for a person whose status is "
            f"{status.name}. It is the time at which a person was verified.",
        )
    _require_opposites(checks)
    if subject.declared.create_verifies and subject.supports(*_CUSTOMERS):
        _require_decided_customers(subject, checks)


@check()
def words_for_success_are_shown(subject: Subject) -> None:
    """Of several words that read as verified, open or posted, a record shows each one."""
    tables = [
        (name, member, words)
        for name, table in subject.openapi_values.items()
        for member, words in _words_by_success(table).items()
        if len(words) > 1
    ]
    if not tables:
        raise NotApplicable(
            "no table in `openapi_values` has two words for verified, open or posted"
        )
    shown = {value.value.native_status for value in _read_with_status(subject)}
    for name, member, words in tables:
        left = [word for word in words if word not in shown]
        require(
            not left,
            f"`openapi_values` {name} reads {', '.join(words)} as {member.name}, and no "
            f"record of `seed_expected` has the vendor's status {', '.join(left)}. "
            "Return one with the status that the vendor's page gives it, or correct the "
            "table.",
        )


def _words_by_success(table: Any) -> dict[Any, list[str]]:
    """Return the words of a table that say that all is well, by their member."""
    members = dict(table) if isinstance(table, Mapping) else {}
    return {
        success: [word for word, member in members.items() if member is success]
        for success in _SUCCESSES
    }


def _read_with_status(subject: Subject) -> Iterator[ReadValue]:
    for value in read_values(subject):
        if getattr(value.value, "native_status", None):
            yield value


def _require_decided_customers(subject: Subject, checks: list[Any]) -> None:
    """Require customers with decisions, where a create decides and a status is read."""
    scenario = Scenario.of(subject)
    created = outcome_of(lambda: scenario.bank.customers.get(scenario.id("customer")))
    require(
        getattr(created, "status", None) is None
        or any(isinstance(value.expected, Customer) for value in checks),
        "A create verifies, and customers.get returns a status, but `seed_expected` "
        "returns no Customer with one. Return one that is ACTIVE, and one that was "
        "denied or is not decided.",
    )


def _require_opposites(checks: list[Any]) -> None:
    """Require a verified person and another one, whom a constant status would confuse."""
    for kind, verified in (
        (KycCheck, KycStatus.PASSED),
        (Customer, CustomerStatus.ACTIVE),
    ):
        statuses = {
            value.expected.status
            for value in checks
            if isinstance(value.expected, kind)
        }
        require(
            not statuses or (verified in statuses and len(statuses) > 1),
            f"`seed_expected` returns {kind.__name__} values of one outcome only. Return "
            f"one that is {verified.name}, and one that was denied or is not decided.",
        )
