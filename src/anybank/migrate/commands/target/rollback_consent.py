"""What a rollback needs before it deletes anything: the operation, and a consent."""

from __future__ import annotations

from ....declaration.vocabulary import Capabilities
from ....errors import unsupported_by
from ....model.customers import NewCustomer
from ....model.features import Feature
from ...certify.change_limit import ChangeLimit
from ...certify.consent import Consent, require_consent
from ...journal.journal import Journal
from ...journal.states import WITH_TARGET_ID, State
from ...side import Side
from .origins import count_matched

MAYBE_CREATED = WITH_TARGET_ID | {State.DELETING}
"""The states in which a customer of this migration may be at the target."""
IN_DOUBT = (State.UNKNOWN, State.QUARANTINED)
_WHAT = "would be deleted at the target"
_FIX = "See who that is with `anybank migrate report`, raise --max-change"


def require_deletes(side: Side) -> None:
    """Raise Unsupported where a target cannot delete customers."""
    declared = side.adapter.capabilities
    for feature in (Feature.CUSTOMERS_GET, Feature.CUSTOMERS_DELETE):
        if not declared.supports(feature):
            reason = declared.feature(feature).reason
            raise unsupported_by(declared.provider, feature, reason)


def require_rollback(
    journal: Journal, side: Side, yes: Consent, guard: ChangeLimit
) -> None:
    """Raise unless the caller consents to delete the customers that were created."""
    if count := count_created(journal):
        guard.require(count, _total(journal), _WHAT, _FIX)
        lines = _warnings(journal, side.adapter.capabilities)
        require_consent(yes, lines, "deleted")


def count_created(journal: Journal) -> int:
    """Return how many customers this migration created, as far as is certain."""
    return _total(journal) - count_matched(journal)


def _total(journal: Journal) -> int:
    counts = journal.counts()
    return sum(counts[state] for state in MAYBE_CREATED)


def _warnings(journal: Journal, declared: Capabilities) -> list[str]:
    """Return what will happen, and which of it cannot be undone."""
    counts, title = journal.counts(), declared.title
    lines = [
        f"{count_created(journal)} customers will be deleted at {title}: this cannot be undone.",
        f"The verifications (KYC) that they passed at {title} are lost with them.",
        _about_accounts(declared),
    ]
    special = {
        "were not created by this migration for certain, and stay.": count_matched(
            journal
        ),
        "differ from what was sent: later changes at the target are lost.": counts[
            State.MISMATCHED
        ],
        "may have been created, and stay: look for them at the target, run `resolve`, "
        "then roll back again.": sum(counts[state] for state in IN_DOUBT),
    }
    return lines + [f"{count} {text}" for text, count in special.items() if count]


def _about_accounts(declared: Capabilities) -> str:
    """Return what happens to accounts, as far as the target shows them."""
    if not (returns_accounts(declared) or lists_accounts(declared)):
        return (
            f"{declared.title} does not show who has accounts: only {declared.title} can "
            "refuse to delete these customers."
        )
    return "Customers with accounts are not deleted; accounts, cards and transactions stay."


def returns_accounts(declared: Capabilities) -> bool:
    """Tell whether a target returns the accounts with a customer."""
    return declared.rule(NewCustomer, "account_ids").read != "never"


def lists_accounts(declared: Capabilities) -> bool:
    """Tell whether a target lists accounts."""
    return declared.supports(Feature.ACCOUNTS_LIST)
