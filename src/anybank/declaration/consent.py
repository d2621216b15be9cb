"""Consent to losing fields: the names that a caller passes as `accept_loss`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache

import attrs

from ..errors import Effect, InvalidInput, Issue
from ..model.addresses import Address
from ..model.values import item_types
from .vocabulary import NOT_RULED

ALL = "all"
_INDEX = re.compile(r"\[[0-9]+\]")
_PREFIX = re.compile(r"addresses(\[[0-9]+\])?\.")


def without_indexes(field: str) -> str:
    """Return `addresses.line2` for `addresses[0].line2`."""
    return _INDEX.sub("", field)


def is_loss_accepted(issue: Issue, accept_loss: Collection[str] | str) -> bool:
    """Return whether a loss is accepted: by its field, with or without indexes, or "all"."""
    # Consent without an index covers all items: a caller rarely knows which address
    # loses.
    names = {accept_loss} if isinstance(accept_loss, str) else set(accept_loss)
    return bool(names & {ALL, issue.field, without_indexes(issue.field)})


def accepted_names(kind: type, accept_loss: Collection[str] | str) -> frozenset[str]:
    """Return the names in `accept_loss`, which may be a single name.

    Raises InvalidInput for a name that no field of *kind* has, so that a misspelt name is
    never ignored.
    """
    names = _names(accept_loss)
    known = _known_names(kind)
    if unknown := [name for name in names if without_indexes(name) not in known]:
        raise InvalidInput(_unknown(kind, name, known) for name in sorted(unknown))
    if kind is Address:
        return frozenset(_PREFIX.sub("", name) for name in names)
    return names


def _names(accept_loss: object) -> frozenset[str]:
    names = (accept_loss,) if isinstance(accept_loss, str) else accept_loss
    if isinstance(names, Collection) and all(isinstance(name, str) for name in names):
        return frozenset(names)
    message = "must be the name of a field, a collection of such names, or 'all'"
    raise InvalidInput([_issue(message)])


def _unknown(kind: type, name: str, known: Collection[str]) -> Issue:
    near = get_close_matches(without_indexes(name), known, 1)
    advice = f"did you mean {near[0]!r}?" if near else "'all' stands for every field"
    return _issue(f"{name!r} is not a field of {kind.__name__}: {advice}")


def _issue(message: str) -> Issue:
    return Issue("accept_loss", Effect.BLOCKED, "field names", "anybank", message)


@cache
def _known_names(kind: type) -> frozenset[str]:
    return frozenset({ALL, *_fields(kind)})


def _fields(kind: type) -> Iterator[str]:
    items = item_types(kind)
    for name in _ruled(kind):
        yield name
        if kind is Address:  # the name that the same field has in a customer
            yield f"addresses.{name}"
        for part in _ruled(items[name]) if name in items else ():
            yield f"{name}.{part}"


def _ruled(kind: type) -> Iterator[str]:
    for field in attrs.fields(kind):
        if field.name not in NOT_RULED:
            yield field.name
