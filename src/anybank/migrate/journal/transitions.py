"""Changes of a record's state, as callers pass them to the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ...errors import Issue
from .states import State


@frozen
class Transition:
    """A new state of a record, with the columns that change together with it."""

    number: int
    state: State
    known: Mapping[str, Any] = field(factory=dict)
    """New values of other columns, by name."""
    issues: Sequence[Issue] | None = None
    """The issues that replace the earlier ones; None keeps those."""
    identities: Mapping[str, str] | None = None
    """Fingerprints by kind that replace the earlier ones; None keeps those."""
