"""The modes of the conformance kit: which system responds while the checks run."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """The system that the kit ran against: simulator, cassettes, or the vendor's sandbox."""

    SIMULATED = "simulated"
    """The author's own simulator."""
    RECORDED = "recorded"
    """The vendor's responses in cassettes, replayed."""
    LIVE = "live"
    """The vendor's sandbox, over HTTP."""
