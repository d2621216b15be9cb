"""Checks of updates and deletions: permitted ones take effect, others are not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ...declaration.preflight import prepare
from ...errors import AnybankError, FieldNotUpdatable, NotFound
from ...model.accounts import AccountStatus
from ...model.addresses import Address
from ...model.customers import CustomerChanges, NewCustomer
from ...model.unset import UNSET
from ...sensitive import Ssn
from .field_variants import customer_variants
from .operations import declared_operations
from .recorder import NotApplicable, body_of, outcome_of, require
from .registry import check
from .rule_cases import differences
from .scenarios import Scenario
from .subject import Subject

_PARTS = ("line1", "line2", "city", "state", "postal_code")
"""The texts of an address."""
CREATE, GET, UPDATE = "customers.create", "customers.get", "customers.update"


def _customer_changes(name: str, other: NewCustomer) -> CustomerChanges:
    """Return the change of one field, with the extras that confirm its value."""
    extras = other.extras if name == "government_ids" else {}
    return CustomerChanges(**{name: getattr(other, name)}, extras=extras)


@check(CREATE, GET, UPDATE)
def updates_change_only_their_fields(subject: Subject) -> None:
    """An update changes the field that it names and no other."""
    rules = subject.declared.rules(NewCustomer)
    for name, person, other in customer_variants(subject):
        if rules[name].update == "never":
            continue
        with subject.bank(subject.recorder()) as bank:
            created = bank.customers.create(person)
            changes = _customer_changes(name, other)
            outcome = outcome_of(lambda: bank.customers.update(created.id, changes))  # noqa: B023  # called immediately
            read = bank.customers.get(created.id)
        failed = isinstance(outcome, AnybankError)
        error = f" ({type(outcome).__name__})" if failed else ""
        wrong = differences(
            subject.declared, prepare(subject.declared, other).value, read
        )
        require(
            not wrong,
            f"After an update of {name}{error}, {', '.join(wrong)} does not have the "
            "expected value. Send exactly the changed fields, or declare update='never'.",
        )


@check(CREATE, UPDATE)
def updates_return_the_new_customer(subject: Subject) -> None:
    """An update returns the customer in its new state."""
    for name, person, other in customer_variants(subject):
        if subject.declared.rule(NewCustomer, name).update == "never":
            continue
        with subject.bank(subject.recorder()) as bank:
            created = bank.customers.create(person)
            changes = _customer_changes(name, other)
            outcome = outcome_of(lambda: bank.customers.update(created.id, changes))  # noqa: B023  # called immediately
        # The prepared value: defaults and declared changes are what the vendor gets.
        expected = prepare(subject.declared, other).value
        wrong = differences(subject.declared, expected, outcome)
        require(
            getattr(outcome, "id", None) == created.id and not wrong,
            f"An update of {name} did not return the new state of the customer "
            f"({', '.join(wrong) or type(outcome).__name__}). Return what the vendor's "
            "response says, or read the customer back.",
        )


@check(CREATE, UPDATE)
def forbidden_changes_are_never_sent(subject: Subject) -> None:
    """A change that the declaration forbids is refused without a request."""
    for name, _person, other in customer_variants(subject):
        rule = subject.declared.rule(NewCustomer, name)
        # `when` allows the change under a condition that the kit cannot create.
        if rule.update == "always" or rule.when:
            continue
        recorder = subject.recorder()
        changes = _customer_changes(name, other)
        with subject.bank(recorder) as bank:
            outcome = outcome_of(
                lambda: bank.customers.update("c-1", changes, kyc_passed=True)  # noqa: B023  # called immediately
            )
        require(
            isinstance(outcome, FieldNotUpdatable) and not recorder.requests,
            f"{name} is declared update={rule.update!r}, but a change of it was sent for "
            "a customer who passed KYC. Leave the refusal to the library.",
        )


@check(CREATE, GET, UPDATE)
def clearable_fields_are_cleared(subject: Subject) -> None:
    """Updating a clearable field to None removes its value."""
    examined = 0
    for name, rule in subject.declared.rules(NewCustomer).items():
        value = getattr(subject.person, name, None)
        if not rule.clearable or rule.update == "never" or not value:
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            created = bank.customers.create(subject.person)
            empty: Any = () if isinstance(value, tuple) else None
            changes = CustomerChanges(**{name: empty})
            outcome_of(lambda: bank.customers.update(created.id, changes))  # noqa: B023  # called immediately
            read = bank.customers.get(created.id)
        require(
            not getattr(read, name),
            f"{name} is declared clearable, but an update to None left its value. Write "
            "None as the vendor expects it (null, an empty text), or remove `clearable`.",
        )
    if not examined:
        raise NotApplicable("no field is declared clearable")


@check(CREATE, GET, UPDATE)
def replaced_addresses_keep_no_parts(subject: Subject) -> None:
    """An address that replaces another one has no part of the former address."""
    if subject.declared.rule(NewCustomer, "addresses").update == "never":
        raise NotApplicable("addresses cannot be updated")
    examined = 0
    for name in _PARTS:
        person = next(
            (it for it in subject.varied_people if _part(it, name) is not None), None
        )
        if subject.declared.rule(Address, name).create != "optional" or person is None:
            continue
        examined += 1
        absent: dict[str, Any] = {name: None}
        bare = [attrs.evolve(it, **absent) for it in person.addresses]
        changes = CustomerChanges(addresses=bare)
        with subject.bank(subject.recorder()) as bank:
            created = bank.customers.create(person)
            outcome_of(lambda: bank.customers.update(created.id, changes))  # noqa: B023  # called immediately
            read = bank.customers.get(created.id)
        require(
            not any(getattr(item, name) for item in read.addresses),
            f"After an update to an address without {name}, the address has the {name} of "
            "the former one. Send all parts of the new address, and clear those that it "
            "lacks as the vendor expects it (null, an empty text).",
        )
    if not examined:
        raise NotApplicable("no part of an address is optional")


def _part(person: NewCustomer, name: str) -> str | None:
    return getattr(person.addresses[0], name) if person.addresses else None


@check(CREATE, GET, UPDATE)
def masked_ssns_are_never_sent(subject: Subject) -> None:
    """An update never sends the vendor's mask of an SSN back as the SSN."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        created = bank.customers.create(subject.person)
        for name, _person, other in customer_variants(subject):
            changes = _customer_changes(name, other)
            outcome_of(lambda: bank.customers.update(created.id, changes))  # noqa: B023  # called immediately
    # The library's mask and the vendor's own spelling of it.
    masks = {str(created.ssn), _mask_in_raw(created)} - {"", "None"}
    require(
        not any(
            mask in body_of(request) for mask in masks for request in recorder.writes
        ),
        "An update sent the mask of the SSN. Send only the changed fields.",
    )


