"""The declaration of a vendor as data, and what follows from it without a request."""

from __future__ import annotations

from ..model.features import Feature
from .adapter_status import AdapterLevel, AdapterStatus
from .feature_rules import (
    emulated,
    feature_rules,
    full,
    not_implemented,
    partial,
    undescribed,
    unsupported,
)
from .limits import Limits
from .read_rules import ReadRule
from .sources import Source
from .support import Support
from .vocabulary import (
    NATURAL,
    NO_IDEMPOTENCY,
    NOT_DECLARED,
    NOT_RULED,
    SAFE,
    UNDECLARED,
    Capabilities,
    Create,
    FeatureRule,
    FieldRule,
    Fields,
    Idempotency,
    Implied,
    Repeat,
)

__all__ = [
    "NATURAL",
    "NOT_DECLARED",
    "NOT_RULED",
    "NO_IDEMPOTENCY",
    "SAFE",
    "UNDECLARED",
    "AdapterLevel",
    "AdapterStatus",
    "Capabilities",
    "Create",
    "Feature",
    "FeatureRule",
    "FieldRule",
    "Fields",
    "Idempotency",
    "Implied",
    "Limits",
    "ReadRule",
    "Repeat",
    "Source",
    "Support",
    "emulated",
    "feature_rules",
    "full",
    "not_implemented",
    "partial",
    "undescribed",
    "unsupported",
]
