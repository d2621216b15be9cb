"""The state of a record after an error of its create.

::

    not sent     NotSent, RateLimited      ready: the intent is withdrawn
                 ConfigurationError        ready, and the run is aborted
                 any other                 failed: a retry would fail again
    refused      AuthenticationFailed      ready, and the run is aborted
                 AlreadyExists, by our id  unknown: an earlier create may have succeeded
                 Conflict, AlreadyExists   ambiguous: the target has such a customer
                 any other                 failed
    unknown      any                       unknown: looked up, or quarantined
    done         any                       unknown, and never sent again

The journal stores the class, code, status and field names of an error, never its text.
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

FATAL_ERRORS: tuple[type[AnybankError], ...] = (
    AuthenticationFailed,
    ConfigurationError,
)
"""Errors of credentials and settings, which every other record would cause too."""

_CODE = re.compile(r"(?!.*[0-9]{5})[A-Za-z][A-Za-z0-9_.:-]{0,63}")
"""The form of a code that the journal stores.

A vendor may put anything into the field, also an echo of the request. Five digits in a row
may be a postal code or a part of an SSN.
"""
_FIELDS = {attribute.name for attribute in attrs.fields(NewCustomer)}
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
    # The customer who exists may be ours: an earlier create of this record may have
    # succeeded without a response. The look-up by our reference decides.
    if has_reference and isinstance(error, AlreadyExists):
        return State.UNKNOWN
    states = (state for kind, state in _REFUSED.items() if isinstance(error, kind))
    return next(states, State.FAILED)


def failure_of(error: AnybankError) -> dict[str, Any]:
    """Return what the journal stores of an error: no text, so nothing personal."""
    failure: dict[str, Any] = {
        "class": type(error).__name__,
        "outcome": error.outcome.value,
        "fields": sorted(set(_fields(error))),
    }
    if isinstance(error, ProviderError):
        failure["status"] = error.status
        failure["code"] = error.code if _CODE.fullmatch(error.code or "") else None
    return failure


def _fields(error: AnybankError) -> list[str]:
    """Return the fields of ours that an error names."""
    paths: list[str] = []
    if isinstance(error, ProviderError):
        paths = list(error.field_errors)
    elif isinstance(error, InvalidInput):
        paths = [issue.field for issue in error.issues]
    names = [without_indexes(path) for path in paths]
    return [name for name in names if name.partition(".")[0] in _FIELDS]


def may_exist(failure: Mapping[str, Any]) -> bool:
    """Return whether the target reported that it created, or already has, a customer."""
    is_created = failure.get("outcome") == Outcome.DONE.value
    return is_created or failure.get("class") == AlreadyExists.__name__
