"""Checks of verifications: their decisions, and those that a create starts."""

from __future__ import annotations

from typing import Any

from ...declaration.support import Support
from ...errors import AnybankError
from ...model.customers import Customer, CustomerStatus
from ...model.features import Feature
from ...model.kyc import KycCheck, KycStatus
from .expected_values import read_values
from .recorder import NotApplicable, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject


@check("customers.create", "kyc.get")
def creates_that_verify_emulate_the_start(subject: Subject) -> None:
    """Where a create verifies, kyc.start only reads and kyc.get needs no program."""
    if not subject.declared.create_verifies:
        raise NotApplicable("create_verifies is not declared")
    support = subject.declared.feature(Feature.KYC_START).support
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


def _described(outcome: object) -> str:
    if isinstance(outcome, KycCheck):
        return outcome.status.name
    return type(outcome).__name__


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
    _require_opposites(checks)


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
