"""What of a migration cannot be taken back, read from the target's declaration."""

from __future__ import annotations

from ...declaration.vocabulary import Capabilities, Feature


def irreversible_effects(target: Capabilities) -> tuple[str, ...]:
    """Return in words what cannot be undone once customers are made at a target."""
    return (_of_deleting(target), _of_a_lost_answer(target), _KYC)


_KYC = "Verification (KYC) that a customer passes at the target is lost by a rollback."


def _of_deleting(target: Capabilities) -> str:
    rule, title = target.feature(Feature.CUSTOMERS_DELETE), target.title
    if not rule.support.works:
        return f"What is made at {title} stays there, rollback cannot delete it: {rule.reason}."
    note = f" ({rule.note})" if rule.note else ""
    return f"Rollback deletes at {title} what was made there{note}; a delete is final."


def _of_a_lost_answer(target: Capabilities) -> str:
    kind = target.feature(Feature.CUSTOMERS_CREATE).idempotency.kind
    return _LOST[kind].format(title=target.title)


_LOOKED_FOR = "A create whose answer is lost is looked for at {title} by our reference."
_REPEATED = "A create whose answer is lost is sent to {title} again with the same key."
_WAITS = (
    "A create whose answer is lost cannot be looked up at {title}: it is never sent "
    "again, and waits for a person."
)
_LOST = {
    "client_reference": _LOOKED_FOR,
    "replays": _REPEATED,
    "natural": _WAITS,
    "safe": _WAITS,
    "rejects_duplicate": _WAITS,
    "none": _WAITS,
}
