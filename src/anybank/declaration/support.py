"""Whether a feature works, and why it does not."""

from __future__ import annotations

from enum import StrEnum


class Support(StrEnum):
    """Whether a feature works, and why it does not."""

    FULL = "full"
    PARTIAL = "partial"
    EMULATED = "emulated"
    """The vendor has no such operation, and the adapter does it by other means."""
    UNSUPPORTED = "unsupported"
    """The vendor has no such operation."""
    NOT_IMPLEMENTED = "not_implemented"
    """The vendor has the operation; this adapter does not support it yet."""
    UNKNOWN = "unknown"
    """The vendor's documentation does not say."""

    @property
    def works(self) -> bool:
        """True where the adapter supports the feature fully, in part or by other means."""
        return self in (Support.FULL, Support.PARTIAL, Support.EMULATED)
