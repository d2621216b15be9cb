"""Checks of vendors that verify a customer when the customer is created."""

from __future__ import annotations

from ...declaration.vocabulary import Support
from ...errors import AnybankError
from ...model.features import Feature
from ...model.kyc import KycCheck
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
