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
from .field_rules import field_rules, optional, read_only, refuse, required
from .idempotency import NATURAL, NO_IDEMPOTENCY, SAFE, Idempotency, Repeat
from .limits import Limits
from .read_rules import ReadRule, unreturned
from .sources import Source
from .support import Support
from .vocabulary import (
    NOT_DECLARED,
    NOT_RULED,
    UNDECLARED,
    Capabilities,
    Create,
    FeatureRule,
    FieldRule,
    Fields,
    Implied,
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
    "field_rules",
    "full",
    "not_implemented",
    "optional",
    "partial",
    "read_only",
    "refuse",
    "required",
    "undescribed",
    "unreturned",
    "unsupported",
]
