"""The state machine of KYC checks, driven by the clock (bond.md §4.3, §4.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from typing import Any, TypeAlias

from attrs import field, frozen

from anybank.sensitive import Ssn

from .errors import conflict, refused
from .records import Check, Customer
from .stamps import dashed, offset
from .triggers import EXPIRED, PASSED, UNDER_REVIEW, Outcome, outcome_for
from .world import World

Emit: TypeAlias = Callable[[str, dict[str, Any], datetime], None]
"""Emits an event of a brand with its time."""

_EVENTS = {
    "passed": "success",
    "failed": "failure",
    "document_required": "document_required",
    "under_review": "under_review",
    "error": "error",
    "expired": "timeout",
}


@frozen(repr=False, eq=False)
class Checks:
    """The checks of every customer: start, decide, expire."""

    world: World
    emit: Emit
    listeners: list[Callable[[Check, datetime], None]] = field(factory=list)
    """Called after every change of a check's status."""
    _agenda: list[tuple[datetime, int, Check]] = field(factory=list)

    def start(self, customer: Customer, program_id: str, ssn: Ssn) -> Check:
        """Start a check, or refuse it (§4.4).

        The SSN replaces the customer's stored one, unless the customer has passed KYC.
        """
        self._refuse_repeat(customer.checks.get(program_id))
        self._refuse_second_program(customer)
        if not customer.kyc_attempts:
            raise refused(403, "kyc_retries", "No KYC attempts are left.")
        customer.kyc_attempts -= 1
        # "Performing KYC": the data of a customer are fixed after a pass.
        if not customer.passed:
            customer.ssn = ssn
        # A choice of the test wins over the trigger SSN.
        outcome = self.world.choices.kyc or outcome_for(ssn)
        check = self._new(customer, program_id, outcome)
        self._schedule(check, self.world.clock() + self.world.switches.decision_delay)
        return check

    def force(
        self,
        customer: Customer,
        program_id: str,
        outcome: Outcome,
        *,
        notify: bool = True,
    ) -> Check:
        """Decide a check directly, even one that was never started."""
        check = customer.checks.get(program_id) or self._new(
            customer, program_id, outcome
        )
        if check.status == "passed":
            raise _passed(check)
        decide = self._decide if notify else self._enter
        decide(check, outcome, self.world.clock())
        return check

    def documents_sent(self, check: Check) -> None:
        """Continue after the last document: to the review, or to a pass (§4.3)."""
        outcome = PASSED if self.world.switches.documents_pass else UNDER_REVIEW
        self._decide(check, outcome, self.world.clock())

    def catch_up(self) -> None:
        """Decide all checks that have fallen due, in order, each at its own time."""
        now = self.world.clock()
        while self._agenda and self._agenda[0][0] <= now:
            due, _, check = heappop(self._agenda)
            # An entry of the agenda is stale if its check was decided or replaced
            # since, or if the customer was deleted. Entries are left in the heap, since
            # a heap cannot remove one cheaply.
            if check.due == due and self.world.customers.get(check.customer.id):
                self._decide(check, check.next, due)

    def _new(self, customer: Customer, program_id: str, outcome: Outcome) -> Check:
        check = Check(
            id=self.world.uuid(),
            brand_id=customer.brand_id,
            created=self.world.clock(),
            customer=customer,
            program_id=program_id,
            next=outcome,
        )
        # A repeated start replaces the check of the program: its pending decision must
        # not be made any more.
        if replaced := customer.checks.get(program_id):
            replaced.due = None
        customer.checks[program_id] = check
        return check

    def _refuse_repeat(self, check: Check | None) -> None:
        """Refuse a start after a pass or during a check (row 42)."""
        if check and check.status == "passed":
            raise _passed(check)
        if check and check.under_way:
            raise refused(409, "resource_conflict", "KYC is already under way.")

    def _refuse_second_program(self, customer: Customer) -> None:
        """Refuse a start after a pass for another program, if the switch is set."""
        if self.world.switches.one_pass_for_all_programs:
            for check in customer.checks.values():
                self._refuse_repeat(check if check.status == "passed" else None)

    def _schedule(self, check: Check, due: datetime) -> None:
        check.due = due
        # The serial number breaks ties: checks have no order of their own.
        heappush(self._agenda, (due, self.world.serial(), check))

    def _enter(self, check: Check, outcome: Outcome, moment: datetime) -> None:
        check.status, check.outcome, check.due = outcome.status, outcome, None
        check.decided = moment
        if outcome.status == "document_required":
            check.inquiry_id = f"inq_{self.world.letters(24)}"
            check.missing = list(outcome.documents)
            check.next = EXPIRED
            self._schedule(check, moment + self.world.switches.document_window)

    def _decide(self, check: Check, outcome: Outcome, moment: datetime) -> None:
        self._enter(check, outcome, moment)
        # Event first, then the listeners: the events of a credit application follow the
        # KYC event that decided it.
        self.emit(check.brand_id, self._event(check, moment), moment)
        for listener in self.listeners:
            listener(check, moment)

    def _event(self, check: Check, moment: datetime) -> dict[str, Any]:
        """Return a KYC event with the members of its kind ("Webhook payloads")."""
        outcome = check.outcome
        if outcome.fields:  # the sample of this event has no time
            return {
                "event": "kyc.verification.reenter_information",
                "customer_id": check.customer.id,
                "description": "Some information could not be verified.",
                "fields": list(outcome.fields),
            }
        stamp = dashed if self.world.switches.dash_timestamps else offset  # row 2
        return {
            "event": f"kyc.verification.{_EVENTS[check.status]}",
            "customer_id": check.customer.id,
            "occurred_at": stamp(moment),
            **details(check),
            **({"inquiry_id": check.inquiry_id} if check.documents else {}),
        }


def details(check: Check) -> dict[str, Any]:
    """Return the reasons of a failure and the required documents, if any."""
    shown: dict[str, Any] = {}
    if check.outcome.reasons:
        shown["reasons"] = dict(check.outcome.reasons)
    if check.documents:
        shown["documents"] = check.documents
    return shown


def _passed(check: Check) -> Exception:
    """Return the refusal after a pass, with its time ("Performing KYC"; row 43)."""
    moment = offset(check.decided)
    return conflict("resource_conflict", f"KYC has already passed at {moment}.")