def _mask_in_raw(customer: Any) -> str:
    """Return the vendor's own spelling of the SSN's mask, empty where there is none."""
    last_four = customer.ssn.last_four if isinstance(customer.ssn, Ssn) else None
    texts = [value for value in customer.raw.values() if isinstance(value, str)]
    matches = (text for text in texts if last_four and text.endswith(f"-{last_four}"))
    return next(matches, "")


_LOOKUPS: Mapping[str, Callable[[Any, Scenario], Any]] = {
    "customers.delete": lambda bank, scenario: bank.customers.get(
        scenario.id("customer")
    ),
    "accounts.delete": lambda bank, scenario: bank.accounts.get(scenario.id("account")),
    "customer_addresses.delete": lambda bank, scenario: _find(
        bank.customer_addresses.list(scenario.id("customer")), scenario.id("address")
    ),
    "webhook_subscriptions.delete": lambda bank, scenario: _find(
        bank.webhook_subscriptions.list(), scenario.id("subscription")
    ),
}
"""How to look for a record after each deletion."""


def _find(items: Any, identifier: str) -> Any:
    """Return the item with an id; raise NotFound if there is none."""
    for item in items:
        if item.id == identifier:
            return item
    raise NotFound


@check()
def deleted_records_cannot_be_read(subject: Subject) -> None:
    """A deleted record is not found any more; an account may be read as CLOSED."""
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.verb == "delete"
    ):
        operation.outcome(scenario)
        look_up = _LOOKUPS[operation.name]
        with subject.bank(scenario.recorder) as bank:
            outcome = outcome_of(lambda: look_up(bank, scenario))  # noqa: B023  # called immediately
        require(
            isinstance(outcome, AnybankError)
            or getattr(outcome, "status", None) is AccountStatus.CLOSED,
            f"{operation.name} left the record in place. Send the deletion to the "
            "vendor. If the vendor still returns the record (archived, disconnected), "
            "raise NotFound in the flow that reads it; an account reads as CLOSED.",
        )


_OTHER_UPDATES = (
    "account_numbers.update",
    "credit_applications.update",
    "webhook_subscriptions.update",
)


@check()
def other_updates_return_the_new_value(subject: Subject) -> None:
    """An update of a credit application or subscription returns its new state."""
    names = [name for name in _OTHER_UPDATES if subject.supports(name)]
    if not names:
        raise NotApplicable("only customers can be updated")
    for operation, scenario in declared_operations(
        subject, lambda operation: operation.name in names
    ):
        changes = _changes(scenario, operation.name)
        outcome = operation.outcome(scenario)
        fields = attrs.asdict(changes, recurse=False).items()
        wrong = [
            name
            for name, value in fields
            if name != "extras"
            and value not in (None, UNSET, ())
            and getattr(outcome, name, None) != value
        ]
        require(
            not wrong,
            f"{operation.name} returned {', '.join(wrong)} unchanged. Write the change "
            "and return the new state; read it back where the vendor's response shows "
            "the old one.",
        )


def _changes(scenario: Scenario, name: str) -> Any:
    if name.startswith("account_numbers"):
        return scenario.account_number_changes
    is_application = name.startswith("credit")
    return (
        scenario.application_changes
        if is_application
        else scenario.subscription_changes
    )
