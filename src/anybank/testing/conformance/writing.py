"""Checks of what is sent: each accepted field arrives, each refused one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import attrs

from ...errors import FieldNotUpdatable, InvalidInput, NotFound
from ...model.addresses import AddressKind
from ...model.customers import Customer, CustomerChanges, NewCustomer
from ...model.phones import PhoneKind
from ...preflight import settle
from ...sensitive import Ssn
from ..strategies import accepts
from .registry import check
from .subject import (
    NotApplicable,
    Subject,
    body_of,
    outcome_of,
    require,
)

CREATE, GET, UPDATE = "customers.create", "customers.get", "customers.update"


def variants(subject: Subject) -> Iterator[tuple[str, NewCustomer, NewCustomer]]:
    """Yield pairs of accepted people who differ in one field, and its name."""
    rules = subject.declared.rules(NewCustomer)
    for name, rule in rules.items():
        if rule.create == "refused" or name not in attrs.fields_dict(NewCustomer):
            continue
        pair = _pair(subject, name)
        if pair:
            yield name, *pair


def _pair(subject: Subject, name: str) -> tuple[NewCustomer, NewCustomer] | None:
    for one in subject.people:
        for donor in subject.people:
            other = attrs.evolve(one, **{name: getattr(donor, name)})
            differ = getattr(one, name) and getattr(one, name) != getattr(other, name)
            if differ and getattr(other, name) and accepts(subject.declared, other):
                return one, other
    return None


def _sent(subject: Subject, person: NewCustomer) -> str:
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        outcome_of(lambda: bank.customers.create(person))
    return body_of(recorder.requests[0]) if recorder.requests else ""


@check(CREATE)
def what_is_accepted_is_taken(subject: Subject) -> None:
    """A customer whom the declaration accepts is created."""
    with subject.bank(subject.recorder()) as bank:
        for person in subject.people:
            made = outcome_of(lambda: bank.customers.create(person))  # noqa: B023  # called at once
            fields = ", ".join(getattr(made, "field_errors", ()))
            require(
                isinstance(made, Customer),
                f"It failed with {type(made).__name__} ({fields}): declare what the "
                "vendor refuses, or write the field as the vendor takes it.",
            )


@check(CREATE)
def each_field_is_sent(subject: Subject) -> None:
    """Each accepted field changes the request."""
    for name, one, other in variants(subject):
        require(
            _sent(subject, one) != _sent(subject, other),
            f"customers.create accepts {name}, but its request does not carry it: "
            "write it, or declare it refused.",
        )


@check(CREATE)
def the_client_reference_is_sent(subject: Subject) -> None:
    """A create that is declared client_reference carries the reference."""
    repeats = subject.declared.feature(CREATE).idempotency
    if repeats.kind != "client_reference":
        raise NotApplicable("customers.create is not declared client_reference")
    name = repeats.reference or "external_id"
    given: dict[str, Any] = {name: "anybank-reference-1"}
    person = attrs.evolve(subject.person, **given)
    require(
        "anybank-reference-1" in _sent(subject, person),
        f"customers.create is declared client_reference, but its request does not "
        f"carry {name}: write it, or declare `none`.",
    )


@check(CREATE)
def what_is_refused_is_not_sent(subject: Subject) -> None:
    """A customer who lacks what is required is refused without a request."""
    fields = attrs.fields_dict(NewCustomer)
    for name, rule in subject.declared.rules(NewCustomer).items():
        if name not in fields:
            continue
        empty = attrs.evolve(subject.person, **{name: _nothing(subject, name)})
        if rule.create != "required" or accepts(subject.declared, empty):
            continue
        recorder = subject.recorder()
        with subject.bank(recorder) as bank:
            made = outcome_of(lambda: bank.customers.create(empty))  # noqa: B023  # called at once
        require(
            isinstance(made, InvalidInput) and not recorder.requests,
            f"{name} is declared required, but a customer without it is sent.",
        )


def _nothing(subject: Subject, name: str) -> Any:
    return () if isinstance(getattr(subject.person, name), tuple) else None


@check(CREATE, GET)
def what_is_sent_is_read_back(subject: Subject) -> None:
    """Each field is told again as its rule says."""
    with subject.bank(subject.recorder()) as bank:
        for person in subject.people:
            made = bank.customers.create(person)
            found = bank.customers.get(made.id)
            settled = settle(subject.declared, person)
            for place in differences(subject.declared, settled, found):
                require(
                    False,  # it was found to differ
                    f"{place} is not read back as its rule says: read it, or declare "
                    "`read` (never, masked), `values` or `changed`.",
                )


def differences(declared: Any, given: Any, found: Any, path: str = "") -> list[str]:
    """Return the fields that are told otherwise than their rules say."""
    places: list[str] = []
    for name, rule in declared.rules(type(given)).items():
        one, other = getattr(given, name, None), getattr(found, name, None)
        if rule.create == "refused" or one is None:
            continue
        if isinstance(one, tuple) and rule.read == "returned":
            for item, told in zip_longest(one, tuple(other or ())):
                places += _item(declared, item, told, f"{path}{name}")
        elif not _as_told(declared, type(given), name, one, other):
            places.append(path + name)
    return places


def _item(declared: Any, item: Any, told: Any, path: str) -> list[str]:
    if item is None or told is None or isinstance(item, str):
        return [] if item == told else [path]
    return differences(declared, item, told, f"{path}.")


def _as_told(declared: Any, kind: type, name: str, one: Any, other: Any) -> bool:
    rule = declared.rule(kind, name)
    if rule.read == "never":
        return not other
    if rule.changed:
        return True
    if rule.read == "masked":
        return other is None or (other.is_masked and other.agrees_with(one))
    if isinstance(one, (AddressKind, PhoneKind)):
        return other is rule.member(rule.word(one) or "")
    return bool(one == other)


@check(CREATE, GET, UPDATE)
def changes_arrive(subject: Subject) -> None:
    """Each changeable field is changed, and no other with it."""
    rules = subject.declared.rules(NewCustomer)
    for name, one, other in variants(subject):
        if rules[name].update == "never":
            continue
        with subject.bank(subject.recorder()) as bank:
            made = bank.customers.create(one)
            changes = CustomerChanges(**{name: getattr(other, name)})
            outcome_of(lambda: bank.customers.update(made.id, changes))  # noqa: B023  # called at once
            found = bank.customers.get(made.id)
        wrong = differences(subject.declared, settle(subject.declared, other), found)
        require(
            not wrong,
            f"after changing {name}, {', '.join(wrong)} is not as it should be: write "
            "the change, or declare update='never'.",
        )


@check(CREATE, UPDATE)
def what_may_not_change_is_not_sent(subject: Subject) -> None:
    """A change of a field declared update='never' is refused without a request."""
    rules = subject.declared.rules(NewCustomer)
    for name, _one, other in variants(subject):
        if rules[name].update != "never":
            continue
        recorder = subject.recorder()
        changes = CustomerChanges(**{name: getattr(other, name)})
        with subject.bank(recorder) as bank:
            said = outcome_of(lambda: bank.customers.update("c-1", changes))  # noqa: B023  # called at once
        require(
            isinstance(said, FieldNotUpdatable) and not recorder.requests,
            f"{name} is declared update='never' and a change of it was sent.",
        )


@check(CREATE, "customers.delete", GET)
def what_is_deleted_is_gone(subject: Subject) -> None:
    """A deleted customer is not found any more."""
    with subject.bank(subject.recorder()) as bank:
        made = bank.customers.create(subject.person)
        bank.customers.delete(made.id)
        said = outcome_of(lambda: bank.customers.get(made.id))
    gone = isinstance(said, NotFound)
    require(gone, "customers.delete must reach the vendor, and get then say NotFound.")


@check(CREATE, GET, UPDATE)
def a_mask_is_never_sent(subject: Subject) -> None:
    """What the vendor masked is never sent back as the number."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        made = bank.customers.create(subject.person)
        for name, _one, other in variants(subject):
            changes = CustomerChanges(**{name: getattr(other, name)})
            outcome_of(lambda: bank.customers.update(made.id, changes))  # noqa: B023  # called at once
    shown = {str(made.ssn), _masked_text(made)} - {"", "None"}
    require(
        not any(mask in body_of(each) for mask in shown for each in recorder.writes),
        "An update sent the mask of the SSN: send only what changed.",
    )


def _masked_text(made: Customer) -> str:
    last = made.ssn.last_four if isinstance(made.ssn, Ssn) else None
    texts = [each for each in made.raw.values() if isinstance(each, str)]
    return next((each for each in texts if last and each.endswith(f"-{last}")), "")
