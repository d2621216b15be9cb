"""Customers who are new or have changed at the source since the last plan or the move.

A change after the move is only reported. The target may have newer data than the source,
so a person decides whether `overwrite` sends it.
"""

from __future__ import annotations

from attrs import define, evolve, field

from ....errors import IssueCount
from ....model.customers import Customer
from ...certify.certificate import Certifier
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import MOVED, UNSENT, State
from ...journal.transitions import Transition
from ..summaries.reasons import CHANGED_AFTER_MOVE, OVERWRITE, SOURCE
from ..summaries.summary import Summary


@define
class SourceChanges:
    """Counts changed customers, by the fingerprint of the source's fields."""

    journal: Journal
    certifier: Certifier
    changed: int = field(init=False, default=0)
    """How many customers changed before they were sent."""
    moved: list[str] = field(init=False, factory=list)
    """The source ids of customers who changed after the move."""
    _before: int = field(init=False)

    @_before.default
    def _records_before(self) -> int:
        return sum(self.journal.counts().values())

    def note(self, record: Record, customer: Customer) -> Transition | None:
        """Count a customer that has changed; return the transition of a moved record."""
        now = self.certifier.source_print(customer)
        if record.source_print in (None, now):
            return None
        if record.state in UNSENT:
            self.changed += 1
        elif record.state not in (State.ROLLED_BACK, State.DENIED):
            self.moved.append(record.source_id)
        if record.state not in MOVED:
            return None
        return Transition(record.number, State.MISMATCHED, {"mismatches": SOURCE})

    def add_to(self, summary: Summary) -> Summary:
        """Return a summary with the counts of the changes."""
        new = summary.totals["records"] - self._before
        totals = {
            **summary.totals,
            "new": new,
            "changed_since_plan": self.changed,
            "changed_after_move": len(self.moved),
        }
        if not self.moved:
            return evolve(summary, totals=totals)
        others = (
            reason for reason in summary.reasons if reason.rule != CHANGED_AFTER_MOVE
        )
        return evolve(summary, totals=totals, reasons=(self._reason(), *others))

    def _reason(self) -> IssueCount:
        return IssueCount(
            effect="changed",
            field="",
            rule=CHANGED_AFTER_MOVE,
            message="the source has changed since they were sent; nothing is overwritten",
            count=len(self.moved),
            examples=tuple(self.moved),
            remedy=OVERWRITE,
        )
