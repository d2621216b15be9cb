"""The remedy of each issue: what a person can do so that the customer can be sent."""

from __future__ import annotations

from ...declaration.consent import without_indexes
from ...declaration.diff import EXTRA
from ...declaration.field_checks import FULL_NUMBER
from ...errors import Effect, Issue
from .supplement import COLUMNS

_COLUMNS_OF = {
    "addresses": "addresses.line1, addresses.city",
    "government_ids": "government_ids.kind, government_ids.number",
    "kyc_evidence": "kyc_evidence.verifier, kyc_evidence.reference",
}
"""The first columns of the lists that a supplement spells part by part."""


def remedy(issue: Issue) -> str:
    """Return what to do so that the record can be sent, and the vendor's own advice."""
    advice = "" if issue.rule == FULL_NUMBER else issue.remedy.text
    return "; ".join(filter(None, (_step(issue), advice)))


def _step(issue: Issue) -> str:
    name = without_indexes(issue.field)
    if issue.rule == FULL_NUMBER:
        return f"add the full number to the supplement as {name}"
    if issue.effect is Effect.DROPPED:
        return f"pass --accept-loss {name} to create the customer without it"
    return _correction(issue, name)


def _correction(issue: Issue, name: str) -> str:
    if name.startswith(EXTRA):
        return f"correct {name} in the supplement"
    if issue.rule == "confirmed_by":
        return f"supply that extra in a column {EXTRA}NAME, or correct {name}"
    if name in _COLUMNS_OF and issue.effect is Effect.BLOCKED:
        return f"add {_COLUMNS_OF[name]} and so on to the supplement"
    if name in COLUMNS and issue.rule == "create=required":
        return f"add {name} to the supplement"
    if name in COLUMNS:
        return f"add {name} to the supplement, or correct it at the source"
    return f"correct {name} at the source, then plan again"
