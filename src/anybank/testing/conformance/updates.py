"""Checks of what is changed: what may change does, what may not is not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ...declaration.preflight import settle
from ...errors import AnybankError, FieldNotUpdatable, NotFound
from ...model.customers import CustomerChanges, NewCustomer
from ...sensitive import Ssn
from .fields import variants
from .operations import declared
from .recorder import NotApplicable, body_of, outcome_of, require
from .registry import check
from .rules import differences
from .stages import Stage
from .subject import Subject

CREATE, GET, UPDATE = "customers.create", "customers.get", "customers.update"


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
            said = outcome_of(lambda: bank.customers.update(made.id, changes))  # noqa: B023  # called at once
            found = bank.customers.get(made.id)
        refused = f" ({type(said).__name__})" if isinstance(said, AnybankError) else ""
        wrong = differences(subject.declared, settle(subject.declared, other), found)
        require(
            not wrong,
            f"after changing {name}{refused}, {', '.join(wrong)} is not as it should "
            "be: write the change and it alone, or declare update='never'.",
        )


@check(CREATE, UPDATE)
def what_is_changed_is_returned(subject: Subject) -> None:
    """An update returns the customer as it is now."""
    for name, one, other in variants(subject):
        if subject.declared.rule(NewCustomer, name).update == "never":
            continue
        with subject.bank(subject.recorder()) as bank:
            made = bank.customers.create(one)
            changes = CustomerChanges(**{name: getattr(other, name)})
            said = outcome_of(lambda: bank.customers.update(made.id, changes))  # noqa: B023  # called at once
        settled = settle(subject.declared, other)
        wrong = differences(subject.declared, settled, said)
        require(
            getattr(said, "id", None) == made.id and not wrong,
            f"updating {name} returned another customer than there is now "
            f"({', '.join(wrong) or type(said).__name__}): return the vendor's answer, "
            "or read the customer back.",
        )


@check(CREATE, UPDATE)
def what_may_not_change_is_not_sent(subject: Subject) -> None:
    """A change that the declaration forbids is refused without a request."""
    for name, _one, other in variants(subject):
        rule = subject.declared.rule(NewCustomer, name)
        if rule.update == "always" or rule.when:
            continue
        recorder = subject.recorder()
        changes = CustomerChanges(**{name: getattr(other, name)})
        with subject.bank(recorder) as bank:
            said = outcome_of(
                lambda: bank.customers.update("c-1", changes, kyc_passed=True)  # noqa: B023  # called at once
            )
        require(
            isinstance(said, FieldNotUpdatable) and not recorder.requests,
            f"{name} is declared update={rule.update!r}, and a change of it by a customer "
            "who passed KYC was sent: leave the refusing to the library.",
        )


@check(CREATE, GET, UPDATE)
def what_is_clearable_is_cleared(subject: Subject) -> None:
    """A clearable field that is changed to None has no value any more."""
    examined = 0
    for name, rule in subject.declared.rules(NewCustomer).items():
        value = getattr(subject.person, name, None)
        if not rule.clearable or rule.update == "never" or not value:
            continue
        examined += 1
        with subject.bank(subject.recorder()) as bank:
            made = bank.customers.create(subject.person)
            nothing: Any = () if isinstance(value, tuple) else None
            changes = CustomerChanges(**{name: nothing})
            outcome_of(lambda: bank.customers.update(made.id, changes))  # noqa: B023  # called at once
            found = bank.customers.get(made.id)
        require(
            not getattr(found, name),
            f"{name} is declared clearable, and changing it to None left it: write "
            "None as the vendor has it (null, an empty text), or drop `clearable`.",
        )
    if not examined:
        raise NotApplicable("no field is declared clearable")


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


def _masked_text(made: Any) -> str:
    last = made.ssn.last_four if isinstance(made.ssn, Ssn) else None
    texts = [each for each in made.raw.values() if isinstance(each, str)]
    return next((each for each in texts if last and each.endswith(f"-{last}")), "")


_DELETES: Mapping[str, Callable[[Any, Stage], Any]] = {
    "customers.delete": lambda bank, on: bank.customers.get(on.id("customer")),
    "accounts.delete": lambda bank, on: bank.accounts.get(on.id("account")),
    "customer_addresses.delete": lambda bank, on: _listed(
        bank.customer_addresses.list(on.id("customer")), on.id("address")
    ),
    "webhook_subscriptions.delete": lambda bank, on: _listed(
        bank.webhook_subscriptions.list(), on.id("subscription")
    ),
}
"""How what was deleted is looked for."""


def _listed(items: Any, wanted: str) -> Any:
    """Return the item that has an id; raise NotFound where none has."""
    for item in items:
        if item.id == wanted:
            return item
    raise NotFound


@check()
def what_is_deleted_is_gone(subject: Subject) -> None:
    """What was deleted is not found any more."""
    for operation, stage in declared(subject, lambda each: each.verb == "delete"):
        operation.outcome(stage)
        look = _DELETES[operation.name]
        with subject.bank(stage.recorder) as bank:
            said = outcome_of(lambda: look(bank, stage))  # noqa: B023  # called at once
        require(
            isinstance(said, AnybankError),
            f"{operation.name} left it where it was: the delete must reach the vendor, "
            "and what reads it then say NotFound.",
        )


_CHANGES = {
    "credit_applications.update": ("credit_applications", "application"),
    "webhook_subscriptions.update": ("webhook_subscriptions", "subscription"),
}


@check()
def what_else_is_changed_is_returned(subject: Subject) -> None:
    """An update of an application or a subscription returns it as it is now."""
    wanted = [name for name in _CHANGES if subject.supports(name)]
    if not wanted:
        raise NotApplicable("nothing but customers is changed")
    for operation, stage in declared(subject, lambda each: each.name in wanted):
        changes = _changes(stage, operation.name)
        said = operation.outcome(stage)
        given = {k: v for k, v in attrs.asdict(changes, recurse=False).items() if v}
        wrong = [name for name, value in given.items() if _other(said, name, value)]
        require(
            not wrong,
            f"{operation.name} returned {', '.join(wrong)} as before: write the "
            "change, and return what is there now (read it back where the vendor "
            "answers with the old).",
        )


def _changes(stage: Stage, name: str) -> Any:
    credit = name.startswith("credit")
    return stage.application_changes if credit else stage.subscription_changes


def _other(said: Any, name: str, value: Any) -> bool:
    return bool(getattr(said, name, None) != value)
