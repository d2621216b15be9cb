"""Refusing a change to more customers than expected, until it is allowed by name.

As octoDNS does: a command that would overwrite or delete more than a share of all is more
often a mistake than a wish. Below ten customers a share says nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from attrs import frozen

from ...declaration.consent import ALL
from ...errors import ConfigurationError
from ..journal.journal import Journal
from ..journal.states import State
from ..journal.tables import FINDINGS, REASONS, RECORDS
from .cohorts import Share, limit_of

MOST_CHANGED = "30%"
"""The share that overwrite and rollback may change where nothing else is said."""
FEWEST = 10
"""With fewer customers than these, any share may change."""
_REFUSED = "refused"


@frozen
class ChangeLimit:
    """How many customers a command may change, and what is allowed beyond."""

    change: str
    """What the command does to them, as `allow` names it."""
    share: float | None
    is_allowed: bool

    @classmethod
    def of(
        cls, change: str, max_change: Share | None, allow: Collection[str] | str
    ) -> ChangeLimit:
        """Return a guard; raises ConfigurationError for what `allow` cannot name here."""
        names = {allow} if isinstance(allow, str) else set(allow)
        if unknown := sorted(map(str, names - {change})):
            raise ConfigurationError(
                f"allow: {unknown[0]!r} is nothing that can be allowed here; the only "
                f"name is {change!r}"
            )
        return cls(change, limit_of(max_change), change in names)

    def refusal(self, count: int, total: int, what: str, fix: str) -> str | None:
        """Return why so many of all are too many, None where they are not."""
        if self.is_allowed or self.share is None or total < FEWEST:
            return None
        if count <= self.share * total:
            return None
        return (
            f"{count} of {total} customers ({100 * count / total:.0f}%) {what}: more than "
            f"--max-change {100 * self.share:g}%, so nothing is written at the target. "
            f"{fix}, or allow it with --allow {self.change} (allow={self.change!r})"
        )

    def require(self, count: int, total: int, what: str, fix: str) -> None:
        """Raise ConfigurationError where so many of all are too many."""
        if refusal := self.refusal(count, total, what, fix):
            raise ConfigurationError(refusal)


def record_refusal(
    journal: Journal, guard: ChangeLimit, accept_loss: Collection[str]
) -> None:
    """Refuse a plan that drops fields nobody named of too many: no `apply` sends it."""
    count, total = _dropping(journal, accept_loss), journal.counts()[State.READY]
    refusal = guard.refusal(
        count,
        total,
        "would lose fields that only --accept-loss all allows",
        "Name the fields that may be lost with --accept-loss, raise --max-change",
    )
    journal.set_metadata(**{_REFUSED: refusal or ""})


def refusal_of(journal: Journal) -> str | None:
    """Return why the last plan is refused, None where it is not."""
    return journal.meta(_REFUSED) or None


def require_no_refusal(journal: Journal) -> None:
    """Raise ConfigurationError where the last plan was refused."""
    if refusal := refusal_of(journal):
        raise ConfigurationError(f"the plan in {journal.path} is refused: {refusal}")


def _dropping(journal: Journal, accept_loss: Collection[str]) -> int:
    """Count the records that would lose a field which no consent names."""
    named = sorted(set(accept_loss) - {ALL})
    joined = sa.join(FINDINGS, REASONS, FINDINGS.c.reason == REASONS.c.id).join(
        RECORDS, RECORDS.c.number == FINDINGS.c.number
    )
    count = sa.func.count(sa.distinct(FINDINGS.c.number))
    query = sa.select(count).select_from(joined)
    lost = (REASONS.c.effect == "dropped") & REASONS.c.field.not_in(named)
    ready = RECORDS.c.state == State.READY
    return int(journal.query(query.where(lost, ready))[0][0])
