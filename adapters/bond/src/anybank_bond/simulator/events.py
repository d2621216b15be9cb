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


def expand(patterns: Iterable[str]) -> list[str]:
    """Replace wildcards, `card*` or `card.*`, by the names they stand for (row 46)."""
    return list(
        dict.fromkeys(name for pattern in patterns for name in _matching(pattern))
    )


def unknown(patterns: Iterable[str]) -> list[str]:
    """Return the names and wildcards that match no event."""
    return [pattern for pattern in patterns if not _matching(pattern)]


def _matching(pattern: str) -> list[str]:
    if not pattern.endswith("*"):
        return [name for name in NAMES if name == pattern]
    # `card*` and `card.*` match whole parts of a name: `card`, `card.created`, and not
    # `cardholder.updated`.
    prefix = pattern[:-1].removesuffix(".")
    return [
        name for name in NAMES if not prefix or (name + ".").startswith(prefix + ".")
    ]
