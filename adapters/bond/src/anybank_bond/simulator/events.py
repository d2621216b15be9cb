"""The events that Bond knows, and the wildcards for them (bond.md §7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "kyc.verification": (
        "document_required",
        "error",
        "failure",
        "reenter_information",
        "success",
        "timeout",
        "under_review",
    ),
    "kyb.verification": (
        "approved",
        "error",
        "initiated",
        "rejected",
        "under_review",
        "warning",
    ),
    "credit.application": (
        "adverse_action",
        "approved",
        "created",
        "resubmit_required",
        "submitted",
    ),
    "commercial.credit_application": (
        "approved",
        "created",
        "denied",
        "pending",
        "resubmit_required",
        "submitted",
        "under_review",
    ),
    "customer": ("updated",),
    "card": ("created",),
    "card.status": (
        "active",
        "closed",
        "fraud",
        "inactive",
        "lost",
        "no_withdrawals",
        "reissue",
        "stolen",
    ),
    "card.wallet": ("add", "add_failure"),
    "account.autopay": ("changed", "failed", "processed", "scheduled"),
    "account.history": ("ready",),
    "account.statements": ("generated", "late_payment", "ready"),
    "develop.api_key": ("created",),
    "portal": ("data_export",),
    "fraud_operations.freeze": ("failed", "initiated", "success"),
    "fraud_operations.unfreeze": ("failed", "initiated", "success"),
    "fraud_operations.close": ("failed", "initiated", "success"),
}

NAMES = (
    *(f"{family}.{name}" for family, names in _FAMILIES.items() for name in names),
    "transactions",
)


def expand(wanted: Iterable[str]) -> list[str]:
    """Replace wildcards, `card*` or `card.*`, by the names they stand for (row 46)."""
    return list(dict.fromkeys(name for one in wanted for name in _matching(one)))


def unknown(wanted: Iterable[str]) -> list[str]:
    """Return what stands for no event at all."""
    return [one for one in wanted if not _matching(one)]


def _matching(wanted: str) -> list[str]:
    if not wanted.endswith("*"):
        return [name for name in NAMES if name == wanted]
    prefix = wanted[:-1].removesuffix(".")
    return [
        name for name in NAMES if not prefix or (name + ".").startswith(prefix + ".")
    ]
