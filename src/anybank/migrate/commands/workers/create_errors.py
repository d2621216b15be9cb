"""What an error of a create means for its record: nothing, no, or nobody knows.

::

    not sent     NotSent, RateLimited      ready: the intent is taken back
                 ConfigurationError        ready, and the run gives up
                 any other                 failed: it would fail again
    refused      AuthenticationFailed      ready, and the run gives up
                 AlreadyExists, by our id  unknown: an earlier create may have made it
                 Conflict, AlreadyExists   ambiguous: someone is there already
                 any other                 failed
    unknown      whatever it is            unknown: looked for, or quarantined
    done         whatever it is            unknown, and never sent again

Of an error the journal keeps class, code, status and our field names; never its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from ....declaration.consent import without_indexes
from ....errors import (
    AlreadyExists,
    AnybankError,
    AuthenticationFailed,
    ConfigurationError,
    Conflict,
    InvalidInput,
    NotSent,
    Outcome,
    ProviderError,
    RateLimited,
)
from ....model.customers import NewCustomer
from ...journal.states import State

ENDS_THE_RUN: tuple[type[AnybankError], ...] = (
    AuthenticationFailed,
    ConfigurationError,
)
"""Errors of credentials and settings: no other record would fare better."""

_CODE = re.compile(r"(?!.*[0-9]{5})[A-Za-z][A-Za-z0-9_.:-]{0,63}")
_NAMES = {each.name for each in attrs.fields(NewCustomer)}
_REFUSED: Mapping[type[AnybankError], State] = {
    RateLimited: State.READY,
    AuthenticationFailed: State.READY,
    ConfigurationError: State.READY,
    Conflict: State.AMBIGUOUS,
}


def state_after(error: AnybankError, *, has_reference: bool) -> State:
    """Return the state of a record whose create ended with an error."""
    if error.outcome in (Outcome.UNKNOWN, Outcome.DONE):
        return State.UNKNOWN
    if isinstance(error, NotSent):
        return State.READY
    if has_reference and isinstance(error, AlreadyExists):
        return State.UNKNOWN
    kinds = (state for kind, state in _REFUSED.items() if isinstance(error, kind))
    return next(kinds, State.FAILED)


def failure_of(error: AnybankError) -> dict[str, Any]:
    """Return what the journal keeps of an error: nothing that could be personal."""
    kept: dict[str, Any] = {
        "class": type(error).__name__,
        "outcome": error.outcome.value,
        "fields": sorted(set(_fields(error))),
    }
    if isinstance(error, ProviderError):
        kept["status"] = error.status
        kept["code"] = error.code if _CODE.fullmatch(error.code or "") else None
    return kept


def _fields(error: AnybankError) -> list[str]:
    """Return the fields that an error names, as far as they are ours."""
    named: list[str] = []
    if isinstance(error, ProviderError):
        named = list(error.field_errors)
    elif isinstance(error, InvalidInput):
        named = [issue.field for issue in error.issues]
    plain = [without_indexes(name) for name in named]
    return [name for name in plain if name.partition(".")[0] in _NAMES]


def was_made(failure: Mapping[str, Any]) -> bool:
    """Tell whether a target has said that it made, or has, what was sent."""
    made = failure.get("outcome") == Outcome.DONE.value
    return made or failure.get("class") == AlreadyExists.__name__
