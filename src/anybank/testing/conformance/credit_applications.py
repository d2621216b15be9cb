"""Checks of the fields that a credit application needs before it can be submitted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ...errors import AnybankError
from ...model.credit import NewCreditApplication
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

CREATE, SUBMIT = "credit_applications.create", "credit_applications.submit"


@check(CREATE, SUBMIT)
def submit_requires_the_declared_fields(subject: Subject) -> None:
    """The vendor rejects a submission that lacks a field declared submit='required'."""
    names = _required_to_submit(subject)
    if not names:
        raise NotApplicable("no field is declared submit='required'")
    for name in names:
        require(
            not _is_submitted(subject, without=[name]),
            f"NewCreditApplication.{name} is declared submit='required', but an "
            "application without it was submitted. Remove `submit` from the rule, or "
            "let the simulator reject the submission as the vendor does.",
        )


@check(CREATE, SUBMIT)
def submit_requires_no_other_fields(subject: Subject) -> None:
    """An application with only the required fields can be created and submitted."""
    required = _required_to_submit(subject)
    rules = subject.declared.rules(NewCreditApplication).items()
    optional = [
        name
        for name, rule in rules
        if rule.create == "optional" and name not in required
    ]
    require(
        _is_submitted(subject, without=optional),
        f"An application without {', '.join(optional) or 'optional fields'} could not be "
        "submitted. Declare submit='required' for the fields that the vendor requires.",
    )


def _required_to_submit(subject: Subject) -> list[str]:
    rules = subject.declared.rules(NewCreditApplication).items()
    return [name for name, rule in rules if rule.submit == "required"]


def _is_submitted(subject: Subject, *, without: Iterable[str]) -> bool:
    """Create an application without some fields; return True if it can be submitted."""
    scenario = Scenario.of(subject)
    fields = attrs.fields_dict(NewCreditApplication)
    absent: dict[str, Any] = {
        name: fields[name].default for name in without if name in fields
    }
    application = attrs.evolve(scenario.application(), **absent)
    created = scenario.bank.credit_applications.create(application)
    submit = scenario.bank.credit_applications.submit
    return not isinstance(outcome_of(lambda: submit(created.id)), AnybankError)
