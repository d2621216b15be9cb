"""Compare a value with a vendor's declaration before anything is sent.

`prepare` walks a value once. It returns the value as it will be written (with defaults, the
primary address first, and without the fields that the vendor cannot store) and an Issue for
each field that will not arrive unchanged. Calls, `check`, the certificates of a migration
and the conformance kit all use this one walk, so that they cannot disagree. Adapters
receive prepared values only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Generic, TypeVar

import attrs

from ..errors import Effect, FieldNotUpdatable, InvalidInput, Issue, Remedy
from ..model.addresses import Address
from ..model.customers import CustomerChanges, NewCustomer
from .consent import accepted_names, is_loss_accepted
from .extras_checks import extras_issues
from .field_checks import SUBMIT, Walk
from .ssn_among_ids import move_ssn
from .vocabulary import UPDATES, Capabilities

T = TypeVar("T")


def rules_of(value: object) -> type:
    """Return the type whose rules apply to a value."""
    return UPDATES.get(type(value), type(value))


@attrs.frozen
class Prepared(Generic[T]):
    """A value as it will be written, and the issues that the original has."""

    value: T
    issues: Sequence[Issue] = ()


def prepare(
    capabilities: Capabilities,
    value: T,
    *,
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> Prepared[T]:
    """Return a value as it will be written if every loss is accepted, and its issues.

    `kyc_passed=True` applies the rules for a customer who has passed KYC. With `today`,
    dates of birth after it or before 1900 are issues, and so are documents that have
    expired; without it, as for a customer who was read from another vendor, none is.
    """
    issues = [*extras_issues(capabilities, value)]
    if type(value) not in capabilities.steps:
        return Prepared(value, tuple(issues))
    walk = Walk(
        capabilities=capabilities,
        changing=type(value) in UPDATES,
        kyc_passed=bool(kyc_passed),
        today=today,
        extras=getattr(value, "extras", None),
        issues=issues,
    )
    prepared = walk.value(move_ssn(value, issues))
    if not isinstance(value, _CONSENTING):
        issues = [_without_consent(issue) for issue in issues]
    return Prepared(prepared, tuple(issues))


_CONSENTING = (NewCustomer, CustomerChanges, Address)
"""The values whose calls have the argument `accept_loss`."""


def _without_consent(issue: Issue) -> Issue:
    """Return an issue that does not advise an argument that the call does not have."""
    if not issue.remedy.accept_loss:
        return issue
    text = issue.remedy.text or f"leave {issue.remedy.accept_loss} out"
    return attrs.evolve(issue, remedy=Remedy(text))


def prepare_or_raise(
    capabilities: Capabilities,
    value: T,
    *,
    accept_loss: Collection[str] | str = (),
    kyc_passed: bool | None = None,
    today: date | None = None,
) -> Prepared[T]:
    """Return a prepared value; raise InvalidInput where an issue stops it.

    Raises FieldNotUpdatable where a change touches a field that may not change.
    """
    names = accepted_names(rules_of(value), accept_loss)
    prepared = prepare(capabilities, value, kyc_passed=kyc_passed, today=today)
    stopping = [issue for issue in prepared.issues if stops(issue, names)]
    # The more specific error comes first: a caller who catches it knows that no other
    # value of the field would help.
    if fixed := [issue for issue in stopping if issue.rule.startswith("update=")]:
        raise FieldNotUpdatable(fixed)
    if stopping:
        raise InvalidInput(stopping)
    return prepared


def stops(issue: Issue, accept_loss: Collection[str] | str = ()) -> bool:
    """Return whether an issue stops a write: a block, or a loss that is not accepted."""
    if issue.effect is Effect.DROPPED:
        return not is_loss_accepted(issue, accept_loss)
    return blocks(issue)


def blocks(issue: Issue) -> bool:
    """Return whether an issue blocks the write itself, and not only a later submission."""
    return issue.effect is Effect.BLOCKED and issue.rule != SUBMIT
