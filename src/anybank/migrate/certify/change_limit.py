"""The limit on how many customers a command may change, unless it is lifted by name.

A command that would overwrite or delete a large share of all customers is usually a
mistake. octoDNS guards DNS zones in the same way
(https://github.com/octodns/octodns). Below ten customers a share means little, so there is
no limit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from attrs import frozen

from ...declaration.consent import ALL
from ...errors import ConfigurationError
from ..journal.journal import Journal
from ..journal.states import State
from ..journal.tables import FINDINGS, REASONS, RECORDS
from .cohorts import Share, limit_of

MOST_CHANGED = "30%"
"""The default limit of overwrite and rollback."""
FEWEST = 10
"""With fewer customers than this, the limit does not apply."""
_REFUSED = "refused"


@frozen
class ChangeLimit:
    """The share of customers that a command may change."""

    change: str
    """The kind of change, by the name that `allow` accepts."""
    share: float | None
    is_allowed: bool

    @classmethod
    def of(
        cls, change: str, max_change: Share | None, allow: Collection[str] | str
    ) -> ChangeLimit:
        """Return the limit; raises ConfigurationError if `allow` names another change."""
        names = {allow} if isinstance(allow, str) else set(allow)
        if unknown := sorted(map(str, names - {change})):
            raise ConfigurationError(
                f"allow: {unknown[0]!r} is not a change that this command makes. The only "
                f"name is {change!r}"
            )
        return cls(change, limit_of(max_change), change in names)

    def refusal(self, count: int, total: int, effect: str, fix: str) -> str | None:
        """Return why *count* of *total* is over the limit, or None if it is not."""
        if self.is_allowed or self.share is None or total < FEWEST:
            return None
        if count <= self.share * total:
            return None
        return (
            f"{count} of {total} customers ({100 * count / total:.0f}%) {effect}. This is "
            f"more than --max-change {100 * self.share:g}%, so nothing is written at the "
            f"target. {fix}, or allow it with --allow {self.change} "
            f"(allow={self.change!r})"
        )

    def require(self, count: int, total: int, effect: str, fix: str) -> None:
        """Raise ConfigurationError if *count* of *total* is over the limit."""
        if refusal := self.refusal(count, total, effect, fix):
            raise ConfigurationError(refusal)


def record_refusal(
    journal: Journal, guard: ChangeLimit, accept_loss: Collection[str]
) -> None:
    """Record that `apply` must refuse a plan which drops unnamed fields of too many."""
    count, total = _dropping(journal, accept_loss), journal.counts()[State.READY]
    refusal = guard.refusal(
        count,
        total,
        "would lose fields that only --accept-loss all allows",
        "Name the fields that may be lost with --accept-loss, raise --max-change",
    )
    # Recorded and not raised: the plan itself is useful to see which fields are lost.
    journal.set_metadata(**{_REFUSED: refusal or ""})


def refusal_of(metadata: Mapping[str, str]) -> str | None:
    """Return why the last plan is refused, or None if it is not."""
    return metadata.get(_REFUSED) or None


def require_no_refusal(journal: Journal, metadata: Mapping[str, str]) -> None:
    """Raise ConfigurationError if the last plan was refused."""
    if refusal := refusal_of(metadata):
        raise ConfigurationError(f"the plan in {journal.path} is refused: {refusal}")


def _dropping(journal: Journal, accept_loss: Collection[str]) -> int:
    """Count the records that would lose a field which accept_loss does not name."""
    named = sorted(set(accept_loss) - {ALL})
    joined = sa.join(FINDINGS, REASONS, FINDINGS.c.reason == REASONS.c.id).join(
        RECORDS, RECORDS.c.number == FINDINGS.c.number
    )
    count = sa.func.count(sa.distinct(FINDINGS.c.number))
    query = sa.select(count).select_from(joined)
    lost = (REASONS.c.effect == "dropped") & REASONS.c.field.not_in(named)
    ready = RECORDS.c.state == State.READY
    return int(journal.query(query.where(lost, ready))[0][0])
