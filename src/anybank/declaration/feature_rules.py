"""Declare the features of a vendor as a table, one line per operation.

FEATURES = feature_rules(
    {
        "customers.create": full(PAGE, idempotency=KEYS),
        "customers.get": full(PAGE),
        "credit_applications.*": unsupported(PAGE, "the API has none"),
    }
)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from ..model.features import Feature
from .idempotency import NO_IDEMPOTENCY, SAFE, Idempotency
from .support import Support
from .vocabulary import FeatureRule


def feature_rules(table: Mapping[str, FeatureRule]) -> dict[Feature, FeatureRule]:
    """Return the rule of each feature, from a table by the names of features.

    `"accounts.*"` stands for all features of the resource that the table does not name.
    An operation that only reads is SAFE to repeat; of any other one the rule says what a
    repetition does. Raises ValueError for a name that is no feature.
    """
    rules: dict[Feature, FeatureRule] = {}
    for name, rule in table.items():
        for feature in Feature.group(name):
            is_named = name == feature
            if is_named or feature not in table:
                rules[feature] = _with_reads_safe(feature, rule)
    return rules


def _with_reads_safe(feature: Feature, rule: FeatureRule) -> FeatureRule:
    return evolve(rule, idempotency=SAFE) if feature.reads and rule.works else rule


def full(
    source: str, note: str = "", idempotency: Idempotency = NO_IDEMPOTENCY, **more: Any
) -> FeatureRule:
    """Declare a feature that works as the vendor's page describes it."""
    return FeatureRule(
        support=Support.FULL, source=source, note=note, idempotency=idempotency, **more
    )


def partial(
    source: str, note: str = "", idempotency: Idempotency = NO_IDEMPOTENCY, **more: Any
) -> FeatureRule:
    """Declare a feature of which a part works: the note says which, or an argument.

    `requires={"account_id": "it is in the path"}` and `refuses=` name arguments of the call
    with the reason, `only={"status": (TransactionStatus.POSTED,)}` the accepted members.
    """
    return FeatureRule(
        support=Support.PARTIAL,
        source=source,
        note=note,
        idempotency=idempotency,
        **more,
    )


def emulated(
    source: str, note: str, idempotency: Idempotency = NO_IDEMPOTENCY, **more: Any
) -> FeatureRule:
    """Declare a feature that the vendor lacks and the adapter does by other means."""
    return FeatureRule(
        support=Support.EMULATED,
        source=source,
        note=note,
        idempotency=idempotency,
        **more,
    )


def unsupported(source: str, note: str) -> FeatureRule:
    """Declare a feature that the vendor does not have; the note names the alternative."""
    return FeatureRule(support=Support.UNSUPPORTED, source=source, note=note)


def not_implemented(source: str, note: str) -> FeatureRule:
    """Declare a feature that the vendor has and this adapter does not have yet."""
    return FeatureRule(support=Support.NOT_IMPLEMENTED, source=source, note=note)


def undescribed(note: str) -> FeatureRule:
    """Declare a feature of which no page of the vendor says whether it exists."""
    return FeatureRule(support=Support.UNKNOWN, note=note)
